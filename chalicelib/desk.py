"""The verbs on tickets: each loads, lets the domain decide, and saves. Pages and API share them."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec

from chalicelib import clock
from chalicelib.domain import workflow
from chalicelib.domain.errors import FieldError, Invalid, NotAllowed, NotFound, NotSignedIn, StaleVersion
from chalicelib.domain.events import Event, Stamp
from chalicelib.domain.files import (
    MAX_FILES,
    MAX_PLAIN_BYTES,
    UPLOAD_SECONDS,
    Attachment,
    Upload,
    promise,
)
from chalicelib.domain.lists import Filter, Page, Reach, reach_of
from chalicelib.domain.people import STAFF_ROLES, Actor, Contact, email_address
from chalicelib.domain.permissions import Act, may, require
from chalicelib.domain.projects import Project, project_key
from chalicelib.domain.text import SUBJECT_LENGTH, block, one_line, shown_name
from chalicelib.domain.tickets import Priority, State, Ticket, TicketCard, Type, card_of, project_of
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import ChangeOrder, MoveOrder
from chalicelib.storage import access, counters, cursors, files, history, limits, listings, people, projects, tickets
from chalicelib.storage.aws import all_three, both, together
from chalicelib.storage.limits import Limit
from chalicelib.storage.tickets import Once

T = TypeVar("T")

_ONCE_LASTS = timedelta(hours=24)
_TRIES = 12  # ten replies at once: each round one of them gets through, so the last needs ten
_KEY_LENGTH = 200

_PER_ADDRESS = Limit("submit-address", 20, 3600)
_PER_NETWORK = Limit("submit-network", 60, 3600)
_PER_PROJECT = Limit("submit-project", 600, 3600)
_PER_PERSON = Limit("submit-person", 2000, 3600)
_UPLOADS_PER_NETWORK = Limit("upload-network", 200, 3600)
_UPLOADS_PER_PERSON = Limit("upload-person", 5000, 3600)


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """A request as it is asked for; `email` and `name` where the requester is not the actor."""

    project: str
    subject: str
    text: str
    type: Type = Type.QUESTION
    email: str = ""
    name: str = ""
    uploads: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)


def submit(order: SubmitOrder, by: Actor, network: str, once_key: str | None = None) -> Ticket:
    """Files a request. The same order with the same `once_key` is filed once.

    Raises Invalid, NotAllowed, TooMany, KeyReused.
    """
    stamp = clock.stamp()
    project = _project_for(order.project, by)
    _refuse_incomplete(order, by)
    requester, confirmed = _requester(order, by, project)
    once = _once(order, requester, by, once_key, stamp)
    _spend_submit_limits(by, requester, project, network, stamp)
    try:
        found = _own_uploads(order.uploads, project.key, by, stamp)
    except Invalid:
        # The first of two clicks links the files: to the second they are gone, and the request is there.
        earlier = _filed_before(once, stamp)
        if earlier is None:
            raise
        return earlier
    earlier = _filed_before(once, stamp)
    if earlier is not None:
        return earlier
    ticket = _new_ticket(order, requester, confirmed, project, by, stamp)
    event = workflow.submit(ticket, _attachments(found), by if by.is_known else _form_actor(requester, by), stamp)
    return tickets.create(ticket, event, found, once)


def _project_for(key: str, by: Actor) -> Project:
    try:
        project = projects.load(project_key(key))
    except (NotFound, Invalid):
        project = None
    if project is None or not project.takes_requests_of(by):
        raise Invalid.of("project", N_("There is no such project, or you may not file requests there."))
    return project


def _refuse_incomplete(order: SubmitOrder, by: Actor) -> None:
    """Raises Invalid with all that is wrong with what a person types into the form, not the first thing alone."""
    checks: list[Callable[[], object]] = [
        partial(one_line, order.subject, "subject", SUBJECT_LENGTH),
        partial(block, order.text),
    ]
    if not by.is_known:
        checks = [partial(email_address, order.email), partial(shown_name, order.name), *checks]
    wrong = [error for check in checks for error in _wrong(check)]
    if wrong:
        raise Invalid(*wrong)


def _wrong(check: Callable[[], object]) -> tuple[FieldError, ...]:
    try:
        check()
    except Invalid as refusal:
        return refusal.errors
    return ()


def _requester(order: SubmitOrder, by: Actor, project: Project) -> tuple[Contact, bool]:
    """Whose request it is, and whether the address is known to be theirs or the text not theirs."""
    if not by.is_known:
        return Contact(email_address(order.email), shown_name(order.name)), False
    if not order.email or email_address(order.email) == by.email:
        return by.contact, True
    if not (by.is_admin or by.role_in(project.key) in STAFF_ROLES):
        raise NotAllowed(N_("Only the staff of the project may file a request for somebody else."))
    email = email_address(order.email)
    person = None if order.name else people.find(email)
    return Contact(email, person.name if person else shown_name(order.name or email.partition("@")[0])), True


def _form_actor(requester: Contact, by: Actor) -> Actor:
    return replace(by, email=requester.email, name=requester.name)


def _once(order: SubmitOrder, requester: Contact, by: Actor, key: str | None, stamp: Stamp) -> Once | None:
    if key is None:
        return None
    if not 0 < len(key) <= _KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise Invalid.of("Idempotency-Key", N_("The key is 1 to {longest} printable characters."), longest=_KEY_LENGTH)
    fingerprint = hashlib.sha256(msgspec.json.encode(order, order="deterministic")).hexdigest()
    caller = by.email if by.is_known else f"form {requester.email}"  # whoever types an address in is not its owner
    return Once(f"{caller}#{key}", fingerprint, stamp.at + _ONCE_LASTS)


def _filed_before(once: Once | None, stamp: Stamp) -> Ticket | None:
    number = tickets.done_before(once, stamp.at) if once else None
    return tickets.load(number) if number else None


def _spend_submit_limits(by: Actor, requester: Contact, project: Project, network: str, stamp: Stamp) -> None:
    if by.is_known:
        limits.spend([(_PER_PERSON, by.email)], stamp.at)
    else:
        uses = [(_PER_ADDRESS, requester.email), (_PER_NETWORK, network), (_PER_PROJECT, project.key)]
        limits.spend(uses, stamp.at)


def _new_ticket(
    order: SubmitOrder, requester: Contact, confirmed: bool, project: Project, by: Actor, stamp: Stamp
) -> Ticket:
    if order.fields:
        raise Invalid(*(FieldError(f"fields.{code}", N_("This project has no such field.")) for code in order.fields))
    subject, text = one_line(order.subject, "subject", SUBJECT_LENGTH), block(order.text)
    watchers = _watchers(order.watchers, by)
    return Ticket(
        number=tickets.next_number(project.key),
        project=project.key,
        subject=subject,
        text=text,
        type=order.type,
        state=State.NEW,
        priority=Priority.NORMAL,
        requester=requester,
        created_at=stamp.at,
        updated_at=stamp.at,
        waiting_since=stamp.at,
        version=1,
        language=by.language if requester.email in ("", by.email) or not by.is_known else project.language,
        confirmed=confirmed,
        watchers=watchers,
    )


def _watchers(emails: tuple[str, ...], by: Actor) -> tuple[Contact, ...]:
    if emails and not by.is_known:
        raise Invalid.of("watchers", N_("Sign in to add watchers."))
    if len(emails) > workflow.MAX_WATCHERS:
        raise Invalid.of("watchers", N_("A request has at most {most} watchers."), most=workflow.MAX_WATCHERS)
    addresses = dict.fromkeys(email_address(email, "watchers") for email in emails)
    return tuple(Contact(email, email.partition("@")[0]) for email in addresses)


def _own_uploads(ids: tuple[str, ...], project: str, by: Actor, stamp: Stamp) -> tuple[Upload, ...]:
    """The uploads `ids`, checked to be the actor's, for this project, and there. Raises Invalid."""
    if len(ids) > MAX_FILES:
        raise Invalid.of("uploads", N_("At most {most} files at once, please."), most=MAX_FILES)
    promised = files.uploads(tuple(dict.fromkeys(ids)), stamp.at)
    if any(upload.project != project or upload.owner not in ("", by.email) for upload in promised):
        raise Invalid.of("uploads", N_("A file is no longer waiting to be added. Please add it again."))
    return files.arrived(promised)


