"""Imports of people: what each row of a table would do, worked out before anything is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.accounts import Around, PersonChange, changed, misplaced
from chalicelib.domain.errors import Conflict, FieldError, Invalid
from chalicelib.domain.import_rows import NONE, SHOWN_LENGTH, Column, Line, said_by
from chalicelib.domain.organisations import Organisation, folded
from chalicelib.domain.people import Actor, Person, ProjectRole, SiteRole
from chalicelib.domain.projects import Project
from chalicelib.domain.text import printable
from chalicelib.domain.words import N_

TO_BE_MADE = "new:"
"""How the id of an organisation begins that the import has yet to make; its folded name follows."""


class Outcome(StrEnum):
    """What one row does."""

    CREATE = "create"
    CHANGE = "change"
    NOTHING = "nothing"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes of a person: a column, or with `project` the role there. Empty stands for nothing."""

    column: Column
    before: str
    after: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What one row would do, or in `errors` by column why it cannot."""

    number: int
    email: str
    outcome: Outcome
    changes: tuple[Difference, ...] = ()
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A person as they are, None where they are new, and as the rows without errors want them."""

    before: Person | None
    after: Person


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: row by row, and to whom; `organisations` are those to be made, names by made-up id."""

    rows: tuple[RowPlan, ...]
    people: tuple[Planned, ...]
    organisations: Mapping[str, str]

    def count(self, outcome: Outcome) -> int:
        """How many rows have that outcome."""
        return sum(row.outcome is outcome for row in self.rows)


@dataclass(frozen=True, slots=True)
class Directory:
    """What is there: the people that the rows name, all projects, all organisations."""

    people: Mapping[str, Person]
    projects: Sequence[Project]
    organisations: Sequence[Organisation]


def planned(lines: Iterable[Line], directory: Directory, by: Actor, at: datetime) -> Plan:
    """What the rows would do to the directory, one after another."""
    planner = _Planner(directory, by, at)
    rows = tuple(map(planner.plan, lines))
    people = tuple(
        Planned(draft.before, draft.after) for draft in planner.drafts.values() if draft.after != draft.before
    )
    placed = {each.after.organisation for each in people}
    return Plan(rows, people, {made: name for made, name in planner.made.items() if made in placed})


@dataclass(slots=True)
class _Draft:
    """A person while the rows about them are read; `said` and `places` keep which row said what."""

    before: Person | None
    after: Person
    said: dict[Column, tuple[int, object]] = field(default_factory=dict)
    places: dict[str, tuple[int, ProjectRole]] = field(default_factory=dict)


# Said once of a person; several rows of one person must agree on it.
_OF_PERSON = (Column.NAME, Column.LANGUAGE, Column.ORGANISATION, Column.SITE_ROLE, Column.ACTIVE)


class _Planner:
    """Reads row after row and keeps what becomes of each person. A row with an error leaves no trace."""

    def __init__(self, directory: Directory, by: Actor, at: datetime) -> None:
        self._by, self._at = by, at
        self._people = directory.people
        self._projects = {project.key: project for project in directory.projects}
        self._ids = {folded(each.name): each.id for each in directory.organisations}
        self._names = {each.id: each.name for each in directory.organisations}
        self.made: dict[str, str] = {}
        self.drafts: dict[str, _Draft] = {}

    def plan(self, line: Line) -> RowPlan:
        """What `line` would do after the rows before it."""
        try:
            email, said, wrong = said_by(line)
            known = self._people.get(email)
            draft = self.drafts.get(email) or _Draft(known, known or Person(email, "", self._by.language))
            wrong += [*_unplaced(said, wrong), *_contradictions(said, draft), *_unnamed(said, draft, wrong)]
            wrong += self._nowhere(said, draft)
            if wrong:
                raise Invalid(*wrong)
            after = self._changed(draft.after, said)
        except Invalid as refusal:
            shown = printable(line.cells.get(Column.EMAIL, ""), SHOWN_LENGTH)
            return RowPlan(line.number, shown, Outcome.ERROR, errors=refusal.errors)
        first = email not in self.drafts
        differences = tuple(self._differences(None if first and known is None else draft.after, after))
        self._keep(line, draft, said, after)
        new = Outcome.CREATE if known is None else Outcome.CHANGE
        return RowPlan(line.number, email, new if differences else Outcome.NOTHING, differences)

    def _nowhere(self, said: Mapping[Column, object], draft: _Draft) -> Iterator[FieldError]:
        """A project that there is not, said beside all else that is wrong with the row."""
        place = {str(said[Column.PROJECT]): ProjectRole.CUSTOMER} if Column.PROJECT in said else {}
        for error in misplaced(draft.after, PersonChange(projects=place), Around(self._projects)):
            yield replace(error, field=Column.PROJECT)

    def _changed(self, person: Person, said: Mapping[Column, object]) -> Person:
        """Raises Invalid where these are the rights of whoever imports."""
        key, role = said.get(Column.PROJECT), said.get(Column.ROLE)
        place = {key: role} if isinstance(key, str) and isinstance(role, ProjectRole) else {}
        change = replace(self._change(said), projects={**person.roles, **place})
        around = Around(self._projects, {*self._names, *self.made})
        try:
            return changed(person, change, self._by, around, self._at)
        except Conflict as refusal:
            column = Column.ACTIVE if change.active is False else Column.SITE_ROLE
            raise Invalid.of(column, refusal.message) from refusal

    def _change(self, said: Mapping[Column, object]) -> PersonChange:
        name, language, active = (said.get(each) for each in (Column.NAME, Column.LANGUAGE, Column.ACTIVE))
        role = said.get(Column.SITE_ROLE)
        return PersonChange(
            name=name if isinstance(name, str) else None,
            language=language if isinstance(language, str) else None,
            site_role=role if isinstance(role, SiteRole) else None,
            clear_site_role=Column.SITE_ROLE in said and role is None,
            organisation=self._organisation(said.get(Column.ORGANISATION)),
            active=active if isinstance(active, bool) else None,
        )

    def _organisation(self, name: object) -> str | None:
        """The id of the organisation of that name, made up for one that is to be made; None where none is said."""
        if not isinstance(name, str):
            return None
        if name == NONE:
            return ""
        known = self._ids.get(folded(name), TO_BE_MADE + folded(name))
        if known not in self._names:
            self.made.setdefault(known, name)
        return known

    def _keep(self, line: Line, draft: _Draft, said: Mapping[Column, object], after: Person) -> None:
        draft.after = after
        for column in _OF_PERSON:
            if column in said:
                draft.said.setdefault(column, (line.number, said[column]))
        key, role = said.get(Column.PROJECT), said.get(Column.ROLE)
        if isinstance(key, str) and isinstance(role, ProjectRole):
            draft.places.setdefault(key, (line.number, role))
        self.drafts[after.email] = draft

    def _differences(self, before: Person | None, after: Person) -> Iterator[Difference]:
        earlier = self._shown(before) if before else {Column.ACTIVE: "yes"}
        for column, shown in self._shown(after).items():
            if shown != earlier.get(column, ""):
                yield Difference(column, earlier.get(column, ""), shown)
        roles = before.roles if before else {}
        for key, role in after.roles.items():
            if roles.get(key) != role:
                yield Difference(Column.ROLE, roles.get(key, ""), role, key)

    def _shown(self, person: Person) -> dict[Column, str]:
        names = {**self._names, **self.made}
        return {
            Column.NAME: person.name,
            Column.LANGUAGE: person.language,
            Column.ORGANISATION: names.get(person.organisation, ""),
            Column.SITE_ROLE: person.site_role or "",
            Column.ACTIVE: "yes" if person.active else "no",
        }


def _unplaced(said: Mapping[Column, object], wrong: Sequence[FieldError]) -> Iterator[FieldError]:
    """A project and the role in it stand together, unless one of them is wrong already."""
    if {Column.PROJECT, Column.ROLE} & {each.field for each in wrong}:
        return
    if Column.PROJECT in said and Column.ROLE not in said:
        yield FieldError(Column.ROLE, N_("Which role in the project?"))
    if Column.ROLE in said and Column.PROJECT not in said:
        yield FieldError(Column.PROJECT, N_("The role in which project?"))


def _unnamed(said: Mapping[Column, object], draft: _Draft, wrong: Sequence[FieldError]) -> Iterator[FieldError]:
    if not draft.after.name and Column.NAME not in said and Column.NAME not in {each.field for each in wrong}:
        yield FieldError(Column.NAME, N_("Please fill this in."))


def _contradictions(said: Mapping[Column, object], draft: _Draft) -> Iterator[FieldError]:
    for column in _OF_PERSON:
        row, earlier = draft.said.get(column, (0, None))
        if row and column in said and said[column] != earlier:
            yield FieldError(column, N_("Row {row} says something else of this person."), (("row", row),))
    row, role = draft.places.get(str(said.get(Column.PROJECT, "")), (0, None))
    if row and Column.ROLE in said and said[Column.ROLE] is not role:
        yield FieldError(Column.ROLE, N_("Row {row} gives another role in this project."), (("row", row),))
