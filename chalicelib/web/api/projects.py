"""Projects, and who is in them."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib import directory, project_admin, urls
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.notices import Notify
from chalicelib.domain.people import Actor, ProjectRole
from chalicelib.domain.projects import Crew, FieldKind, Form, OwnField, Project, project_key
from chalicelib.domain.tickets import Type
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery, part
from chalicelib.web.api.notices import NotifySettings, notify_of
from chalicelib.web.api.views import Listing, MemberView, ProjectView
from chalicelib.web.bodies import Body, given
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_projects", is_api=True)


class NewOwnField(Body, frozen=True):
    """A field of a project's own. `code` names it in requests; only a field `for_customers` is on the form."""

    code: str
    label: str
    kind: FieldKind
    required: bool = False
    choices: tuple[str, ...] = ()
    for_customers: bool = True
    filterable: bool = False
    exported: bool = True


class ProjectChange(Body, frozen=True):
    """What a project is to be; what is left out stays. `version` is the one that was read, if it matters.

    `fields` are all fields in their order. Amounts are JSON numbers with at most two decimals. `notify` says who hears
    of the requests; null is as usual.
    """

    version: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    form: Form | UnsetType = UNSET
    language: str | UnsetType = UNSET
    introduction: str | UnsetType = UNSET
    types: tuple[Type, ...] | UnsetType = UNSET
    fields: tuple[NewOwnField, ...] | UnsetType = UNSET
    manager: str | UnsetType | None = UNSET
    auto_close_days: int | UnsetType = UNSET
    projector_code: str | UnsetType = UNSET
    hourly_rate: float | UnsetType | None = UNSET
    currency: str | UnsetType = UNSET
    vat_rate: float | UnsetType = UNSET
    shares_requests: bool | UnsetType = UNSET
    notify: NotifySettings | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class NewProject(ProjectChange, frozen=True, kw_only=True):
    """A project. Its `key` stands before the numbers of its requests and never changes.

    What is left out: a form for members, in the language of whoever makes it, for every kind of request.
    """

    key: str
    name: str


class Membership(Body, frozen=True):
    """What somebody is in a project."""

    role: ProjectRole


@api.get("/projects", Permission.PUBLIC, query=ListQuery, answer=Listing[ProjectView])
def projects(call: Call, query: ListQuery) -> Listing[ProjectView]:
    """The projects whose form I may use or whose requests I work on."""
    by = call.actor
    page, following = part(directory.visible_projects(by), lambda project: project.key, query, "projects", by.email)
    return Listing(items=_seen(page, by), next=following)


@api.post("/projects", Permission.ADMIN, body=NewProject, answer=ProjectView, status=201, answer_headers=("Location",))
def create_project(call: Call, body: NewProject) -> Answer:
    """Make a project. 409 where there is one with that key."""
    by = call.signed_in
    blank = Project(body.key, body.name, Form.MEMBERS, by.language)
    created = project_admin.create(_changed(body, blank), by)
    location = urls.api(f"/projects/{created.key}")
    return Answer(views.project(created, created.manager or None), 201, {"Location": location})


@api.get("/projects/{key}", Permission.PUBLIC, answer=ProjectView)
def project(call: Call, key: str) -> ProjectView:
    """One project."""
    by = call.actor
    return _seen([directory.project(_known(key), by)], by)[0]


@api.patch("/projects/{key}", Permission.ADMIN, body=ProjectChange, answer=ProjectView)
def change_project(call: Call, key: str, body: ProjectChange) -> ProjectView:
    """Change, archive or restore a project. 409 where it changed since `version`."""
    crew = project_admin.change(_known(key), partial(_changed, body), call.signed_in, given(body.version))
    return _whole(crew)


@api.get("/projects/{key}/members", Permission.SIGNED_IN, query=ListQuery, answer=Listing[MemberView])
def members(call: Call, key: str, query: ListQuery) -> Listing[MemberView]:
    """Who is in a project, for its staff."""
    known = _known(key)
    found = directory.members(known, call.signed_in)
    page, following = part(found, lambda member: member.email, query, "members", known)
    return views.listing(views.member, page, following)


@api.put("/projects/{key}/members/{email}", Permission.ADMIN, body=Membership, answer=MemberView)
def put_member(call: Call, key: str, email: str, body: Membership) -> MemberView:
    """Give somebody the desk knows a role in a project. 409 for another role of the one named as its manager."""
    return views.member(project_admin.put_member(_known(key), email, body.role, call.signed_in))


@api.delete("/projects/{key}/members/{email}", Permission.ADMIN, status=204)
def remove_member(call: Call, key: str, email: str) -> Answer:
    """Take somebody out of a project. 409 for the one named as its manager."""
    project_admin.remove_member(_known(key), email, call.signed_in)
    return Answer(status=204)


def _changed(body: ProjectChange, project: Project) -> Project:
    """`project` with all that `body` says."""
    said = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    said.pop("version", None)
    return replace(project, **{name: _STORED_AS.get(name, _as_it_is)(value) for name, value in said.items()})


def _as_it_is(value: Any) -> Any:
    return value


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


_STORED_AS: dict[str, Callable[[Any], Any]] = {
    "fields": lambda fields: tuple(OwnField(**msgspec.structs.asdict(each)) for each in fields),
    "manager": lambda email: email or "",
    "hourly_rate": _amount,
    "vat_rate": _amount,
    "notify": lambda settings: Notify() if settings is None else notify_of(settings),
}
"""What the interface says in other types than a project keeps."""


def _known(key: str) -> str:
    """`key` as projects have it. What cannot be a key looks like a project that is not there."""
    try:
        return project_key(key)
    except Invalid as error:
        raise NotFound from error


def _seen(found: list[Project], by: Actor) -> list[ProjectView]:
    """Projects as `by` sees them: whole where they work, else what stands on the form."""
    own = [project for project in found if by.is_known and views.works_in(by, project.key)]
    managers = directory.managers_of(own)
    return [
        views.project(project, managers[project.key] or None) if project.key in managers else views.form_of(project)
        for project in found
    ]


def _whole(crew: Crew) -> ProjectView:
    return views.project(crew.project, crew.manager or None)
