"""Fields of a project's own: what one may be, and what may be entered into it. Values are kept as text.

A number is kept with a decimal point, a day as ISO 8601, so that API, filters and exports read the same everywhere.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from chalicelib.domain.errors import FieldError, Invalid, all_at_once
from chalicelib.domain.projects import FieldKind, OwnField
from chalicelib.domain.text import one_line
from chalicelib.domain.words import N_

MOST_FIELDS = 20
MOST_CHOICES = 50
LABEL_LENGTH = 80
CHOICE_LENGTH = 60
VALUE_LENGTH = 200

_CODE_LENGTH = 30
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f"))  # what Czech puts between thousands

CHANGE_PREFIX = "fields."
"""Stands before the code of a field in the `changes` of an event and in the name of an error."""


def checked(fields: Sequence[OwnField]) -> tuple[OwnField, ...]:
    """`fields` with their texts in order. Raises Invalid with all that is wrong, named `fields.2.label`."""
    if len(fields) > MOST_FIELDS:
        raise Invalid.of("fields", N_("A project has at most {most} fields of its own."), most=MOST_FIELDS)
    answers = all_at_once(
        {
            **{str(place): partial(_checked, each, f"fields.{place}") for place, each in enumerate(fields)},
            "codes": partial(_refuse_twins, [each.code for each in fields]),
        }
    )
    return tuple(answers[str(place)] for place in range(len(fields)))


def _checked(own: OwnField, name: str) -> OwnField:
    return replace(
        own,
        **all_at_once(
            {
                "code": partial(_code, own.code, f"{name}.code"),
                "label": partial(one_line, own.label, f"{name}.label", LABEL_LENGTH),
                "choices": partial(_choices, own, f"{name}.choices"),
                "required": partial(_required, own, f"{name}.required"),
            }
        ),
    )


def _code(text: str, name: str) -> str:
    if not _CODE.fullmatch(text):
        raise Invalid.of(name, N_("A code is 1 to 30 small letters, digits and underscores, the first a letter."))
    return text


def _choices(own: OwnField, name: str) -> tuple[str, ...]:
    if own.kind is not FieldKind.CHOICE:
        if own.choices:
            raise Invalid.of(name, N_("Only a field of the kind choice has choices."))
        return ()
    if len(own.choices) > MOST_CHOICES:
        raise Invalid.of(name, N_("At most {most} choices, please."), most=MOST_CHOICES)
    choices = tuple(one_line(each, name, CHOICE_LENGTH) for each in own.choices)
    if not choices:
        raise Invalid.of(name, N_("Please give the choices."))
    if len(set(choices)) < len(choices):
        raise Invalid.of(name, N_("A choice stands there twice."))
    return choices


def _required(own: OwnField, name: str) -> bool:
    """Nobody can be made to fill in what they are not asked for."""
    if own.required and not own.for_customers:
        raise Invalid.of(name, N_("Only a field that customers see can be required."))
    return own.required


def _refuse_twins(codes: list[str]) -> None:
    twins = [place for place, code in enumerate(codes) if code in codes[:place]]
    if twins:
        raise Invalid(*(FieldError(f"fields.{place}.code", N_("Another field has this code.")) for place in twins))


def code_for(label: str, taken: Iterable[str]) -> str:
    """A code for a field called `label` that none of `taken` has: its letters and digits, without their marks."""
    plain = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: _CODE_LENGTH - 3] or "field"
    stem = stem if stem[0].isalpha() else f"f_{stem}"[: _CODE_LENGTH - 3]
    others = frozenset(taken)
    numbered = (f"{stem}_{number}" for number in range(2, MOST_FIELDS + len(others) + 2))
    return next(code for code in (stem, *numbered) if code not in others)


def filled_in(asked: Sequence[OwnField], given: Mapping[str, str]) -> dict[str, str]:
    """The values of a new request, by code. Raises Invalid: for a missing one, a wrong one, and one not `asked` for."""
    checks: dict[str, Callable[[], str]] = {each.code: partial(_entered, each, given) for each in asked}
    strange = {code: partial(_no_such_field, code) for code in given if code not in checks}
    values: dict[str, str] = all_at_once({**checks, **strange})
    return {code: value for code, value in values.items() if value}


def changed(fields: Sequence[OwnField], before: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The values after a change: what is not `given` stays, an empty one goes. Raises Invalid.

    What a request has already is no error, though its choice or its very field may be gone from the project since.
    """
    known = {each.code: each for each in fields}

    def entered(code: str, text: str) -> str:
        if text == before.get(code, ""):
            return text
        if code in known:
            return _entered(known[code], given)
        return "" if not text.strip() and code in before else _no_such_field(code)

    values: dict[str, str] = all_at_once({code: partial(entered, code, text) for code, text in given.items()})
    return {code: value for code, value in ({**before} | values).items() if value}


def _no_such_field(code: str) -> str:
    raise Invalid.of(CHANGE_PREFIX + code, N_("This project has no such field."))


def _entered(own: OwnField, given: Mapping[str, str]) -> str:
    name = CHANGE_PREFIX + own.code
    text = one_line(given.get(own.code, ""), name, VALUE_LENGTH, required=own.required)
    return _KINDS[own.kind](own, text, name) if text else ""


def _choice(own: OwnField, text: str, name: str) -> str:
    if text not in own.choices:
        raise Invalid.of(name, N_("This is not one of the choices."))
    return text


def _number(_: OwnField, text: str, name: str) -> str:
    number = in_figures(text)
    if number is None:
        raise Invalid.of(name, N_("This is not a number."))
    return number


def _day(_: OwnField, text: str, name: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Invalid.of(name, N_("This is not a day of the calendar.")) from error


_KINDS: dict[FieldKind, Callable[[OwnField, str, str], str]] = {
    FieldKind.TEXT: lambda own, text, name: text,
    FieldKind.CHOICE: _choice,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _day,
}


def in_figures(text: str) -> str | None:
    """`text`, which may have a decimal comma and spaces between thousands, as a plain number; None where it is none."""
    plain = text.translate(_SPACES).replace("\u2212", "-").replace(",", ".")
    return plain.removeprefix("+") if _NUMBER.fullmatch(plain) else None


def answers(value: str, wanted: str) -> bool:
    """True where a filter for `wanted` lets `value` through: case does not count, nor how a number is written."""
    return value.casefold() == wanted.casefold() or value == in_figures(wanted)


def hidden(fields: Iterable[OwnField], code: str) -> bool:
    """True for what customers do not see: a field that is not for them, and one that the project no longer has."""
    return not any(own.code == code and own.for_customers for own in fields)


def hidden_change(fields: Iterable[OwnField], name: str) -> bool:
    """True where `name`, one of the changes of an event, is that of a field that customers do not see."""
    return name.startswith(CHANGE_PREFIX) and hidden(fields, name.removeprefix(CHANGE_PREFIX))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """What was and what is, by the name that a change of the field has in an event."""
    return {CHANGE_PREFIX + code: (before.get(code), after.get(code)) for code in {**before, **after}}


def for_customers(values: Mapping[str, str], fields: Iterable[OwnField]) -> dict[str, str]:
    """Those of `values` that customers see."""
    seen = {own.code for own in fields if own.for_customers}
    return {code: value for code, value in values.items() if code in seen}
