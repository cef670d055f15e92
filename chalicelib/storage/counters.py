"""Running numbers, and exact counts of tickets by state for each project and each assignee in it.

The counts change in the transaction that changes the state, so they cannot drift; a reply touches none of them. The
limit is that of one item: about a hundred changes of state a second in one project (docs/performance.md).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from chalicelib.domain.lists import NOBODY
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage.models import CounterRow, can_be_key
from chalicelib.storage.transactions import Transaction

_BATCH = 100  # BatchGetItem's limit


def next_of(project: str) -> int:
    """The next ticket number of `project`, starting with 1."""
    row = CounterRow(f"number#{project}")
    row.update(actions=[CounterRow.n.add(1)])
    return int(row.n)


def count(write: Transaction, before: Ticket | None, after: Ticket) -> None:
    """Adds to `write` what a change of state or assignee does to the counts."""
    changes: dict[str, Counter[State]] = {}
    for ticket, step in ((before, -1), (after, 1)):
        if ticket is not None:
            for row_id in (_id(ticket.project), _id(ticket.project, _assignee(ticket))):
                changes.setdefault(row_id, Counter())[ticket.state] += step
    for row_id, steps in changes.items():
        actions = [getattr(CounterRow, state.value).add(step) for state, step in steps.items() if step]
        if actions:
            write.update(row_id, CounterRow(row_id), actions)


def by_state(projects: Iterable[str], assignees: Iterable[str] | None = None) -> dict[State, int]:
    """How many tickets of `projects` are in each state; with `assignees`, only those that they have in hand."""
    people = None if assignees is None else sorted(assignees)
    ids = [_id(project, person) for project in sorted(projects) for person in ([None] if people is None else people)]
    ids = [each for each in ids if can_be_key(each)]
    totals: Counter[State] = Counter(dict.fromkeys(State, 0))
    for start in range(0, len(ids), _BATCH):
        for row in CounterRow.batch_get(ids[start : start + _BATCH]):
            totals.update({state: int(getattr(row, state.value) or 0) for state in State})
    return dict(totals)


def open_of_each(projects: Iterable[str]) -> dict[str, int]:
    """How many tickets of each of `projects` are not closed."""
    ids = {_id(project): project for project in projects if can_be_key(project)}
    found = dict.fromkeys(ids.values(), 0)
    wanted = list(ids)
    for start in range(0, len(wanted), _BATCH):
        for row in CounterRow.batch_get(wanted[start : start + _BATCH]):
            found[ids[row.id]] = sum(
                int(getattr(row, state.value) or 0) for state in State if state is not State.CLOSED
            )
    return found


def _id(project: str, assignee: str | None = None) -> str:
    return f"state#{project}" if assignee is None else f"state#{project}#{assignee}"


def _assignee(ticket: Ticket) -> str:
    return ticket.assignee.email if ticket.assignee else NOBODY


def rows_of(tickets: Iterable[Ticket]) -> list[CounterRow]:
    """The counter rows of `tickets`, as if they were the only ones."""
    states: dict[str, Counter[State]] = {}
    highest: dict[str, int] = {}
    for ticket in tickets:
        highest[ticket.project] = max(highest.get(ticket.project, 0), int(ticket.number.rpartition("-")[2]))
        for row_id in (_id(ticket.project), _id(ticket.project, _assignee(ticket))):
            states.setdefault(row_id, Counter())[ticket.state] += 1
    rows = [CounterRow(f"number#{project}", n=number) for project, number in highest.items()]
    return rows + [
        CounterRow(row_id, **cast(Any, {state.value: n for state, n in counts.items()}))
        for row_id, counts in states.items()
    ]
