"""The working page of one request, for those who work on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chalice.app import Response

from chalicelib import addresses, clock, desk, i18n, reading, urls
from chalicelib.config import settings
from chalicelib.desk import CommentOrder, MoveRequest
from chalicelib.domain.errors import DeskError
from chalicelib.domain.events import COMMENT_ADDED
from chalicelib.domain.notices import Notify
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.permissions import Act, may
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import Priority, Ticket, Type, project_of
from chalicelib.domain.workflow import TRANSITIONS, ChangeOrder
from chalicelib.reading import Workplace
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms, notify, views
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.pages.views import ConflictView, MoveView
from chalicelib.web.routing import Permission, Routes

pages = Routes("desk_ticket", is_api=False)

ACTS = ("reply", "note", "move", "properties", "watch", "notify", "address")
SENT = frozenset({"reply", "note", "properties", "watch", "notify", *(f"move-{action}" for action in TRANSITIONS)})


@dataclass(frozen=True, slots=True)
class Deed:
    """What a form of the page asks for. `kind` is the event that it makes, `whole` where its own errors are shown."""

    form: str
    sent: str
    carry_out: Callable[[Actor, tuple[str, ...]], object]
    kind: str = ""
    whole: str = forms.WHOLE


@dataclass(frozen=True, slots=True)
class Solver:
    """Somebody who may be handed the request."""

    email: str
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page stands: freshly opened, after something was stored, or with a form that was refused."""

    sent: str = ""
    form: str = ""
    key: str = field(default_factory=forms.new_key)
    forms: Mapping[str, FormView] = field(default_factory=dict)
    conflict: ConflictView | None = None
    hears: tuple[str, ...] | None = None


@pages.get("/desk/{number}", Permission.STAFF)
def ticket(call: Call, number: str) -> Response:
    """One request, to whoever works on it; to anybody else who may read it, as the requester sees it."""
    by = call.signed_in
    place = reading.workplace(number, by)
    if not may(by, Act.READ_INTERNAL, place.case.ticket):
        return sent_on(urls.ticket(number))
    sent = call.first("sent") or ""
    return _page(call, by, place, Shown(sent=sent if sent in SENT else ""))


@pages.post("/desk/{number}/reply", Permission.STAFF, body=Form)
def reply(call: Call, number: str, body: Form) -> Response:
    """Writes to the requester."""

    def carry_out(by: Actor, uploads: tuple[str, ...]) -> object:
        return desk.comment(number, CommentOrder(body.one("text"), uploads=uploads), by, body.one("key") or None)

    return _answer(call, number, body, Deed("reply", "reply", carry_out, COMMENT_ADDED))


@pages.post("/desk/{number}/note", Permission.STAFF, body=Form)
def note(call: Call, number: str, body: Form) -> Response:
    """Writes to the staff alone."""

    def carry_out(by: Actor, uploads: tuple[str, ...]) -> object:
        order = CommentOrder(body.one("text"), internal=True, uploads=uploads)
        return desk.comment(number, order, by, body.one("key") or None)

    return _answer(call, number, body, Deed("note", "note", carry_out))


@pages.post("/desk/{number}/move", Permission.STAFF, body=Form)
def move(call: Call, number: str, body: Form) -> Response:
    """Makes one of the moves."""
    action = body.one("action")
    kind = TRANSITIONS[action].event_kind if action in TRANSITIONS else ""

    def carry_out(by: Actor, uploads: tuple[str, ...]) -> object:
        version, rating = forms.whole_number(body.one("version")), forms.whole_number(body.one("rating"))
        request = MoveRequest(action, version or 0, body.one("assignee"), body.one("text"), uploads, rating)
        return desk.move(number, request, by)

    return _answer(call, number, body, Deed(action, f"move-{action}", carry_out, kind))


@pages.post("/desk/{number}/properties", Permission.STAFF, body=Form)
def change(call: Call, number: str, body: Form) -> Response:
    """Changes kind, priority, due date and the project's own fields."""

    def carry_out(by: Actor, _: tuple[str, ...]) -> object:
        due = forms.day(body.one("due"), "due")
        order = ChangeOrder(
            version=forms.whole_number(body.one("version")) or 0,
            type=forms.choice(Type, body.one("type"), "type"),
            priority=forms.choice(Priority, body.one("priority"), "priority"),
            due=due,
            clear_due=due is None,
            fields=forms.own_values(body),
        )
        return desk.change(number, order, by)

    return _answer(call, number, body, Deed("properties", "properties", carry_out))


@pages.post("/desk/{number}/watch", Permission.STAFF, body=Form)
def watch(call: Call, number: str, body: Form) -> Response:
    """Adds a watcher, or takes one away."""

    def carry_out(by: Actor, _: tuple[str, ...]) -> object:
        act = desk.unwatch if body.one("do") == "remove" else desk.watch
        return act(number, body.one("email"), by)

    return _answer(call, number, body, Deed("watch", "watch", carry_out, whole="email"))


@pages.post("/desk/{number}/notify", Permission.STAFF, body=Form)
def set_notify(call: Call, number: str, body: Form) -> Response:
    """Sets who hears of this request, or takes that back."""

    def carry_out(by: Actor, _: tuple[str, ...]) -> object:
        wanted, version = notify.settings_of(body, notify.OF_REQUEST), forms.whole_number(body.one("version")) or 0
        as_in_project = body.one("do") == "reset" or wanted == Notify()
        order = ChangeOrder(version, notify=None if as_in_project else wanted, clear_notify=as_in_project)
        return desk.change(number, order, by)

    return _answer(call, number, body, Deed("notify", "notify", carry_out))


