"""Changes of properties in words: the same on pages and in mails."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from chalicelib import i18n
from chalicelib.domain import notify_settings
from chalicelib.domain.events import Change
from chalicelib.domain.guidance import AUDIENCES, FIELDS, PRIORITIES, STATES, TOPICS, TYPES
from chalicelib.domain.own_fields import CHANGE_PREFIX
from chalicelib.domain.projects import FieldKind, OwnField
from chalicelib.domain.tickets import Priority, State, Type
from chalicelib.domain.words import N_

NOTHING = "–"

_WORDS: dict[str, dict[str, str]] = {
    "type": {kind.value: TYPES[kind][0] for kind in Type},
    "priority": {priority.value: PRIORITIES[priority] for priority in Priority},
    "state": {state.value: STATES[state].label for state in State},
}


def difference(name: str, change: Change, language: str, own: Sequence[OwnField] = ()) -> str:
    """One change in a line: what, from what, to what. `own` are the project's fields, which have its own names."""
    before, after = (value(name, each, language, own) for each in change)
    return f"{field(name, language, own)}: {before} → {after}"


def field(name: str, language: str, own: Sequence[OwnField] = ()) -> str:
    """What a property is called; a field that the project no longer has, by its code."""
    if not name.startswith(CHANGE_PREFIX):
        return i18n.translated(FIELDS.get(name, name), language)
    known = _own(name, own)
    return known.label if known else name.removeprefix(CHANGE_PREFIX)


def value(name: str, text: str | None, language: str, own: Sequence[OwnField] = ()) -> str:
    """A value of the property `name`, as history keeps it, in words."""
    if name.startswith(CHANGE_PREFIX):
        return own_value(_own(name, own), text, language)
    if name == "notify":
        return _notify(text, language)
    if text is None:
        return NOTHING
    if name == "due":
        return i18n.day(date.fromisoformat(text), language)
    words: Mapping[str, str] = _WORDS.get(name, {})
    return i18n.translated(words[text], language) if text in words else text


def _own(name: str, own: Sequence[OwnField]) -> OwnField | None:
    return next((each for each in own if CHANGE_PREFIX + each.code == name), None)


def own_value(own: OwnField | None, text: str | None, language: str) -> str:
    """A value of a project's own field in the reader's language; as it is kept where it is not of the field's kind."""
    if text is None:
        return NOTHING
    try:
        if own is not None and own.kind is FieldKind.NUMBER:
            return i18n.exactly(Decimal(text), language)
        if own is not None and own.kind is FieldKind.DATE:
            return i18n.day(date.fromisoformat(text), language)
    except (ValueError, ArithmeticError):  # the project made another kind of the field since
        return text
    return text


def _notify(line: str | None, language: str) -> str:
    if line is None:
        return i18n.translated(N_("as in the project"), language)
    topics, addresses = notify_settings.read_line(line)
    parts = [
        f"{i18n.translated(AUDIENCES[audience], language)}: "
        + (", ".join(i18n.translated(TOPICS[topic][0], language) for topic in heard) or NOTHING)
        for audience, heard in topics.items()
    ]
    return "; ".join([*parts, ", ".join(addresses)] if addresses else parts) or NOTHING
