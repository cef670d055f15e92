"""The list of projects, and the form that makes one, for administrators."""

from dataclasses import dataclass

from chalice.app import Response

from chalicelib import project_admin, urls
from chalicelib.domain.projects import Form as WhoMayFile
from chalicelib.domain.projects import Project
from chalicelib.project_admin import Shelf
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("projects", is_api=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One project of the list; `manager` is a name, an address where the name is not known, or nothing."""

    key: str
    name: str
    form: WhoMayFile
    manager: str
    open: int
    archived: bool
    href: str
    requests: str


@pages.get("/admin/projects", Permission.ADMIN)
def listed(call: Call) -> Response:
    """All projects in the order of their keys, the archived ones last."""
    shelf = project_admin.shelf(call.signed_in)
    rows = sorted((_row(each, shelf) for each in shelf.projects), key=lambda row: (row.archived, row.key))
    return page(call, "admin/projects.html", {"rows": rows})


def _row(found: Project, shelf: Shelf) -> Row:
    manager = shelf.managers.get(found.manager)
    return Row(
        found.key,
        found.name,
        found.form,
        manager.name if manager else found.manager,
        shelf.open[found.key],
        found.archived,
        urls.project(found.key),
        urls.desk([("project", found.key)]),
    )


@pages.get("/admin/projects/new", Permission.ADMIN)
def new(call: Call) -> Response:
    """The form of a new project: what cannot wait. All else is set on its page."""
    return _form(call, FormView({"language": language(call), "form": WhoMayFile.MEMBERS}, {}))


@pages.post("/admin/projects/new", Permission.ADMIN, body=Form)
def create(call: Call, body: Form) -> Response:
    """Makes a project and goes on to its page."""
    try:
        made = project_admin.create(_order(body), call.signed_in)
    except forms.REFUSALS as refusal:
        typed = FormView(body.values, forms.errors_of(refusal, language(call)))
        return refused(_form(call, typed), refusal)
    return sent_on(urls.project(made.key, "created"))


def _order(body: Form) -> Project:
    return Project(
        body.one("key"),
        body.one("name"),
        forms.choice(WhoMayFile, body.one("form"), "form"),
        body.one("language"),
        introduction=body.one("introduction"),
        manager=body.one("manager").strip(),
    )


def _form(call: Call, typed: FormView) -> Response:
    return page(call, "admin/new_project.html", {"form": typed}, here=urls.new_project())
