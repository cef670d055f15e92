"""What pages and API read of tickets: one, with its history and files, or a list; side by side where it can be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from chalicelib.domain import own_fields
from chalicelib.domain.ending import can_follow
from chalicelib.domain.errors import NotFound, NotSignedIn
from chalicelib.domain.events import Event, for_customers, needs_a_look
from chalicelib.domain.files import (
    Attachment,
    Upload,
    refuse_unless_clean,
)
from chalicelib.domain.lists import Filter, Page, Reach, of_colleagues, reach_of, worked_on
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.permissions import Act, may
from chalicelib.domain.projects import OwnField, Project
from chalicelib.domain.tickets import State, Ticket, TicketCard, card_of, project_of
from chalicelib.storage import counters, cursors, files, history, listings, projects, tickets
from chalicelib.storage.aws import all_three, both, together

T = TypeVar("T", bound=TicketCard)


def read(number: str, by: Actor) -> Ticket:
    """One ticket. Raises NotFound."""
    ticket = tickets.load(number)
    _refuse_stranger(ticket, by)
    return ticket


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ticket with everything of its history that the reader may see, oldest first."""

    ticket: Ticket
    events: tuple[Event, ...]


def dossier(number: str, by: Actor) -> Dossier:
    """One ticket with its history, read side by side. Raises NotFound."""
    ticket, events = both(partial(tickets.load, number), partial(history.of_ticket, number))
    _refuse_stranger(ticket, by)
    return Dossier(as_seen(ticket, by), _visible(events, ticket, by))


@dataclass(frozen=True, slots=True)
class Case:
    """What the page of a request shows: the ticket, what of its history the reader may see, and its project.

    `left_out` counts the entries between the first and the newest that are too many for one page; `files` are those of
    all entries, also of these.
    """

    ticket: Ticket
    events: tuple[Event, ...]
    project: Project
    left_out: int = 0
    files: tuple[Attachment, ...] = ()


_PAGE_EVENTS = 300
_PAGE_BYTES = 300_000  # of text: as HTML ten times as much at worst, and Lambda answers with 6 MB of JSON at most


def _case(ticket: Ticket, events: tuple[Event, ...], project: Project) -> Case:
    """The case with as much of its history as one page can carry: how it began, and the newest of the rest."""
    first, *rest = events
    room, kept = _PAGE_BYTES - len(first.text.encode()), 0
    for event in reversed(rest[-_PAGE_EVENTS:]):
        room -= len(event.text.encode())
        if room < 0:
            break
        kept += 1
    files = tuple(file for event in events for file in event.attachments)
    return Case(ticket, (first, *rest[len(rest) - kept :]), project, len(rest) - kept, files)


