"""The catalogues: every text of code and templates is there, in Czech too, with the same placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

Text = str | tuple[str, ...] | list[str]
ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
CZECH = ROOT / "chalicelib" / "locale" / "cs" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module")
def texts() -> set[tuple[str | None, str | tuple[str, ...]]]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    return {(context, text) for _, _, text, _, context in found if text}


@pytest.fixture(scope="module")
def czech() -> Catalog:
    with CZECH.open("rb") as file:
        return read_po(file)


def test_something_was_extracted(texts: set[tuple[str | None, str | tuple[str, ...]]]) -> None:
    assert len(texts) > 200


def test_every_text_is_in_czech(texts: set[tuple[str | None, str | tuple[str, ...]]], czech: Catalog) -> None:
    missing = sorted(str(text) for context, text in texts if not _translated(czech.get(_first(text), context)))
    assert not missing


def test_nothing_in_the_catalogue_is_unused(
    texts: set[tuple[str | None, str | tuple[str, ...]]], czech: Catalog
) -> None:
    used = {(context, _first(text)) for context, text in texts}
    assert not [message.id for message in czech if message.id and (message.context, _first(message.id)) not in used]


def test_placeholders_are_the_same(czech: Catalog) -> None:
    for message in czech:
        if message.id:
            wanted = _placeholders(_all(message.id)[-1])
            for string in _all(message.string):
                assert _placeholders(string) == wanted, message.id


def test_plurals_have_their_three_czech_forms(czech: Catalog) -> None:
    assert all(len(_all(message.string)) == 3 for message in czech if isinstance(message.id, (tuple, list)))


def _translated(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(_all(message.string))


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _all(text: Text | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))
