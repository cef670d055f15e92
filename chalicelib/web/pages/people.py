"""The list of people, and the form that makes one, for administrators."""

from dataclasses import dataclass

from chalice.app import Response

from chalicelib import i18n, people_admin, urls
from chalicelib.domain.errors import Invalid
from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import Person, ProjectRole, SiteRole
from chalicelib.domain.projects import Project
from chalicelib.domain.words import N_
from chalicelib.people_admin import NewPerson, Surroundings
from chalicelib.storage.people import Choice
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("people", is_api=False)

ROWS = 50
ROLE, NO_ROLE = "role.", ""


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the list."""

    email: str
    name: str
    site_role: SiteRole | None
    places: tuple[tuple[str, ProjectRole], ...]
    organisation: str
    active: bool
    seen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms on people offer: projects, organisations, and who may be what."""

    projects: tuple[Project, ...]
    organisations: tuple[Organisation, ...]


@pages.get("/admin/people", Permission.ADMIN)
def listed(call: Call) -> Response:
    """People in the order of their addresses, all or those of one project or organisation."""
    choice = Choice(*((call.first(name) or "").strip() for name in ("q", "project", "organisation")))
    cursor, by = call.first("cursor"), call.signed_in
    around = people_admin.surroundings(by)
    found, following = people_admin.listed(choice, by, ROWS, cursor)
    names = {each.id: each.name for each in around.organisations}
    asked = [("q", choice.prefix), ("project", choice.project), ("organisation", choice.organisation)]
    context = {
        "rows": [_row(person, names) for person in found],
        "asked": choice,
        "offered": choices(around, call),
        "first": urls.people(asked) if cursor else None,
        "more": urls.people([*asked, ("cursor", following)]) if following else None,
    }
    return page(call, "admin/people.html", context)


def _row(person: Person, organisations: dict[str, str]) -> Row:
    return Row(
        person.email,
        person.name,
        person.site_role,
        tuple(sorted(person.roles.items())),
        organisations.get(person.organisation, ""),
        person.active,
        person.confirmed_at is not None,
        urls.person(person.email),
    )


@pages.get("/admin/people/new", Permission.ADMIN)
def new(call: Call) -> Response:
    """The form for somebody new."""
    values = {"language": language(call), "project": call.first("project") or ""}
    return _form(call, FormView(values, {}), frozenset())


@pages.post("/admin/people/new", Permission.ADMIN, body=Form)
def create(call: Call, body: Form) -> Response:
    """Makes somebody and invites them."""
    try:
        made = people_admin.create(_order(body), call.signed_in)
    except forms.REFUSALS as refusal:
        typed = FormView(body.values, forms.errors_of(refusal, language(call)))
        return refused(_form(call, typed, frozenset(body.all("reports_on"))), refusal)
    return sent_on(urls.person(made.email, "created"))


def _order(body: Form) -> NewPerson:
    return NewPerson(
        body.one("email"),
        body.one("name"),
        spoken(body),
        site_role(body),
        places(body),
        body.one("organisation"),
        body.all("reports_on"),
    )


def _form(call: Call, typed: FormView, reports_on: frozenset[str]) -> Response:
    around = people_admin.surroundings(call.signed_in)
    context = {"form": typed, "offered": choices(around, call), "reports_on": reports_on}
    return page(call, "admin/new_person.html", context, here=urls.new_person())


def choices(around: Surroundings, call: Call, held: frozenset[str] = frozenset()) -> Choices:
    """What there is to choose from, in the order of names; of archived projects only those in `held`."""
    words = language(call)
    return Choices(
        tuple(project for project in around.projects if project.key in held or not project.archived),
        tuple(sorted(around.organisations, key=lambda each: i18n.sort_key(each.name, words))),
    )


def spoken(body: Form) -> str:
    """The language of a form on a person. Raises Invalid."""
    wanted = body.one("language")
    if wanted not in i18n.LANGUAGES:
        raise Invalid.of("language", N_("This is not one of the choices."))
    return wanted


def site_role(body: Form) -> SiteRole | None:
    """The site role of a form on a person, None where none is chosen. Raises Invalid."""
    given = body.one("site_role")
    return forms.choice(SiteRole, given, "site_role") if given else None


def places(body: Form) -> dict[str, ProjectRole]:
    """The roles of a form on a person, by project. Raises Invalid."""
    return {
        name.removeprefix(ROLE): forms.choice(ProjectRole, body.one(name), "projects")
        for name in body.fields
        if name.startswith(ROLE) and body.one(name) != NO_ROLE
    }
