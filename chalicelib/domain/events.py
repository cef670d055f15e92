"""Events: the immutable lines of a ticket's history, and for each kind its sentence, its audience and its mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.files import Attachment
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.tickets import Ticket
from chalicelib.domain.words import N_


class Hears(StrEnum):
    """One rule for who is told of an event; notifications.py works out the addresses."""

    RECEIPT = "receipt"  # the requester, even of what they did themselves: it carries their link
    REQUESTER = "requester"
    ASSIGNEE = "assignee"
    FORMER_ASSIGNEE = "former_assignee"
    PROJECT_MANAGERS = "project_managers"
    WHO_HAS_IT = "who_has_it"  # the assignee, or the project managers while there is none
    WATCHERS = "watchers"
    STAFF_WATCHERS = "staff_watchers"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event. `headline` opens its mail; {actor}, {assignee} and {number} are filled in."""

    code: str
    sentence: str
    headline: str
    tells: frozenset[Hears]
    internal: bool = False


def _kind(code: str, sentence: str, headline: str, *tells: Hears, internal: bool = False) -> Kind:
    return Kind(code, sentence, headline, frozenset(tells), internal)


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
        _kind(
            SUBMITTED,
            N_("Request filed"),
            N_("A new request was filed by {actor}"),
            Hears.RECEIPT,
            Hears.PROJECT_MANAGERS,
            Hears.WATCHERS,
        ),
        _kind(
            "ticket.started",
            N_("Work started"),
            N_("{actor} has started to work on the request"),
            Hears.REQUESTER,
            Hears.FORMER_ASSIGNEE,
            Hears.WATCHERS,
        ),
        _kind(
            HANDED_OVER,
            N_("Handed over to {assignee}"),
            N_("The request was handed over to {assignee}"),
            Hears.REQUESTER,
            Hears.ASSIGNEE,
            Hears.FORMER_ASSIGNEE,
            Hears.WATCHERS,
        ),
        _kind(
            "ticket.returned",
            N_("Returned to the requester"),
            N_("The request was returned: something is missing"),
            Hears.REQUESTER,
            Hears.ASSIGNEE,
            Hears.WATCHERS,
        ),
        _kind(
            "ticket.resubmitted",
            N_("Completed by the requester"),
            N_("{actor} has completed the request"),
            Hears.WHO_HAS_IT,
            Hears.REQUESTER,
            Hears.WATCHERS,
        ),
        _kind(
            "ticket.finished",
            N_("Marked as done"),
            N_("The request is done; please check the solution"),
            Hears.REQUESTER,
            Hears.ASSIGNEE,
            Hears.WATCHERS,
        ),
        _kind(
            ACCEPTED,
            N_("Solution accepted"),
            N_("The solution was accepted and the request is closed"),
            Hears.REQUESTER,
            Hears.ASSIGNEE,
            Hears.PROJECT_MANAGERS,
            Hears.WATCHERS,
        ),
        _kind(
            "ticket.rejected",
            N_("Solution rejected"),
            N_("{actor} has rejected the solution"),
            Hears.ASSIGNEE,
            Hears.PROJECT_MANAGERS,
            Hears.WATCHERS,
        ),
        _kind(
            "ticket.withdrawn",
            N_("Request withdrawn"),
            N_("{actor} has withdrawn the request"),
            Hears.WHO_HAS_IT,
            Hears.WATCHERS,
        ),
        _kind(
            REMINDED,
            N_("The requester was reminded to check the solution"),
            N_("Please check whether your request is solved"),
            Hears.REQUESTER,
        ),
        _kind(
            AUTO_CLOSED,
            N_("Closed automatically"),
            N_("The request was closed, as nothing more was heard"),
            Hears.REQUESTER,
            Hears.ASSIGNEE,
            Hears.WATCHERS,
        ),
        _kind(
            RATED,
            N_("Rated by the requester"),
            N_("{actor} has rated the solution"),
            Hears.ASSIGNEE,
            Hears.PROJECT_MANAGERS,
        ),
        _kind(FOLLOWED, N_("Follow-up filed: {follow_up}"), N_("A follow-up of the request was filed")),
        _kind(CHANGED, N_("Properties changed"), N_("The properties of the request have changed")),
        _kind(
            COMMENT_ADDED,
            N_("Reply"),
            N_("{actor} has replied"),
            Hears.REQUESTER,
            Hears.WHO_HAS_IT,
            Hears.WATCHERS,
        ),
        _kind(
            NOTE_ADDED,
            N_("Internal note"),
            N_("{actor} has left an internal note"),
            Hears.WHO_HAS_IT,
            Hears.STAFF_WATCHERS,
            internal=True,
        ),
        _kind(WATCHER_ADDED, N_("Watcher added: {watcher}"), N_("A watcher was added")),
        _kind(WATCHER_REMOVED, N_("Watcher removed: {watcher}"), N_("A watcher was removed")),
        # These tell nobody: a mail about mail that fails could fail as well, and so on.
        _kind(
            MAIL_FAILED,
            N_("A mail to {address} did not arrive: {reason}"),
            N_("A mail did not arrive"),
            internal=True,
        ),
        _kind(
            MAIL_BOUNCED,
            N_("No more mail to {address}, for it does not arrive: {reason}"),
            N_("Mail to an address was stopped because it does not arrive"),
            internal=True,
        ),
        _kind(
            MAIL_COMPLAINED,
            N_("No more mail to {address}, after a complaint: {reason}"),
            N_("Mail to an address was stopped because of a complaint"),
            internal=True,
        ),
        _kind(
            MAIL_RESUMED,
            N_("Mail goes to {address} again"),
            N_("Mail goes to an address again"),
            internal=True,
        ),
    )
}

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
