"""People, for administrators."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib import people_admin
from chalicelib.domain.accounts import PersonChange
from chalicelib.domain.people import ProjectRole, SiteRole
from chalicelib.people_admin import NewPerson
from chalicelib.storage.people import Choice
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery
from chalicelib.web.api.views import AccountView, Listing
from chalicelib.web.bodies import Body, given
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

api = Routes("api_people", is_api=True)

Language = Literal["en", "cs"]
Places = Annotated[dict[str, ProjectRole], Meta(description="The role in each project, by its key")]


class PeopleQuery(ListQuery, frozen=True):
    """Which people: those whose address begins with `q`, of one project or of one organisation (its id)."""

    q: str = ""
    project: str = ""
    organisation: str = ""


class PersonOrder(Body, frozen=True):
    """A new person. With `invite` they get a mail that says where to sign in."""

    email: str
    name: str
    language: Language | UnsetType = UNSET
    site_role: SiteRole | None = None
    projects: Places = msgspec.field(default_factory=dict)
    organisation: str | None = None
    reports_on: list[str] = msgspec.field(default_factory=list)
    invite: bool = True


class PersonChangeOrder(Body, frozen=True):
    """What to change; what is left out stays. `projects` are all places from then on. 409 where `version` is old."""

    version: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    site_role: SiteRole | UnsetType | None = UNSET
    projects: Places | UnsetType = UNSET
    organisation: str | UnsetType | None = UNSET
    reports_on: list[str] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


@api.get("/people", Permission.ADMIN, query=PeopleQuery, answer=Listing[AccountView])
def people(call: Call, query: PeopleQuery) -> Listing[AccountView]:
    """People, in the order of their addresses."""
    choice = Choice(query.q, query.project, query.organisation)
    page, following = people_admin.listed(choice, call.signed_in, query.limit, query.cursor)
    return views.listing(views.account, page, following)


@api.post("/people", Permission.ADMIN, body=PersonOrder, answer=AccountView, status=201)
def create_person(call: Call, body: PersonOrder) -> AccountView:
    """Make a person, and invite them by mail."""
    by = call.signed_in
    order = NewPerson(
        body.email,
        body.name,
        given(body.language) or by.language,
        body.site_role,
        body.projects,
        body.organisation or "",
        tuple(body.reports_on),
        body.invite,
    )
    return views.account(people_admin.create(order, by))


@api.get("/people/{email}", Permission.ADMIN, answer=AccountView)
def person(call: Call, email: str) -> AccountView:
    """One person."""
    return views.account(people_admin.person(email, call.signed_in))


@api.patch("/people/{email}", Permission.ADMIN, body=PersonChangeOrder, answer=AccountView)
def change_person(call: Call, email: str, body: PersonChangeOrder) -> AccountView:
    """Change a person. Whoever becomes inactive is signed out at once; their tokens and mailed links end for good."""
    return views.account(people_admin.change(email, _change(body), call.signed_in))


@api.post("/people/{email}/invitation", Permission.ADMIN, answer=AccountView, status=202)
def invite_person(call: Call, email: str) -> AccountView:
    """Mail the invitation once more, to somebody who has not signed in yet."""
    return views.account(people_admin.invite(email, call.signed_in))


def _change(body: PersonChangeOrder) -> PersonChange:
    reports_on = given(body.reports_on)
    return PersonChange(
        version=given(body.version),
        name=given(body.name),
        language=given(body.language),
        site_role=given(body.site_role),
        clear_site_role=body.site_role is None,
        organisation="" if body.organisation is None else given(body.organisation),
        projects=given(body.projects),
        reports_on=None if reports_on is None else tuple(reports_on),
        active=given(body.active),
    )