def _attachments(uploads: tuple[Upload, ...]) -> tuple[Attachment, ...]:
    return tuple(upload.attachment for upload in uploads)


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """A file that somebody wants to add; `size` in bytes."""

    filename: str
    content_type: str
    size: int
    project: str


def start_upload(order: UploadOrder, by: Actor, network: str) -> tuple[Upload, str, dict[str, str]]:
    """Promises a file: the upload, and where and with which fields to post it. Raises Invalid, TooMany."""
    upload = _promised(order, by, network, clock.new_id())
    files.save_upload(upload)
    url, fields = files.presigned_post(upload, UPLOAD_SECONDS)
    return upload, url, fields


@dataclass(frozen=True, slots=True)
class PlainOrder:
    """The small files that came inside a form: for each its name, its type and what is in it."""

    project: str
    files: tuple[tuple[str, str, bytes], ...]


def plain_uploads(order: PlainOrder, by: Actor, network: str, once_key: str) -> tuple[str, ...]:
    """Takes the files of one form and answers their ids. Raises Invalid, TooMany.

    The ids follow from `once_key` and the content, so that a form that is sent twice names the same files twice.
    """
    if sum(len(content) for _, _, content in order.files) > MAX_PLAIN_BYTES:
        raise Invalid.of(
            "file", N_("Without JavaScript the files may have at most {megabytes} MB together."), megabytes=4
        )
    if len(order.files) > MAX_FILES:
        raise Invalid.of("file", N_("At most {most} files at once, please."), most=MAX_FILES)
    return tuple(_plain_upload(order.project, file, by, network, once_key) for file in order.files)


