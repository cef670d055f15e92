"""What the API answers: records with exactly the fields of the interface, made from what the domain holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib import i18n
from chalicelib.domain import events, files, projects, tickets, workflow
from chalicelib.domain.addresses import Address, Mark
from chalicelib.domain.errors import Invalid
from chalicelib.domain.imports import Difference, Outcome, RowPlan
from chalicelib.domain.notices import Audience, Notify, Topic
from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import STAFF_ROLES, Actor, Contact, Person, ProjectRole, SiteRole
from chalicelib.domain.permissions import Act, may
from chalicelib.domain.projects import FieldKind, Form
from chalicelib.domain.tickets import Priority, State, Turn, Type
from chalicelib.storage.access import Token
from chalicelib.web import problems
from chalicelib.web.problems import FieldProblem

T = TypeVar("T")
S = TypeVar("S")


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A record that goes out."""


class Empty(View, frozen=True):
    """Nothing more to say."""


class Listing(View, Generic[T], frozen=True):
    """One page of a list; `next` is the cursor of the page after it, null at the end."""

    items: list[T]
    next: str | None


class Named(View, frozen=True):
    """A person as a ticket names them."""

    email: str
    name: str


class AttachmentView(View, frozen=True):
    """A file of a ticket; `size` in bytes. `GET /attachments/{id}` leads to its content."""

    id: str
    filename: str
    content_type: str
    size: int


class TicketCardView(View, frozen=True):
    """A ticket as a list shows it; `GET /tickets/{number}` has the rest. `moves` are what the caller may do now."""

    number: str
    project: str
    subject: str
    type: Type
    state: State
    priority: Priority
    requester: Named
    assignee: Named | None
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime
    due: date | None
    whose_turn: Turn
    version: int
    watchers: list[Named]
    first_response_at: datetime | None
    returned_at: datetime | None
    done_at: datetime | None
    closed_at: datetime | None
    fields: Mapping[str, str]
    moves: list[str]
    minutes: int


class NotifyView(View, frozen=True):
    """Who hears of what; an audience that is left out hears as usual. `addresses` are the further ones."""

    addresses: list[str]
    requester: list[Topic] | UnsetType = UNSET
    assignee: list[Topic] | UnsetType = UNSET
    project_managers: list[Topic] | UnsetType = UNSET
    watchers: list[Topic] | UnsetType = UNSET
    further_addresses: list[Topic] | UnsetType = UNSET


class TicketView(TicketCardView, frozen=True):
    """A ticket with its text and the files that the caller may see; `follows` is the closed one it goes on from.

    `notify` only staff see: who hears of it in place of what its project says, null where it is as there.
    """

    text: str
    rating: int | None
    follows: str | None
    attachments: list[AttachmentView]
    notify: NotifyView | UnsetType | None = UNSET


class OpenedTicket(View, frozen=True):
    """What a mailed link opened."""

    ticket: TicketView


class EventView(View, frozen=True):
    """One line of a ticket's history. `changes` maps a field to its value before and after."""

    id: str
    kind: Annotated[str, Meta(extra_json_schema={"enum": list(events.EVENTS)})]
    at: datetime
    actor: Named
    internal: bool
    text: str
    changes: Mapping[str, tuple[str | None, str | None]]
    attachments: list[AttachmentView]


class PersonView(View, frozen=True):
    """A person; `projects` maps the key of a project to their role in it."""

    email: str
    name: str
    language: str
    site_role: SiteRole | None
    projects: Mapping[str, ProjectRole]


class AccountView(PersonView, frozen=True):
    """A person as administrators see them. `organisation` is the id of one; `version` goes into a change."""

    organisation: str | None
    reports_on: list[str]
    active: bool
    invited_at: datetime | None
    confirmed_at: datetime | None
    version: int


class OrganisationView(View, frozen=True):
    """A customer that several people belong to."""

    id: str
    name: str
    version: int


class NoticesView(View, frozen=True):
    """What somebody does not want to be mailed about, and whether they want one mail a day instead of single ones."""

    muted: list[Topic]
    digest: bool


class MeView(PersonView, frozen=True):
    """A person as they see themselves."""

    notices: NoticesView


class ImportedRowView(View, frozen=True):
    """What one row of an import would do or did; `changes` maps a field (`projects.KEY`) to its value before and after.

    `failure` says why it was not written though nothing was wrong with it.
    """

    row: int
    email: str
    outcome: Outcome
    changes: Mapping[str, tuple[str | None, str | None]]
    errors: list[FieldProblem]
    failure: str | None


