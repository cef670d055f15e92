"""The requester's page of one request: read by a mailed link or signed in, answered after a mailed code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from chalice.app import Response

from chalicelib import desk, directory, reading, urls
from chalicelib.desk import CommentOrder, MoveRequest
from chalicelib.domain.errors import ConfirmationNeeded, DeskError, Invalid, NotFound, NotSignedIn, TooMany
from chalicelib.domain.events import COMMENT_ADDED, RATED, WATCHER_ADDED, WATCHER_REMOVED, Event
from chalicelib.domain.people import Actor, Via, actor_of
from chalicelib.domain.permissions import Act, may
from chalicelib.domain.tickets import Ticket, project_of
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.reading import Case
from chalicelib.web import cookies
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms, views
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.pages.views import ConflictView
from chalicelib.web.routing import Permission, Routes

pages = Routes("ticket", is_api=False)

SENT = frozenset({"reply", "rating", "watch", *(f"move-{action}" for action in TRANSITIONS)})

# Fields of the confirmation itself; all others are those of the form that waits for it.
_OF_CONFIRMATION = frozenset({"code", "again"})


@dataclass(frozen=True, slots=True)
class Deed:
    """What a form of the page asks for. `act` is where it is posted, `kind` the event that it makes.

    It leads back to the request, or on to `leads_to`.
    """

    act: str
    form: str
    kind: str
    sent: str
    carry_out: Callable[[Actor, tuple[str, ...]], object]
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """A form on its way: who sent it with what, and the session that was opened while it was confirmed."""

    call: Call
    number: str
    body: Form
    deed: Deed
    reader: Actor
    uploads: tuple[str, ...]
    session: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page stands: freshly opened, after something was sent, or with a form that was refused."""

    sent: str = ""
    opened: str = ""
    rating: str = ""
    key: str = field(default_factory=forms.new_key)
    forms: Mapping[str, FormView] = field(default_factory=dict)
    conflict: ConflictView | None = None
    cookies: tuple[str, ...] = ()


@pages.get("/t/{number}", Permission.LINK)
def ticket(call: Call, number: str) -> Response:
    """One request, to whoever may read it; those who work on it have a page of their own."""
    try:
        reader, case = reading.case(number, call.readers(number))
    except NotFound:
        return _locked(call, number, 200)
    if may(reader, Act.READ_INTERNAL, case.ticket):
        return sent_on(urls.desk_ticket(number))
    sent, opened = call.first("sent") or "", call.first("move") or ""
    shown = Shown(sent=sent if sent in SENT else "", opened=opened, rating=call.first("rating") or "")
    return _page(call, reader, case, shown)


@pages.post("/t/{number}/reply", Permission.LINK, body=Form)
def reply(call: Call, number: str, body: Form) -> Response:
    """Adds a reply."""

    def carry_out(by: Actor, uploads: tuple[str, ...]) -> object:
        return desk.comment(number, CommentOrder(body.one("text"), uploads=uploads), by, body.one("key") or None)

    return _answer(call, number, body, Deed("reply", "reply", COMMENT_ADDED, "reply", carry_out))


@pages.post("/t/{number}/move", Permission.LINK, body=Form)
def move(call: Call, number: str, body: Form) -> Response:
    """Makes one of the moves of a requester."""
    action = body.one("action")
    kind = TRANSITIONS[action].event_kind if action in TRANSITIONS else ""

    def carry_out(by: Actor, uploads: tuple[str, ...]) -> object:
        version, rating = forms.whole_number(body.one("version")), forms.whole_number(body.one("rating"))
        request = MoveRequest(action, version or 0, text=body.one("text"), uploads=uploads, rating=rating)
        return desk.move(number, request, by)

    return _answer(call, number, body, Deed("move", action, kind, f"move-{action}", carry_out))


@pages.post("/t/{number}/rating", Permission.LINK, body=Form)
def rate(call: Call, number: str, body: Form) -> Response:
    """Says what the solution was worth."""

    def carry_out(by: Actor, _: tuple[str, ...]) -> object:
        return desk.rate(number, forms.whole_number(body.one("rating")) or 0, body.one("text"), by)

    return _answer(call, number, body, Deed("rating", "rating", RATED, "rating", carry_out))


