"""POST /session/link: a mailed link opens one ticket, for reading."""

from datetime import timedelta

import pytest

from chalicelib.domain.tickets import State
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, STRANGER, signed_in
from tests.stage import filed, last_event, moved, standing_at, uploaded
from tests.web.api.door import by_link, link_token, refused, wrong_method
from tests.web.conftest import Browser

LINK = "/api/v1/session/link"


class TestLink:
    def test_it_opens_the_ticket(self, browser: Browser) -> None:
        ticket, client = standing_at(State.DONE), browser()
        answer = client.post(LINK, {"token": link_token(ticket, EVA)})
        assert answer.status == 200
        assert answer.json()["ticket"]["number"] == ticket.number
        assert answer.json()["ticket"]["moves"] == ["accept", "reject"]
        assert answer.headers["set-cookie"].startswith(f"__Host-link-{ticket.number}=")
        assert client.get(f"/api/v1/tickets/{ticket.number}").json() == answer.json()["ticket"]
        assert client.get(f"/api/v1/tickets/{ticket.number}/history").status == 200
        assert client.get(f"/api/v1/tickets/{ticket.number}/watchers").status == 200

    def test_opening_changes_nothing(self, browser: Browser) -> None:
        ticket = filed()
        before = last_event(ticket)
        by_link(browser(), ticket, EVA)
        assert last_event(ticket) == before

    def test_it_opens_nothing_else(self, browser: Browser) -> None:
        ticket, other = filed(), filed(subject="Jiný požadavek")
        client = by_link(browser(), ticket, EVA)
        refused(client.get(f"/api/v1/tickets/{other.number}"), 401, "not_signed_in")
        refused(client.get("/api/v1/tickets"), 401, "not_signed_in")
        refused(client.get("/api/v1/me"), 401, "not_signed_in")

    def test_the_first_write_asks_for_a_code(self, browser: Browser) -> None:
        ticket = standing_at(State.DONE)
        client, path = by_link(browser(), ticket, EVA), f"/api/v1/tickets/{ticket.number}"
        move = {"action": "accept", "version": ticket.version}
        refused(client.post(f"{path}/comments", {"text": "Děkuji."}), 403, "confirmation_needed")
        refused(client.post(f"{path}/moves", move), 403, "confirmation_needed")
        refused(client.send("PUT", f"{path}/watchers/{EVA.email}"), 403, "confirmation_needed")
        refused(client.send("PATCH", path, {"version": ticket.version, "priority": "high"}), 403, "not_allowed")
        client.sign_in(EVA)
        assert client.post(f"{path}/moves", move).status == 200

    def test_a_link_of_a_solver_carries_no_role(self, browser: Browser) -> None:
        ticket = moved(filed(), "hand_over", ALICE, assignee=BOB.email)
        refused(browser().post(LINK, {"token": link_token(ticket, BOB)}), 404, "not_found")

    def test_somebody_signed_in_reads_by_a_link_what_is_not_theirs(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(DAVE), ticket, EVA)
        path = f"/api/v1/tickets/{ticket.number}"
        assert client.get(path).status == 200
        refused(client.post(f"{path}/comments", {"text": "Já jsem Eva."}), 403, "confirmation_needed")

    def test_whoever_may_not_read_any_more_is_refused(self, browser: Browser) -> None:
        refused(browser().post(LINK, {"token": link_token(filed(), STRANGER)}), 404, "not_found")

    def test_files_can_be_sent_before_confirming(self, browser: Browser) -> None:
        ticket = standing_at(State.RETURNED)
        client = by_link(browser(), ticket, EVA)
        order = {"filename": "a.txt", "content_type": "text/plain", "size": 6, "project": "WEB"}
        assert client.post("/api/v1/uploads", order).status == 201

    def test_an_attachment_opens_too(self, browser: Browser) -> None:
        upload = uploaded(signed_in(EVA))
        client = by_link(browser(), filed(uploads=(upload.id,)), EVA)
        assert client.get(f"/api/v1/attachments/{upload.id}").status == 302

    @pytest.mark.parametrize("token", ["", "x", "WEB-1", "WEB-1.", ".x", "WEB-1.x", "\x00.\x00", "WEB-1." + "x" * 5000])
    def test_what_is_no_link_of_ours_is_refused(self, browser: Browser, token: str) -> None:
        filed()
        refused(browser().post(LINK, {"token": token}), 404, "not_found")

    def test_an_old_link_is_refused_and_its_cookie_opens_nothing(self, browser: Browser) -> None:
        ticket = filed()
        token = link_token(ticket, EVA, timedelta(seconds=-1))
        refused(browser().post(LINK, {"token": token}), 404, "not_found")
        client = browser(cookies={f"__Host-link-{ticket.number}": token})
        refused(client.get(f"/api/v1/tickets/{ticket.number}"), 401, "not_signed_in")

    def test_a_link_under_the_name_of_another_ticket_opens_neither(self, browser: Browser) -> None:
        ticket, other = filed(), filed(FRANK)
        client = browser(cookies={f"__Host-link-{other.number}": link_token(ticket, EVA)})
        refused(client.get(f"/api/v1/tickets/{other.number}"), 404, "not_found")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(), "GET", LINK, "POST")


class TestRevoke:
    def test_the_project_manager_ends_the_links_of_one_recipient(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(), ticket, EVA)
        path = f"/api/v1/tickets/{ticket.number}/links/{EVA.email}"
        assert browser(ALICE).send("DELETE", path).status == 204
        refused(client.get(f"/api/v1/tickets/{ticket.number}"), 401, "not_signed_in")
        refused(browser(ALICE).send("DELETE", path), 404, "not_found")

    def test_others_may_not(self, browser: Browser) -> None:
        ticket = filed()
        path = f"/api/v1/tickets/{ticket.number}/links/{EVA.email}"
        refused(browser().send("DELETE", path), 401, "not_signed_in")
        refused(browser(DAVE).send("DELETE", path), 404, "not_found")
        refused(browser(CAROL).send("DELETE", path), 403, "not_allowed")
        refused(browser(EVA).send("DELETE", path), 403, "not_allowed")
        wrong_method(browser(ALICE), "PUT", path, "DELETE")