class ImportView(View, frozen=True):
    """What an import would do or did, row by row; `totals` counts rows by outcome."""

    applied: bool
    totals: Mapping[Outcome, int]
    rows: list[ImportedRowView]


class SignedIn(View, frozen=True):
    """Who signed in."""

    person: PersonView


class AddressView(View, frozen=True):
    """An address that is not mailed. `reason` is a word of SES or a mail server's own; `tickets` were told of it."""

    email: str
    mark: Mark | None
    reason: str
    since: datetime | None
    failures: int
    tickets: list[str]


class TokenView(View, frozen=True):
    """An API token as its owner sees it later on."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime


class NewToken(View, frozen=True):
    """A new API token. The token itself is shown this once."""

    id: str
    token: str


class OwnFieldView(View, frozen=True):
    """A field of a project's own. What stands after `choices` only its staff see."""

    code: str
    label: str
    kind: FieldKind
    required: bool
    choices: list[str]
    for_customers: bool | UnsetType = UNSET
    filterable: bool | UnsetType = UNSET
    exported: bool | UnsetType = UNSET


class ProjectView(View, frozen=True):
    """A project. What stands after `fields` only its staff see, as well as the fields that are not for customers.

    `hourly_rate` is in `currency` (ISO 4217), `vat_rate` in percent.
    """

    key: str
    name: str
    form: Form
    language: str
    introduction: str
    types: list[Type]
    fields: list[OwnFieldView]
    manager: str | UnsetType | None = UNSET
    auto_close_days: int | UnsetType = UNSET
    projector_code: str | UnsetType = UNSET
    hourly_rate: float | UnsetType | None = UNSET
    currency: str | UnsetType = UNSET
    vat_rate: float | UnsetType = UNSET
    shares_requests: bool | UnsetType = UNSET
    notify: NotifyView | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    version: int | UnsetType = UNSET


class MemberView(View, frozen=True):
    """A person's place in one project."""

    email: str
    name: str
    role: ProjectRole


class UploadView(View, frozen=True):
    """A promised file: post it to `url` as multipart/form-data with all of `fields`, the file itself last."""

    id: str
    url: str
    fields: Mapping[str, str]
    expires_at: datetime


def listing(view: Callable[[S], T], found: Sequence[S], following: str | None = None) -> Listing[T]:
    """One page of `found`, each as `view` shows it."""
    return Listing(items=[view(each) for each in found], next=following)


def address(known: Address) -> AddressView:
    """An address that is not mailed."""
    return AddressView(
        email=known.email,
        mark=known.mark,
        reason=known.reason,
        since=known.since,
        failures=known.failures,
        tickets=list(known.tickets),
    )


def named(contact: Contact) -> Named:
    """A person as a ticket names them."""
    return Named(email=contact.email, name=contact.name)


def attachment(found: files.Attachment) -> AttachmentView:
    """A file of a ticket."""
    return AttachmentView(id=found.id, filename=found.filename, content_type=found.content_type, size=found.size)


def card(found: tickets.TicketCard, by: Actor) -> TicketCardView:
    """A ticket as a list shows it to `by`."""
    return TicketCardView(**_card(found, by))


def ticket(found: tickets.Ticket, attachments: Sequence[files.Attachment], by: Actor) -> TicketView:
    """A ticket as `by` sees it."""
    return TicketView(
        **_card(found, by),
        text=found.text,
        notify=_notify(found, by),
        rating=found.rating,
        follows=found.follows,
        attachments=[attachment(each) for each in attachments],
    )


def _notify(found: tickets.Ticket, by: Actor) -> NotifyView | UnsetType | None:
    if not may(by, Act.READ_INTERNAL, found):
        return UNSET
    return notify(found.notify) if found.notify is not None else None


def notify(found: Notify) -> NotifyView:
    """Who hears of what."""
    heard: dict[str, Any] = {_NOTIFIED[audience]: list(topics) for audience, topics in found.topics.items()}
    return NotifyView(**heard, addresses=list(found.addresses))


_NOTIFIED = {audience: audience.value for audience in Audience} | {Audience.ADDRESSES: "further_addresses"}


