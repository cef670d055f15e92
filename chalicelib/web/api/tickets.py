"""Tickets: file, list, read, change, move."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib import desk, reading, urls
from chalicelib.desk import MoveRequest, SubmitOrder
from chalicelib.domain.errors import Invalid
from chalicelib.domain.files import Attachment
from chalicelib.domain.lists import NOBODY, Filter
from chalicelib.domain.people import Actor, email_address
from chalicelib.domain.projects import project_key
from chalicelib.domain.tickets import Priority, State, Ticket, Type
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import TRANSITIONS, ChangeOrder
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery
from chalicelib.web.api.notices import NotifySettings, notify_of
from chalicelib.web.api.views import Listing, TicketCardView, TicketView
from chalicelib.web.bodies import Body, given
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_tickets", is_api=True)

Scale = Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": 5})]

_TAG = re.compile(r'(?:W/)?"[^"]*"')


class NewTicket(Body, frozen=True):
    """A request. `email` and `name` are the requester's: where nobody is signed in, or staff file for a customer.

    `follows` is the number of a closed request of the same project that this one goes on from.
    """

    project: str
    subject: str
    text: str
    type: Type | UnsetType = UNSET
    email: str = ""
    name: str = ""
    uploads: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    fields: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    follows: str = ""


class TicketQuery(ListQuery, frozen=True):
    """Which tickets; a repeated parameter means any of its values.

    `field` is `code:value` of one of a project's own fields, and finds only tickets that the caller works on.

    `assignee` is an address, `me` or `none`; `requester` an address or `me`. `q` is a ticket number, or its digits.
    """

    project: tuple[str, ...] = ()
    state: tuple[State, ...] = ()
    assignee: tuple[str, ...] = ()
    requester: tuple[str, ...] = ()
    type: tuple[Type, ...] = ()
    priority: tuple[Priority, ...] = ()
    field: tuple[str, ...] = ()
    archived: bool | None = None
    q: str | None = None
    sort: Literal["-updated_at", "updated_at"] = "-updated_at"


class TicketChange(Body, frozen=True):
    """New properties; what is left out stays, null empties `due` or one of `fields`. `version` is what was read.

    `notify` says who hears of this request in place of what its project says; null takes that back.
    """

    version: int
    subject: str | UnsetType = UNSET
    type: Type | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    due: date | UnsetType | None = UNSET
    fields: dict[str, str | int | float | None] = msgspec.field(default_factory=dict)
    notify: NotifySettings | UnsetType | None = UNSET


class Move(Body, frozen=True):
    """One move of the workflow. `version` is the one that was read; what else it needs depends on the action."""

    action: Annotated[str, Meta(extra_json_schema={"enum": list(TRANSITIONS)})]
    version: int
    assignee: str | None = None
    text: str = ""
    uploads: tuple[str, ...] = ()
    rating: Scale | None = None


class Rating(Body, frozen=True):
    """What the requester thinks of the solution, from 1 to 5, and a word with it."""

    rating: Scale
    text: str = ""


@api.post(
    "/tickets",
    Permission.PUBLIC,
    body=NewTicket,
    answer=TicketView,
    status=201,
    headers=("Idempotency-Key",),
    answer_headers=("Location", "ETag"),
)
def submit(call: Call, body: NewTicket) -> Answer:
    """File a request. The same request with the same Idempotency-Key is filed once."""
    by = call.actor
    order = SubmitOrder(
        project=body.project,
        subject=body.subject,
        text=body.text,
        type=given(body.type),
        email=body.email,
        name=body.name,
        uploads=body.uploads,
        watchers=body.watchers,
        fields=_texts(body.fields),
        follows=body.follows,
    )
    ticket = desk.submit(order, by, call.network, call.headers.get("idempotency-key"), call.readers(body.follows))
    attachments = reading.new_files(ticket.number, body.uploads)
    location = urls.api(f"/tickets/{ticket.number}")
    view = views.ticket(reading.as_seen(ticket, by), attachments, by)
    return Answer(view, 201, {**_etag(ticket, attachments), "Location": location})


def _texts(fields: Mapping[str, str | int | float | None]) -> dict[str, str]:
    """Values as they are kept and checked; a number may be sent as one."""
    return {code: "" if value is None else str(value) for code, value in fields.items()}


@api.get("/tickets", Permission.SIGNED_IN, query=TicketQuery, answer=Listing[TicketCardView])
def tickets(call: Call, query: TicketQuery) -> Listing[TicketCardView]:
    """The tickets I may see, newest change first."""
    by = call.signed_in
    wanted, shown = _filter(query, by), partial(views.card, by=by)
    if query.q is not None:
        return views.listing(shown, reading.numbered(query.q, wanted, by, query.limit))
    page = reading.listed(wanted, by, query.limit, query.cursor)
    return views.listing(shown, page.items, page.next)


def _filter(query: TicketQuery, by: Actor) -> Filter:
    return Filter(
        projects=_any_of(project_key(each) for each in query.project),
        states=_any_of(query.state),
        assignees=_any_of(_person(each, "assignee", by) for each in query.assignee),
        requesters=_any_of(_person(each, "requester", by) for each in query.requester),
        types=_any_of(query.type),
        priorities=_any_of(query.priority),
        fields=_own_fields(query.field),
        archived=query.archived,
        oldest_first=query.sort == "updated_at",
    )


def _own_fields(asked: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    wanted: dict[str, set[str]] = {}
    for each in asked:
        code, colon, value = each.partition(":")
        if not (code and colon):
            raise Invalid.of("field", N_("Please write code:value."))
        wanted.setdefault(code, set()).add(value)
    return tuple((code, frozenset(values)) for code, values in sorted(wanted.items()))


def _any_of(values: Any) -> frozenset[Any] | None:
    return frozenset(values) or None


def _person(text: str, field: str, by: Actor) -> str:
    if text == "me":
        return by.email
    return NOBODY if text == NOBODY and field == "assignee" else email_address(text, field)


@api.get(
    "/tickets/{number}",
    Permission.LINK,
    answer=TicketView,
    headers=("If-None-Match",),
    answer_headers=("ETag",),
)
def ticket(call: Call, number: str) -> Answer:
    """One ticket, also for whoever came by a mailed link. 304 where If-None-Match names the present version."""
    by, (found, attachments) = call.as_reader(number, lambda reader: reading.ticket_with_files(number, reader))
    tag = _etag(found, attachments)
    if _names(call.headers.get("if-none-match", ""), tag["ETag"]):
        return Answer(status=304, headers={**tag})
    return Answer(views.ticket(found, attachments, by), headers={**tag})


def _etag(found: Ticket, attachments: Sequence[Attachment]) -> dict[str, str]:
    """The version, and how many files the reader sees: those of a note come without a new version."""
    return {"ETag": f'"{found.version}.{len(attachments)}"' if attachments else f'"{found.version}"'}


def _names(header: str, tag: str) -> bool:
    """True where an If-None-Match header names `tag`; the comparison is the weak one (RFC 9110, 13.1.2)."""
    return header.strip() == "*" or tag in (each.removeprefix("W/") for each in _TAG.findall(header))


@api.patch("/tickets/{number}", Permission.LINK, body=TicketChange, answer=TicketView, answer_headers=("ETag",))
def change(call: Call, number: str, body: TicketChange) -> Answer:
    """Change the properties of a ticket. 409 where it changed since `version`."""
    order = ChangeOrder(
        version=body.version,
        subject=given(body.subject),
        type=given(body.type),
        priority=given(body.priority),
        due=given(body.due),
        clear_due=body.due is None,
        fields=_texts(body.fields),
        notify=notify_of(body.notify) if isinstance(body.notify, NotifySettings) else None,
        clear_notify=body.notify is None,
    )
    by, changed = call.as_reader(number, lambda reader: desk.change(number, order, reader))
    return _changed(changed, by)


@api.post("/tickets/{number}/moves", Permission.LINK, body=Move, answer=TicketView, answer_headers=("ETag",))
def move(call: Call, number: str, body: Move) -> Answer:
    """Make one move of the workflow. 409 where the ticket changed since `version`, or its state has no such move."""
    request = MoveRequest(
        body.action, body.version, body.assignee or "", body.text, tuple(dict.fromkeys(body.uploads)), body.rating
    )
    by, moved = call.as_reader(number, lambda reader: desk.move(number, request, reader))
    return _changed(moved, by, body.uploads)


@api.post("/tickets/{number}/rating", Permission.LINK, body=Rating, answer=TicketView, answer_headers=("ETag",))
def rate(call: Call, number: str, body: Rating) -> Answer:
    """Rate the solution of a closed request, once: for its requester, who may have come by the mailed link."""
    by, rated = call.as_reader(number, lambda reader: desk.rate(number, body.rating, body.text, reader))
    return _changed(rated, by)


def _changed(changed: Ticket, by: Actor, uploads: tuple[str, ...] = ()) -> Answer:
    attachments = reading.files_of(changed, by, uploads)
    view = views.ticket(reading.as_seen(changed, by), attachments, by)
    return Answer(view, headers={**_etag(changed, attachments)})
