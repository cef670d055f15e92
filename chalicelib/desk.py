"""The verbs that change tickets: each loads, lets the domain decide, and saves. Pages and API share them."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import msgspec

from chalicelib import clock
from chalicelib.domain import ending, own_fields, workflow
from chalicelib.domain.errors import Invalid, NotAllowed, NotFound, all_at_once
from chalicelib.domain.events import Event, Stamp
from chalicelib.domain.files import MAX_FILES, Attachment, Upload
from chalicelib.domain.people import STAFF_ROLES, Actor, Contact, Person, email_address
from chalicelib.domain.permissions import Act, require
from chalicelib.domain.projects import Project
from chalicelib.domain.text import SUBJECT_LENGTH, block, one_line, shown_name
from chalicelib.domain.tickets import Priority, State, Ticket, Type, as_filed, project_of
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import ChangeOrder, MoveOrder
from chalicelib.storage import files, history, limits, people, projects, tickets, unsubscribed
from chalicelib.storage.aws import all_three, both
from chalicelib.storage.limits import Limit
from chalicelib.storage.tickets import Once

_ONCE_LASTS = timedelta(hours=24)
_KEY_LENGTH = 200

_PER_ADDRESS = Limit("submit-address", 20, 3600)
_PER_NETWORK = Limit("submit-network", 60, 3600)
_PER_PROJECT = Limit("submit-project", 600, 3600)
_PER_STAFF = Limit("submit-staff", 2000, 3600)
_PER_PERSON = Limit("submit-person", 300, 3600)
_REPLIES = Limit("reply-person", 200, 3600)
_WATCHERS = Limit("watcher-person", 30, 86_400)  # each is an address of the writer's choice that the desk will mail
_WATCHERS_OF_CUSTOMER = 5


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """A request as it is asked for; `email` and `name` where the requester is not the actor."""

    project: str
    subject: str
    text: str
    type: Type | None = None
    email: str = ""
    name: str = ""
    uploads: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    follows: str = ""


def submit(
    order: SubmitOrder, by: Actor, network: str, once_key: str | None = None, readers: Iterable[Actor] = ()
) -> Ticket:
    """Files a request. The same order with the same `once_key` is filed once.

    What it `follows` is a closed request of the same project that the actor or one of `readers` may read: whoever came
    by a mailed link may file a follow-up without signing in.

    Raises Invalid, NotAllowed, TooMany, KeyReused.
    """
    stamp = clock.stamp()
    project, followed, known = all_three(
        partial(projects.open_to, order.project, by),
        partial(_followed, order.follows),
        partial(_other_person, order.email, by),
    )
    teller = _teller(followed, project, [by, *readers]) if order.follows else None
    order = _completed(order, by, project)
    requester, confirmed = _requester(order, by, project, known)
    organisation = by.organisation if requester.email == by.email else known.organisation if known else ""
    once = _once(order, requester, by, once_key, stamp)
    _spend_submit_limits(by, requester, project, network, stamp)
    try:
        found = _own_uploads(order.uploads, project.key, by, stamp)
    except Invalid:
        # The first of two clicks links the files: to the second they are gone, and the request is there.
        earlier = _filed_before(once, stamp)
        if earlier is None:
            raise
        return _told(earlier, order, by)
    earlier = _filed_before(once, stamp)
    if earlier is not None:
        return _told(earlier, order, by)
    ticket = replace(_new_ticket(order, requester, confirmed, project, by, stamp), organisation=organisation)
    event = workflow.submit(ticket, _attachments(found), by if by.is_known else _form_actor(requester, by), stamp)
    told = ending.followed(followed, ticket.number, teller, clock.stamp()) if followed and teller else None
    return _told(tickets.create(ticket, event, found, once, told), order, by)


def _followed(number: str) -> Ticket | None:
    try:
        return tickets.load(number)
    except NotFound:
        return None


def _teller(followed: Ticket | None, project: Project, readers: list[Actor]) -> Actor:
    """The one of `readers` who may follow that request, and so is named in its history. Raises Invalid."""
    for reader in readers:
        if followed is not None and ending.can_follow(followed, project.key, reader):
            return reader
    raise Invalid.of("follows", N_("There is no such closed request in this project, or it is not yours to see."))


def _told(filed: Ticket, order: SubmitOrder, by: Actor) -> Ticket:
    """What the answer may say of a request that was filed earlier: to somebody at the form, only how they filed it.

    They need not be the owner of the address they typed, and what became of the request is for the owner alone.
    """
    if by.is_known or filed.version == 1:
        return filed
    return as_filed(filed, one_line(order.subject, "subject", SUBJECT_LENGTH), order.type or filed.type, order.fields)


def _completed(order: SubmitOrder, by: Actor, project: Project) -> SubmitOrder:
    """`order` with its kind and the project's own fields in order.

    Raises Invalid with all that is wrong with what a person types into the form, not the first thing alone.
    """
    asked = project.fields if by.is_admin or by.role_in(project.key) in STAFF_ROLES else project.asked_fields
    checks: dict[str, Callable[[], object]] = {
        "type": partial(project.offered_type, order.type),
        "subject": partial(one_line, order.subject, "subject", SUBJECT_LENGTH),
        "text": partial(block, order.text),
        "fields": partial(own_fields.filled_in, asked, order.fields),
    }
    if not by.is_known:
        checks = {"email": partial(email_address, order.email), "name": partial(shown_name, order.name), **checks}
    accepted = all_at_once(checks)
    return replace(order, type=accepted["type"], fields=accepted["fields"])


def _other_person(email: str, by: Actor) -> Person | None:
    """Whom the desk knows under the address that a request is filed for; read beside the project, whatever is typed."""
    try:
        address = email_address(email)
    except Invalid:
        return None
    return None if address == by.email else people.find(address)


def _requester(order: SubmitOrder, by: Actor, project: Project, known: Person | None) -> tuple[Contact, bool]:
    """Whose request it is, and whether the address is known to be theirs or the text not theirs."""
    if not by.is_known:
        return Contact(email_address(order.email), shown_name(order.name)), False
    if not order.email or email_address(order.email) == by.email:
        return by.contact, True
    if not (by.is_admin or by.role_in(project.key) in STAFF_ROLES):
        raise NotAllowed(N_("Only the staff of the project may file a request for somebody else."))
    email = email_address(order.email)
    name = shown_name(order.name) if order.name else known.name if known else email.partition("@")[0]
    return Contact(email, name), True


def _form_actor(requester: Contact, by: Actor) -> Actor:
    return replace(by, email=requester.email, name=requester.name)


def _once(order: SubmitOrder, requester: Contact, by: Actor, key: str | None, stamp: Stamp) -> Once | None:
    caller = by.email if by.is_known else f"form {requester.email}"  # whoever types an address in is not its owner
    return _once_of(caller, order, key, stamp)


def _once_of(caller: str, order: object, key: str | None, stamp: Stamp) -> Once | None:
    if key is None:
        return None
    if not 0 < len(key) <= _KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise Invalid.of("Idempotency-Key", N_("The key is 1 to {longest} printable characters."), longest=_KEY_LENGTH)
    fingerprint = hashlib.sha256(msgspec.json.encode(order, order="deterministic")).hexdigest()
    return Once(f"{caller}#{key}", fingerprint, stamp.at + _ONCE_LASTS)


def _filed_before(once: Once | None, stamp: Stamp) -> Ticket | None:
    number = tickets.done_before(once, stamp.at) if once else None
    return tickets.load(number) if number else None


def _spend_submit_limits(by: Actor, requester: Contact, project: Project, network: str, stamp: Stamp) -> None:
    if by.is_known:
        limits.spend([(_PER_STAFF if by.is_staff else _PER_PERSON, by.email)], stamp.at)
    else:
        uses = [(_PER_ADDRESS, requester.email), (_PER_NETWORK, network), (_PER_PROJECT, project.key)]
        limits.spend(uses, stamp.at)


def _new_ticket(
    order: SubmitOrder, requester: Contact, confirmed: bool, project: Project, by: Actor, stamp: Stamp
) -> Ticket:
    subject, text = one_line(order.subject, "subject", SUBJECT_LENGTH), block(order.text)
    watchers = _watchers(order.watchers, by)
    return Ticket(
        number=tickets.next_number(project.key),
        project=project.key,
        subject=subject,
        text=text,
        type=project.offered_type(order.type),
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
        fields=order.fields,
        follows=order.follows or None,
    )


def _watchers(emails: tuple[str, ...], by: Actor) -> tuple[Contact, ...]:
    if emails and not by.is_known:
        raise Invalid.of("watchers", N_("Sign in to add watchers."))
    most = workflow.MAX_WATCHERS if by.is_staff else _WATCHERS_OF_CUSTOMER
    if len(emails) > most:
        raise Invalid.of("watchers", N_("You may add at most {most} watchers at once."), most=most)
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
class CommentOrder:
    """A reply, or an internal note."""

    text: str
    internal: bool = False
    uploads: tuple[str, ...] = ()


def comment(number: str, order: CommentOrder, by: Actor, once_key: str | None = None) -> Event:
    """Adds a reply or a note. The same order with the same `once_key` is written once.

    Raises NotFound, NotAllowed, ConfirmationNeeded, Conflict, Invalid, KeyReused, TooMany.
    """
    text = block(order.text, required=False)
    _spend_unless_staff(_REPLIES, by)
    once = _once_of(f"{by.email} {number}", order, once_key, clock.stamp())
    return tickets.again_when_stale(partial(_comment, number, order, text, by, once))


def _spend_unless_staff(limit: Limit, by: Actor) -> None:
    """Customers and strangers with a confirmed address may not have the desk mail without end. Raises TooMany."""
    if by.is_known and not by.is_staff:
        limits.spend([(limit, by.email)], clock.now())


def _comment(number: str, order: CommentOrder, text: str, by: Actor, once: Once | None) -> Event:
    stamp = clock.stamp()
    ticket, ready, written = all_three(
        partial(tickets.load, number),
        _uploads_for(number, order.uploads, by, stamp),
        lambda: tickets.done_before(once, stamp.at) if once else None,
    )
    require(by, Act.READ, ticket)
    earlier = history.load(number, written) if written else None
    if earlier is not None:
        return earlier
    found = _ready(ready)
    changed, event = workflow.comment(ticket, text, order.internal, _attachments(found), by, stamp)
    tickets.save(ticket, changed, event, found, once)
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
    require(by, Act.READ, ticket)
    found = _ready(ready)
    order = MoveOrder(request.action, request.version, assignee, text, _attachments(found), request.rating)
    try:
        changed, event = workflow.move(ticket, order, by, stamp)
    except Invalid as refusal:
        if request.assignee and assignee is None:
            raise Invalid.of("assignee", N_("Only a solver or manager of this project can be given it.")) from refusal
        raise
    return tickets.save(ticket, changed, event, found)


def rate(number: str, rating: int, text: str, by: Actor) -> Ticket:
    """Records once what the requester thinks of the solution. Raises NotFound, NotAllowed, Invalid, Conflict."""
    said = block(text, required=False)

    def attempt() -> Ticket:
        ticket = tickets.load(number)
        changed, event = ending.rate(ticket, rating, said, by, clock.stamp())
        return tickets.save(ticket, changed, event)

    return tickets.again_when_stale(attempt)


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
    ticket, project = both(partial(tickets.load, number), partial(projects.load, project_of(number) or ""))
    changed, event = workflow.change(ticket, order, by, clock.stamp(), project)
    return tickets.save(ticket, changed, event)


def watch(number: str, email: str, by: Actor) -> Ticket:
    """Adds a watcher; whoever adds themselves wants to hear of it, even if they once unsubscribed.

    Raises NotFound, NotAllowed, Conflict, Invalid, TooMany.
    """
    address = email_address(email)
    _spend_unless_staff(_WATCHERS, by)
    person = by.contact if address == by.email else Contact(address, address.partition("@")[0])
    ticket = tickets.again_when_stale(lambda: _with_watchers(number, by, partial(workflow.watch, watcher=person)))
    if address == by.email:
        unsubscribed.remove(number, address)
    return ticket


def unwatch(number: str, email: str, by: Actor) -> Ticket:
    """Takes a watcher away. Raises NotFound, NotAllowed, Conflict."""
    address = email.strip().lower()
    return tickets.again_when_stale(lambda: _with_watchers(number, by, partial(workflow.unwatch, email=address)))


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


def _ready(uploads: tuple[Upload, ...] | Invalid) -> tuple[Upload, ...]:
    """The uploads, once it is sure that the ticket is the actor's to see. Raises the refusal that waited."""
    if isinstance(uploads, Invalid):
        raise uploads
    return uploads