def case(number: str, readers: Iterable[Actor]) -> tuple[Actor, Case]:
    """A request and the first of `readers` who may see it; read side by side, and once for all. Raises NotFound."""
    loaded: tuple[Ticket, list[Event], Project] | None = None
    for reader in readers:
        ticket, events, project = loaded = loaded or all_three(
            partial(tickets.load, number),
            partial(history.of_ticket, number),
            partial(projects.load, project_of(number) or ""),
        )
        if may(reader, Act.READ, ticket):
            seen = as_seen(ticket, reader, project)
            return reader, _case(seen, _visible(events, ticket, reader, project), project)
    raise NotFound


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the working page shows: a case, and the people it may be handed to."""

    case: Case
    staff: tuple[Contact, ...]


def workplace(number: str, by: Actor) -> Workplace:
    """A request for the page of those who work on it, read side by side. Raises NotFound."""
    ticket, events, crew = all_three(
        partial(tickets.load, number),
        partial(history.of_ticket, number),
        partial(projects.crew, project_of(number) or ""),
    )
    _refuse_stranger(ticket, by)
    seen = as_seen(ticket, by, crew.project)
    return Workplace(_case(seen, _visible(events, ticket, by, crew.project), crew.project), crew.staff)


def followed(number: str, project: str, readers: Iterable[Actor]) -> Ticket:
    """The closed request that one of `readers` may file a follow-up of under `project`. Raises NotFound."""
    ticket = tickets.load(number)
    if not any(can_follow(ticket, project, reader) for reader in readers):
        raise NotFound
    return ticket


@dataclass(frozen=True, slots=True)
class Filed:
    """What may be said of a request to whoever has just filed it: nothing but what they typed."""

    number: str
    subject: str
    email: str
    project: Project


def filed(number: str) -> Filed:
    """What to thank for. Only for whoever holds the receipt of `number`. Raises NotFound.

    The address in the form may be somebody else's, and what becomes of the request is for that address alone: so the
    subject is left out as soon as anybody has touched the request.
    """
    ticket, project = both(partial(tickets.load, number), partial(projects.load, project_of(number) or ""))
    return Filed(number, ticket.subject if ticket.version == 1 else "", ticket.requester.email, project)


def events_page(number: str, by: Actor, limit: int, cursor: str | None) -> tuple[tuple[Event, ...], str | None]:
    """At most `limit` events that the reader may see, oldest first, and the next cursor. Raises NotFound, Invalid."""
    question = ("history", number)
    after = cursors.unseal(cursor, question) if cursor else None
    ticket, events = both(partial(tickets.load, number), partial(history.of_ticket, number, limit + 1, after))
    _refuse_stranger(ticket, by)
    shown = _visible(events, ticket, by)
    while len(events) > limit >= len(shown):  # notes the reader may not see took places on the page
        events = history.of_ticket(number, limit + 1, events[-1].id)
        shown += _visible(events, ticket, by)
    page = _fitting(shown[:limit])
    return page, cursors.seal(page[-1].id, question) if len(shown) > len(page) else None


_MOST_TEXT = 2_000_000  # bytes of text in one answer; a function may answer 6 MB in all, and JSON's own marks count


def _fitting(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """As many of `events` as one answer holds, and at least one."""
    room = _MOST_TEXT
    for count, event in enumerate(events):
        room -= len(event.text.encode())
        if room < 0:
            return events[: max(count, 1)]
    return events


def _visible(events: list[Event], ticket: Ticket, by: Actor, project: Project | None = None) -> tuple[Event, ...]:
    if may(by, Act.READ_INTERNAL, ticket):
        return tuple(events)
    public = tuple(event for event in events if not event.internal)
    if not any(needs_a_look(event) for event in public):
        return public
    own = _fields_of(ticket, project)
    return tuple(seen for event in public if (seen := for_customers(event, own)) is not None)


def as_seen(ticket: T, by: Actor, project: Project | None = None) -> T:
    """`ticket` with those of its project's own fields that the reader may see; `project` where it is at hand."""
    if not ticket.fields or may(by, Act.READ_INTERNAL, ticket):
        return ticket
    return replace(ticket, fields=own_fields.for_customers(ticket.fields, _fields_of(ticket, project)))


def _fields_of(ticket: TicketCard, project: Project | None) -> tuple[OwnField, ...]:
    """Only asked for where it matters: few requests have own fields, and those who work on one see them all."""
    return (project or projects.load(ticket.project)).fields


def _all_as_seen(cards: Iterable[T], by: Actor) -> tuple[T, ...]:
    found = tuple(cards)
    narrowed = {card.project for card in found if card.fields and not may(by, Act.READ_INTERNAL, card)}
    known = projects.find_all(sorted(narrowed))
    return tuple(as_seen(card, by, known.get(card.project)) for card in found)


def ticket_with_files(number: str, by: Actor) -> tuple[Ticket, tuple[Attachment, ...]]:
    """One ticket and the files of it that the reader may see. Raises NotFound."""
    ticket, linked = both(partial(tickets.load, number), partial(files.linked, number))
    _refuse_stranger(ticket, by)
    return as_seen(ticket, by), _seen(linked, ticket, by)


def files_of(ticket: Ticket, by: Actor, added: tuple[str, ...] = ()) -> tuple[Attachment, ...]:
    """The files of `ticket` that the reader may see, with those `added` a moment ago, which the index may not show."""
    linked, fresh = both(partial(files.linked, ticket.number), partial(files.linked_now, ticket.number, added))
    return _seen(list({upload.id: upload for upload in (*linked, *fresh)}.values()), ticket, by)


def new_files(number: str, added: tuple[str, ...]) -> tuple[Attachment, ...]:
    """The files among `added` that ticket `number`, filed a moment ago, came with."""
    return tuple(upload.attachment for upload in files.linked_now(number, added))


def _seen(linked: list[Upload], ticket: Ticket, by: Actor) -> tuple[Attachment, ...]:
    internal = may(by, Act.READ_INTERNAL, ticket)
    return tuple(upload.attachment for upload in linked if internal or not upload.internal)


def _refuse_stranger(ticket: Ticket, by: Actor) -> None:
    if not may(by, Act.READ, ticket):
        raise NotFound


def ticket_of_file(file_id: str) -> str:
    """The number of the ticket that a file belongs to. Raises NotFound."""
    return files.load(file_id).ticket or ""


