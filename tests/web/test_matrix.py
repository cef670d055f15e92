"""Who gets how far: every route that names a project or request, for every role, on own, foreign and archived ones.

Whoever has no access must not be able to tell a foreign one from one that does not exist: the two answers are the same,
byte for byte, but for the name that was asked for. A route without a row here fails the test.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app import ENDPOINTS
from chalicelib.domain.people import Person, ProjectRole
from chalicelib.domain.projects import Form
from chalicelib.storage import people
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, HANA, MARIE, ROOT, STRANGER, called
from tests.stage import CLOSED_SHOP, OPEN_WEB, filed, settle
from tests.web.api.door import link_token
from tests.web.client import API, Answer, Client
from tests.web.conftest import Browser

ROLES: tuple[Person | None, ...] = (None, EVA, FRANK, BOB, ALICE, MARIE, ROOT)
"""Nobody signed in; of WEB the requester, another customer, a solver, its manager; a reader of reports; an admin."""
NONE = "NIL"
OUT, REFUSED, IN = "-", "x", "o"
"""Learns nothing; sees that it is there and is refused; gets in, if only to hear that the order was no good."""


@dataclass(frozen=True)
class Row:
    """How a route is asked, and how far each of ROLES gets with what is WEB's."""

    own: str
    query: str = ""
    content: dict[str, Any] | None = None
    archived: str = ""
    """Where that differs from `own`."""
    fields: dict[str, str] = field(default_factory=dict)


READERS, STAFF, ADMIN = "-o-oo-o", "---oo-o", "------o"
PATCH, MOVE = {"version": 99, "priority": "low"}, {"action": "start", "version": 99}
FILE = {"filename": "a.txt", "content_type": "text/plain", "size": 3, "project": "{key}"}
MEMBER = f"{API}/projects/{{key}}/members/{{email}}"

ROWS: dict[tuple[str, str], Row] = {
    ("GET", f"{API}/projects/{{key}}"): Row("-oooo-o"),
    ("PATCH", f"{API}/projects/{{key}}"): Row(ADMIN, content={"version": 99}),
    ("GET", f"{API}/projects/{{key}}/members"): Row("-xxoo-o"),
    ("PUT", MEMBER): Row(ADMIN, content={"role": "customer"}),
    ("DELETE", MEMBER): Row(ADMIN),
    ("POST", f"{API}/uploads"): Row("-oooo-o", content=FILE, archived="-o-oo-o"),
    ("POST", f"{API}/tickets"): Row(
        "-oooo-o", content={"project": "{key}", "subject": "", "text": ""}, archived="-------"
    ),
    ("GET", f"{API}/tickets"): Row(READERS, query="?project={key}"),
    ("GET", f"{API}/tickets/{{number}}"): Row(READERS),
    ("PATCH", f"{API}/tickets/{{number}}"): Row("-x-xo-o", content=PATCH),
    ("GET", f"{API}/tickets/{{number}}/history"): Row(READERS),
    ("POST", f"{API}/tickets/{{number}}/comments"): Row(READERS, content={"text": ""}),
    ("POST", f"{API}/tickets/{{number}}/moves"): Row("-x-xo-o", content=MOVE),
    ("POST", f"{API}/tickets/{{number}}/rating"): Row("-o-xx-x", content={"rating": 5}),
    ("GET", f"{API}/tickets/{{number}}/watchers"): Row(READERS),
    ("PUT", f"{API}/tickets/{{number}}/watchers/{{email}}"): Row(READERS),
    ("DELETE", f"{API}/tickets/{{number}}/watchers/{{email}}"): Row(READERS),
    ("DELETE", f"{API}/tickets/{{number}}/links/{{email}}"): Row("-x-xo-o"),
    ("GET", f"{API}/tickets/{{number}}/recipients"): Row("-x-oo-o"),
    ("GET", "/new/{project}"): Row("-oooo-o", archived="-------"),
    ("POST", "/new/{project}"): Row("-oooo-o", archived="-------"),
    ("GET", "/thanks/{number}"): Row("-------"),
    ("GET", "/t/{number}"): Row(READERS),
    ("GET", "/t/{number}/files"): Row(READERS),
    ("POST", "/t/{number}/reply"): Row(READERS),
    ("POST", "/t/{number}/move"): Row(READERS),
    ("POST", "/t/{number}/rating"): Row("-o-xx-x"),
    ("POST", "/t/{number}/watch"): Row(READERS),
    ("GET", "/desk"): Row(STAFF, query="?project={key}"),
    ("GET", "/desk/{number}"): Row(STAFF),
    ("GET", "/desk/{number}/files"): Row(STAFF),
    ("POST", "/desk/{number}/reply"): Row(STAFF),
    ("POST", "/desk/{number}/note"): Row(STAFF),
    ("POST", "/desk/{number}/move"): Row(STAFF),
    ("POST", "/desk/{number}/properties"): Row(STAFF),
    ("POST", "/desk/{number}/watch"): Row(STAFF),
    ("POST", "/desk/{number}/address"): Row("---xo-o"),
    ("POST", "/desk/{number}/notify"): Row("---xo-o"),
    ("GET", "/desk/{number}/recipients"): Row(STAFF),
    ("GET", "/admin/projects/{key}"): Row(ADMIN),
    ("GET", "/admin/projects/{key}/archive"): Row(ADMIN),
    **{
        ("POST", f"/admin/projects/{{key}}/{section}"): Row(ADMIN, fields={"version": "99"})
        for section in ("form", "manager", "members", "fields", "notices", "closing", "billing", "archive")
    },
}

