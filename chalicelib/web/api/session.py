"""Signing in by a mailed code, and opening one ticket by a mailed link."""

from chalicelib import directory, reading
from chalicelib.web import cookies
from chalicelib.web.api import views
from chalicelib.web.api.views import Empty, OpenedTicket, SignedIn
from chalicelib.web.bodies import Body
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_session", is_api=True)


class CodeOrder(Body, frozen=True):
    """Where to mail a one-time code."""

    email: str


class SignIn(Body, frozen=True):
    """The address and the code that was mailed there."""

    email: str
    code: str


class LinkToken(Body, frozen=True):
    """What stands after `#k=` in a mailed link."""

    token: str


@api.post("/codes", Permission.PUBLIC, body=CodeOrder, answer=Empty, status=202)
def request_code(call: Call, body: CodeOrder) -> Empty:
    """Mail a one-time code. The answer is the same whether the desk knows the address or not."""
    directory.request_code(body.email, call.language, call.network)
    return Empty()


@api.post("/session", Permission.PUBLIC, body=SignIn, answer=SignedIn, answer_headers=("Set-Cookie",))
def sign_in(call: Call, body: SignIn) -> Answer:
    """Sign in with a mailed code."""
    person, secret = directory.sign_in(body.email, body.code, call.language, call.network)
    return Answer(SignedIn(person=views.person(person)), headers={"Set-Cookie": cookies.session(secret, person.email)})


@api.delete("/session", Permission.PUBLIC, status=204, answer_headers=("Set-Cookie",))
def sign_out(call: Call) -> Answer:
    """End the session of the cookie; the same answer where there is none."""
    if call.session:
        directory.sign_out(call.session[0])
    return Answer(status=204, headers={"Set-Cookie": cookies.no_session()})


@api.post("/session/link", Permission.PUBLIC, body=LinkToken, answer=OpenedTicket, answer_headers=("Set-Cookie",))
def open_link(call: Call, body: LinkToken) -> Answer:
    """Open one ticket by a mailed link. Opening changes nothing."""
    link, _ = directory.open_link(body.token, call.network)
    actor = directory.reader_of(link, call.language)
    ticket, attachments = reading.ticket_with_files(link.ticket, actor)
    opened = OpenedTicket(ticket=views.ticket(ticket, attachments, actor))
    return Answer(opened, headers={"Set-Cookie": cookies.link(ticket.number, body.token)})
