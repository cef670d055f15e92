"""POST /tickets/{number}/moves: the workflow."""

from typing import Any

import pytest

from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, WANDA, called, signed_in
from tests.stage import filed, standing_at, uploaded
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

PATH = "/api/v1/tickets/WEB-1/moves"
UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"action": "return"}, "text"),
    ({"action": "return", "text": " "}, "text"),
    ({"action": "hand_over"}, "assignee"),
    ({"action": "hand_over", "assignee": HANA.email}, "assignee"),
    ({"action": "hand_over", "assignee": EVA.email}, "assignee"),
    ({"action": "hand_over", "assignee": "\x00"}, "assignee"),
    ({"action": "finish", "rating": 5}, "rating"),
    ({"action": "finish", "uploads": ["nope"]}, "uploads"),
    ({"action": "finish", "uploads": "nope"}, "uploads"),
    ({"action": "finish", "text": "x" * 20_001}, "text"),
    ({"action": "explode"}, "action"),
    ({"action": "finish", "state": "done"}, "state"),
]


class TestMove:
    def test_handed_over_with_a_word(self, browser: Browser) -> None:
        ticket = filed()
        order = {"action": "hand_over", "version": ticket.version, "assignee": CAROL.email, "text": "Prosím."}
        answer = browser(ALICE).post(PATH, order)
        assert answer.status == 200
        assert answer.json()["assignee"]["email"] == CAROL.email
        assert answer.json()["state"] == "in_progress"
        assert answer.headers["etag"] == f'"{ticket.version + 1}"'

    def test_resubmitted_with_a_file(self, browser: Browser) -> None:
        ticket, upload = standing_at(State.RETURNED), uploaded(signed_in(EVA))
        order = {"action": "resubmit", "version": ticket.version, "uploads": [upload.id]}
        moved = browser(EVA).post(PATH, order).json()
        assert moved["state"] == "in_progress"
        assert [file["id"] for file in moved["attachments"]] == [upload.id]

    @pytest.mark.parametrize(
        ("person", "status", "code"),
        [
            (None, 401, "not_signed_in"),
            (DAVE, 404, "not_found"),
            (FRANK, 404, "not_found"),
            (CAROL, 403, "not_allowed"),
            (EVA, 403, "not_allowed"),
        ],
        ids=called,
    )
    def test_others_may_not(self, browser: Browser, person: Person | None, status: int, code: str) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        refused(browser(person).post(PATH, {"action": "finish", "version": ticket.version}), status, code)

    def test_a_watcher_only_reads(self, browser: Browser) -> None:
        ticket = filed(watchers=(WANDA.email,))
        refused(browser(WANDA).post(PATH, {"action": "withdraw", "version": ticket.version}), 403, "not_allowed")

    def test_a_stale_version_changes_nothing(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        refused(browser(BOB).post(PATH, {"action": "finish", "version": ticket.version - 1}), 409, "stale")

    def test_the_wrong_state(self, browser: Browser) -> None:
        ticket = standing_at(State.CLOSED)
        refused(browser(ALICE).post(PATH, {"action": "start", "version": ticket.version}), 409, "conflict")

    def test_what_the_move_needs_and_takes(self, browser: Browser) -> None:
        version, bob = standing_at(State.IN_PROGRESS).version, browser(BOB)
        for order, field in UNFIT:
            refused(bob.post(PATH, {"version": version} | order), 422, "invalid", field)

    def test_a_rating_is_one_to_five(self, browser: Browser) -> None:
        version, eva = standing_at(State.DONE).version, browser(EVA)
        for rating in (0, 6, -1, 4.5, "5", True, 10**40):
            order = {"action": "accept", "version": version, "rating": rating}
            refused(eva.post(PATH, order), 422, "invalid", "rating")

    def test_a_stranger_learns_nothing_by_what_else_is_wrong(self, browser: Browser) -> None:
        filed()
        order = {"action": "finish", "version": 1, "uploads": ["nope"]}
        foreign, none = (browser(DAVE).post(f"/api/v1/tickets/{number}/moves", order) for number in ("WEB-1", "WEB-9"))
        assert refused(foreign, 404, "not_found").content == none.content

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ALICE), "GET", PATH, "POST")
