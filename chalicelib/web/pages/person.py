"""One person, for administrators: who they are, what lets them in, and the requests they have in hand."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chalice.app import Response

from chalicelib import desk, directory, people_admin, reading, urls
from chalicelib.config import settings
from chalicelib.desk import MoveRequest
from chalicelib.domain.accounts import PersonChange
from chalicelib.domain.errors import DeskError, StaleVersion
from chalicelib.domain.lists import Filter
from chalicelib.domain.people import Actor, Contact, Person, ProjectRole
from chalicelib.domain.tickets import TicketCard
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.people_admin import Account
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.pages.people import ROLE, choices, places, site_role, spoken
from chalicelib.web.routing import Permission, Routes

pages = Routes("person", is_api=False)

ROWS = 25
SENT = frozenset({"created", "changed", "invited", "deactivated", "reactivated", "handed"})
_IN_HAND = TRANSITIONS["hand_over"].sources


@dataclass(frozen=True, slots=True)
class Kept:
    """A request that was not handed over, and why."""

    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page stands: freshly opened, or with a form that was refused."""

    form: FormView | None = None
    reports_on: frozenset[str] | None = None
    problem: str = ""
    kept: tuple[Kept, ...] = ()
    went: int = 0
    clash: bool = False
    chosen: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InHand:
    """The requests of one project that the person has in hand, and who else could have them."""

    key: str
    cards: tuple[TicketCard, ...]
    others: tuple[Contact, ...]


@pages.get("/admin/people/{email}", Permission.ADMIN)
def person(call: Call, email: str) -> Response:
    """Who somebody is, what lets them in, and what they have in hand."""
    return _page(call, people_admin.account(email, call.signed_in), Shown())


@pages.post("/admin/people/{email}", Permission.ADMIN, body=Form)
def change(call: Call, email: str, body: Form) -> Response:
    """Changes name, language, roles and places."""
    by = call.signed_in
    try:
        changed = people_admin.change(email, _change(body), by)
    except forms.REFUSALS as refusal:
        typed = FormView(body.values, forms.errors_of(refusal, language(call)))
        clash = isinstance(refusal, StaleVersion)
        shown = Shown(form=typed, reports_on=frozenset(body.all("reports_on")), clash=clash)
        return refused(_page(call, people_admin.account(email, by), shown), refusal)
    return sent_on(urls.person(changed.email, "changed"))


def _change(body: Form) -> PersonChange:
    role = site_role(body)
    return PersonChange(
        version=forms.whole_number(body.one("version")) or 0,
        name=body.one("name"),
        language=spoken(body),
        site_role=role,
        clear_site_role=role is None,
        organisation=body.one("organisation"),
        projects=places(body),
        reports_on=body.all("reports_on"),
    )


@pages.post("/admin/people/{email}/active", Permission.ADMIN, body=Form)
def activate(call: Call, email: str, body: Form) -> Response:
    """Puts somebody out, or lets them in again."""
    active = body.one("do") == "reactivate"
    version = forms.whole_number(body.one("version")) or 0
    order = PersonChange(version=version, active=active)
    sent = "reactivated" if active else "deactivated"
    return _done(call, email, sent, lambda by: people_admin.change(email, order, by))


@pages.post("/admin/people/{email}/invitation", Permission.ADMIN, body=Form)
def invite(call: Call, email: str, body: Form) -> Response:  # noqa: ARG001 - a form like any other, with nothing in it
    """Mails the invitation once more."""
    return _done(call, email, "invited", lambda by: people_admin.invite(email, by))


def _done(call: Call, email: str, sent: str, act: Callable[[Actor], Person]) -> Response:
    by = call.signed_in
    try:
        changed = act(by)
    except forms.REFUSALS as refusal:
        problem = forms.errors_of(refusal, language(call))[forms.WHOLE]
        return refused(_page(call, people_admin.account(email, by), Shown(problem=problem)), refusal)
    return sent_on(urls.person(changed.email, sent))


@pages.post("/admin/people/{email}/hand-over", Permission.ADMIN, body=Form)
def hand_over(call: Call, email: str, body: Form) -> Response:
    """Gives the chosen requests to others, project by project; each goes or stays by itself."""
    by, words = call.signed_in, language(call)
    refusals: dict[str, DeskError] = {}
    chosen = body.all("requests")[:ROWS]
    for each in chosen:
        number, _, version = each.partition(":")
        to = body.one(f"to.{number.rpartition('-')[0]}")
        try:
            desk.move(number, MoveRequest("hand_over", forms.whole_number(version) or 0, to), by)
        except DeskError as refusal:
            refusals[number] = refusal
    if not refusals:
        return sent_on(urls.person(email, "handed" if chosen else None))
    kept = tuple(Kept(number, _reason(refusal, words)) for number, refusal in refusals.items())
    given = {name.removeprefix("to."): body.one(name) for name in body.fields if name.startswith("to.")}
    shown = Shown(kept=kept, went=len(chosen) - len(kept), chosen=given)
    return refused(_page(call, people_admin.account(email, by), shown), next(iter(refusals.values())))


def _reason(refusal: DeskError, words: str) -> str:
    return " ".join(forms.errors_of(refusal, words).values())


def _page(call: Call, account: Account, shown: Shown) -> Response:
    found, by = account.person, call.signed_in
    cursor = call.first("cursor")
    wanted = Filter(assignees=frozenset({found.email}), states=frozenset(_IN_HAND))
    open_ones = reading.listed(wanted, by, ROWS, cursor, own=False)
    sent = call.first("sent") or ""
    context = {
        "account": found,
        "form": shown.form or FormView(_values(found), {}),
        "clash": shown.clash,
        "reports_on": found.reports_on if shown.reports_on is None else shown.reports_on,
        "offered": choices(account.around, call, frozenset(found.roles) | frozenset(found.reports_on)),
        "own": found.email == by.email,
        "installed": found.email == settings().admin_email,
        "problem": shown.problem,
        "kept": shown.kept,
        "went": shown.went,
        "chosen": shown.chosen,
        "in_hand": _in_hand(open_ones.items, found),
        "unmanaged": _unmanaged(found),
        "first": urls.person(found.email) if cursor else None,
        "more": urls.person(found.email, cursor=open_ones.next) if open_ones.next else None,
        "sent": sent if sent in SENT else "",
    }
    return page(call, "admin/person.html", context, here=urls.person(found.email))


def _unmanaged(found: Person) -> list[str]:
    """The projects that nobody manages since this person was put out: their new requests reach nobody."""
    managed = tuple(sorted(key for key, role in found.roles.items() if role is ProjectRole.PROJECT_MANAGER))
    staff = directory.staff_of(managed) if managed and not found.active else {}
    return [key for key, members in staff.items() if all(m.role is not ProjectRole.PROJECT_MANAGER for m in members)]


def _values(found: Person) -> dict[str, str]:
    return {
        "name": found.name,
        "language": found.language,
        "site_role": found.site_role or "",
        "organisation": found.organisation,
        **{f"{ROLE}{key}": role for key, role in found.roles.items()},
    }


def _in_hand(cards: tuple[TicketCard, ...], found: Person) -> list[InHand]:
    keys = tuple(dict.fromkeys(card.project for card in cards))
    staff = directory.staff_of(keys)
    return [
        InHand(
            key,
            tuple(card for card in cards if card.project == key),
            tuple(member.contact for member in staff[key] if member.email != found.email),
        )
        for key in sorted(keys)
    ]