def _plain_upload(project: str, file: tuple[str, str, bytes], by: Actor, network: str, once_key: str) -> str:
    filename, content_type, content = file
    wanted = f"{once_key or clock.new_secret()} {filename} {hashlib.sha256(content).hexdigest()}"
    order = UploadOrder(filename, content_type, len(content), project)
    upload = _promised(order, by, network, access.digest(wanted)[:32])
    files.put_content(upload, content)
    files.save_upload(upload)
    return upload.id


def waiting_uploads(ids: tuple[str, ...], by: Actor) -> tuple[Upload, ...]:
    """Those of the uploads `ids` that the actor may still add to something, for a form that is shown again."""
    waiting = files.waiting(tuple(dict.fromkeys(ids))[:MAX_FILES], clock.now())
    return tuple(upload for upload in waiting if upload.owner in ("", by.email))


def _promised(order: UploadOrder, by: Actor, network: str, upload_id: str) -> Upload:
    at = clock.now()
    key, person = project_key(order.project), by.email if by.is_known else ""
    use = (_UPLOADS_PER_PERSON, person) if person else (_UPLOADS_PER_NETWORK, network)
    limits.spend([use], at)
    if not _works_in(by, key):
        _refuse_files(by, key)
    filename, content_type, size = promise(order.filename, order.content_type, order.size)
    return Upload(
        id=upload_id,
        project=key,
        filename=filename,
        content_type=content_type,
        size=size,
        key=f"uploads/{upload_id}",
        owner=person,
        expires_at=at + timedelta(seconds=UPLOAD_SECONDS),
    )


def _works_in(by: Actor, key: str) -> bool:
    """True for staff, and for whoever came by a link to a ticket of that project: they may answer with files."""
    linked = project_of(by.link_ticket) if by.link_ticket else None
    return linked == key or (by.is_known and by.role_in(key) in STAFF_ROLES)


def _refuse_files(by: Actor, key: str) -> None:
    """Raises Invalid, unless the actor may file in the project or has a request there to answer in."""
    try:
        _project_for(key, by)
    except Invalid:
        wanted = Filter(projects=frozenset({key}))
        if not by.is_known or not listings.page(wanted, Reach(False, frozenset(), by.email), 1, None).items:
            raise


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
    return Dossier(ticket, _visible(events, ticket, by))


@dataclass(frozen=True, slots=True)
class Case:
    """What the page of a request shows: the ticket, what of its history the reader may see, and its project."""

    ticket: Ticket
    events: tuple[Event, ...]
    project: Project


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
            return reader, Case(ticket, _visible(events, ticket, reader), project)
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
    return Workplace(Case(ticket, _visible(events, ticket, by), crew.project), crew.staff)


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
    page = shown[:limit]
    return page, cursors.seal(page[-1].id, question) if len(shown) > limit else None


