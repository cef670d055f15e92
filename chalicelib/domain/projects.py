"""Projects: what requests are filed under, and who may file there."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.notices import Notify
from chalicelib.domain.people import Actor, Contact, ProjectRole
from chalicelib.domain.tickets import Type
from chalicelib.domain.words import N_

_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")


class Form(StrEnum):
    """Who may use a project's hosted form."""

    OPEN = "open"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in one project."""

    email: str
    name: str
    role: ProjectRole

    @property
    def contact(self) -> Contact:
        return Contact(self.email, self.name)


class FieldKind(StrEnum):
    """What a field of a project's own holds: one line of text, one of its choices, a number or a day."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that a project asks for beside those that every request has; `code` names it in API and storage.

    No form asks for what is not `for_customers`, and no customer sees it; `filterable` ones narrow the staff's list.
    """

    code: str
    label: str
    kind: FieldKind
    required: bool = False
    choices: tuple[str, ...] = ()
    for_customers: bool = True
    filterable: bool = False
    exported: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """One customer, product or kind of request. `key` stands before the number of its tickets.

    `types` are the kinds of request that its form offers, `shares_requests` whether customers of one organisation see
    each other's; `hourly_rate` is in `currency` (ISO 4217), `vat_rate` in percent; `version` grows with every change.
    """

    key: str
    name: str
    form: Form
    language: str
    introduction: str = ""
    auto_close_days: int = 14
    archived: bool = False
    projector_code: str = ""
    manager: str = ""
    types: tuple[Type, ...] = tuple(Type)
    fields: tuple[OwnField, ...] = ()
    notify: Notify = field(default_factory=Notify)
    shares_requests: bool = False
    hourly_rate: Decimal | None = None
    currency: str = "CZK"
    vat_rate: Decimal = Decimal(21)
    version: int = 1

    @property
    def asked_fields(self) -> tuple[OwnField, ...]:
        """The fields of its own that the form asks customers for."""
        return tuple(each for each in self.fields if each.for_customers)

    def offered_type(self, wanted: Type | None) -> Type:
        """`wanted`, or where nobody chose the first kind of request that is taken here. Raises Invalid for another."""
        kind = wanted or self.types[0]
        if kind not in self.types:
            raise Invalid.of("type", N_("This project does not take this kind of request."))
        return kind

    def takes_requests_of(self, actor: Actor) -> bool:
        """True where `actor` may file here: anyone on an open form, members and administrators on the other."""
        if self.archived:
            return False
        return self.form is Form.OPEN or (actor.is_known and (actor.is_admin or actor.role_in(self.key) is not None))


@dataclass(frozen=True, slots=True)
class Crew:
    """A project with its members."""

    project: Project
    members: tuple[Member, ...]

    @property
    def roles(self) -> dict[str, ProjectRole]:
        """The role of each member, by address."""
        return {member.email: member.role for member in self.members}

    @property
    def manager(self) -> str:
        """Whom new requests go to first: the one named, while they are still it, else the first project manager.

        Whoever is deactivated or loses the role on their own page is it no longer, though the project still names them.
        """
        managers = sorted(contact.email for contact in self.project_managers)
        return self.project.manager if self.project.manager in managers else next(iter(managers), "")

    @property
    def project_managers(self) -> tuple[Contact, ...]:
        return self._with(ProjectRole.PROJECT_MANAGER)

    @property
    def staff(self) -> tuple[Contact, ...]:
        """Whoever may be handed a ticket: solvers and project managers."""
        return self._with(ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER)

    def _with(self, *roles: ProjectRole) -> tuple[Contact, ...]:
        return tuple(member.contact for member in self.members if member.role in roles)


def project_key(text: str, field_name: str = "project") -> str:
    """`text` as a project key: 2 to 10 capital letters and digits, a letter first. Raises Invalid."""
    key = text.strip().upper()
    if not text.isascii() or not _KEY.fullmatch(key):
        raise Invalid.of(field_name, N_("A project key is 2 to 10 letters and digits, the first a letter."))
    return key
