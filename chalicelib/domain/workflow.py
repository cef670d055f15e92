"""The moves of a ticket as a table, and the pure functions that carry out a move, a reply or a change of properties.

The rows of TRANSITIONS guard the API, draw the buttons and make the help page; nothing else knows who may do what.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from chalicelib.domain import own_fields
from chalicelib.domain.errors import (
    ConfirmationNeeded,
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    StaleVersion,
    all_at_once,
)
from chalicelib.domain.events import (
    CHANGED,
    COMMENT_ADDED,
    NOTE_ADDED,
    SUBMITTED,
    WATCHER_ADDED,
    WATCHER_REMOVED,
    Change,
    Event,
    Stamp,
    event_of,
    hidden_change,
)
from chalicelib.domain.files import Attachment
from chalicelib.domain.notices import Notify
from chalicelib.domain.notify_settings import checked, line_of
from chalicelib.domain.people import Actor, Contact, Via
from chalicelib.domain.permissions import TEAM, Act, Standing, require, standings
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import TURN_OF, Priority, State, Ticket, TicketCard, Type
from chalicelib.domain.words import N_

NEW, IN_PROGRESS, RETURNED, DONE, CLOSED = State
WHO_HAS_IT = frozenset({Standing.PROJECT_MANAGER, Standing.ASSIGNEE})
REQUESTER = frozenset({Standing.REQUESTER})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from which states who may make which move, what it needs, where it leads.

    `needs` names inputs of MoveOrder; `text_or_files` is met by either. `to_unassigned` replaces `to` while nobody has
    the ticket in hand.
    """

    action: str
    label: str
    explanation: str
    sources: frozenset[State]
    to: State
    by: frozenset[Standing]
    event_kind: str
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    to_unassigned: State | None = None
    actor_takes_it: bool = False
    actor_takes_it_if_unassigned: bool = False

    def target(self, ticket: Ticket) -> State:
        """The state after this move."""
        return self.to_unassigned if self.to_unassigned and ticket.assignee is None else self.to

    def assignee_after(self, ticket: Ticket, order: "MoveOrder", by: Actor) -> Contact | None:
        """Who has the ticket in hand after this move."""
        if order.assignee is not None:
            return order.assignee
        if self.actor_takes_it or (self.actor_takes_it_if_unassigned and ticket.assignee is None):
            return by.contact
        return ticket.assignee


