"""What administrators may make of people: names, languages, roles and places, and who comes in at all."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.errors import Conflict, FieldError, Invalid
from chalicelib.domain.people import Actor, Person, ProjectRole, SiteRole
from chalicelib.domain.projects import Project
from chalicelib.domain.text import shown_name
from chalicelib.domain.words import N_

MOST_PLACES = 90  # each is an item of the transaction that changes the person, and DynamoDB takes 100 in all


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What to make of a person; None leaves it. An empty `organisation` takes them out of theirs.

    `projects` are all their places from then on; `version` is the one that was seen, None whatever is there.
    """

    version: int | None = None
    name: str | None = None
    language: str | None = None
    site_role: SiteRole | None = None
    clear_site_role: bool = False
    organisation: str | None = None
    projects: Mapping[str, ProjectRole] | None = None
    reports_on: tuple[str, ...] | None = None
    active: bool | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all projects that are named."""
        return frozenset(self.projects or ()) | frozenset(self.reports_on or ())


@dataclass(frozen=True, slots=True)
class Around:
    """What there is for a person to be placed in: projects by key, and the ids of organisations."""

    projects: Mapping[str, Project] = field(default_factory=dict)
    organisations: Collection[str] = ()


def changed(person: Person, order: PersonChange, by: Actor, around: Around, at: datetime) -> Person:
    """`person` as `order` wants them. Raises Invalid with all that is wrong, and Conflict where it is the actor's own.

    Nobody takes their own rights away, so that no slip of the hand locks an administrator out.
    """
    wrong = [*misplaced(person, order, around)]
    name = person.name
    if order.name is not None:
        try:
            name = shown_name(order.name)
        except Invalid as refusal:
            wrong += refusal.errors
    if wrong:
        raise Invalid(*wrong)
    after = _reporting(
        replace(
            person,
            name=name,
            language=order.language or person.language,
            site_role=None if order.clear_site_role else order.site_role or person.site_role,
            organisation=person.organisation if order.organisation is None else order.organisation,
            roles=person.roles if order.projects is None else dict(order.projects),
            active=person.active if order.active is None else order.active,
        ),
        order.reports_on,
    )
    if person.email == by.email and (after.site_role, after.active) != (person.site_role, person.active):
        raise Conflict(N_("You cannot take your own rights away. Another administrator can."))
    return replace(after, deactivated_at=at) if person.active and not after.active else after


def _reporting(person: Person, reports_on: tuple[str, ...] | None) -> Person:
    """Reports are for managers: whoever is none any more reads none. Raises Invalid."""
    wanted = person.reports_on if reports_on is None else tuple(sorted(set(reports_on)))
    if person.site_role is SiteRole.MANAGER:
        return replace(person, reports_on=wanted)
    if reports_on:
        raise Invalid.of("reports_on", N_("Only a manager reads reports."))
    return replace(person, reports_on=())


def misplaced(person: Person, order: PersonChange, around: Around) -> Iterator[FieldError]:
    """What is wrong with the places that are asked for. A place that somebody had already may stay as it was."""
    if len(order.projects or ()) > MOST_PLACES:
        yield FieldError("projects", N_("At most {most} projects for one person, please."), (("most", MOST_PLACES),))
    for key in sorted(order.projects or ()):
        found = around.projects.get(key)
        if found is None:
            yield FieldError("projects", N_("There is no project {key}."), (("key", key),))
        elif found.archived and key not in person.roles:
            yield FieldError("projects", N_("The project {key} is archived."), (("key", key),))
    for key in sorted(set(order.reports_on or ()) - around.projects.keys()):
        yield FieldError("reports_on", N_("There is no project {key}."), (("key", key),))
    if order.organisation and order.organisation not in around.organisations:
        yield FieldError("organisation", N_("There is no such organisation."))