NAMING = re.compile(r"\{(number|key|project)\}")
ELSEWHERE = {("POST", f"{API}/uploads"), ("POST", f"{API}/tickets"), ("GET", f"{API}/tickets"), ("GET", "/desk")}
"""Routes that name a project in their query or body."""


def test_every_route_that_names_a_project_or_a_request_has_its_row() -> None:
    naming = {(each.method, each.path) for each in ENDPOINTS if NAMING.search(each.path)}
    assert naming | ELSEWHERE == set(ROWS)
    assert all(len(each) == len(ROLES) for row in ROWS.values() for each in (row.own, row.archived or row.own))


@pytest.fixture(autouse=True)
def projects(stage: None) -> None:
    """WEB and its archived sister OLD with the same people, HR next door, a request in each. No form is open to all."""
    for who, key in ((ALICE, "OLD"), (BOB, "OLD"), (EVA, "OLD"), (FRANK, "OLD")):
        known = people.find(who.email)
        assert known
        people.update(known, people.with_role(known, key, who.roles["WEB"]))
    dave = people.find(DAVE.email)
    assert dave
    settle(replace(OPEN_WEB, form=Form.MEMBERS))
    settle(replace(CLOSED_SHOP, form=Form.MEMBERS, archived=False))
    for by, key in ((EVA, "WEB"), (EVA, "OLD"), (DAVE, "HR")):
        link_token(filed(people.find(by.email) or by, project=key), STRANGER)
    settle(replace(CLOSED_SHOP, form=Form.MEMBERS, manager=ALICE.email))


def ask(client: Client, route: tuple[str, str], key: str) -> Answer:
    """What `client` is answered on a route about the project `key`, or its first request."""
    (method, path), row = route, ROWS[route]

    def named(text: str) -> str:
        names = {"key": key, "project": key, "number": f"{key}-1", "email": STRANGER.email}
        return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], text)

    if path.startswith(API):
        content = {name: named(each) if isinstance(each, str) else each for name, each in (row.content or {}).items()}
        return client.send(method, named(path + row.query), content if row.content is not None else None)
    return client.get(named(path + row.query)) if method == "GET" else client.form(named(path), row.fields)


def without(name: str, answer: Answer) -> tuple[int, list[tuple[str, str]], str]:
    """All of an answer but the name that was asked for."""

    def other(text: str) -> str:
        return re.sub(rf"(?:(?<![A-Za-z0-9])|(?<=%2F)|(?<=%3D)){name}\b", NONE, text)

    return answer.status, [(header, other(value)) for header, value in answer.raw_headers], other(answer.text)


def verdict(client: Client, route: tuple[str, str], key: str) -> str:
    answer, nothing = ask(client, route, key), ask(client, route, NONE)
    if without(key, answer) == without(NONE, nothing):
        return OUT
    return REFUSED if answer.status == 403 else IN


def verdicts(client: Client, key: str) -> dict[tuple[str, str], str]:
    return {route: verdict(client, route, key) for route in ROWS}


def expected(person: Person | None, letters: Callable[[Row], str]) -> dict[tuple[str, str], str]:
    return {route: letters(row)[ROLES.index(person)] for route, row in ROWS.items()}


@pytest.mark.parametrize("person", ROLES, ids=lambda person: called(person) or "nobody")
class TestRoles:
    def test_on_ones_own(self, browser: Browser, person: Person | None) -> None:
        assert verdicts(browser(person), "WEB") == expected(person, lambda row: row.own)

    def test_on_an_archived_one(self, browser: Browser, person: Person | None) -> None:
        assert verdicts(browser(person), "OLD") == expected(person, lambda row: row.archived or row.own)

    def test_on_a_foreign_one(self, browser: Browser, person: Person | None) -> None:
        """Only an administrator, to whom nothing is foreign, is told more than of one that does not exist."""
        own = expected(person, lambda row: row.own)
        assert verdicts(browser(person), "HR") == (own if person is ROOT else dict.fromkeys(ROWS, OUT))


@pytest.mark.parametrize("person", [HANA, DAVE], ids=called)
def test_the_staff_of_another_project(browser: Browser, person: Person) -> None:
    assert person.roles["HR"] in (ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER)
    for key in ("WEB", "OLD"):
        assert verdicts(browser(person), key) == dict.fromkeys(ROWS, OUT)
