"""The staff's list, with its filters in the address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalice.app import Response

from chalicelib import clock, i18n, reading, urls
from chalicelib.config import settings
from chalicelib.domain.lists import NOBODY, Filter
from chalicelib.domain.own_fields import CHANGE_PREFIX
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.projects import OwnField
from chalicelib.domain.tickets import Priority, State, TicketCard, Turn
from chalicelib.reading import Overview
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page
from chalicelib.web.routing import Permission, Routes

pages = Routes("desk_list", is_api=False)

ROWS = 50
ME = "me"


@dataclass(frozen=True)
class Asked:
    """What the address asks for. No state means all that is not closed.

    `fields` are those of the one project asked for, by code; the address names that project with them (`of`), so that
    they end when another one is chosen.
    """

    projects: tuple[str, ...]
    assignees: tuple[str, ...]
    requesters: tuple[str, ...]
    states: tuple[State, ...]
    fields: tuple[tuple[str, str], ...] = ()

    def wanted(self, by: Actor) -> Filter:
        """The list's filter."""
        people = frozenset(by.email if each == ME else each for each in self.assignees)
        return Filter(
            projects=frozenset(self.projects) or None,
            states=frozenset(self.states) or None,
            assignees=people or None,
            requesters=frozenset(self.requesters) or None,
            fields=tuple((code, frozenset({value})) for code, value in self.fields),
            archived=None if self.states else False,
        )

    def href(self, cursor: str | None = None) -> str:
        """The address that asks for this."""
        sides = (("project", self.projects), ("assignee", self.assignees), ("requester", self.requesters))
        asked = [(name, value) for name, values in (*sides, ("state", self.states)) for value in values]
        own = [(CHANGE_PREFIX + code, value) for code, value in self.fields]
        of = [("of", key) for key in self.projects if own]
        return urls.desk([*asked, *of, *own, ("cursor", cursor or "")])


@dataclass(frozen=True, slots=True)
class Tab:
    """The list of one state; the empty state is all that is not closed."""

    state: str
    count: int | None
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, and the list without it. `value` may be `me` or `none`, `label` that of an own field."""

    side: str
    value: str
    href: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the list."""

    number: str
    subject: str
    state: State
    priority: Priority
    requester: Contact
    assignee: Contact | None
    whose_turn: Turn
    waiting_since: datetime
    updated_at: datetime
    due: date | None
    href: str


@pages.get("/desk", Permission.STAFF)
def listed(call: Call) -> Response:
    """The requests that the reader works on, newest change first."""
    by, asked, cursor = call.signed_in, _asked(call), call.first("cursor")
    found = reading.overview(asked.wanted(by), by, ROWS, cursor)
    staff = sorted(found.staff, key=lambda contact: i18n.sort_key(contact.name or contact.email, language(call)))
    context = {
        "tabs": _tabs(asked, found),
        "filters": asked,
        "projects": found.projects,
        "people": _with_asked(staff, asked),
        "fields": _filterable(asked, found),
        "chips": list(_chips(asked, found)),
        "rows": [_row(card) for card in found.page.items],
        "newer": asked.href() if cursor else None,
        "older": asked.href(found.page.next) if found.page.next else None,
        "today": clock.now().astimezone(settings().zone).date(),
    }
    return page(call, "desk/list.html", context)


def _asked(call: Call) -> Asked:
    """Raises Invalid for a state that there is not; any other filter simply finds nothing."""

    def given(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value.strip() for value in call.query.get(name, ()) if value.strip()))

    keys = tuple(key.upper() for key in given("project"))
    return Asked(
        keys,
        tuple(each.lower() for each in given("assignee")),
        tuple(each.lower() for each in given("requester")),
        tuple(forms.choice(State, state, "state") for state in given("state")),
        tuple(_own_fields(call)) if len(keys) == 1 and call.first("of") == keys[0] else (),
    )


def _own_fields(call: Call) -> Iterable[tuple[str, str]]:
    for name in sorted(call.query):
        value = (call.first(name) or "").strip()
        if name.startswith(CHANGE_PREFIX) and value:
            yield name.removeprefix(CHANGE_PREFIX), value


def _filterable(asked: Asked, found: Overview) -> tuple[OwnField, ...]:
    """The own fields by which the list of one project may be narrowed."""
    if len(asked.projects) != 1:
        return ()
    chosen = next((project for project in found.projects if project.key == asked.projects[0]), None)
    return tuple(own for own in chosen.fields if own.filterable) if chosen else ()


def _tabs(asked: Asked, found: Overview) -> list[Tab]:
    counts = found.counts
    total = None if counts is None else sum(n for state, n in counts.items() if state is not State.CLOSED)
    every = Tab("", total, replace(asked, states=()).href(), not asked.states)
    return [every] + [
        Tab(state, counts[state] if counts else None, replace(asked, states=(state,)).href(), asked.states == (state,))
        for state in State
    ]


def _chips(asked: Asked, found: Overview) -> Iterable[Chip]:
    names = {project.key: project.name for project in found.projects}
    people = {contact.email: contact.name for contact in found.staff}
    for key in asked.projects:
        yield Chip("project", names.get(key, key), replace(asked, projects=_less(asked.projects, key)).href())
    for email in asked.assignees:
        left = replace(asked, assignees=_less(asked.assignees, email))
        yield Chip("assignee", people.get(email) or email, left.href())
    for email in asked.requesters:
        yield Chip("requester", email, replace(asked, requesters=_less(asked.requesters, email)).href())
    labels = {own.code: own.label for own in _filterable(asked, found)}
    for code, value in asked.fields:
        left = replace(asked, fields=tuple(each for each in asked.fields if each[0] != code))
        yield Chip("field", value, left.href(), labels.get(code, code))


def _less(values: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != one)


def _row(card: TicketCard) -> Row:
    return Row(
        card.number,
        card.subject,
        card.state,
        card.priority,
        card.requester,
        card.assignee,
        card.whose_turn,
        card.waiting_since,
        card.updated_at,
        card.due,
        urls.desk_ticket(card.number),
    )


def _with_asked(staff: list[Contact], asked: Asked) -> list[Contact]:
    """The people to choose from, and whoever is chosen already without being among them."""
    known = {ME, NOBODY, *(contact.email for contact in staff)}
    return staff + [Contact(email, "") for email in asked.assignees if email not in known]
