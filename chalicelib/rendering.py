"""Renders pages and mails with Jinja2: one environment per language, its text functions and filters bound to it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from chalicelib import clock, i18n, urls
from chalicelib.config import settings
from chalicelib.domain import guidance

_HERE = Path(__file__).resolve().parent.parent
_FOLDERS = [str(_HERE / "templates"), str(_HERE / "vendor" / "templates")]
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


def page(template: str, language: str, context: Mapping[str, Any]) -> str:
    """The page `template` in `language`."""
    return environment(language).get_template(template).render(context)


def mail(name: str, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """The mail `name` as plain text and as HTML."""
    given = {"language": language, **context}
    text, html = (environment(language).get_template(f"emails/{name}.{kind}").render(given) for kind in ("txt", "html"))
    return text.strip() + "\n", html


@cache
def environment(language: str) -> Environment:
    """The environment of one language."""
    made = Environment(
        loader=FileSystemLoader(_FOLDERS),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = i18n.catalogue(language)
    made.globals.update(
        _=words.gettext,
        ngettext=words.ngettext,
        pgettext=words.pgettext,
        urls=urls,
        words=guidance,
        language=language,
        desk_name=settings().desk_name,
    )
    made.filters.update(
        when=partial(_when, language),
        iso=_iso,
        ago=partial(_ago, language),
        day=partial(_day, language),
        size=lambda octets: i18n.size(octets, language),
        number=lambda value: i18n.number(value, language),
        paragraphs=paragraphs,
        translated=words.gettext,
    )
    return made


def _when(language: str, at: datetime) -> str:
    return i18n.moment(at, language, settings().zone)


def _iso(at: datetime | date) -> str:
    return at.isoformat()


def _ago(language: str, at: datetime) -> str:
    return i18n.ago(at, clock.now(), language)


def _day(language: str, value: date) -> str:
    return i18n.day(value.astimezone(settings().zone).date() if isinstance(value, datetime) else value, language)


def paragraphs(text: str) -> Markup:
    """Plain text as HTML: blank lines part paragraphs, lines stay lines, addresses become links, nothing else does."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_lines(block)) for block in blocks)


def _lines(block: str) -> Markup:
    return Markup("<br>").join(_linked(line) for line in block.split("\n"))


def _linked(line: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(line):
        parts.append(escape(line[end : match.start()]))
        parts.append(Markup('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>').format(match.group()))
        end = match.end()
    return Markup("").join([*parts, escape(line[end:])])
