"""What the pages of a request draw: its history as a thread, its moves as buttons, its standing in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib import clock, i18n, phrases, urls
from chalicelib.config import settings
from chalicelib.domain.addresses import REASONS, Address, Mark
from chalicelib.domain.closing import foretold
from chalicelib.domain.errors import Conflict, KeyReused
from chalicelib.domain.events import (
    AUTO_CLOSED,
    CHANGED,
    COMMENT_ADDED,
    FOLLOWED,
    MAIL_BOUNCED,
    MAIL_COMPLAINED,
    MAIL_FAILED,
    MAIL_RESUMED,
    NOTE_ADDED,
    RATED,
    REMINDED,
    WATCHER_ADDED,
    WATCHER_REMOVED,
    Event,
)
from chalicelib.domain.files import Attachment
from chalicelib.domain.guidance import STATES, TURNS
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.projects import OwnField, Project
from chalicelib.domain.tickets import State, Ticket, Turn
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import TRANSITIONS, Transition, moves
from chalicelib.web.bodies import Form

TEXT_LABELS = {
    "hand_over": N_("A word with it"),
    "return": N_("What is missing?"),
    "resubmit": N_("What do you add?"),
    "finish": N_("How was it solved?"),
    "accept": N_("Anything you would like to say?"),
    "reject": N_("What is still wrong?"),
    "withdraw": N_("Why is it no longer needed?"),
}

# The move that most people come for, in each state; it stands first.
_USUAL = {State.IN_PROGRESS: "finish", State.RETURNED: "resubmit", State.DONE: "accept"}

_ICONS = {row.event_kind: row.action for row in TRANSITIONS.values()} | {
    CHANGED: "edit",
    REMINDED: "clock",
    AUTO_CLOSED: "clock",
    RATED: "star",
    FOLLOWED: "right",
    WATCHER_ADDED: "eye",
    WATCHER_REMOVED: "eye",
    MAIL_FAILED: "mail",
    MAIL_BOUNCED: "mail_stopped",
    MAIL_COMPLAINED: "mail_stopped",
    MAIL_RESUMED: "mail",
}

# What staff must not overlook.
_WARNINGS = frozenset({MAIL_FAILED, MAIL_BOUNCED, MAIL_COMPLAINED})

# Whose card says it all.
_WORDLESS = frozenset({COMMENT_ADDED, NOTE_ADDED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as a line or a card of the thread. `related` is the number of a request that `sentence` names."""

    id: str
    at: datetime
    actor: Contact | None
    side: str
    internal: bool
    icon: str
    sentence: str
    text: str
    attachments: tuple[Attachment, ...]
    rating: int | None
    related: str
    warns: bool


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move that may be made now; `needs` says which inputs its form has."""

    action: str
    label: str
    description: str
    needs: Mapping[str, str | bool]
    text_label: str
    opened: bool


@dataclass(frozen=True, slots=True)
class FilesView:
    """The panel of files: how many there are, the newest of them, and where all are listed if these are not all."""

    count: int
    newest: tuple[Attachment, ...]
    all: str | None


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where a request stands, in plain words."""

    headline: str
    detail: str


@dataclass(frozen=True, slots=True)
class ConflictView:
    """What was stored since the page was opened, and what was typed where no form of the page can hold it any more."""

    entries: tuple[Entry, ...]
    kept: str


def thread(
    events: Iterable[Event], ticket: Ticket, project: Project, language: str, staff: Iterable[Contact] = ()
) -> tuple[Entry, ...]:
    """The history as `events` tell it."""
    given = tuple(events)
    names = _names(given, ticket, staff)
    return tuple(_entry(event, names, project.fields, language) for event in given)


def _names(events: Iterable[Event], ticket: Ticket, staff: Iterable[Contact]) -> dict[str, str]:
    """What the people of a history are called, by address."""
    now = [ticket.requester, *([ticket.assignee] if ticket.assignee else []), *ticket.watchers]
    people = [*now, *staff, *(event.actor for event in events)]
    return {contact.email: contact.name for contact in people if contact.name}


def _entry(event: Event, names: Mapping[str, str], own: Sequence[OwnField], language: str) -> Entry:
    rating = event.changes.get("rating", (None, None))[1]
    return Entry(
        id=event.id,
        at=event.at,
        actor=event.actor if event.actor.email else None,
        side="team" if event.by_team else "requester" if event.actor.email else "system",
        internal=event.internal,
        icon=_ICONS.get(event.kind, ""),
        sentence="" if event.kind in _WORDLESS else sentence(event, names, language, own),
        text=event.text,
        attachments=event.attachments,
        rating=int(rating) if rating else None,
        related=_follow_up(event),
        warns=event.kind in _WARNINGS,
    )


def _follow_up(event: Event) -> str:
    return event.changes.get("follow_up", (None, None))[1] or ""


def sentence(event: Event, names: Mapping[str, str], language: str, own: Sequence[OwnField] = ()) -> str:
    """What happened, without who did it. `own` are the fields of the project, which have names of its choice."""
    if event.kind == CHANGED:
        return ", ".join(phrases.difference(name, change, language, own) for name, change in event.changes.items())
    assignee = event.changes.get("assignee", (None, None))[1] or ""
    watcher = next((email for email in reversed(event.changes.get("watcher", (None, None))) if email), "")
    return i18n.translated(
        event.row.sentence,
        language,
        assignee=names.get(assignee) or assignee.partition("@")[0],
        watcher=names.get(watcher) or watcher,
        follow_up=_follow_up(event),
        address=event.changes.get("address", (None, None))[1] or "",
        reason=reason(event.changes.get("reason", (None, None))[1] or "", language),
    )


