"""Signing in by a mailed code, in two steps, and signing out."""

from chalice.app import Response

from chalicelib import directory, urls
from chalicelib.domain.errors import DeskError, Invalid, TooMany
from chalicelib.domain.people import Person, Via, actor_of
from chalicelib.web import cookies
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("sign_in", is_api=False)


@pages.get("/sign-in", Permission.PUBLIC)
def ask(call: Call) -> Response:
    """The first step: for which address."""
    return _step(call, "email", "", call.first("next") or "")


@pages.post("/sign-in", Permission.PUBLIC, body=Form)
def sign_in(call: Call, body: Form) -> Response:
    """The first step mails a code, the second one takes it."""
    return _take_code(call, body) if "code" in body.fields and not body.one("again") else _mail_code(call, body)


@pages.post("/sign-out", Permission.PUBLIC, body=Form)
def sign_out(call: Call, body: Form) -> Response:  # noqa: ARG001 - a form like any other, with nothing in it
    """Ends the session, and forgets the links that this browser has opened."""
    if call.session:
        directory.sign_out(call.session[0])
    return sent_on(urls.home(), [cookies.no_session(), *cookies.no_links(call.cookies)])


def _mail_code(call: Call, body: Form) -> Response:
    email, next_page = body.one("email").strip(), body.one("next")
    try:
        directory.request_code(email, language(call), call.network)
    except (Invalid, TooMany) as refusal:
        return _step(call, "code" if "code" in body.fields else "email", email, next_page, refusal)
    return _step(call, "code", email, next_page)


def _take_code(call: Call, body: Form) -> Response:
    email, next_page = body.one("email"), body.one("next")
    try:
        person, secret = directory.sign_in(email, body.one("code"), language(call), call.network)
    except (Invalid, TooMany) as refusal:
        return _step(call, "code", email, next_page, refusal)
    address = urls.local_path(next_page) or _first_page(person)
    return sent_on(address, [cookies.session(secret, person.email)])


def _first_page(person: Person) -> str:
    return urls.desk() if actor_of(person, Via.SESSION).is_staff else urls.my()


def _step(call: Call, step: str, email: str, next_page: str, refusal: DeskError | None = None) -> Response:
    wrong = forms.errors_of(refusal, language(call)) if refusal else {}
    wanted = urls.local_path(next_page) or ""
    context = {"step": step, "email": email, "next": wanted, "form": FormView({"email": email}, wrong)}
    answer = page(call, "sign_in.html", context, here=urls.sign_in(wanted))
    return refused(answer, refusal) if refusal else answer
