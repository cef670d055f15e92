"""Projects, and who is in them."""

from chalicelib import directory
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.people import Actor, ProjectRole
from chalicelib.domain.projects import Project, project_key
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery, part
from chalicelib.web.api.views import Listing, MemberView, ProjectView
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

api = Routes("api_projects", is_api=True)


@api.get("/projects", Permission.PUBLIC, query=ListQuery, answer=Listing[ProjectView])
def projects(call: Call, query: ListQuery) -> Listing[ProjectView]:
    """The projects whose form I may use or whose requests I work on."""
    by = call.actor
    page, following = part(directory.visible_projects(by), lambda project: project.key, query, "projects", by.email)
    return Listing(items=_seen(page, by), next=following)


@api.get("/projects/{key}", Permission.PUBLIC, answer=ProjectView)
def project(call: Call, key: str) -> ProjectView:
    """One project."""
    by = call.actor
    return _seen([directory.project(_known(key), by)], by)[0]


@api.get("/projects/{key}/members", Permission.SIGNED_IN, query=ListQuery, answer=Listing[MemberView])
def members(call: Call, key: str, query: ListQuery) -> Listing[MemberView]:
    """Who is in a project, for its staff."""
    known = _known(key)
    found = directory.members(known, call.signed_in)
    page, following = part(found, lambda member: member.email, query, "members", known)
    return views.listing(views.member, page, following)


def _known(key: str) -> str:
    """`key` as projects have it. What cannot be a key looks like a project that is not there."""
    try:
        return project_key(key)
    except Invalid as error:
        raise NotFound from error


def _seen(found: list[Project], by: Actor) -> list[ProjectView]:
    """Projects as `by` sees them: whole where they work, else what stands on the form."""
    own = tuple(project.key for project in found if by.is_known and views.works_in(by, project.key))
    staff = directory.staff_of(own)
    managers = {
        key: next((each.email for each in people if each.role is ProjectRole.PROJECT_MANAGER), None)
        for key, people in staff.items()
    }
    return [
        views.project(project, managers[project.key]) if project.key in managers else views.form_of(project)
        for project in found
    ]
