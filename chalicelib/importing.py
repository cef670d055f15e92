"""The verbs of importing people: bring a table, see what each row would do, and have just that done."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from chalicelib import clock
from chalicelib.domain.errors import DeskError, FieldError, Invalid, NotAllowed, NotFound, StaleVersion
from chalicelib.domain.import_rows import MOST_ROWS, Column, Line, lines_of
from chalicelib.domain.imports import TO_BE_MADE, Directory, Outcome, Plan, Planned, RowPlan, planned
from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import Actor, Person
from chalicelib.domain.words import N_
from chalicelib.storage import access, imports, organisations, people, projects, queue
from chalicelib.storage.aws import all_three, together
from chalicelib.storage.failures import DEPENDENCY_FAILURES
from chalicelib.storage.imports import Waiting
from chalicelib.workbooks import incoming

NOT_WRITTEN = N_("Not written: somebody changed this person meanwhile, or the desk was busy. Import the file again.")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to import: the rows without errors where others have some, and with an invitation for whoever is new."""

    skip_errors: bool = False
    invite: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A table with what it would do to the directory as it is now; `mark` stands for exactly that."""

    waiting: Waiting
    plan: Plan
    mark: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of each row; `failures` says why a row was not written, by its number."""

    rows: tuple[RowPlan, ...]
    failures: dict[int, str]


def bring(filename: str, content: bytes, by: Actor) -> Waiting:
    """Reads a file and keeps its rows for `by` to look at; nothing else is written. Raises Invalid, TooLarge."""
    _refuse_others(by)
    lines = lines_of(incoming.rows_of(filename, content, MOST_ROWS + 1))
    waiting = Waiting(clock.new_id(), by.email, filename, clock.now(), lines)
    imports.save(waiting)
    return waiting


def preview(import_id: str, by: Actor) -> Preview:
    """What a table would do now. Raises NotFound, also to whoever did not bring it."""
    waiting = _load(import_id, by)
    plan = dry_run(waiting.lines, by)
    return Preview(waiting, plan, _mark(plan))


def dry_run(lines: Sequence[Line], by: Actor) -> Plan:
    """What the rows would do to the directory as it is now. Raises NotAllowed, Invalid where they are too many."""
    _refuse_others(by)
    if len(lines) > MOST_ROWS:
        raise Invalid.of("rows", N_("At most {most} rows at once, please."), most=MOST_ROWS)
    return planned(lines, _directory(lines), by, clock.now())


def _load(import_id: str, by: Actor) -> Waiting:
    _refuse_others(by)
    waiting = imports.load(import_id, clock.now())
    if waiting.by != by.email:
        raise NotFound
    return waiting


def _directory(lines: Iterable[Line]) -> Directory:
    """What the rows speak of, read side by side: the people they name, and all projects and organisations."""
    named = {line.cells.get(Column.EMAIL, "").strip().lower() for line in lines}
    known, every, places = all_three(partial(people.find_all, named), projects.every, organisations.every)
    return Directory(known, every, places)


def _mark(plan: Plan) -> str:
    return hashlib.sha256(msgspec.json.encode(plan.rows)).hexdigest()[:32]


def carry_out(import_id: str, mark: str, wishes: Wishes, by: Actor) -> Result:
    """Does what the preview with that mark said, and says again what became of each row.

    Raises NotFound, StaleVersion where the directory has changed such that another thing would be done, and Invalid
    where rows have errors that are not to be skipped; then nothing was written.
    """
    seen = preview(import_id, by)
    if seen.waiting.done is not None:
        return Result(seen.waiting.done, seen.waiting.failures)
    if mark != seen.mark:
        raise StaleVersion(N_("The directory has changed meanwhile, and the import would do something else now."))
    result = carry_out_plan(seen.plan, wishes, by)
    imports.save(replace(seen.waiting, done=result.rows, failures=result.failures))
    return result


def carry_out_plan(plan: Plan, wishes: Wishes, by: Actor) -> Result:
    """Writes what `plan` says, person by person. Raises Invalid where rows have errors that are not to be skipped."""
    _refuse_others(by)
    if plan.count(Outcome.ERROR) and not wishes.skip_errors:
        raise Invalid(*_errors(plan))
    made = dict(together([partial(_made, id, name) for id, name in plan.organisations.items()]))
    wanted = [replace(each, after=_placed(each.after, made)) for each in plan.people]
    written = together([partial(_written, each, wishes, by) for each in wanted])
    lost = {each.after.email for each, done in zip(wanted, written, strict=True) if not done}
    changing = (row for row in plan.rows if row.outcome in (Outcome.CREATE, Outcome.CHANGE))
    return Result(plan.rows, {row.number: NOT_WRITTEN for row in changing if row.email in lost})


def _errors(plan: Plan) -> list[FieldError]:
    return [
        replace(error, field=f"rows.{position}.{error.field}".rstrip("."))
        for position, row in enumerate(plan.rows)
        for error in row.errors
    ]


def _made(made_up: str, name: str) -> tuple[str, str | None]:
    """The id of the organisation to be made, or of one that somebody has just made; None where that failed."""
    organisation = Organisation(clock.new_id(), name)
    try:
        found = organisation if organisations.create(organisation) else organisations.named(name)
    except (DeskError, *DEPENDENCY_FAILURES):
        return made_up, None
    return made_up, found.id if found else None


def _placed(person: Person, made: dict[str, str | None]) -> Person:
    """`person` in the organisation that was made for them; one that could not be made leaves the mark of that."""
    return replace(person, organisation=made.get(person.organisation) or person.organisation)


def _written(each: Planned, wishes: Wishes, by: Actor) -> bool:
    """Writes one person. False where that failed: the others are written all the same, and the row says so."""
    if each.after.organisation.startswith(TO_BE_MADE):
        return False
    invite = wishes.invite and each.before is None and each.after.active
    after = replace(each.after, invited_at=clock.now()) if invite else each.after
    try:
        if not (people.update(each.before, after) if each.before else people.create(after)):
            return False
        if not after.active:
            access.put_out(after.email)
        if invite:
            queue.send_invitation(after, by)
    except (DeskError, *DEPENDENCY_FAILURES):
        return False
    return True


def _refuse_others(by: Actor) -> None:
    if not (by.is_known and by.is_admin):
        raise NotAllowed
