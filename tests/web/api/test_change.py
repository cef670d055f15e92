"""PATCH /tickets/{number}: new properties."""

from typing import Any

import pytest

from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, called
from tests.stage import standing_at
from tests.web.api.door import refused
from tests.web.conftest import Browser

PATH = "/api/v1/tickets/WEB-1"
UNKNOWN: list[tuple[str, Any]] = [
    ("subject", ""), ("subject", "x" * 201), ("subject", "a\x00"), ("subject", None), ("type", "bug"),
    ("priority", 1), ("due", "tomorrow"), ("due", "2027-02-30"), ("due", 5), ("state", "done"),
    ("version", "3"), ("version", 3.0), ("version", True), ("version", None), ("assignee", BOB.email),
]  # fmt: skip


@pytest.fixture
def version(stage: None) -> int:
    return standing_at(State.IN_PROGRESS).version


class TestChange:
    def test_the_project_manager_and_the_assignee_change_properties(self, browser: Browser, version: int) -> None:
        order = {"version": version, "subject": "Nový  předmět", "type": "change", "priority": "urgent"}
        answer = browser(ALICE).send("PATCH", PATH, order | {"due": "2027-01-31"})
        assert answer.status == 200
        ticket = answer.json()
        assert (ticket["subject"], ticket["type"], ticket["priority"]) == ("Nový předmět", "change", "urgent")
        assert ticket["due"] == "2027-01-31"
        assert answer.headers["etag"] == f'"{version + 1}"'
        cleared = browser(BOB).send("PATCH", PATH, {"version": version + 1, "due": None}).json()
        assert (cleared["due"], cleared["priority"]) == (None, "urgent")
        last = browser(EVA).get(f"{PATH}/history").json()["items"][-1]
        assert (last["kind"], last["changes"]) == ("ticket.changed", {"due": ["2027-01-31", None]})

    def test_a_stale_version_changes_nothing(self, browser: Browser, version: int) -> None:
        order = {"version": version - 1, "priority": "low"}
        refused(browser(ALICE).send("PATCH", PATH, order), 409, "stale")
        assert browser(ALICE).get(PATH).json()["priority"] == "normal"

    @pytest.mark.parametrize(
        ("person", "status", "code"),
        [
            (None, 401, "not_signed_in"),
            (DAVE, 404, "not_found"),
            (CAROL, 403, "not_allowed"),
            (EVA, 403, "not_allowed"),
        ],
        ids=called,
    )
    def test_others_may_not(
        self, browser: Browser, version: int, person: Person | None, status: int, code: str
    ) -> None:
        refused(browser(person).send("PATCH", PATH, {"version": version, "priority": "low"}), status, code)

    def test_what_no_ticket_has_is_refused(self, browser: Browser, version: int) -> None:
        alice = browser(ALICE)
        for field, value in UNKNOWN:
            refused(alice.send("PATCH", PATH, {"version": version, field: value}), 422, "invalid", field)

    def test_nothing_new_is_refused(self, browser: Browser, version: int) -> None:
        order = {"version": version, "priority": "normal"}
        refused(browser(ALICE).send("PATCH", PATH, order), 422, "invalid", "version")

    def test_a_closed_ticket_stays_as_it_is(self, browser: Browser) -> None:
        ticket = standing_at(State.CLOSED)
        order = {"version": ticket.version, "priority": "low"}
        refused(browser(ALICE).send("PATCH", PATH, order), 409, "conflict")
