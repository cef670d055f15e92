"""The verbs on people and projects, and on what lets somebody in: codes, sessions, tokens and links."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.domain.addresses import Address, Mark
from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from chalicelib.domain.lists import Filter, Reach
from chalicelib.domain.notices import Topic
from chalicelib.domain.people import (
    STAFF_ROLES,
    Actor,
    Person,
    SiteRole,
    Via,
    actor_of,
    email_address,
)
from chalicelib.domain.permissions import Act, require
from chalicelib.domain.projects import Form, Member, Project
from chalicelib.domain.text import one_line, shown_name
from chalicelib.domain.tickets import project_of
from chalicelib.domain.words import N_
from chalicelib.storage import access, addresses, limits, listings, people, projects, queue, tickets
from chalicelib.storage.access import Link, Token, Verdict
from chalicelib.storage.aws import together
from chalicelib.storage.limits import Limit

SESSION_LASTS = timedelta(days=30)
LINK_SESSION_LASTS = timedelta(days=7)
_MOST_TOKENS = 50

_CODES_PER_ADDRESS = Limit("code-address", 5, 900)
_CODES_PER_NETWORK = Limit("code-network", 60, 900)
_TRIES_PER_ADDRESS = Limit("try-address", 20, 900)
_TRIES_PER_NETWORK = Limit("try-network", 120, 900)
_LINKS_PER_NETWORK = Limit("link-network", 300, 900)
_LONGEST_LINK = 100
_CODE = re.compile(r"[0-9]{6}")


def request_code(email: str, language: str, network: str) -> None:
    """Has a one-time code mailed to `email`, if the desk knows it; the answer tells nobody which. Raises TooMany."""
    _enqueue("code", email, language, network)


def find_requests(email: str, language: str, network: str) -> None:
    """Has fresh links to the requests of `email` mailed there, if there are any. Raises Invalid, TooMany."""
    _enqueue("links", email, language, network)


def _enqueue(kind: str, email: str, language: str, network: str) -> None:
    address = email_address(email)
    limits.spend([(_CODES_PER_ADDRESS, address), (_CODES_PER_NETWORK, network)], clock.now())
    queue.send({"kind": kind, "email": address, "language": language})


def sign_in(email: str, code: str, language: str, network: str) -> tuple[Person, str]:
    """The person behind `email` and the secret of their new session. Raises Invalid, TooMany."""
    at = clock.now()
    address = email_address(email)
    digits = "".join(code.split())
    limits.spend([(_TRIES_PER_ADDRESS, address), (_TRIES_PER_NETWORK, network)], at)
    if not _CODE.fullmatch(digits):
        raise Invalid.of("code", N_("The code has six digits."))
    verdict = access.try_code(address, digits, at)
    if verdict is Verdict.WRONG:
        raise Invalid.of("code", N_("This is not the code we sent last."))
    if verdict is Verdict.GONE:
        raise Invalid.of("code", N_("This code is no longer valid. Have a new one sent."))
    persons, mail_to = addresses.with_people([address], consistent=True)
    person = _confirmed(address, persons.get(address), language, at)
    secret = clock.new_secret()
    together(
        [
            partial(access.save_session, secret, person, at + SESSION_LASTS),
            partial(_mail_arrives, mail_to.get(address), person),
        ]
    )
    return person, secret


def _mail_arrives(known: Address | None, person: Person) -> None:
    """Whoever read a code off a mail has shown that mail arrives. A complaint only staff take away."""
    if known is not None and known.troubled and known.mark is not Mark.COMPLAINED:
        addresses.clear(known.email, actor_of(person, Via.SESSION))


def _confirmed(email: str, person: Person | None, language: str, at: datetime) -> Person:
    """The `person` with that address, made if need be, marked as having proved it."""
    site_role = SiteRole.ADMIN if email == settings().admin_email else None
    if person is None:
        person = Person(email, _name_for(email), language, site_role, confirmed_at=at)
        if people.create(person):
            return person
        person = people.find(email) or person
    if not person.active:
        raise Invalid.of("code", N_("This code is no longer valid. Have a new one sent."))
    wanted = replace(person, confirmed_at=person.confirmed_at or at, site_role=site_role or person.site_role)
    if wanted == person:
        return person
    return people.update(person, wanted) or people.find(email) or wanted


def _name_for(email: str) -> str:
    """The name somebody gave when they filed a request, else the first part of their address."""
    own = listings.page(Filter(), Reach(False, frozenset(), email), 1, None).items
    return own[0].requester.name if own else email.partition("@")[0]


def sign_out(secret: str) -> None:
    """Ends one session."""
    access.end_session(secret)


def by_session(secret: str, email: str) -> Actor | None:
    """The actor of a session that is still good."""
    holder = access.session(secret, email, clock.now())
    return actor_of(holder.person, Via.SESSION, holder.shared_projects) if holder else None


def by_token(secret: str) -> Actor:
    """The actor of an API token. Raises NotSignedIn."""
    holder = access.token_holder(secret, clock.now())
    if holder is None:
        raise NotSignedIn(N_("This API token is not valid."))
    return actor_of(holder.person, Via.TOKEN, holder.shared_projects)


def open_link(token: str, network: str) -> tuple[Link, datetime]:
    """What a mailed link opens and until when; opening changes nothing. Raises NotFound, TooMany."""
    at = clock.now()
    limits.spend([(_LINKS_PER_NETWORK, network)], at)
    opened = _opened(token, at)
    if opened is None:
        raise NotFound(N_("This link is no longer valid. Have a new one sent to you."))
    return opened


def by_link(token: str) -> Actor | None:
    """The actor that a link cookie speaks for: someone who may read one ticket."""
    opened = _opened(token, clock.now())
    return reader_of(opened[0], "") if opened else None


def _opened(token: str, at: datetime) -> tuple[Link, datetime] | None:
    """What cannot be one of our links is not asked for: DynamoDB would refuse some of it."""
    number, _, secret = token.partition(".")
    plausible = len(token) <= _LONGEST_LINK and token.isascii() and secret and project_of(number)
    return access.link(number, secret, at) if plausible else None


def reader_of(link: Link, language: str) -> Actor:
    """The actor that a link speaks for: someone who may read one ticket."""
    return Actor(link.email, "", language, Via.LINK, link_ticket=link.ticket)


def revoke_links(number: str, email: str, by: Actor) -> int:
    """Ends the links of one recipient to a ticket; how many there were. Raises NotFound, NotAllowed."""
    require(by, Act.CHANGE, tickets.load(number))
    return access.revoke_links(number, email_address(email))


@dataclass(frozen=True, slots=True)
class ProfileOrder:
    """What somebody may change about themselves; None leaves it."""

    name: str | None = None
    language: str | None = None
    muted: tuple[Topic, ...] | None = None
    digest: bool | None = None


def profile(by: Actor) -> Person:
    """The signed-in person. Raises NotSignedIn."""
    person = people.find(by.email) if by.is_known else None
    if person is None:
        raise NotSignedIn
    return person


def change_profile(order: ProfileOrder, by: Actor) -> Person:
    """Changes one's own name, language or notices. Raises NotSignedIn, Invalid, Conflict."""
    before = profile(by)
    after = replace(
        before,
        name=shown_name(order.name) if order.name is not None else before.name,
        language=order.language or before.language,
        muted=before.muted if order.muted is None else tuple(topic for topic in Topic if topic in order.muted),
        digest=before.digest if order.digest is None else order.digest,
    )
    written = people.update(before, after) if after != before else before
    if written is None:
        raise Conflict(N_("Somebody changed this meanwhile. Please try again."))
    return written


