"""POST /uploads and GET /attachments/{id}: files on their way in and out."""

from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.desk import CommentOrder, comment
from chalicelib.domain.people import Person
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, STRANGER, WANDA, called, signed_in
from tests.stage import filed, uploaded
from tests.web.api.door import by_link, refused, wrong_method
from tests.web.conftest import Browser

UPLOADS = "/api/v1/uploads"
ORDER = {"filename": "../../výpis \u202e.txt", "content_type": "text/plain; charset=utf-8", "size": 6, "project": "WEB"}


class TestUpload:
    @pytest.mark.parametrize("person", [None, EVA, BOB], ids=called)
    def test_a_place_for_the_file(self, browser: Browser, person: Person | None) -> None:
        answer = browser(person).post(UPLOADS, ORDER)
        assert answer.status == 201
        assert set(answer.json()) == {"id", "url", "fields", "expires_at"}
        assert answer.json()["fields"]["key"] == f"incoming/{answer.json()['id']}"
        assert "policy" in answer.json()["fields"]

    def test_a_members_project_takes_none_of_a_stranger_and_looks_like_none(self, browser: Browser) -> None:
        stranger = browser()
        answers = [stranger.post(UPLOADS, ORDER | {"project": key}) for key in ("HR", "NOPE", "OLD")]
        assert len({refused(answer, 422, "invalid", "project").content for answer in answers}) == 1
        assert browser(DAVE).post(UPLOADS, ORDER | {"project": "HR"}).status == 201

    def test_a_requester_in_a_members_project_may_answer_with_files(self, browser: Browser) -> None:
        order = {"project": "HR", "subject": "Smlouva", "text": "Prosím.", "email": STRANGER.email}
        assert browser(DAVE).post("/api/v1/tickets", order).status == 201
        assert browser(STRANGER).post(UPLOADS, ORDER | {"project": "HR"}).status == 201

    def test_a_file_is_its_owners_until_it_is_linked(self, browser: Browser) -> None:
        ticket, upload = filed(), uploaded(signed_in(BOB))
        path = f"/api/v1/tickets/{ticket.number}/comments"
        refused(browser(EVA).post(path, {"text": "x", "uploads": [upload.id]}), 422, "invalid", "uploads")
        assert browser(BOB).post(path, {"uploads": [upload.id]}).status == 201
        refused(browser(BOB).post(path, {"uploads": [upload.id]}), 422, "invalid", "uploads")

    def test_a_file_that_has_not_arrived_is_not_linked(self, browser: Browser) -> None:
        ticket, bob = filed(), browser(BOB)
        upload = bob.post(UPLOADS, ORDER).json()["id"]
        path = f"/api/v1/tickets/{ticket.number}/comments"
        refused(bob.post(path, {"uploads": [upload]}), 422, "invalid", "uploads")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(), "GET", UPLOADS, "POST")


class TestAttachment:
    @pytest.mark.parametrize("person", [EVA, WANDA, BOB, ALICE], ids=called)
    def test_whoever_reads_the_ticket_is_sent_on_to_the_file(self, browser: Browser, person: Person) -> None:
        upload = uploaded(signed_in(EVA))
        filed(uploads=(upload.id,), watchers=(WANDA.email,))
        answer = browser(person).get(f"/api/v1/attachments/{upload.id}")
        assert (answer.status, answer.content) == (302, b"")
        asked = parse_qs(urlsplit(answer.location).query)
        assert asked["response-content-disposition"][0].startswith("attachment; ")
        assert asked["response-content-type"] == ["application/octet-stream"]
        assert int(asked["X-Amz-Expires"][0]) <= 300
        assert asked["versionId"]
        assert answer.headers["cache-control"] == "no-store"

    def test_a_foreign_file_looks_like_none(self, browser: Browser) -> None:
        upload, waiting = uploaded(signed_in(EVA)), uploaded(signed_in(FRANK))
        filed(uploads=(upload.id,))
        frank = browser(FRANK)
        paths = [f"/api/v1/attachments/{each}" for each in (upload.id, waiting.id, "0" * 20, "x" * 3000, "%00")]
        answers = [frank.get(path) for path in paths]
        assert len({refused(answer, 404, "not_found").content for answer in answers}) == 1
        answers = [browser().get(path) for path in paths]
        assert len({refused(answer, 401, "not_signed_in").content for answer in answers}) == 1

    def test_a_link_to_another_ticket_opens_no_file_and_tells_nothing(self, browser: Browser) -> None:
        upload = uploaded(signed_in(EVA))
        filed(uploads=(upload.id,))
        client = by_link(browser(), filed(FRANK), FRANK)
        answers = [client.get(f"/api/v1/attachments/{each}") for each in (upload.id, "0" * 20)]
        assert len({refused(answer, 404, "not_found").content for answer in answers}) == 1

    def test_the_file_of_a_note_is_for_staff(self, browser: Browser) -> None:
        ticket, upload = filed(), uploaded(signed_in(BOB))
        comment(ticket.number, CommentOrder("", internal=True, uploads=(upload.id,)), signed_in(BOB))
        refused(browser(EVA).get(f"/api/v1/attachments/{upload.id}"), 404, "not_found")
        assert browser(BOB).get(f"/api/v1/attachments/{upload.id}").status == 302
        path = f"/api/v1/tickets/{ticket.number}"
        assert browser(EVA).get(path).json()["attachments"] == []
        assert [file["id"] for file in browser(BOB).get(path).json()["attachments"]] == [upload.id]

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(), "DELETE", "/api/v1/attachments/x", "GET")
