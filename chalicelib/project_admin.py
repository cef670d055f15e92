"""The verbs of administrators on projects and who is in them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from chalicelib import clock
from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion, Unavailable
from chalicelib.domain.people import Actor, Person, ProjectRole, email_address
from chalicelib.domain.project_settings import checked, refuse_loss_of_manager
from chalicelib.domain.projects import Crew, Member, Project
from chalicelib.domain.words import N_
from chalicelib.storage import counters, people, projects
from chalicelib.storage.aws import both

T = TypeVar("T")

_TRIES = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """All projects for whoever looks after them: how many open requests each has, and who its manager is by name."""

    projects: tuple[Project, ...]
    open: dict[str, int]
    managers: dict[str, Person]


def shelf(by: Actor) -> Shelf:
    """All projects, archived ones too. Raises NotAllowed."""
    _refuse_all_but_administrators(by)
    found = projects.every()
    counted, managers = both(
        partial(counters.open_of_each, [project.key for project in found]),
        partial(people.find_all, [project.manager for project in found if project.manager]),
    )
    return Shelf(tuple(found), counted, managers)


@dataclass(frozen=True, slots=True)
class Setup:
    """A project with its people, and how many of its requests are open."""

    crew: Crew
    open: int


def setup(key: str, by: Actor) -> Setup:
    """One project for whoever looks after it. Raises NotAllowed, NotFound."""
    _refuse_all_but_administrators(by)
    crew, counted = both(partial(projects.crew, key, consistent=True), partial(counters.open_of_each, [key]))
    return Setup(crew, counted.get(key, 0))


def create(wanted: Project, by: Actor) -> Project:
    """A new project; whoever is named its manager gets that role in it. Raises NotAllowed, Invalid, Conflict."""
    _refuse_all_but_administrators(by)
    project = checked(replace(wanted, version=1))

    def attempt() -> Project | None:
        appointed = _appointed(project, "")
        if people.update_in_project(None, project, appointed):
            return project
        if projects.find_all([project.key]):
            raise Conflict(N_("There is a project with this key already."))
        return None

    return _until_done(attempt)


def change(key: str, settle: Callable[[Project], Project], by: Actor, version: int | None = None) -> Crew:
    """The project as `settle` would have it, with its people; `version` is the one the caller saw, if it matters.

    Who is no longer the manager stays as a solver. Raises NotAllowed, NotFound, Invalid, StaleVersion.
    """
    _refuse_all_but_administrators(by)

    def attempt() -> Crew | None:
        crew = projects.crew(key, consistent=True)
        before = crew.project
        if version not in (None, before.version):
            raise StaleVersion(N_("Somebody changed the project meanwhile. Look at what is new and try again."))
        after = checked(replace(settle(before), key=before.key, version=before.version + 1))
        former = crew.manager
        if before.manager and not after.manager:
            raise Invalid.of("manager", N_("Name another project manager in place of the present one."))
        changed = _appointed(after, former) if after.manager != before.manager else []
        done = people.update_in_project(before, after, changed)
        return _with_changed(Crew(after, crew.members), changed) if done else None

    return _until_done(attempt)


def _appointed(project: Project, former: str) -> list[tuple[Person, Person]]:
    """What becoming the manager changes for the person named, and for whoever was it. Raises Invalid."""
    if not project.manager or project.manager == former:
        return []
    found = people.find_all([each for each in (project.manager, former) if each])
    manager = _known(found.get(project.manager), "manager")
    changed = [(manager, people.with_role(manager, project.key, ProjectRole.PROJECT_MANAGER))]
    if former in found and found[former].roles.get(project.key) is ProjectRole.PROJECT_MANAGER:
        changed.append((found[former], people.with_role(found[former], project.key, ProjectRole.SOLVER)))
    return changed


def _known(person: Person | None, field: str) -> Person:
    if person is None:
        raise Invalid.of(field, N_("The desk does not know this address. Invite the person first, under People."))
    if not person.active:
        raise Invalid.of(field, N_("This person has been deactivated."))
    return person


def _with_changed(crew: Crew, changed: list[tuple[Person, Person]]) -> Crew:
    members = {member.email: member for member in crew.members}
    for _, person in changed:
        members[person.email] = Member(person.email, person.name, person.roles[crew.project.key])
    return Crew(crew.project, tuple(members.values()))


def put_member(key: str, email: str, role: ProjectRole, by: Actor) -> Member:
    """Gives somebody a role in a project. The first project manager is the one named as its manager.

    Raises NotAllowed, NotFound, Invalid, Conflict.
    """
    _refuse_all_but_administrators(by)
    address = email_address(email)

    def attempt() -> Member | None:
        crew, person = both(partial(projects.crew, key, consistent=True), partial(people.find, address))
        known, before = _known(person, "email"), crew.project
        member = Member(address, known.name, role)
        if role is not ProjectRole.PROJECT_MANAGER:
            refuse_loss_of_manager(crew, address)
        elif not crew.manager:
            after = replace(before, manager=address, version=before.version + 1)
            changed = [(known, people.with_role(known, key, role))]
            return member if people.update_in_project(before, after, changed) else None
        if known.roles.get(key) is role:
            return member
        done = people.update_in_project(before, before, [(known, people.with_role(known, key, role))])
        return member if done else None

    return _until_done(attempt)


def remove_member(key: str, email: str, by: Actor) -> None:
    """Takes somebody out of a project; their requests stay. Raises NotAllowed, NotFound, Conflict."""
    _refuse_all_but_administrators(by)
    address = email.strip().lower()

    def attempt() -> bool | None:
        crew = projects.crew(key, consistent=True)
        if address not in crew.roles:
            raise NotFound
        refuse_loss_of_manager(crew, address)
        person = people.find(address)
        if person is None:
            raise NotFound
        changed = [(person, people.with_role(person, key, None))]
        return people.update_in_project(crew.project, crew.project, changed) or None

    _until_done(attempt)


def _until_done(attempt: Callable[[], T | None]) -> T:
    """Decides anew, from what is there by then, while others are quicker. Raises Unavailable when they stay so."""
    for tried in range(_TRIES):
        done = attempt()
        if done is not None:
            return done
        clock.pause(tried)
    raise Unavailable


def _refuse_all_but_administrators(by: Actor) -> None:
    if not (by.is_known and by.is_admin):
        raise NotAllowed
