"""The verbs of administrators on people and organisations: invite, change, deactivate, list."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from chalicelib import clock
from chalicelib.domain.accounts import Around, PersonChange, changed
from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from chalicelib.domain.organisations import Organisation, organisation_name
from chalicelib.domain.people import Actor, Person, ProjectRole, SiteRole, email_address
from chalicelib.domain.projects import Project, project_key
from chalicelib.domain.words import N_
from chalicelib.storage import access, limits, organisations, people, projects, queue
from chalicelib.storage.aws import all_three, both
from chalicelib.storage.limits import Limit
from chalicelib.storage.people import Choice

_TRIES = 5
_INVITES = Limit("invite-address", 3, 86_400)
_INVITES_BY = Limit("invite-admin", 3000, 86_400)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be made; `organisation` is the id of one, or empty."""

    email: str
    name: str
    language: str
    site_role: SiteRole | None = None
    projects: Mapping[str, ProjectRole] = field(default_factory=dict)
    organisation: str = ""
    reports_on: tuple[str, ...] = ()
    invite: bool = True


def create(order: NewPerson, by: Actor) -> Person:
    """Makes a person and mails them an invitation, unless the order says not to. Raises Invalid, Conflict, TooMany."""
    _refuse_others(by)
    at = clock.now()
    change = PersonChange(
        name=order.name,
        site_role=order.site_role,
        projects=order.projects,
        organisation=order.organisation,
        reports_on=order.reports_on,
    )
    blank = Person(email_address(order.email), "", order.language)
    person = changed(blank, change, by, _around(change), at)
    if order.invite:
        _spend_invitation(person.email, by)
        person = replace(person, invited_at=at)
    if not people.create(person):
        raise Conflict(N_("Somebody has this address already."))
    if order.invite:
        queue.send_invitation(person, by)
    return person


def _around(change: PersonChange) -> Around:
    """What the change names of projects and organisations, as far as it is there."""
    found, place = both(partial(_projects, change.keys), partial(_organisation, change.organisation or ""))
    return Around(found, [place.id] if place else [])


def _projects(keys: frozenset[str]) -> dict[str, Project]:
    return projects.find_all(key for key in keys if _is_key(key))


def _is_key(text: str) -> bool:
    """What cannot be the key of a project is not asked for."""
    try:
        return project_key(text) == text
    except Invalid:
        return False


def _organisation(organisation_id: str) -> Organisation | None:
    try:
        return organisations.load(organisation_id) if organisation_id else None
    except NotFound:
        return None


def person(email: str, by: Actor) -> Person:
    """The person with that address. Raises NotAllowed, NotFound."""
    _refuse_others(by)
    return _load(email)


def _load(email: str) -> Person:
    try:
        found = people.find(email_address(email))
    except Invalid as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def listed(choice: Choice, by: Actor, limit: int, cursor: str | None) -> tuple[list[Person], str | None]:
    """A page of people in the order of their addresses, and the next cursor. Raises NotAllowed, Invalid."""
    _refuse_others(by)
    if choice.project and choice.organisation:
        raise Invalid.of("organisation", N_("Choose a project or an organisation, not both."))
    return people.page(replace(choice, prefix=choice.prefix.strip().lower()), limit, cursor)


def change(email: str, order: PersonChange, by: Actor) -> Person:
    """Gives a person another name, role or place, or deactivates them, which ends all that lets them in.

    Raises NotAllowed, NotFound, Invalid, Conflict, LastAdmin, StaleVersion.
    """
    _refuse_others(by)
    for tried in range(_TRIES):
        before, around = both(partial(_load, email), partial(_around, order))
        if order.version not in (None, before.version):
            raise StaleVersion(N_("Somebody changed this person meanwhile. Look at what is new and try again."))
        after = changed(before, order, by, around, clock.now())
        written = people.update(before, after) if after != before else before
        if written is not None:
            # Also where they are inactive already: an earlier attempt may have died between the two.
            if not written.active:
                access.put_out(written.email)
            return written
        clock.pause(tried)
    raise StaleVersion(N_("Somebody changed this person meanwhile. Look at what is new and try again."))


def invite(email: str, by: Actor) -> Person:
    """Mails the invitation once more to somebody who has not signed in yet. Raises NotFound, Conflict, TooMany."""
    _refuse_others(by)
    found = _load(email)
    if not found.active or found.confirmed_at is not None:
        raise Conflict(N_("Only somebody who has not signed in yet can be invited."))
    _spend_invitation(found.email, by)
    written = people.update(found, replace(found, invited_at=clock.now())) or _load(email)
    queue.send_invitation(written, by)
    return written


def _spend_invitation(email: str, by: Actor) -> None:
    limits.spend([(_INVITES, email), (_INVITES_BY, by.email)], clock.now())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a page on people has to choose from."""

    projects: tuple[Project, ...]
    organisations: tuple[Organisation, ...]


def surroundings(by: Actor) -> Surroundings:
    """All projects and organisations. Raises NotAllowed."""
    _refuse_others(by)
    found, places = both(projects.every, organisations.every)
    return Surroundings(tuple(found), tuple(places))


@dataclass(frozen=True, slots=True)
class Account:
    """A person with what they may be placed in."""

    person: Person
    around: Surroundings


def account(email: str, by: Actor) -> Account:
    """One person for the page on them, read side by side. Raises NotAllowed, NotFound."""
    _refuse_others(by)
    found, every, places = all_three(partial(_load, email), projects.every, organisations.every)
    return Account(found, Surroundings(tuple(every), tuple(places)))


def all_organisations(by: Actor) -> list[Organisation]:
    """Every organisation. Raises NotAllowed."""
    _refuse_others(by)
    return organisations.every()


def create_organisation(name: str, by: Actor) -> Organisation:
    """Makes an organisation. Raises NotAllowed, Invalid, Conflict."""
    _refuse_others(by)
    made = Organisation(clock.new_id(), organisation_name(name))
    if not organisations.create(made):
        raise Conflict(N_("There is an organisation of this name already."))
    return made


def rename_organisation(organisation_id: str, name: str, by: Actor, version: int | None = None) -> Organisation:
    """Gives an organisation another name. Raises NotAllowed, NotFound, Invalid, Conflict, StaleVersion."""
    _refuse_others(by)
    wanted = organisation_name(name)
    before = organisations.load(organisation_id)
    if version not in (None, before.version):
        raise StaleVersion(N_("Somebody changed this meanwhile. Please try again."))
    if wanted == before.name:
        return before
    taken = organisations.named(wanted)
    if taken is not None and taken.id != before.id:
        raise Conflict(N_("There is an organisation of this name already."))
    renamed = organisations.rename(before, wanted)
    if renamed is None:
        raise StaleVersion(N_("Somebody changed this meanwhile. Please try again."))
    return renamed


def _refuse_others(by: Actor) -> None:
    if not (by.is_known and by.is_admin):
        raise NotAllowed