@pages.post("/t/{number}/watch", Permission.LINK, body=Form)
def watch(call: Call, number: str, body: Form) -> Response:
    """Watches the request, or stops watching it; whoever only watched it may then read it no longer."""
    stops = body.one("do") == "remove"

    def carry_out(by: Actor, _: tuple[str, ...]) -> object:
        return (desk.unwatch if stops else desk.watch)(number, by.email, by)

    kind = WATCHER_REMOVED if stops else WATCHER_ADDED
    return _answer(call, number, body, Deed("watch", "watch", kind, "watch", carry_out, urls.my() if stops else ""))


def _answer(call: Call, number: str, body: Form, deed: Deed) -> Response:
    try:
        reader, found = call.as_reader(number, partial(reading.read, number))
    except (NotSignedIn, NotFound):
        return _locked(call, number, 404)
    errand = Errand(call, number, body, deed, reader, body.all("uploads"))
    if found.version > (forms.whole_number(body.one("version")) or found.version) and _is_echo(errand):
        return sent_on(urls.ticket(number, deed.sent))
    try:
        errand = replace(errand, uploads=forms.with_files(call, body, project_of(number) or "", reader))
    except forms.REFUSALS as refusal:
        return _refused(errand, refusal)
    if reader.via is Via.LINK and body.fields.keys() & _OF_CONFIRMATION:
        return _confirm(errand)
    return _carried_out(errand)


def _is_echo(errand: Errand) -> bool:
    """True for a form sent twice. Only asked where something has happened since the form was opened."""
    _, case = reading.case(errand.number, [errand.reader])
    missed = _missed(errand, case)
    return views.is_echo(missed, errand.reader, errand.deed.kind, errand.body)


def _missed(errand: Errand, case: Case) -> tuple[Event, ...]:
    return views.since(case.events, forms.whole_number(errand.body.one("version")))


def _carried_out(errand: Errand) -> Response:
    """Does what the form asks. Files that came with it are stored by now, so that nothing has to be sent again."""
    try:
        errand.deed.carry_out(errand.reader, errand.uploads)
    except ConfirmationNeeded:
        return _ask_for_code(errand, mail=True)
    except forms.REFUSALS as refusal:
        return _refused(errand, refusal)
    return sent_on(errand.deed.leads_to or urls.ticket(errand.number, errand.deed.sent), errand.session)


def _confirm(errand: Errand) -> Response:
    """Signs in whoever the link was mailed to, by the code, and then does what waited for it."""
    call, email = errand.call, errand.reader.email
    if errand.body.one("again"):
        return _ask_for_code(errand, mail=True)
    try:
        person, secret = directory.sign_in(email, errand.body.one("code"), language(call), call.network)
    except (Invalid, TooMany) as refusal:
        return _ask_for_code(errand, refusal)
    call.person = actor_of(person, Via.SESSION)
    return _carried_out(replace(errand, reader=call.person, session=(cookies.session(secret, email),)))


def _ask_for_code(errand: Errand, refusal: DeskError | None = None, *, mail: bool = False) -> Response:
    """The page that asks for the mailed code, carrying the form that waits."""
    call, body = errand.call, errand.body
    if mail:
        try:
            directory.request_code(errand.reader.email, language(call), call.network)
        except TooMany as too_many:
            refusal = too_many
    waiting = [
        (name, value)
        for name, values in body.fields.items()
        if name not in _OF_CONFIRMATION | {"uploads"}
        for value in values
    ]
    context = {
        "pending": {
            "action": urls.ticket_act(errand.number, errand.deed.act),
            "fields": waiting + [("uploads", upload) for upload in errand.uploads],
        },
        "shown": body.one("text").strip(),
        "email": errand.reader.email,
        "form": FormView({}, forms.errors_of(refusal, language(call)) if refusal else {}),
    }
    answer = page(call, "confirm.html", context, here=urls.ticket(errand.number))
    return refused(answer, refusal) if refusal else answer