def _visible(events: list[Event], ticket: Ticket, by: Actor) -> tuple[Event, ...]:
    everything = may(by, Act.READ_INTERNAL, ticket)
    return tuple(event for event in events if everything or not event.internal)


def ticket_with_files(number: str, by: Actor) -> tuple[Ticket, tuple[Attachment, ...]]:
    """One ticket and the files of it that the reader may see. Raises NotFound."""
    ticket, linked = both(partial(tickets.load, number), partial(files.linked, number))
    _refuse_stranger(ticket, by)
    return ticket, _seen(linked, ticket, by)


def files_of(ticket: Ticket, by: Actor, added: tuple[str, ...] = ()) -> tuple[Attachment, ...]:
    """The files of `ticket` that the reader may see, with those `added` a moment ago, which the index may not show."""
    linked, fresh = both(partial(files.linked, ticket.number), partial(files.linked_now, ticket.number, added))
    return _seen(list({upload.id: upload for upload in (*linked, *fresh)}.values()), ticket, by)


def new_files(number: str, added: tuple[str, ...]) -> tuple[Attachment, ...]:
    """The files among `added` that ticket `number`, filed a moment ago, came with."""
    return _attachments(tuple(files.linked_now(number, added)))


def _seen(linked: list[Upload], ticket: Ticket, by: Actor) -> tuple[Attachment, ...]:
    internal = may(by, Act.READ_INTERNAL, ticket)
    return _attachments(tuple(upload for upload in linked if internal or not upload.internal))


def _refuse_stranger(ticket: Ticket, by: Actor) -> None:
    if not may(by, Act.READ, ticket):
        raise NotFound


def ticket_of_file(file_id: str) -> str:
    """The number of the ticket that a file belongs to. Raises NotFound."""
    return files.load(file_id).ticket or ""


def attachment_url(file_id: str, by: Actor) -> str:
    """A signed link to the file, for whoever may see it. Raises NotFound."""
    upload = files.load(file_id)
    ticket = tickets.load(upload.ticket or "")
    if not may(by, Act.READ_INTERNAL if upload.internal else Act.READ, ticket):
        raise NotFound
    return files.signed_url(upload)


def listed(wanted: Filter, by: Actor, limit: int, cursor: str | None, own: bool = True) -> Page:
    """One page of the tickets that the actor may see; without `own` only those they work on. Raises Invalid."""
    if not by.is_known:
        raise NotSignedIn
    reach = reach_of(by)
    return listings.page(wanted, reach if own else replace(reach, own=""), limit, cursor)


def numbered(text: str, wanted: Filter, by: Actor, limit: int) -> list[TicketCard]:
    """The tickets with the number `text`, or in any project with those digits, that the actor may see."""
    candidates = [number for number in _numbers(text.strip().upper(), wanted.projects) if project_of(number)]
    found = [ticket for ticket in tickets.find_all(candidates) if may(by, Act.READ, ticket) and wanted.matches(ticket)]
    return [card_of(ticket) for ticket in sorted(found, key=lambda ticket: ticket.number)[:limit]]


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
    if wanted.requesters is not None or wanted.types is not None or wanted.priorities is not None:
        return None
    return counters.by_state(chosen, wanted.assignees)


def own_requests(by: Actor, limit: int, cursor: str | None) -> Page:
    """One page of the actor's own requests. Raises Invalid, NotSignedIn."""
    if not by.is_known:
        raise NotSignedIn
    return listings.page(Filter(), Reach(False, frozenset(), by.email), limit, cursor)


def counts(project_keys: frozenset[str], assignees: frozenset[str] | None) -> dict[State, int]:
    """How many tickets are in each state, exactly. The caller names only projects that the reader works in."""
    return counters.by_state(project_keys, assignees)


@dataclass(frozen=True, slots=True)
class CommentOrder:
    """A reply, or an internal note."""

    text: str
    internal: bool = False
    uploads: tuple[str, ...] = ()


def comment(number: str, order: CommentOrder, by: Actor) -> Event:
    """Adds a reply or a note. Raises NotFound, NotAllowed, ConfirmationNeeded, Conflict, Invalid."""
    text = block(order.text, required=False)
    return _again_when_stale(partial(_comment, number, order, text, by))