def stopped(events: Iterable[Event], language: str) -> dict[str, str]:
    """The addresses that the history says are not mailed, each with the reason in words."""
    found: dict[str, str] = {}
    for event in events:
        address = event.changes.get("address", (None, None))[1] or ""
        if event.kind in (MAIL_BOUNCED, MAIL_COMPLAINED):
            found[address] = reason(event.changes.get("reason", (None, None))[1] or "", language)
        elif event.kind == MAIL_RESUMED:
            found.pop(address, None)
    return found


def reason(text: str, language: str) -> str:
    """Why mail does not arrive: the desk's words where it has any, else what the mail server said, as it said it."""
    return i18n.translated(REASONS[text], language) if text in REASONS else text


def own_values(ticket: Ticket, project: Project, language: str) -> list[tuple[str, str]]:
    """The project's own fields of `ticket`, as label and value, in the order of the project.

    What the project no longer asks for comes last, under its code.
    """
    known = {own.code: own for own in project.fields}
    codes = [*(code for code in known if code in ticket.fields), *(code for code in ticket.fields if code not in known)]
    return [
        (
            known[code].label if code in known else code,
            phrases.own_value(known.get(code), ticket.fields[code], language),
        )
        for code in codes
    ]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address that is not mailed, with the requests that say so and where they are."""

    email: str
    kind: str
    reason: str
    since: datetime | None
    failures: int
    tickets: tuple[tuple[str, str], ...]


_MARKS = {Mark.BOUNCED: N_("Mail does not arrive"), Mark.COMPLAINED: N_("Complaint")}


def marked_address(known: Address, language: str) -> AddressRow:
    """`known` as a row of the list of addresses that are not mailed."""
    return AddressRow(
        known.email,
        i18n.translated(_MARKS[known.mark], language) if known.mark else "",
        reason(known.reason, language),
        known.since,
        known.failures,
        tuple((number, urls.desk_ticket(number)) for number in reversed(known.tickets)),
    )


FILES_IN_PANEL = 50


def files_panel(files: tuple[Attachment, ...], all_files: str) -> FilesView:
    """The panel for `files`, oldest first; `all_files` is the page that lists them."""
    newest = files[-FILES_IN_PANEL:]
    return FilesView(len(files), newest, all_files if len(newest) < len(files) else None)


def movable(ticket: Ticket, by: Actor, language: str, opened: str = "") -> tuple[MoveView, ...]:
    """The moves that `by` may make now, the usual one first; the form of `opened` is shown open.

    Where nothing else is, the usual one is open while the requester is waited for.
    """
    usual = _USUAL.get(ticket.state)
    unfolded = opened or (usual if ticket.whose_turn is Turn.REQUESTER else None)
    actions = sorted(moves(ticket, by), key=lambda action: action != usual)
    return tuple(_move(TRANSITIONS[action], language, action == unfolded) for action in actions)


def _move(row: Transition, language: str, opened: bool) -> MoveView:
    return MoveView(
        action=row.action,
        label=i18n.translated(row.label, language),
        description=i18n.translated(row.explanation, language),
        needs=_inputs(row),
        text_label=i18n.translated(TEXT_LABELS.get(row.action, ""), language),
        opened=opened,
    )


def _inputs(row: Transition) -> dict[str, str | bool]:
    found: dict[str, str | bool] = {}
    asked = row.needs | row.takes
    if asked & {"text", "text_or_files"}:
        found["text"] = "required" if "text" in row.needs else "optional"
    return found | {
        shown: True
        for name, shown in (("assignee", "assignee"), ("rating", "rating"), ("uploads", "files"))
        if name in asked
    }


def standing(ticket: Ticket, by: Actor, language: str) -> StandingView:
    """Where it stands, to the requester as "you", to anybody else who may read it as a third person."""
    words, (yours, theirs) = STATES[ticket.state], TURNS[ticket.whose_turn]
    mine = by.email == ticket.requester.email
    return StandingView(
        i18n.translated(yours if mine else theirs, language),
        i18n.translated(words.for_requester if mine else words.meaning, language),
    )


def since(events: Iterable[Event], version: int | None) -> tuple[Event, ...]:
    """What happened after the ticket had `version`."""
    return () if version is None else tuple(event for event in events if event.version > version)


def is_clash(refusal: Exception, missed: tuple[Event, ...]) -> bool:
    """True where a form was refused because somebody was quicker."""
    return isinstance(refusal, Conflict) and not isinstance(refusal, KeyReused) and bool(missed)


def is_echo(missed: tuple[Event, ...], by: Actor, kind: str, body: Form) -> bool:
    """True where all that happened since is the very thing that is asked for again: a form sent twice."""
    typed = "\n".join(body.one("text").split("\r\n")).strip()
    return [_said(event) for event in missed] == [(by.email, kind, typed, body.one("rating"))]


def _said(event: Event) -> tuple[str, str, str, str]:
    return event.actor.email, event.kind, event.text, event.changes.get("rating", (None, None))[1] or ""


def closes_on(ticket: Ticket, project: Project) -> date | None:
    """The day on which a done request closes by itself; None in any other state."""
    return foretold(ticket, project.auto_close_days, settings().zone, clock.now())
