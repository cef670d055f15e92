"""People as the desk knows them, and the actor: whoever is asking for something right now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.notices import Topic
from chalicelib.domain.words import N_

MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path is 256 octets with its angle brackets
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


class ProjectRole(StrEnum):
    """What a person is inside one project."""

    PROJECT_MANAGER = "project_manager"
    SOLVER = "solver"
    CUSTOMER = "customer"


class SiteRole(StrEnum):
    """What a person is on the whole desk."""

    ADMIN = "admin"
    MANAGER = "manager"


STAFF_ROLES = frozenset({ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER})


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as a ticket names them."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """An e-mail address with a name, a language and roles. `epoch` grows whenever their sessions must end.

    `organisation` is the id of one, `muted` what they do not want to be mailed about, `digest` one mail a day instead.
    `version` grows with every change; what was handed out to sign in with by `deactivated_at` is void for good.
    """

    email: str
    name: str
    language: str
    site_role: SiteRole | None = None
    roles: Mapping[str, ProjectRole] = field(default_factory=dict)
    reports_on: tuple[str, ...] = ()
    active: bool = True
    confirmed_at: datetime | None = None
    epoch: int = 1
    organisation: str = ""
    muted: tuple[Topic, ...] = ()
    digest: bool = False
    invited_at: datetime | None = None
    deactivated_at: datetime | None = None
    version: int = 1

    @property
    def contact(self) -> Contact:
        return Contact(self.email, self.name)


class Via(StrEnum):
    """How an actor came in: it decides how much may be believed of them."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a way in, not a secret
    LINK = "link"
    FORM = "form"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever is asking. `link_ticket` is the one ticket an actor by link may see.

    `shared_projects` are those in which they see, as a customer, the requests of their whole organisation.
    """

    email: str
    name: str
    language: str
    via: Via
    site_role: SiteRole | None = None
    roles: Mapping[str, ProjectRole] = field(default_factory=dict)
    link_ticket: str | None = None
    organisation: str = ""
    shared_projects: frozenset[str] = frozenset()

    @property
    def contact(self) -> Contact:
        return Contact(self.email, self.name)

    @property
    def is_admin(self) -> bool:
        return self.site_role is SiteRole.ADMIN

    @property
    def is_known(self) -> bool:
        """True for somebody who proved that the address is theirs."""
        return self.via in (Via.SESSION, Via.TOKEN)

    @property
    def staff_projects(self) -> tuple[str, ...]:
        """The keys of the projects whose tickets this actor works on, in order."""
        return tuple(sorted(key for key, role in self.roles.items() if role in STAFF_ROLES))

    @property
    def is_staff(self) -> bool:
        return self.is_admin or bool(self.staff_projects)

    def role_in(self, project: str) -> ProjectRole | None:
        return self.roles.get(project)


ANONYMOUS = Actor(email="", name="", language="en", via=Via.FORM)
SYSTEM = Actor(email="", name="", language="en", via=Via.SYSTEM)


def actor_of(person: Person, via: Via, shared_projects: frozenset[str] = frozenset()) -> Actor:
    """The actor that a signed-in person is. Of `shared_projects` those count in which they are a customer."""
    shared = frozenset(key for key in shared_projects if person.roles.get(key) is ProjectRole.CUSTOMER)
    return Actor(
        person.email,
        person.name,
        person.language,
        via,
        person.site_role,
        person.roles,
        organisation=person.organisation,
        shared_projects=shared if person.organisation else frozenset(),
    )


def email_address(text: str, field_name: str = "email") -> str:
    """`text` as a canonical address: trimmed and lower case. Raises Invalid.

    The local part is lower-cased as well: RFC 5321 lets it be case sensitive, no mail provider of note makes it so, and
    two people who differ only in case would be one mistake. Only ASCII is lower-cased: the Kelvin sign is no k.
    """
    address = text.strip()
    if not address:
        raise Invalid.of(field_name, N_("Please fill this in."))
    address = address.lower() if address.isascii() else address
    local = address.partition("@")[0]
    if (
        len(address) > MAX_EMAIL
        or not _EMAIL.fullmatch(address)
        or local[:1] == "."
        or local[-1:] == "."
        or ".." in local
        or "=?" in local  # an encoded word (RFC 2047), which mail programs would read as something else
    ):
        raise Invalid.of(field_name, N_("This is not an e-mail address we can write to."))
    return address