def _card(found: tickets.TicketCard, by: Actor) -> dict[str, Any]:
    return {
        "number": found.number,
        "project": found.project,
        "subject": found.subject,
        "type": found.type,
        "state": found.state,
        "priority": found.priority,
        "requester": named(found.requester),
        "assignee": named(found.assignee) if found.assignee else None,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "waiting_since": found.waiting_since,
        "due": found.due,
        "whose_turn": found.whose_turn,
        "version": found.version,
        "watchers": [named(watcher) for watcher in found.watchers],
        "first_response_at": found.first_response_at,
        "returned_at": found.returned_at,
        "done_at": found.done_at,
        "closed_at": found.closed_at,
        "fields": found.fields,
        "moves": list(workflow.moves(found, by)),
        "minutes": found.minutes,
    }


def event(found: events.Event) -> EventView:
    """One line of history."""
    return EventView(
        id=found.id,
        kind=found.kind,
        at=found.at,
        actor=named(found.actor),
        internal=found.internal,
        text=found.text,
        changes=found.changes,
        attachments=[attachment(each) for each in found.attachments],
    )


def person(found: Person) -> PersonView:
    """A person."""
    return PersonView(
        email=found.email,
        name=found.name,
        language=found.language,
        site_role=found.site_role,
        projects=found.roles,
    )


def account(found: Person) -> AccountView:
    """A person as administrators see them."""
    return AccountView(
        **msgspec.structs.asdict(person(found)),
        organisation=found.organisation or None,
        reports_on=list(found.reports_on),
        active=found.active,
        invited_at=found.invited_at,
        confirmed_at=found.confirmed_at,
        version=found.version,
    )


def organisation(found: Organisation) -> OrganisationView:
    """An organisation."""
    return OrganisationView(id=found.id, name=found.name, version=found.version)


def me(found: Person) -> MeView:
    """A person as they see themselves."""
    notices = NoticesView(muted=list(found.muted), digest=found.digest)
    return MeView(**msgspec.structs.asdict(person(found)), notices=notices)


def imported(rows: Sequence[RowPlan], failures: Mapping[int, str], applied: bool, language: str) -> ImportView:
    """An import, or what it would be, in words of `language`."""
    totals = {outcome: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
    shown = [_imported_row(row, failures.get(row.number), language) for row in rows]
    return ImportView(applied=applied, totals=totals, rows=shown)


def _imported_row(row: RowPlan, failure: str | None, language: str) -> ImportedRowView:
    return ImportedRowView(
        row=row.number,
        email=row.email,
        outcome=row.outcome,
        changes={_field_of(each): (each.before or None, each.after or None) for each in row.changes},
        errors=problems.field_problems(Invalid(*row.errors), language),
        failure=i18n.translated(failure, language) if failure else None,
    )


def _field_of(change: Difference) -> str:
    return f"projects.{change.project}" if change.project else str(change.column)


def token(found: Token) -> TokenView:
    """An API token, without the secret."""
    return TokenView(id=found.id, name=found.name, created_at=found.created_at, expires_at=found.expires_at)


def form_of(found: projects.Project) -> ProjectView:
    """A project as its customers and anybody else see it."""
    return ProjectView(
        key=found.key,
        name=found.name,
        form=found.form,
        language=found.language,
        introduction=found.introduction,
        types=list(found.types),
        fields=[_asked_field(each) for each in found.asked_fields],
    )


def _asked_field(found: projects.OwnField) -> OwnFieldView:
    return OwnFieldView(
        code=found.code, label=found.label, kind=found.kind, required=found.required, choices=list(found.choices)
    )


def _own_field(found: projects.OwnField) -> OwnFieldView:
    return msgspec.structs.replace(
        _asked_field(found),
        for_customers=found.for_customers,
        filterable=found.filterable,
        exported=found.exported,
    )


def project(found: projects.Project, manager: str | None) -> ProjectView:
    """A project as its staff see it."""
    return msgspec.structs.replace(
        form_of(found),
        fields=[_own_field(each) for each in found.fields],
        manager=manager,
        auto_close_days=found.auto_close_days,
        projector_code=found.projector_code,
        hourly_rate=None if found.hourly_rate is None else float(found.hourly_rate),
        currency=found.currency,
        vat_rate=float(found.vat_rate),
        shares_requests=found.shares_requests,
        notify=notify(found.notify),
        archived=found.archived,
        version=found.version,
    )


def member(found: projects.Member) -> MemberView:
    """A person's place in one project."""
    return MemberView(email=found.email, name=found.name, role=found.role)


def works_in(by: Actor, key: str) -> bool:
    """True for whoever sees the whole record of a project: its staff and administrators."""
    return by.is_admin or by.role_in(key) in STAFF_ROLES