def _refused(errand: Errand, refusal: DeskError) -> Response:
    """The page with the form as it was sent. Where another change took its place away, the text stands by itself."""
    call, body, deed, reader = errand.call, errand.body, errand.deed, errand.reader
    _, case = reading.case(errand.number, [reader])
    missed = _missed(errand, case)
    clash, words = views.is_clash(refusal, missed), language(call)
    has_place = deed.form in _forms_of(reader, case)
    if not (has_place or clash):
        raise refusal
    kept = "" if has_place else body.one("text")
    shown = Shown(
        opened=deed.form,
        key=forms.key_of(body, refusal),
        forms={deed.form: forms.again(body, errand.uploads, refusal, reader, words)},
        conflict=ConflictView(views.thread(missed, case.ticket, case.project, words), kept) if clash else None,
        cookies=errand.session,
    )
    return refused(_page(call, reader, case, shown), refusal)


def _forms_of(reader: Actor, case: Case) -> frozenset[str]:
    return frozenset(
        {
            *(move.action for move in views.movable(case.ticket, reader, "en")),
            *(["reply"] if _may_reply(reader, case) else []),
            *(["rating"] if _may_rate(reader, case) else []),
        }
    )


def _may_reply(reader: Actor, case: Case) -> bool:
    return may(reader, Act.REPLY, case.ticket) and not case.ticket.archived


def _may_rate(reader: Actor, case: Case) -> bool:
    return case.ticket.can_be_rated and may(reader, Act.RATE, case.ticket)


def _follow_up(reader: Actor, case: Case) -> str | None:
    """Where a follow-up is filed; by way of signing in where the form is for members and the reader came by a link."""
    if not case.ticket.archived or case.project.archived:
        return None
    form = urls.new(case.project.key, follows=case.ticket.number)
    if case.project.takes_requests_of(reader):
        return form
    return urls.sign_in(form) if reader.via is Via.LINK else None


def _page(call: Call, reader: Actor, case: Case, shown: Shown) -> Response:
    found, words = case.ticket, language(call)
    context = {
        "ticket": found,
        "project": case.project,
        "standing": views.standing(found, reader, words),
        "fields": views.own_values(found, case.project, words),
        "closes_on": views.closes_on(found, case.project),
        "thread": views.thread(case.events, found, case.project, words),
        "left_out": case.left_out,
        "files": views.files_panel(case.files, urls.ticket_act(found.number, "files")),
        "moves": views.movable(found, reader, words, shown.opened),
        "may_reply": _may_reply(reader, case),
        "watching": _watching(reader, found),
        "must_confirm": reader.via is Via.LINK,
        "posts": {act: urls.ticket_act(found.number, act) for act in ("reply", "move", "rating", "watch")},
        "reply": shown.forms.get("reply", forms.EMPTY),
        "forms": shown.forms,
        "conflict": shown.conflict,
        "key": shown.key,
        "limits": forms.LIMITS,
        "sent": shown.sent,
        "follow_up": _follow_up(reader, case),
        "must_sign_in": not case.project.takes_requests_of(reader),
        "rating": shown.forms.get("rating", FormView({"rating": shown.rating}, {})),
        "may_rate": _may_rate(reader, case),
    }
    return page(call, "ticket.html", context, here=urls.ticket(found.number), cookies=shown.cookies)


def _watching(reader: Actor, ticket: Ticket) -> str:
    """What the button beside the history does: `add`, `remove`, or nothing for whom there is none."""
    if ticket.archived or reader.email == ticket.requester.email or not may(reader, Act.WATCH, ticket):
        return ""
    return "remove" if ticket.watched_by(reader.email) else "add"


def _locked(call: Call, number: str, status: int) -> Response:
    """The same answer for a request that is not the caller's and for one that does not exist.

    To be read it is a page like any other, 200: whoever follows a mailed link comes through it, for the secret after #
    never reaches a server, and a mail scanner that follows it as well must not call the link broken.
    """
    return page(call, "ticket_locked.html", {"number": number}, status, here=urls.ticket(number))
