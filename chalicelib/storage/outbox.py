"""The outbox: events whose mail is not out yet. Claimed with a lease, marked per recipient, parked when hopeless."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.domain.events import Event
from chalicelib.storage.history import PARKED, PENDING
from chalicelib.storage.models import EventRow
from chalicelib.storage.times import to_text

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8
_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that this process alone delivers until its lease ends. `told` are the addresses that have their mail."""

    event: Event
    lease: str
    attempts: int
    told: frozenset[str]


class LeaseLost(Exception):
    """The lease ended before the work did, and somebody else has taken the event up."""


@dataclass(frozen=True, slots=True)
class Parked:
    """An event whose mail did not go out after all attempts."""

    event: Event
    attempts: int
    told: frozenset[str]
    error: str


def due(at: datetime, limit: int = 100) -> list[tuple[str, str]]:
    """Ticket and event id of pending events whose time has come, longest waiting first."""
    rows = EventRow.by_outbox.query(PENDING, EventRow.due_at <= to_text(at), limit=limit)
    return [(row.ticket, row.id) for row in rows]


def claim(ticket: str, event_id: str, lease: str, at: datetime) -> Claim | None:
    """Takes the event for this process, or answers None where it is delivered, parked or in other hands.

    While it is held its time to be due is the end of the lease, so that the sweep takes it up if this process dies.
    """
    row = EventRow(ticket, event_id)
    try:
        row.update(
            actions=[
                EventRow.lease.set(lease),
                EventRow.due_at.set(to_text(at + LEASE)),
                EventRow.attempts.add(1),
            ],
            condition=(EventRow.outbox == PENDING)
            & (EventRow.lease.does_not_exist() | (EventRow.due_at <= to_text(at))),
        )
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return None
        raise
    return Claim(row.event, lease, int(row.attempts), frozenset(row.told or ()))


def mark_told(claimed: Claim, email: str, at: datetime) -> None:
    """Records that `email` has its mail, so that no later attempt sends it again, and renews the lease.

    Raises LeaseLost, after recording it all the same.
    """
    told = EventRow.told.add({email})
    try:
        _update_held(claimed, [told, EventRow.due_at.set(to_text(at + LEASE))])
    except LeaseLost:
        EventRow(claimed.event.ticket, claimed.event.id).update(actions=[told])
        raise


def finish(claimed: Claim) -> None:
    """Takes the event out of the outbox: everybody has been told. Raises LeaseLost."""
    _update_held(
        claimed,
        [
            EventRow.outbox.remove(),
            EventRow.due_at.remove(),
            EventRow.lease.remove(),
            EventRow.attempts.remove(),
            EventRow.last_error.remove(),
        ],
    )


def put_back(claimed: Claim, error: str, retry_at: datetime, park: bool) -> None:
    """Gives the event back after a failure: due again at `retry_at`, or parked for a person to look at.

    Raises LeaseLost.
    """
    _update_held(
        claimed,
        [
            EventRow.outbox.set(PARKED if park else PENDING),
            EventRow.due_at.set(to_text(retry_at)),
            EventRow.lease.remove(),
            EventRow.last_error.set(error[:_LONGEST_ERROR]),
        ],
    )


def _update_held(claimed: Claim, actions: list[Action]) -> None:
    row = EventRow(claimed.event.ticket, claimed.event.id)
    try:
        row.update(actions=actions, condition=EventRow.lease == claimed.lease)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            raise LeaseLost from error
        raise


def parked(limit: int = 100) -> list[Parked]:
    """What was given up, longest waiting first."""
    keys = [(row.ticket, row.id) for row in EventRow.by_outbox.query(PARKED, limit=limit)]
    rows = EventRow.batch_get(keys) if keys else []
    found = [
        Parked(row.event, int(row.attempts or 0), frozenset(row.told or ()), row.last_error or "")
        for row in rows
        if row.outbox == PARKED
    ]
    return sorted(found, key=lambda one: one.event.at)


def release(ticket: str, event_id: str, at: datetime) -> bool:
    """Puts a parked event back in line, due now. False where it is not parked."""
    try:
        EventRow(ticket, event_id).update(
            actions=[
                EventRow.outbox.set(PENDING),
                EventRow.due_at.set(to_text(at)),
                EventRow.attempts.set(0),
                EventRow.lease.remove(),
            ],
            condition=EventRow.outbox == PARKED,
        )
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
