"""What free text may be: bounded, and free of characters that neither storage nor mail nor XML can carry."""

import unicodedata

from chalicelib.domain.errors import Invalid
from chalicelib.domain.words import N_

SUBJECT_LENGTH = 200
TEXT_LENGTH = 20_000
NAME_LENGTH = 100

_ALLOWED_CONTROLS = frozenset("\n\t")
_NO_XML = frozenset("\ufffe\uffff")  # XML 1.0, 2.2: beside the controls, these are no characters
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, field: str, longest: int, required: bool = True) -> str:
    """`text` trimmed, as a single line of at most `longest` characters. Raises Invalid."""
    line = " ".join(clean(text, field).split())
    return _bounded(line, field, longest, required)


def block(text: str, field: str = "text", longest: int = TEXT_LENGTH, required: bool = True) -> str:
    """`text` trimmed, its line ends unified, at most `longest` characters. Raises Invalid."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _bounded(clean(unified, field).strip(), field, longest, required)


def clean(text: str, field: str) -> str:
    """`text` in NFC. Raises Invalid for NUL, lone surrogates and what else XML cannot hold: refused, not dropped."""
    for char in text:
        category = unicodedata.category(char)
        control = category == "Cc" and char not in _ALLOWED_CONTROLS and char != "\r"
        if control or category == "Cs" or char in _NO_XML:
            raise Invalid.of(
                field, N_("The text has a character that cannot be stored (U+{code})."), code=f"{ord(char):04X}"
            )
    return unicodedata.normalize("NFC", text)


def shown_name(text: str, field: str = "name", required: bool = True) -> str:
    """A person's name: one line without the marks that would turn round the text beside it. Raises Invalid."""
    return one_line("".join(c for c in text if c not in BIDI_CONTROLS), field, NAME_LENGTH, required)


def printable(text: str, longest: int) -> str:
    """One line of what a foreign machine said: only what can be seen, at most `longest` characters. Never refuses."""
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * longest])
    return " ".join(unicodedata.normalize("NFC", line).split())[:longest].rstrip()


def cell(text: str, field: str) -> str:
    """`text` of one cell of a table, trimmed. Raises Invalid for line breaks, controls and marks that turn text round.

    What a person types is mended where it can be; a file that holds such things was made by a program that erred.
    """
    for char in text:
        if unicodedata.category(char) == "Cc" or char in BIDI_CONTROLS:
            raise Invalid.of(
                field, N_("The text has a character that cannot be stored (U+{code})."), code=f"{ord(char):04X}"
            )
    return clean(text, field).strip()


def _bounded(text: str, field: str, longest: int, required: bool) -> str:
    if required and not text:
        raise Invalid.of(field, N_("Please fill this in."))
    if len(text) > longest:
        raise Invalid.of(
            field, N_("At most {longest} characters, please; this has {length}."), longest=longest, length=len(text)
        )
    return text