def create_token(name: str, days: int, by: Actor) -> tuple[Token, str]:
    """A new API token and its secret, which is shown this once. Raises NotSignedIn, Invalid."""
    person = profile(by)
    at = clock.now()
    if not 1 <= days <= 365:
        raise Invalid.of("expires_in_days", N_("A token lasts 1 to 365 days."))
    if len(access.tokens(person.email, at)) >= _MOST_TOKENS:
        raise Invalid.of("name", N_("At most {most} tokens, please; revoke one first."), most=_MOST_TOKENS)
    token = Token(clock.new_id(), one_line(name, "name", 100), at, at + timedelta(days=days))
    secret = clock.new_secret()
    access.save_token(secret, token, person)
    return token, secret


def tokens(by: Actor) -> list[Token]:
    """One's own API tokens. Raises NotSignedIn."""
    return access.tokens(profile(by).email, clock.now())


def revoke_token(token_id: str, by: Actor) -> None:
    """Ends one's own API token. Raises NotSignedIn, NotFound."""
    if not access.revoke_token(profile(by).email, token_id):
        raise NotFound


def visible_projects(by: Actor) -> list[Project]:
    """The projects that the actor may file in or works in."""
    return [project for project in projects.every() if _sees(by, project)]


def form_projects(by: Actor) -> list[Project]:
    """The projects whose form the actor may use now."""
    return [project for project in projects.every() if project.takes_requests_of(by)]


def project(key: str, by: Actor) -> Project:
    """One project. Raises NotFound."""
    found = projects.load(key)
    if not _sees(by, found):
        raise NotFound
    return found


def form_project(key: str, by: Actor) -> Project:
    """A project whose form the actor may use now. Raises NotFound."""
    found = projects.load(key)
    if not found.takes_requests_of(by):
        raise NotFound
    return found


def _sees(by: Actor, found: Project) -> bool:
    if by.is_known and (by.is_admin or by.role_in(found.key) is not None):
        return True
    return found.form is Form.OPEN and not found.archived


def members(key: str, by: Actor) -> tuple[Member, ...]:
    """The members of a project, for its staff. Raises NotFound, NotAllowed."""
    crew = projects.crew(key)
    if not _sees(by, crew.project):
        raise NotFound
    if not (by.is_admin or by.role_in(key) in STAFF_ROLES):
        raise NotAllowed
    return crew.members


def staff_of(keys: tuple[str, ...]) -> dict[str, tuple[Member, ...]]:
    """The staff of several projects, by key: who may be handed their tickets."""
    crews = together([partial(projects.crew, key) for key in keys])
    return {crew.project.key: tuple(member for member in crew.members if member.role in STAFF_ROLES) for crew in crews}


def managers_of(found: list[Project]) -> dict[str, str]:
    """Whom new requests of each project go to first, by its key; nothing where there is nobody.

    Only a project that names nobody, as the oldest do, is asked for its members.
    """
    unnamed = [project.key for project in found if not project.manager]
    crews = together([partial(projects.crew, key) for key in unnamed])
    named = {project.key: project.manager for project in found}
    return named | {crew.project.key: crew.manager for crew in crews}
