"""GET /tickets/{number}: one ticket."""

import pytest

from chalicelib import desk
from chalicelib.desk import CommentOrder
from chalicelib.domain.people import Person
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, MARIE, ROOT, STRANGER, WANDA, called, signed_in
from tests.stage import filed, moved, uploaded
from tests.web.api.door import by_link, refused, wrong_method
from tests.web.conftest import Browser

PATH = "/api/v1/tickets/WEB-1"


@pytest.fixture(autouse=True)
def ticket(stage: None) -> None:
    moved(filed(EVA, watchers=(WANDA.email,)), "hand_over", ALICE, assignee=BOB.email)


class TestRead:
    @pytest.mark.parametrize(
        ("person", "moves"),
        [
            (ALICE, ["hand_over", "return", "finish"]),
            (ROOT, ["hand_over", "return", "finish"]),
            (BOB, ["hand_over", "return", "finish"]),
            (CAROL, []),
            (EVA, ["withdraw"]),
            (WANDA, []),
        ],
        ids=called,
    )
    def test_with_the_moves_of_the_reader(self, browser: Browser, person: Person, moves: list[str]) -> None:
        ticket = browser(person).get(PATH).json()
        assert ticket["moves"] == moves
        assert ticket["assignee"] == {"email": BOB.email, "name": BOB.name}
        assert ticket["watchers"] == [{"email": WANDA.email, "name": "wanda"}]

    @pytest.mark.parametrize("person", [DAVE, HANA, FRANK, MARIE, STRANGER], ids=called)
    def test_a_foreign_ticket_looks_like_none(self, browser: Browser, person: Person) -> None:
        client = browser(person)
        numbers = ("WEB-1", "WEB-99", "NOPE-1", "web-1", "x" * 3000, "%00", "%F0%9F", "WEB-1%2F")
        answers = [client.get(f"/api/v1/tickets/{number}") for number in numbers]
        assert len({refused(answer, 404, "not_found").content for answer in answers}) == 1
        assert len({tuple(answer.raw_headers) for answer in answers}) == 1

    def test_a_stranger_learns_nothing(self, browser: Browser) -> None:
        answers = [browser().get(f"/api/v1/tickets/{number}") for number in ("WEB-1", "WEB-99")]
        assert len({refused(answer, 401, "not_signed_in").content for answer in answers}) == 1

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ALICE), "DELETE", PATH, "GET, PATCH")
        wrong_method(browser(ALICE), "POST", PATH, "GET, PATCH")


class TestETag:
    def test_it_is_the_version(self, browser: Browser) -> None:
        assert browser(EVA).get(PATH).headers["etag"] == '"2"'

    @pytest.mark.parametrize("header", ['"2"', 'W/"2"', '"1", "2"', "*"])
    def test_nothing_is_sent_twice(self, browser: Browser, header: str) -> None:
        answer = browser(EVA).request("GET", PATH, headers={"If-None-Match": header})
        assert (answer.status, answer.content, answer.headers["etag"]) == (304, b"", '"2"')

    @pytest.mark.parametrize("header", ['"1"', "2", '"22"', "", '""', '"'])
    def test_another_version_is_sent(self, browser: Browser, header: str) -> None:
        assert browser(EVA).request("GET", PATH, headers={"If-None-Match": header}).status == 200

    def test_the_file_of_a_note_is_news_to_staff_and_to_nobody_else(self, browser: Browser) -> None:
        before = [(client, client.get(PATH).headers["etag"]) for client in (browser(BOB), browser(EVA))]
        upload = uploaded(signed_in(BOB))
        desk.comment("WEB-1", CommentOrder("Výpis.", internal=True, uploads=(upload.id,)), signed_in(BOB))
        bob, eva = (client.request("GET", PATH, headers={"If-None-Match": tag}) for client, tag in before)
        assert (bob.status, len(bob.json()["attachments"])) == (200, 1)
        assert eva.status == 304

    def test_it_opens_nothing(self, browser: Browser) -> None:
        refused(browser(FRANK).request("GET", PATH, headers={"If-None-Match": "*"}), 404, "not_found")

    def test_by_link_too(self, browser: Browser) -> None:
        client = by_link(browser(), filed(FRANK), FRANK)
        answer = client.request("GET", "/api/v1/tickets/WEB-2", headers={"If-None-Match": '"1"'})
        assert answer.status == 304
