"""The rows in which an administrator edits a project's own fields: read from a form, drawn again as they were typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.own_fields import MOST_FIELDS, code_for
from chalicelib.domain.projects import FieldKind, OwnField
from chalicelib.web.bodies import Form
from chalicelib.web.pages import forms

_NAME = re.compile(r"fields\.([0-9]{1,3})\.[a-z_]+")
_ERROR = re.compile(r"fields\.([0-9]+)\.(.+)")
_MOST_ROWS = 2 * MOST_FIELDS
_LAST = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One field as it stands in the form; `number` is part of its inputs' names, `choices` has one on each line."""

    number: int
    place: str
    code: str
    label: str
    kind: str
    choices: str
    required: bool
    for_customers: bool
    filterable: bool
    exported: bool
    kept: bool = False
    removed: bool = False

    @property
    def is_blank(self) -> bool:
        """True where nobody has entered anything."""
        return not (self.kept or self.label.strip() or self.code.strip() or self.choices.strip())


def blank(number: int) -> Row:
    """The row for one field more."""
    return Row(number, str(number + 1), "", "", FieldKind.TEXT, "", False, True, False, True)


def rows_of(fields: tuple[OwnField, ...]) -> tuple[Row, ...]:
    """The fields of a project as rows, and one blank row while there may be more."""
    rows = tuple(_row(number, each) for number, each in enumerate(fields))
    return rows if len(rows) >= MOST_FIELDS else (*rows, blank(len(rows)))


def _row(number: int, own: OwnField) -> Row:
    return Row(
        number,
        str(number + 1),
        own.code,
        own.label,
        own.kind,
        "\n".join(own.choices),
        own.required,
        own.for_customers,
        own.filterable,
        own.exported,
        kept=True,
    )


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed: the rows as they stand, and those that make fields, in their order."""

    rows: tuple[Row, ...]
    used: tuple[Row, ...]

    def fields(self) -> tuple[OwnField, ...]:
        """The fields they make. Whoever gives no code gets one read off the label. Raises Invalid."""
        taken = [row.code.strip() for row in self.used if row.code.strip()]
        made: list[OwnField] = []
        for row in self.used:
            code = row.code.strip() or code_for(row.label, taken)
            taken.append(code)
            made.append(_field(row, code))
        return tuple(made)

    def at_rows(self, errors: Mapping[str, str]) -> dict[str, str]:
        """`errors`, which count the fields by their order, at the rows where those were typed."""
        found: dict[str, str] = {}
        for name, message in errors.items():
            match = _ERROR.fullmatch(name)
            found[f"fields.{self.used[int(match[1])].number}.{match[2]}" if match else name] = message
        return found


def entered(body: Form) -> Entered:
    """The rows of a form."""
    numbers = {int(match[1]) for match in map(_NAME.fullmatch, body.fields) if match}
    rows = tuple(_typed(body, number) for number in sorted(numbers)[:_MOST_ROWS])
    used = [row for row in rows if not (row.removed or row.is_blank)]
    return Entered(rows, tuple(sorted(used, key=_order)))


def _order(row: Row) -> tuple[int, int]:
    place = forms.whole_number(row.place.strip())
    return (_LAST if place is None else place, row.number)


def _typed(body: Form, number: int) -> Row:
    def one(part: str) -> str:
        return body.one(f"fields.{number}.{part}")

    return Row(
        number,
        one("place"),
        one("code"),
        one("label"),
        one("kind"),
        one("choices"),
        required=bool(one("required")),
        for_customers=bool(one("for_customers")),
        filterable=bool(one("filterable")),
        exported=bool(one("exported")),
        kept=bool(one("kept")),
        removed=bool(one("remove")),
    )


def _field(row: Row, code: str) -> OwnField:
    kind = forms.choice(FieldKind, row.kind, "fields")
    choices = tuple(line for line in row.choices.splitlines() if line.strip()) if kind is FieldKind.CHOICE else ()
    return OwnField(code, row.label, kind, row.required, choices, row.for_customers, row.filterable, row.exported)
