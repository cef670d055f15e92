"""GET /tickets/{number}/history and POST …/comments."""

import pytest

from chalicelib import reading
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, WANDA, called, signed_in
from tests.stage import filed, standing_at, uploaded
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

TICKET = "/api/v1/tickets/WEB-1"
HISTORY, COMMENTS = f"{TICKET}/history", f"{TICKET}/comments"


class TestComment:
    def test_a_reply(self, browser: Browser) -> None:
        filed()
        upload = uploaded(signed_in(BOB))
        answer = browser(BOB).post(COMMENTS, {"text": " Díváme se. ", "uploads": [upload.id]})
        assert answer.status == 201
        event = answer.json()
        assert set(event) == {"id", "kind", "at", "actor", "internal", "text", "changes", "attachments"}
        assert (event["kind"], event["text"], event["internal"]) == ("comment.added", "Díváme se.", False)
        assert event["actor"] == {"email": BOB.email, "name": BOB.name}
        assert event["changes"] == {}
        assert event["attachments"][0]["filename"] == "výpis.txt"
        ticket = browser(EVA).get(TICKET).json()
        assert ticket["first_response_at"] == event["at"]
        assert ticket["version"] == 2

    def test_a_note_stays_with_the_staff(self, browser: Browser) -> None:
        filed()
        before = browser(EVA).get(TICKET)
        note = browser(CAROL).post(COMMENTS, {"text": "Neplatí.", "internal": True}).json()
        assert (note["kind"], note["internal"]) == ("note.added", True)
        assert browser(EVA).get(TICKET) == before
        assert [each["kind"] for each in browser(EVA).get(HISTORY).json()["items"]] == ["ticket.submitted"]
        assert note in browser(BOB).get(HISTORY).json()["items"]

    @pytest.mark.parametrize(
        ("person", "status", "code"),
        [
            (None, 401, "not_signed_in"),
            (DAVE, 404, "not_found"),
            (FRANK, 404, "not_found"),
            (WANDA, 403, "not_allowed"),
        ],
        ids=called,
    )
    def test_others_may_not(self, browser: Browser, person: Person | None, status: int, code: str) -> None:
        filed(watchers=(WANDA.email,))
        refused(browser(person).post(COMMENTS, {"text": "Já taky."}), status, code)

    def test_a_customer_writes_no_notes(self, browser: Browser) -> None:
        filed()
        refused(browser(EVA).post(COMMENTS, {"text": "x", "internal": True}), 403, "not_allowed")

    def test_something_must_be_said(self, browser: Browser) -> None:
        filed()
        refused(browser(EVA).post(COMMENTS, {}), 422, "invalid", "text")
        refused(browser(EVA).post(COMMENTS, {"text": "x", "internal": "yes"}), 422, "invalid", "internal")

    def test_a_closed_ticket_takes_none(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        for person in (EVA, ALICE):
            refused(browser(person).post(COMMENTS, {"text": "Ještě něco."}), 409, "conflict")

    def test_a_stranger_learns_nothing_by_what_else_is_wrong(self, browser: Browser) -> None:
        filed()
        client, order = browser(DAVE), {"uploads": ["nope"]}
        foreign, none = (client.post(f"/api/v1/tickets/{number}/comments", order) for number in ("WEB-1", "WEB-9"))
        assert refused(foreign, 404, "not_found").content == none.content

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ALICE), "PUT", COMMENTS, "POST")


class TestHistory:
    def test_oldest_first(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        answer = browser(EVA).get(HISTORY).json()
        kinds = ["ticket.submitted", "ticket.handed_over", "ticket.finished", "ticket.accepted"]
        assert [event["kind"] for event in answer["items"]] == kinds
        assert answer["items"][1]["changes"] == {"state": ["new", "in_progress"], "assignee": [None, BOB.email]}
        assert answer["next"] is None

    def test_pages_do_not_show_where_notes_are_left_out(self, browser: Browser) -> None:
        filed()
        bob = browser(BOB)
        for text, internal in (("n1", True), ("r1", False), ("n2", True), ("n3", True), ("r2", False), ("n4", True)):
            bob.post(COMMENTS, {"text": text, "internal": internal})
        eva = browser(EVA)
        cursor: str | None = ""
        pages = []
        for _ in range(3):
            pages.append(eva.get(HISTORY, limit=1, cursor=cursor).json())
            cursor = pages[-1]["next"]
        assert [[event["text"] for event in page["items"]] for page in pages][1:] == [["r1"], ["r2"]]
        assert cursor is None
        assert [event["text"] for event in bob.get(HISTORY).json()["items"]][1:] == ["n1", "r1", "n2", "n3", "r2", "n4"]

    def test_a_page_of_long_texts_is_shorter(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        filed()
        eva, texts = browser(EVA), ["a" * 400, "b" * 700, "c" * 1500, "d"]
        for text in texts:
            eva.post(COMMENTS, {"text": text})
        monkeypatch.setattr(reading, "_MOST_TEXT", 1200)
        pages: list[list[str]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = eva.get(HISTORY, cursor=cursor).json()
            cursor = page["next"]
            pages.append([event["text"] for event in page["items"]])
        assert pages[1:] == [["c" * 1500], ["d"]]
        assert pages[0][1:] == ["a" * 400, "b" * 700]

    def test_a_cursor_is_good_for_its_own_ticket(self, browser: Browser) -> None:
        standing_at(State.DONE)
        filed()
        cursor = browser(EVA).get(HISTORY, limit=1).json()["next"]
        refused(browser(EVA).get("/api/v1/tickets/WEB-2/history", cursor=cursor), 422, "invalid", "cursor")
        refused(browser(EVA).get(HISTORY, cursor=cursor.upper()), 422, "invalid", "cursor")

    def test_a_foreign_history_looks_like_none(self, browser: Browser) -> None:
        filed()
        for person, status, code in ((DAVE, 404, "not_found"), (None, 401, "not_signed_in")):
            client = browser(person)
            answers = [client.get(f"/api/v1/tickets/{number}/history") for number in ("WEB-1", "WEB-9")]
            assert len({refused(answer, status, code).content for answer in answers}) == 1

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ALICE), "DELETE", HISTORY, "GET")
