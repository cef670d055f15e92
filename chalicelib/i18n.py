"""Languages: catalogues, dates and numbers by locale, and the order of Czech words."""

import gettext
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "cs")
DEFAULT = "en"
_LOCALES = Path(__file__).resolve().parent / "locale"
# English as a European writes it: 24 hours, day before month.
_BABEL = {"en": "en_GB", "cs": "cs_CZ"}


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations into `language`; English is the language of the code and needs none."""
    if language == DEFAULT:
        return gettext.NullTranslations()
    return gettext.translation("messages", _LOCALES, [language])


def translated(text: str, language: str, **values: object) -> str:
    """`text` in `language`, with its {placeholders} filled."""
    return catalogue(language).gettext(text).format(**values) if text else ""


def chosen(*wishes: str | None, accept: str | None = None) -> str:
    """The first of `wishes` that the desk speaks, then what an Accept-Language header prefers, then English."""
    for wish in (*wishes, accepted(accept or "")):
        if wish in LANGUAGES:
            return wish
    return DEFAULT


def accepted(header: str) -> str | None:
    """The language of the desk that an Accept-Language header (RFC 9110, 12.5.4) likes best, or None."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            ranked.append((-_quality(parameters), position, language))
    wanted = [row for row in sorted(ranked) if row[0] < 0]
    return wanted[0][2] if wanted else None


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def moment(at: datetime, language: str, zone: ZoneInfo) -> str:
    """`at` as day and time in the desk's zone."""
    local = at.astimezone(zone)
    comma = "" if language == "cs" else ","
    return f"{day(local.date(), language)}{comma} {local.hour:{'02' if comma else ''}}:{local.minute:02}"


def day(value: date, language: str) -> str:
    """`value` as a day: `5. 1. 2026`, `5 Jan 2026`.

    The names are Babel's, the pattern is written out: Babel's own formatting takes 60 microseconds a time, and a list
    of fifty rows shows a hundred of them.
    """
    if language == "cs":
        return f"{value.day}. {value.month}. {value.year}"
    return f"{value.day} {_months(language)[value.month]} {value.year}"


@cache
def _months(language: str) -> Mapping[int, str]:
    from babel.dates import get_month_names

    names: Mapping[int, str] = get_month_names("abbreviated", locale=_BABEL[language])
    return names


# Unit, its length in seconds as Babel counts it, and from how many of them on it is used.
_STEPS = (
    ("year", 31_536_000, 2),
    ("month", 2_592_000, 2),
    ("week", 604_800, 2),
    ("day", 86_400, 1),
    ("hour", 3_600, 1),
    ("minute", 60, 1),
)


def ago(at: datetime, now: datetime, language: str) -> str:
    """How long ago `at` was, in one whole unit."""
    seconds = max(1, int((now - at).total_seconds()))
    for unit, length, least in _STEPS:
        if seconds >= least * length:
            return _past(unit, seconds // length * length, language)
    return _past("second", seconds, language)


@cache
def _past(unit: str, seconds: int, language: str) -> str:
    """`seconds` ago, in `unit`. Few pairs of them are ever asked for, so each is made by Babel once."""
    from babel.dates import format_timedelta

    past = timedelta(seconds=-seconds)
    return format_timedelta(past, cast(Any, unit), threshold=1000, add_direction=True, locale=_BABEL[language])


def number(value: float, language: str) -> str:
    """`value` with the separators of the language."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_BABEL[language])


def exactly(value: Decimal, language: str) -> str:
    """`value` with the separators of the language and all of its decimals."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_BABEL[language], decimal_quantization=False)


_UNITS = ("B", "KB", "MB", "GB")


def size(octets: int, language: str) -> str:
    """`octets` in the unit that keeps it short."""
    value, unit = float(octets), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{number(round(value, 1 if unit > 0 and value < 100 else 0), language)} {_UNITS[unit]}"


_CZECH = {"č": "c~", "ch": "h~", "ř": "r~", "š": "s~", "ž": "z~"}


def sort_key(text: str, language: str) -> tuple[str, str]:
    """A key that sorts `text` as a dictionary of the language does (Czech: ČSN 97 6030; ch follows h)."""
    lowered = unicodedata.normalize("NFC", text).casefold()
    if language == "cs":
        for letter, key in _CZECH.items():
            lowered = lowered.replace(letter, key)
    plain = "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))
    return plain, text
