"""Tickets: the unit of work, their states, and how a new one comes to be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.notices import Notify
from chalicelib.domain.people import Contact

_NUMBER = re.compile(r"([A-Z][A-Z0-9]{1,9})-([1-9][0-9]{0,9})")


class State(StrEnum):
    """Where a ticket stands; the codes are those of the API."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    DONE = "done"
    CLOSED = "closed"


class Turn(StrEnum):
    """Who has to do something next."""

    TEAM = "team"
    REQUESTER = "requester"
    NOBODY = "nobody"


class Type(StrEnum):
    """The kind of a request."""

    QUESTION = "question"
    INCIDENT = "incident"
    CHANGE = "change"


class Priority(StrEnum):
    """How urgent a request is to the team."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


TURN_OF = {
    State.NEW: Turn.TEAM,
    State.IN_PROGRESS: Turn.TEAM,
    State.RETURNED: Turn.REQUESTER,
    State.DONE: Turn.REQUESTER,
    State.CLOSED: Turn.NOBODY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCard:
    """A request as a list shows it: what the list indexes carry. Times are UTC; `version` grows with every event.

    `organisation` is that of the requester when they filed, `reminded_at` when they were last asked to check.
    """

    number: str
    project: str
    subject: str
    type: Type
    state: State
    priority: Priority
    requester: Contact
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime
    version: int
    assignee: Contact | None = None
    watchers: tuple[Contact, ...] = ()
    due: date | None = None
    first_response_at: datetime | None = None
    returned_at: datetime | None = None
    done_at: datetime | None = None
    closed_at: datetime | None = None
    rating: int | None = None
    minutes: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
    organisation: str = ""
    reminded_at: datetime | None = None

    @property
    def whose_turn(self) -> Turn:
        return TURN_OF[self.state]

    @property
    def archived(self) -> bool:
        return self.state is State.CLOSED

    @property
    def can_be_rated(self) -> bool:
        """True for a closed request that was solved at some time and whose requester has not said how well."""
        return self.archived and self.done_at is not None and self.rating is None

    def watched_by(self, email: str) -> bool:
        return any(watcher.email == email for watcher in self.watchers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket(TicketCard):
    """A request as it stands, with its text. `notify` goes before what the project sets; it goes on from `follows`."""

    text: str
    language: str
    confirmed: bool
    notify: Notify | None = None
    follows: str | None = None


def card_of(ticket: Ticket) -> TicketCard:
    """What a list shows of `ticket`."""
    return TicketCard(**{each.name: getattr(ticket, each.name) for each in fields(TicketCard)})


def as_filed(ticket: Ticket, subject: str, kind: Type, own: Mapping[str, str]) -> Ticket:
    """`ticket` as it was when somebody at the form filed it with this subject, type and fields of the project's own."""
    return Ticket(
        number=ticket.number,
        project=ticket.project,
        subject=subject,
        text=ticket.text,
        type=kind,
        state=State.NEW,
        priority=Priority.NORMAL,
        requester=ticket.requester,
        created_at=ticket.created_at,
        updated_at=ticket.created_at,
        waiting_since=ticket.created_at,
        version=1,
        language=ticket.language,
        confirmed=ticket.confirmed,
        fields=own,
        follows=ticket.follows,
    )


def project_of(number: str) -> str | None:
    """The project key inside a ticket number such as `WEB-1042`, or None where `number` is not one."""
    match = _NUMBER.fullmatch(number)
    return match.group(1) if match else None