def attachment_url(file_id: str, by: Actor) -> str:
    """A signed link to the file, for whoever may see it.

    Raises NotFound; and FileNotChecked, FileDangerous or FileUncheckable where the scan for malware has not cleared it.
    """
    upload = files.load(file_id)
    ticket, verdict = both(partial(tickets.load, upload.ticket or ""), partial(files.verdict, upload))
    if not may(by, Act.READ_INTERNAL if upload.internal else Act.READ, ticket):
        raise NotFound
    refuse_unless_clean(verdict)
    return files.signed_url(upload)


def listed(wanted: Filter, by: Actor, limit: int, cursor: str | None, own: bool = True) -> Page:
    """One page of the tickets that the actor may see; without `own` only those they work on. Raises Invalid."""
    if not by.is_known:
        raise NotSignedIn
    page = listings.page(wanted, reach_of(by) if own else worked_on(by), limit, cursor)
    return replace(page, items=_all_as_seen(page.items, by))


def numbered(text: str, wanted: Filter, by: Actor, limit: int) -> list[TicketCard]:
    """The tickets with the number `text`, or in any project with those digits, that the actor may see."""
    candidates = [number for number in _numbers(text.strip().upper(), wanted.projects) if project_of(number)]
    asked = Act.READ_INTERNAL if wanted.fields else Act.READ  # what only staff see only staff look for
    found = [ticket for ticket in tickets.find_all(candidates) if may(by, asked, ticket) and wanted.matches(ticket)]
    cards = [card_of(ticket) for ticket in sorted(found, key=lambda ticket: ticket.number)[:limit]]
    return list(_all_as_seen(cards, by))


def _numbers(text: str, project_keys: frozenset[str] | None) -> list[str]:
    if not (text.isascii() and text.isdigit()):
        return [text]
    keys = project_keys if project_keys is not None else {project.key for project in projects.every()}
    return [f"{key}-{text}" for key in sorted(keys)]


_MOST_CREWS = 20


@dataclass(frozen=True, slots=True)
class Overview:
    """The staff's list with what stands round it.

    `counts` is None where the filter asks for what is not counted. `staff` are the people of the chosen projects, or of
    all those one works in while they are few.
    """

    page: Page
    counts: dict[State, int] | None
    projects: tuple[Project, ...]
    staff: tuple[Contact, ...]


def overview(wanted: Filter, by: Actor, limit: int, cursor: str | None) -> Overview:
    """One page of the tickets the actor works on, and what stands round it, read side by side. Raises Invalid."""
    around, page = both(
        partial(_surroundings, wanted, by),
        partial(listed, wanted, by, limit, cursor, own=False),
    )
    return replace(around, page=page)


def _surroundings(wanted: Filter, by: Actor) -> Overview:
    if by.is_admin:
        found = projects.every()
        return _around(wanted, frozenset(project.key for project in found), lambda: found)
    return _around(wanted, frozenset(by.staff_projects), projects.every)


def _around(wanted: Filter, own: frozenset[str], every: Callable[[], list[Project]]) -> Overview:
    chosen = own if wanted.projects is None else own & wanted.projects
    reads: list[Callable[[], Any]] = [every, partial(_totals, wanted, chosen)]
    if len(chosen) <= _MOST_CREWS:
        reads += [partial(projects.crew, key) for key in sorted(chosen)]
    found, counted, *staffed = together(reads)
    staff = {contact.email: contact for crew in staffed for contact in crew.staff}
    mine = tuple(project for project in found if project.key in own)
    return Overview(Page((), None), counted, mine, tuple(staff.values()))


def _totals(wanted: Filter, chosen: frozenset[str]) -> dict[State, int] | None:
    if wanted.requesters is not None or wanted.is_thin:
        return None
    return counters.by_state(chosen, wanted.assignees)


def own_requests(by: Actor, limit: int, cursor: str | None) -> Page:
    """One page of the actor's own requests. Raises Invalid, NotSignedIn."""
    if not by.is_known:
        raise NotSignedIn
    return listings.page(Filter(), Reach(False, frozenset(), by.email), limit, cursor)


def requests_of_colleagues(by: Actor, limit: int, cursor: str | None) -> Page:
    """One page of what the others of the actor's organisation ask for. Raises Invalid, NotSignedIn."""
    if not by.is_known:
        raise NotSignedIn
    return listings.page(Filter(not_requester=by.email), of_colleagues(by), limit, cursor)


def counts(project_keys: frozenset[str], assignees: frozenset[str] | None) -> dict[State, int]:
    """How many tickets are in each state, exactly. The caller names only projects that the reader works in."""
    return counters.by_state(project_keys, assignees)
