"""Events: the immutable lines of a ticket's history, and for each kind its sentence, its topic and its mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain import own_fields
from chalicelib.domain.files import Attachment
from chalicelib.domain.notices import Audience, Topic
from chalicelib.domain.own_fields import CHANGE_PREFIX
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.projects import OwnField
from chalicelib.domain.tickets import Ticket
from chalicelib.domain.words import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event. `headline` opens its mail; {actor}, {assignee} and {number} are filled in.

    Whoever hears of `topic` is told (domain/hearing.py), of the audiences `heard_by`; without a topic nobody ever is.
    """

    code: str
    sentence: str
    headline: str
    topic: Topic | None
    internal: bool = False
    heard_by: frozenset[Audience] = frozenset(Audience)


SUBMITTED = "ticket.submitted"
COMMENT_ADDED = "comment.added"
NOTE_ADDED = "note.added"
CHANGED = "ticket.changed"
WATCHER_ADDED = "watcher.added"
WATCHER_REMOVED = "watcher.removed"
HANDED_OVER = "ticket.handed_over"
ACCEPTED = "ticket.accepted"
REMINDED = "ticket.reminded"
AUTO_CLOSED = "ticket.auto_closed"
RATED = "ticket.rated"
FOLLOWED = "ticket.followed"
MAIL_FAILED = "mail.failed"
MAIL_BOUNCED = "mail.bounced"
MAIL_COMPLAINED = "mail.complained"
MAIL_RESUMED = "mail.resumed"

EVENTS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(SUBMITTED, N_("Request filed"), N_("A new request was filed by {actor}"), Topic.NEW),
        Kind("ticket.started", N_("Work started"), N_("{actor} has started to work on the request"), Topic.STATES),
        Kind(
            HANDED_OVER,
            N_("Handed over to {assignee}"),
            N_("The request was handed over to {assignee}"),
            Topic.STATES,
        ),
        Kind(
            "ticket.returned",
            N_("Returned to the requester"),
            N_("The request was returned: something is missing"),
            Topic.STATES,
        ),
        Kind(
            "ticket.resubmitted",
            N_("Completed by the requester"),
            N_("{actor} has completed the request"),
            Topic.STATES,
        ),
        Kind(
            "ticket.finished",
            N_("Marked as done"),
            N_("The request is done; please check the solution"),
            Topic.STATES,
        ),
        Kind(
            ACCEPTED,
            N_("Solution accepted"),
            N_("The solution was accepted and the request is closed"),
            Topic.VERDICTS,
        ),
        Kind("ticket.rejected", N_("Solution rejected"), N_("{actor} has rejected the solution"), Topic.VERDICTS),
        Kind("ticket.withdrawn", N_("Request withdrawn"), N_("{actor} has withdrawn the request"), Topic.STATES),
        Kind(
            REMINDED,
            N_("The requester was reminded to check the solution"),
            N_("Please check whether your request is solved"),
            Topic.REMINDERS,
        ),
        Kind(
            AUTO_CLOSED,
            N_("Closed automatically"),
            N_("The request was closed, as nothing more was heard"),
            Topic.STATES,
        ),
        Kind(
            RATED,
            N_("Rated by the requester"),
            N_("{actor} has rated the solution"),
            Topic.VERDICTS,
            heard_by=frozenset({Audience.ASSIGNEE, Audience.PROJECT_MANAGERS}),
        ),
        Kind(FOLLOWED, N_("Follow-up filed: {follow_up}"), N_("A follow-up of the request was filed"), Topic.CHANGES),
        Kind(CHANGED, N_("Properties changed"), N_("The properties of the request have changed"), Topic.CHANGES),
        Kind(COMMENT_ADDED, N_("Reply"), N_("{actor} has replied"), Topic.REPLIES),
        Kind(NOTE_ADDED, N_("Internal note"), N_("{actor} has left an internal note"), Topic.NOTES, internal=True),
        Kind(WATCHER_ADDED, N_("Watcher added: {watcher}"), N_("A watcher was added"), Topic.CHANGES),
        Kind(WATCHER_REMOVED, N_("Watcher removed: {watcher}"), N_("A watcher was removed"), Topic.CHANGES),
        # These tell nobody: a mail about mail that fails could fail as well, and so on.
        Kind(
            MAIL_FAILED,
            N_("A mail to {address} did not arrive: {reason}"),
            N_("A mail did not arrive"),
            None,
            internal=True,
        ),
        Kind(
            MAIL_BOUNCED,
            N_("No more mail to {address}, for it does not arrive: {reason}"),
            N_("Mail to an address was stopped because it does not arrive"),
            None,
            internal=True,
        ),
        Kind(
            MAIL_COMPLAINED,
            N_("No more mail to {address}, after a complaint: {reason}"),
            N_("Mail to an address was stopped because of a complaint"),
            None,
            internal=True,
        ),
        Kind(
            MAIL_RESUMED, N_("Mail goes to {address} again"), N_("Mail goes to an address again"), None, internal=True
        ),
    )
}

INTERNAL_FIELDS = frozenset({"notify"})
"""What a change of properties may touch that is the staff's own business: others see that it changed, not how."""

Change = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something happens, in UTC, and the id its event gets: ids sort by time."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of history. `version` is that of the ticket after it.

    An internal note leaves the ticket and its version alone, so that nothing a customer can see moves with it.
    """

    id: str
    ticket: str
    kind: str
    at: datetime
    actor: Contact
    version: int
    internal: bool = False
    text: str = ""
    changes: Mapping[str, Change] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    by_team: bool = False

    @property
    def row(self) -> Kind:
        return EVENTS[self.kind]

    @property
    def for_staff_only(self) -> bool:
        """True for what nobody else is told of: what is internal, and changes of the staff's own business alone."""
        return self.internal or (bool(self.changes) and self.changes.keys() <= INTERNAL_FIELDS)


def needs_a_look(event: Event) -> bool:
    """True where `event` may hold changes that are not for customers."""
    return any(name.startswith(CHANGE_PREFIX) or name in INTERNAL_FIELDS for name in event.changes)


def hidden_change(fields: Sequence[OwnField], name: str) -> bool:
    """True where `name`, one of the changes of an event, is of the staff's own business, or of a field of theirs."""
    return name in INTERNAL_FIELDS or own_fields.hidden_change(fields, name)


def for_customers(event: Event, fields: Sequence[OwnField]) -> Event | None:
    """`event` without the changes that are not for customers; None where it is of nothing else."""
    seen = {name: change for name, change in event.changes.items() if not hidden_change(fields, name)}
    if len(seen) == len(event.changes):
        return event
    return replace(event, changes=seen) if seen or event.kind != CHANGED else None


def event_of(
    kind: str,
    ticket: Ticket,
    by: Actor,
    stamp: Stamp,
    *,
    text: str = "",
    changes: Mapping[str, Change] | None = None,
    attachments: tuple[Attachment, ...] = (),
    by_team: bool = False,
) -> Event:
    """The event of `kind` that `by` causes on `ticket`; public or internal as its row says."""
    return Event(
        id=stamp.id,
        ticket=ticket.number,
        kind=kind,
        at=stamp.at,
        actor=by.contact,
        version=ticket.version,
        internal=EVENTS[kind].internal,
        text=text,
        changes=changes or {},
        attachments=attachments,
        by_team=by_team,
    )