def _comment(number: str, order: CommentOrder, text: str, by: Actor) -> Event:
    stamp = clock.stamp()
    ticket, ready = both(partial(tickets.load, number), _uploads_for(number, order.uploads, by, stamp))
    found = _ready(ready, ticket, by)
    changed, event = workflow.comment(ticket, text, order.internal, _attachments(found), by, stamp)
    tickets.save(ticket, changed, event, found)
    return event


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A move as it is asked for; `version` is the one the caller saw, `assignee` an address."""

    action: str
    version: int
    assignee: str = ""
    text: str = ""
    uploads: tuple[str, ...] = ()
    rating: int | None = None


def move(number: str, request: MoveRequest, by: Actor) -> Ticket:
    """Carries out one move of the workflow. Raises what workflow.move raises."""
    stamp = clock.stamp()
    text = block(request.text, required=False)
    ticket, ready, assignee = all_three(
        partial(tickets.load, number),
        _uploads_for(number, request.uploads, by, stamp),
        partial(_assignable, project_of(number) or "", request.assignee),
    )
    found = _ready(ready, ticket, by)
    order = MoveOrder(request.action, request.version, assignee, text, _attachments(found), request.rating)
    try:
        changed, event = workflow.move(ticket, order, by, stamp)
    except Invalid as refusal:
        if request.assignee and assignee is None:
            raise Invalid.of("assignee", N_("Only a solver or manager of this project can be given it.")) from refusal
        raise
    return tickets.save(ticket, changed, event, found)


def _assignable(project: str, email: str) -> Contact | None:
    if not email:
        return None
    wanted = email.strip().lower()
    try:
        staff = projects.crew(project).staff
    except NotFound:
        return None
    return next((person for person in staff if person.email == wanted), None)


def change(number: str, order: ChangeOrder, by: Actor) -> Ticket:
    """Gives a ticket new properties. Raises NotFound, NotAllowed, Conflict, Invalid, StaleVersion."""
    if order.subject is not None:
        order = replace(order, subject=one_line(order.subject, "subject", SUBJECT_LENGTH))
    ticket = tickets.load(number)
    changed, event = workflow.change(ticket, order, by, clock.stamp())
    return tickets.save(ticket, changed, event)


def watch(number: str, email: str, by: Actor) -> Ticket:
    """Adds a watcher. Raises NotFound, NotAllowed, Conflict, Invalid."""
    address = email_address(email)
    person = by.contact if address == by.email else Contact(address, address.partition("@")[0])
    return _again_when_stale(lambda: _with_watchers(number, by, partial(workflow.watch, watcher=person)))


def unwatch(number: str, email: str, by: Actor) -> Ticket:
    """Takes a watcher away. Raises NotFound, NotAllowed, Conflict."""
    address = email.strip().lower()
    return _again_when_stale(lambda: _with_watchers(number, by, partial(workflow.unwatch, email=address)))


def _with_watchers(number: str, by: Actor, decide: Callable[..., tuple[Ticket, Event]]) -> Ticket:
    ticket = tickets.load(number)
    changed, event = decide(ticket, by=by, stamp=clock.stamp())
    return tickets.save(ticket, changed, event)


def _uploads_for(
    number: str, ids: tuple[str, ...], by: Actor, stamp: Stamp
) -> Callable[[], tuple[Upload, ...] | Invalid]:
    """Reads the uploads beside the ticket. Their refusal waits: a stranger must not learn by it that the ticket is."""

    def uploads() -> tuple[Upload, ...] | Invalid:
        try:
            return _own_uploads(ids, project_of(number) or "", by, stamp) if ids else ()
        except Invalid as refusal:
            return refusal

    return uploads


def _ready(uploads: tuple[Upload, ...] | Invalid, ticket: Ticket, by: Actor) -> tuple[Upload, ...]:
    require(by, Act.READ, ticket)
    if isinstance(uploads, Invalid):
        raise uploads
    return uploads


def _again_when_stale(attempt: Callable[[], T]) -> T:
    """A change that does not depend on what the caller saw is decided anew when somebody else was quicker."""
    for tried in range(_TRIES - 1):
        try:
            return attempt()
        except StaleVersion:
            clock.pause(tried)
    return attempt()
