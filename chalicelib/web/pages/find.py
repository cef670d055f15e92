"""A lost link: fresh ones are mailed, and the page never tells whether there was anything to mail."""

from chalice.app import Response

from chalicelib import directory, urls
from chalicelib.domain.errors import Invalid, TooMany
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("find", is_api=False)


@pages.get("/find", Permission.PUBLIC)
def ask(call: Call) -> Response:
    """For which address."""
    return _page(call, False, "", forms.EMPTY)


@pages.post("/find", Permission.PUBLIC, body=Form)
def find(call: Call, body: Form) -> Response:
    """Has the links mailed; the answer is the same for every address."""
    email = body.one("email").strip()
    try:
        directory.find_requests(email, language(call), call.network)
    except (Invalid, TooMany) as refusal:
        typed = FormView({"email": email}, forms.errors_of(refusal, language(call)))
        return refused(_page(call, False, email, typed), refusal)
    return _page(call, True, email, forms.EMPTY)


def _page(call: Call, sent: bool, email: str, typed: FormView) -> Response:
    return page(call, "find.html", {"sent": sent, "email": email, "form": typed}, here=urls.find())
