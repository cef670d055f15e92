"""The hosted form, the choice of a project in front of it, and the thanks after it."""

from chalice.app import Response

from chalicelib import desk, directory, reading, urls
from chalicelib.desk import SubmitOrder
from chalicelib.domain.errors import Invalid
from chalicelib.domain.people import STAFF_ROLES, Actor
from chalicelib.domain.permissions import Act, may
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import Ticket, Type
from chalicelib.domain.words import N_
from chalicelib.web import receipts
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("new", is_api=False)


@pages.get("/new", Permission.PUBLIC)
def choose(call: Call) -> Response:
    """The projects one may file under."""
    return page(call, "new.html", {"project": None, "projects": directory.form_projects(call.actor)})


@pages.get("/new/{project}", Permission.PUBLIC)
def form(call: Call, project: str) -> Response:
    """The form of one project; with `?follows=` for what goes on from a closed request."""
    found = directory.form_project(project.upper(), call.actor)
    follows = call.first("follows")
    typed = _after(reading.followed(follows, found.key, call.readers(follows)), call.actor) if follows else forms.EMPTY
    return _form(call, found, typed, forms.new_key())


def _after(closed: Ticket, by: Actor) -> FormView:
    """The form as it begins for a follow-up; staff go on with the same requester."""
    values = {"follows": closed.number, "subject": closed.subject, "type": closed.type.value}
    if may(by, Act.READ_INTERNAL, closed) and closed.requester.email != by.email:
        values |= {"email": closed.requester.email, "name": closed.requester.name}
    return FormView(values, {})


@pages.post("/new/{project}", Permission.PUBLIC, body=Form)
def file(call: Call, project: str, body: Form) -> Response:
    """Files the request; a form that is refused comes back as it was."""
    by = call.actor
    found = directory.form_project(project.upper(), by)
    uploads = body.all("uploads")
    try:
        _refuse_programs(body)
        uploads = forms.with_files(call, body, found.key, by)
        order = _order(found, body, uploads, by)
        ticket = desk.submit(order, by, call.network, body.one("key") or None, call.readers(order.follows))
    except forms.REFUSALS as refusal:
        typed = forms.again(body, uploads, refusal, by, language(call))
        return refused(_form(call, found, typed, forms.key_of(body, refusal)), refusal)
    return sent_on(urls.thanks(ticket.number, receipts.of(ticket.number)))


@pages.get("/thanks/{number}", Permission.PUBLIC)
def thanks(call: Call, number: str) -> Response:
    """What happens next, for the browser that filed the request; any other is sent to the request itself."""
    if not receipts.is_good(call.first("receipt") or "", number):
        return sent_on(urls.ticket(number))
    filed = reading.filed(number)
    context = {
        "ticket": filed,
        "project": filed.project,
        "email": filed.email,
        "mailed": True,
        "link": urls.ticket(number),
        "address": urls.absolute(f"/t/{number}"),
        "accepted": f"new-{filed.project.key}",
        "seen": call.person is not None,
    }
    return page(call, "thanks.html", context)


def _form(call: Call, project: Project, typed: FormView, key: str) -> Response:
    context = {
        "project": project,
        "projects": (),
        "fields": project.asked_fields,
        "form": typed,
        "key": key,
        "limits": forms.LIMITS,
        "for_others": _files_for_others(call.actor, project),
    }
    return page(call, "new.html", context, here=urls.new(project.key))


def _files_for_others(by: Actor, project: Project) -> bool:
    return by.is_admin or by.role_in(project.key) in STAFF_ROLES


def _refuse_programs(body: Form) -> None:
    """A field that nobody sees, filled in: by a program, or by a browser that fills in too much."""
    if body.one("website"):
        raise Invalid.of(
            forms.WHOLE,
            N_("This looks as if a program had filled the form in. If you are a person, send it once more."),
        )


def _order(project: Project, body: Form, uploads: tuple[str, ...], by: Actor) -> SubmitOrder:
    names_requester = not by.is_known or _files_for_others(by, project)
    return SubmitOrder(
        project=project.key,
        subject=body.one("subject"),
        text=body.one("text"),
        type=forms.choice(Type, body.one("type"), "type") if body.one("type") else None,
        fields=forms.own_values(body),
        email=body.one("email").strip() if names_requester else "",
        name=body.one("name").strip() if names_requester else "",
        uploads=uploads,
        follows=body.one("follows"),
    )