TRANSITIONS: dict[str, Transition] = {
    row.action: row
    for row in (
        Transition(
            "start",
            N_("Start work"),
            N_("You take the request in hand."),
            frozenset({NEW, RETURNED}),
            IN_PROGRESS,
            WHO_HAS_IT,
            "ticket.started",
            actor_takes_it=True,
        ),
        Transition(
            "hand_over",
            N_("Hand over"),
            N_("Somebody else of the project takes it in hand."),
            frozenset({NEW, IN_PROGRESS, RETURNED}),
            IN_PROGRESS,
            WHO_HAS_IT,
            "ticket.handed_over",
            needs=frozenset({"assignee"}),
            takes=frozenset({"text", "uploads"}),
        ),
        Transition(
            "return",
            N_("Return"),
            N_("It cannot be solved as it stands; the requester is asked for what is missing."),
            frozenset({NEW, IN_PROGRESS}),
            RETURNED,
            WHO_HAS_IT,
            "ticket.returned",
            needs=frozenset({"text"}),
            takes=frozenset({"uploads"}),
        ),
        Transition(
            "resubmit",
            N_("Send completed"),
            N_("You add what was missing, and the team goes on."),
            frozenset({RETURNED}),
            IN_PROGRESS,
            REQUESTER,
            "ticket.resubmitted",
            needs=frozenset({"text_or_files"}),
            takes=frozenset({"text", "uploads"}),
            to_unassigned=NEW,
        ),
        Transition(
            "finish",
            N_("Mark as done"),
            N_("It is solved; the requester is asked to check."),
            frozenset({NEW, IN_PROGRESS}),
            DONE,
            WHO_HAS_IT,
            "ticket.finished",
            takes=frozenset({"text", "uploads"}),
            actor_takes_it_if_unassigned=True,
        ),
        Transition(
            "accept",
            N_("Accept the solution"),
            N_("You are satisfied; the request is then closed and archived."),
            frozenset({DONE}),
            CLOSED,
            REQUESTER | {Standing.PROJECT_MANAGER},
            "ticket.accepted",
            takes=frozenset({"text", "rating"}),
        ),
        Transition(
            "reject",
            N_("Reject the solution"),
            N_("Something is still wrong; the team goes on."),
            frozenset({DONE}),
            IN_PROGRESS,
            REQUESTER,
            "ticket.rejected",
            needs=frozenset({"text"}),
            takes=frozenset({"uploads"}),
        ),
        Transition(
            "withdraw",
            N_("Withdraw"),
            N_("You no longer need this; the request is closed."),
            frozenset({NEW, IN_PROGRESS, RETURNED}),
            CLOSED,
            REQUESTER,
            "ticket.withdrawn",
            takes=frozenset({"text"}),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """What somebody asks for. `version` is the one they saw; `assignee` is a person of the project, looked up."""

    action: str
    version: int
    assignee: Contact | None = None
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    rating: int | None = None


def moves(ticket: TicketCard, by: Actor) -> tuple[str, ...]:
    """The moves that `by` may make now, in the order of the table."""
    standing = standings(by, ticket)
    return tuple(row.action for row in TRANSITIONS.values() if ticket.state in row.sources and row.by & standing)


def move(ticket: Ticket, order: MoveOrder, by: Actor, stamp: Stamp) -> tuple[Ticket, Event]:
    """The ticket after one move, and the event that records it.

    Raises NotFound, NotAllowed, ConfirmationNeeded, Conflict, Invalid and StaleVersion, in this order.
    """
    require(by, Act.READ, ticket)
    row = TRANSITIONS.get(order.action)
    if row is None:
        raise Invalid.of("action", N_("There is no such move."))
    _refuse_unless_allowed(row, ticket, by)
    _refuse_unless_complete(row, order)
    if order.version != ticket.version:
        raise StaleVersion
    changed = _moved(row, ticket, order, by, stamp.at)
    event = event_of(
        row.event_kind,
        changed,
        by,
        stamp,
        text=order.text,
        changes=_differences(ticket, changed),
        attachments=order.attachments,
        by_team=bool(standings(by, ticket) & TEAM),
    )
    return changed, event


def _refuse_unless_allowed(row: Transition, ticket: Ticket, by: Actor) -> None:
    if not row.by & standings(by, ticket):
        raise NotAllowed
    if by.via is Via.LINK:
        raise ConfirmationNeeded
    if ticket.state not in row.sources:
        raise Conflict


def _refuse_unless_complete(row: Transition, order: MoveOrder) -> None:
    given = {
        "assignee": order.assignee is not None,
        "text": bool(order.text),
        "uploads": bool(order.attachments),
        "rating": order.rating is not None,
    }
    given["text_or_files"] = given["text"] or given["uploads"]
    missing = [FieldError(_field_of(need), N_("This move needs it.")) for need in sorted(row.needs) if not given[need]]
    allowed = row.needs | row.takes
    extra = [
        FieldError(name, N_("This move does not take it."))
        for name in ("assignee", "text", "uploads", "rating")
        if given[name] and name not in allowed
    ]
    if order.rating is not None and not is_rating(order.rating):
        extra.append(NO_RATING)
    if missing or extra:
        raise Invalid(*missing, *extra)


NO_RATING = FieldError("rating", N_("A rating is a whole number from 1 to 5."))


def is_rating(value: int) -> bool:
    """True for what the scale has."""
    return 1 <= value <= 5


def _field_of(need: str) -> str:
    return "text" if need == "text_or_files" else need


def _moved(row: Transition, ticket: Ticket, order: MoveOrder, by: Actor, at: datetime) -> Ticket:
    state = row.target(ticket)
    changed = replace(
        ticket,
        state=state,
        assignee=row.assignee_after(ticket, order, by),
        updated_at=at,
        waiting_since=at if TURN_OF[state] is not ticket.whose_turn else ticket.waiting_since,
        version=ticket.version + 1,
        rating=order.rating if order.rating is not None else ticket.rating,
        returned_at=at if state is RETURNED else ticket.returned_at,
        done_at=at if state is DONE else ticket.done_at,
        closed_at=at if state is CLOSED else ticket.closed_at,
    )
    answers = bool(row.by & WHO_HAS_IT) and state in (RETURNED, DONE)
    return _answered(changed, at) if answers else changed


def _answered(ticket: Ticket, at: datetime) -> Ticket:
    return ticket if ticket.first_response_at else replace(ticket, first_response_at=at)


def _differences(before: Ticket, after: Ticket) -> dict[str, Change]:
    pairs: dict[str, Change] = {
        "state": (before.state, after.state),
        "assignee": (
            before.assignee.email if before.assignee else None,
            after.assignee.email if after.assignee else None,
        ),
        "rating": (_text(before.rating), _text(after.rating)),
        "subject": (before.subject, after.subject),
        "type": (before.type, after.type),
        "priority": (before.priority, after.priority),
        "due": (_text(before.due), _text(after.due)),
        **own_fields.differences(before.fields, after.fields),
        "notify": (line_of(before.notify), line_of(after.notify)),
    }
    return {name: (old and str(old), new and str(new)) for name, (old, new) in pairs.items() if old != new}


def _text(value: int | date | None) -> str | None:
    return None if value is None else str(value)


def submit(ticket: Ticket, attachments: tuple[Attachment, ...], by: Actor, stamp: Stamp) -> Event:
    """The event that files `ticket`, whose version is 1."""
    return event_of(
        SUBMITTED,
        ticket,
        by,
        stamp,
        text=ticket.text,
        changes={
            "state": (None, str(ticket.state)),
            "priority": (None, str(ticket.priority)),
            **({"follows": (None, ticket.follows)} if ticket.follows else {}),
            **own_fields.differences({}, ticket.fields),
        },
        attachments=attachments,
        by_team=by.email != ticket.requester.email and by.is_staff,
    )


def comment(
    ticket: Ticket, text: str, internal: bool, attachments: tuple[Attachment, ...], by: Actor, stamp: Stamp
) -> tuple[Ticket, Event]:
    """The ticket after a reply or an internal note, and the event. Raises NotFound, NotAllowed, Conflict, Invalid."""
    require(by, Act.NOTE if internal else Act.REPLY, ticket)
    _refuse_link_and_archive(ticket, by)
    if not text and not attachments:
        raise Invalid.of("text", N_("Please write something or add a file."))
    by_team = bool(standings(by, ticket) & TEAM)
    if internal:
        return ticket, event_of(NOTE_ADDED, ticket, by, stamp, text=text, attachments=attachments, by_team=True)
    changed = replace(ticket, updated_at=stamp.at, version=ticket.version + 1)
    if by_team and by.email != ticket.requester.email:
        changed = _answered(changed, stamp.at)
    return changed, event_of(COMMENT_ADDED, changed, by, stamp, text=text, attachments=attachments, by_team=by_team)


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """New properties; None leaves one as it is, `clear_due` takes the due date away.

    `fields` are those of the project's own that change, by code; an empty text takes one away.
    `notify` says who hears of this request in place of what its project says, `clear_notify` that it is as there again.
    """

    version: int
    subject: str | None = None
    type: Type | None = None
    priority: Priority | None = None
    due: date | None = None
    clear_due: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    notify: Notify | None = None
    clear_notify: bool = False


def change(ticket: Ticket, order: ChangeOrder, by: Actor, stamp: Stamp, project: Project) -> tuple[Ticket, Event]:
    """The ticket with new properties, and the event. Raises NotFound, NotAllowed, Conflict, Invalid, StaleVersion.

    Where nothing changes that customers see, the event is internal, and the time of the last change stays as it is.
    """
    require(by, Act.CHANGE, ticket)
    _refuse_link_and_archive(ticket, by)
    if order.version != ticket.version:
        raise StaleVersion
    kept_type = order.type in (None, ticket.type)
    accepted = all_at_once(
        {
            "type": lambda: ticket.type if kept_type else project.offered_type(order.type),
            "fields": partial(own_fields.changed, project.fields, ticket.fields, order.fields),
        }
    )
    changed = replace(
        ticket,
        subject=order.subject if order.subject is not None else ticket.subject,
        priority=order.priority or ticket.priority,
        due=None if order.clear_due else order.due or ticket.due,
        notify=None if order.clear_notify else checked(order.notify) if order.notify is not None else ticket.notify,
        version=ticket.version + 1,
        **accepted,
    )
    changes = _differences(ticket, changed)
    if not changes:
        raise Invalid.of("version", N_("Nothing would change."))
    internal = all(hidden_change(project.fields, name) for name in changes)
    if not internal:
        changed = replace(changed, updated_at=stamp.at)
    event = event_of(CHANGED, changed, by, stamp, changes=changes, by_team=True)
    return changed, replace(event, internal=internal)


def watch(ticket: Ticket, watcher: Contact, by: Actor, stamp: Stamp) -> tuple[Ticket, Event]:
    """The ticket with one watcher more. Raises NotFound, NotAllowed, Conflict, Invalid."""
    _refuse_watching(ticket, watcher.email, by)
    if ticket.watched_by(watcher.email):
        raise Conflict(N_("This person watches the request already."))
    if len(ticket.watchers) >= MAX_WATCHERS:
        raise Invalid.of("email", N_("A request has at most {most} watchers."), most=MAX_WATCHERS)
    return _with_watchers(ticket, (*ticket.watchers, watcher), WATCHER_ADDED, (None, watcher.email), by, stamp)


def unwatch(ticket: Ticket, email: str, by: Actor, stamp: Stamp) -> tuple[Ticket, Event]:
    """The ticket with one watcher less. Raises NotFound, NotAllowed, Conflict."""
    _refuse_watching(ticket, email, by)
    if not ticket.watched_by(email):
        raise NotFound
    left = tuple(watcher for watcher in ticket.watchers if watcher.email != email)
    return _with_watchers(ticket, left, WATCHER_REMOVED, (email, None), by, stamp)


MAX_WATCHERS = 50


def _refuse_watching(ticket: Ticket, email: str, by: Actor) -> None:
    require(by, Act.WATCH if email == by.email else Act.MANAGE_WATCHERS, ticket)
    _refuse_link_and_archive(ticket, by)


def _with_watchers(
    ticket: Ticket, watchers: tuple[Contact, ...], kind: str, difference: Change, by: Actor, stamp: Stamp
) -> tuple[Ticket, Event]:
    changed = replace(ticket, watchers=watchers, updated_at=stamp.at, version=ticket.version + 1)
    by_team = bool(standings(by, ticket) & TEAM)
    changes: Mapping[str, Change] = {"watcher": difference}
    return changed, event_of(kind, changed, by, stamp, changes=changes, by_team=by_team)


def _refuse_link_and_archive(ticket: Ticket, by: Actor) -> None:
    if by.via is Via.LINK:
        raise ConfirmationNeeded
    if ticket.archived:
        raise Conflict(N_("The request is closed and can no longer be changed."))
