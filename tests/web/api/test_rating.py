"""POST /tickets/{number}/rating: the requester says once what the solution was worth."""

from typing import Any

import pytest

from chalicelib.domain import ending
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State
from chalicelib.storage import tickets
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, WANDA, called
from tests.stage import filed, left_alone, standing_at
from tests.web.api.door import by_link, refused, wrong_method
from tests.web.conftest import Browser

PATH = "/api/v1/tickets/WEB-1/rating"
ORDER = {"project": "WEB", "subject": "Znovu", "text": "Zase to nejde.", "follows": "WEB-1"}


class TestRating:
    def test_the_answer_is_the_ticket(self, browser: Browser) -> None:
        closed = left_alone(ending.auto_close)
        answer = browser(EVA).post(PATH, {"rating": 4, "text": "Rychle."})
        assert answer.status == 200
        assert (answer.json()["rating"], answer.json()["version"]) == (4, closed.version + 1)
        assert answer.headers["etag"] == f'"{closed.version + 1}"'
        assert browser(BOB).get("/api/v1/tickets/WEB-1").json()["rating"] == 4
        event = browser(BOB).get("/api/v1/tickets/WEB-1/history").json()["items"][-1]
        assert (event["kind"], event["text"]) == ("ticket.rated", "Rychle.")
        assert event["changes"] == {"rating": [None, "4"]}

    def test_a_mailed_link_is_enough(self, browser: Browser) -> None:
        client = by_link(browser(), left_alone(ending.auto_close), EVA)
        assert client.post(PATH, {"rating": 5}).json()["rating"] == 5

    def test_a_second_one_is_a_conflict(self, browser: Browser) -> None:
        left_alone(ending.auto_close)
        eva = browser(EVA)
        eva.post(PATH, {"rating": 4})
        refused(eva.post(PATH, {"rating": 5}), 409, "conflict")
        assert tickets.load("WEB-1").rating == 4

    @pytest.mark.parametrize("state", [State.NEW, State.DONE])
    def test_too_early_is_a_conflict(self, browser: Browser, state: State) -> None:
        standing_at(state)
        refused(browser(EVA).post(PATH, {"rating": 5}), 409, "conflict")

    @pytest.mark.parametrize(
        ("person", "status", "code"),
        [
            (None, 401, "not_signed_in"),
            (DAVE, 404, "not_found"),
            (FRANK, 404, "not_found"),
            (WANDA, 403, "not_allowed"),
            (BOB, 403, "not_allowed"),
            (ALICE, 403, "not_allowed"),
        ],
        ids=called,
    )
    def test_nobody_does_it_for_them(self, browser: Browser, person: Person | None, status: int, code: str) -> None:
        left_alone(ending.auto_close)
        refused(browser(person).post(PATH, {"rating": 5}), status, code)
        assert tickets.load("WEB-1").rating is None

    def test_foreign_is_as_absent(self, browser: Browser) -> None:
        left_alone(ending.auto_close)
        foreign, none = (browser(DAVE).post(f"/api/v1/tickets/{n}/rating", {"rating": 5}) for n in ("WEB-1", "WEB-9"))
        assert refused(foreign, 404, "not_found").content == none.content

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"rating": 0}, "rating"),
            ({"rating": 6}, "rating"),
            ({"rating": 10**40}, "rating"),
            ({"rating": 4.5}, "rating"),
            ({"rating": "5"}, "rating"),
            ({"rating": True}, "rating"),
            ({"rating": None}, "rating"),
            ({"text": "Bez známky"}, "rating"),
            ({"rating": 5, "text": "x" * 20_001}, "text"),
            ({"rating": 5, "version": 1}, "version"),
        ],
    )
    def test_what_does_not_fit(self, browser: Browser, body: dict[str, Any], field: str) -> None:
        left_alone(ending.auto_close)
        refused(browser(EVA).post(PATH, body), 422, "invalid", field)
        assert tickets.load("WEB-1").rating is None

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ALICE), "GET", PATH, "POST")


class TestFollowUp:
    def test_both_name_each_other(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        answer = browser(EVA).post("/api/v1/tickets", ORDER)
        assert (answer.status, answer.json()["follows"]) == (201, "WEB-1")
        assert browser(EVA).get("/api/v1/tickets/WEB-2").json()["follows"] == "WEB-1"
        told = browser(EVA).get("/api/v1/tickets/WEB-1/history").json()["items"][-1]
        assert (told["kind"], told["changes"]) == ("ticket.followed", {"follow_up": [None, "WEB-2"]})
        assert browser(EVA).get("/api/v1/tickets/WEB-1").json()["follows"] is None

    def test_by_a_mailed_link_under_a_typed_address(self, browser: Browser) -> None:
        client = by_link(browser(), standing_at(State.CLOSED), EVA)
        answer = client.post("/api/v1/tickets", ORDER | {"email": FRANK.email, "name": "Frank"})
        assert (answer.status, answer.json()["follows"]) == (201, "WEB-1")

    def test_who_may_read_one_of_them_alone_sees_the_number_and_no_more(self, browser: Browser) -> None:
        client = by_link(browser(), standing_at(State.CLOSED), EVA)
        client.post("/api/v1/tickets", ORDER | {"email": FRANK.email, "name": "Frank"})
        assert browser(FRANK).get("/api/v1/tickets/WEB-2").json()["follows"] == "WEB-1"
        refused(browser(FRANK).get("/api/v1/tickets/WEB-1"), 404, "not_found")
        told = browser(EVA).get("/api/v1/tickets/WEB-1/history").json()["items"][-1]
        assert told["changes"]["follow_up"][1] == "WEB-2"
        refused(browser(EVA).get("/api/v1/tickets/WEB-2"), 404, "not_found")

    def test_foreign_and_absent_and_open_are_refused_alike(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        filed()
        frank = browser(FRANK)
        answers = [frank.post("/api/v1/tickets", ORDER | {"follows": f"WEB-{n}"}) for n in (1, 2, 9)]
        assert {refused(answer, 422, "invalid", "follows").content for answer in answers} == {answers[0].content}