@pages.post("/desk/{number}/address", Permission.STAFF, body=Form)
def mail_again(call: Call, number: str, body: Form) -> Response:
    """Has an address mailed again that the request says is not."""
    addresses.clear_on(number, body.one("email"), call.signed_in)
    return sent_on(urls.desk_ticket(number))


def _answer(call: Call, number: str, body: Form, deed: Deed) -> Response:
    by, uploads = call.signed_in, body.all("uploads")
    try:
        uploads = forms.with_files(call, body, project_of(number) or "", by)
        deed.carry_out(by, uploads)
    except forms.REFUSALS as refusal:
        return _refused(call, number, body, deed, uploads, refusal)
    return sent_on(urls.desk_ticket(number, deed.sent))


def _refused(call: Call, number: str, body: Form, deed: Deed, uploads: tuple[str, ...], refusal: DeskError) -> Response:
    """The page with the form as it was sent. Where another change took its place away, the text stands by itself."""
    by, words = call.signed_in, language(call)
    place = reading.workplace(number, by)
    case = place.case
    missed = views.since(case.events, forms.whole_number(body.one("version")))
    if views.is_echo(missed, by, deed.kind, body):
        return sent_on(urls.desk_ticket(number, deed.sent))
    clash, has_place = views.is_clash(refusal, missed), deed.form in _forms_of(by, case.ticket)
    if not (has_place or clash):
        raise refusal
    entries = views.thread(missed, case.ticket, case.project, words, place.staff)
    shown = Shown(
        form=deed.form,
        key=forms.key_of(body, refusal),
        forms={deed.form: forms.again(body, uploads, refusal, by, words, deed.whole)},
        conflict=ConflictView(entries, "" if has_place else body.one("text")) if clash else None,
        hears=body.all("hears") if deed.form == "notify" else None,
    )
    return refused(_page(call, by, place, shown), refusal)


def _forms_of(by: Actor, ticket: Ticket) -> frozenset[str]:
    """The forms that the page has for `by` now."""
    allowed = {
        "reply": may(by, Act.REPLY, ticket),
        "note": may(by, Act.NOTE, ticket),
        "properties": may(by, Act.CHANGE, ticket),
        "notify": may(by, Act.CHANGE, ticket),
        "watch": may(by, Act.MANAGE_WATCHERS, ticket),
    }
    open_ones = [] if ticket.archived else [name for name, yes in allowed.items() if yes]
    return frozenset([*open_ones, *(move.action for move in views.movable(ticket, by, i18n.DEFAULT))])


def _page(call: Call, by: Actor, place: Workplace, shown: Shown) -> Response:
    case, words = place.case, language(call)
    found, has = case.ticket, _forms_of(by, case.ticket)
    moves = views.movable(found, by, words, shown.form)
    context = {
        "ticket": found,
        "project": case.project,
        "fields": views.own_values(found, case.project, words),
        "closes_on": views.closes_on(found, case.project),
        "follow_up": _follow_up(found, case.project, by),
        "today": clock.now().astimezone(settings().zone).date(),
        "thread": views.thread(case.events, found, case.project, words, place.staff),
        "left_out": case.left_out,
        "files": views.files_panel(case.files, urls.desk_act(found.number, "files")),
        "moves": moves,
        "solvers": _solvers(place.staff, found.assignee, words),
        "forms": shown.forms,
        "open_move": _open_move(moves, shown.form),
        "mode": "note" if shown.form == "note" else "reply",
        "may_reply": "reply" in has,
        "may_note": "note" in has,
        "may_change": "properties" in has,
        "may_watch": "watch" in has,
        "stopped": views.stopped(case.events, words),
        "may_resume": may(by, Act.CHANGE, found),
        "watches": found.watched_by(by.email),
        "notify": notify.table(notify.OF_REQUEST, found.notify, case.project.notify, words, shown.hears),
        "told": {mode: urls.told(found.number, mode == "note") for mode in ("reply", "note")},
        "recipients": urls.desk_recipients(found.number),
        "conflict": shown.conflict,
        "posts": {act: urls.desk_act(found.number, act) for act in ACTS},
        "key": shown.key,
        "limits": forms.LIMITS,
        "sent": shown.sent,
        "back": urls.desk(),
    }
    return page(call, "desk/ticket.html", context, here=urls.desk_ticket(found.number))


def _follow_up(ticket: Ticket, project: Project, by: Actor) -> str | None:
    may_file = ticket.archived and project.takes_requests_of(by)
    return urls.new(project.key, follows=ticket.number) if may_file else None


def _open_move(moves: tuple[MoveView, ...], form: str) -> str | None:
    return next((move.action for move in moves if move.action == form), None)


def _solvers(staff: tuple[Contact, ...], assignee: Contact | None, words: str) -> list[Solver]:
    """Whom it may be handed to, in the order of the alphabet; not whoever has it already."""
    others = [contact for contact in staff if assignee is None or contact.email != assignee.email]
    ranked = sorted(others, key=lambda contact: i18n.sort_key(contact.name or contact.email, words))
    return [Solver(contact.email, contact.name or contact.email) for contact in ranked]
