"""Renders pages and mails with Jinja2: one environment per language, its text functions and filters bound to it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from chalicelib import clock, i18n, markdown, urls
from chalicelib.config import settings
from chalicelib.domain import guidance
from chalicelib.domain.words import N_
from chalicelib.markdown import Shown

_HERE = Path(__file__).resolve().parent.parent
_FOLDERS = [str(_HERE / "templates"), str(_HERE / "vendor" / "templates")]
_QUOTED = N_("Quoted text")


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
        markdown=partial(_markdown, words.gettext(_QUOTED), mail=False),
        mailed_markdown=partial(_markdown, words.gettext(_QUOTED), mail=True),
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


def _markdown(quoted: str, text: str, files: Iterable[Shown] = (), request: str | None = None, *, mail: bool) -> Markup:
    return markdown.to_html(text, quoted, files, mail=mail, request=request)
