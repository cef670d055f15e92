"""POST /tickets: a request is filed."""

import pytest

from chalicelib import desk
from chalicelib.desk import MoveRequest
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, HR, ROOT, STRANGER, WEB, signed_in
from tests.stage import uploaded
from tests.web.api.door import api_token, refused, wrong_method
from tests.web.conftest import Browser

TICKETS = "/api/v1/tickets"
ORDER = {"project": WEB, "subject": "Nejde tisk", "text": "Nic se netiskne.", "type": "incident"}
FORM = ORDER | {"email": "Nova@Customer.example ", "name": "Nová Zákaznice"}
FIELDS = {
    "number", "project", "subject", "text", "type", "state", "priority", "requester", "assignee", "watchers",
    "created_at", "updated_at", "first_response_at", "returned_at", "done_at", "closed_at", "waiting_since",
    "whose_turn", "version", "fields", "moves", "attachments", "minutes", "due", "rating", "follows",
}  # fmt: skip


class TestSubmit:
    def test_a_stranger_files_on_the_open_form(self, browser: Browser) -> None:
        answer = browser().post(TICKETS, FORM)
        assert answer.status == 201
        assert answer.location == "/api/v1/tickets/WEB-1"
        assert answer.headers["etag"] == '"1"'
        ticket = answer.json()
        assert set(ticket) == FIELDS
        assert ticket["number"] == "WEB-1"
        assert ticket["requester"] == {"email": "nova@customer.example", "name": "Nová Zákaznice"}
        assert (ticket["state"], ticket["whose_turn"], ticket["version"]) == ("new", "team", 1)
        assert (ticket["priority"], ticket["assignee"], ticket["minutes"]) == ("normal", None, 0)
        assert ticket["created_at"].endswith("Z")
        assert ticket["moves"] == []

    def test_a_customer_files_without_giving_an_address(self, browser: Browser) -> None:
        ticket = browser(EVA).post(TICKETS, ORDER).json()
        assert ticket["requester"] == {"email": EVA.email, "name": EVA.name}
        assert ticket["moves"] == ["withdraw"]

    def test_a_program_files_by_token(self, browser: Browser) -> None:
        answer = browser(token=api_token(EVA), origin=None).post(TICKETS, ORDER)
        assert answer.json()["requester"]["email"] == EVA.email

    def test_staff_file_for_a_customer(self, browser: Browser) -> None:
        answer = browser(BOB).post(TICKETS, ORDER | {"email": FRANK.email})
        assert answer.json()["requester"] == {"email": FRANK.email, "name": FRANK.name}

    @pytest.mark.parametrize("person", [EVA, DAVE, STRANGER])
    def test_nobody_else_files_for_a_customer(self, browser: Browser, person: object) -> None:
        refused(browser(person).post(TICKETS, ORDER | {"email": FRANK.email}), 403, "not_allowed")

    def test_with_files_and_watchers(self, browser: Browser) -> None:
        upload = uploaded(signed_in(EVA))
        order = ORDER | {"uploads": [upload.id, upload.id], "watchers": ["boss@customer.example"]}
        ticket = browser(EVA).post(TICKETS, order).json()
        file = {"id": upload.id, "filename": "výpis.txt", "content_type": "text/plain", "size": 6}
        assert ticket["attachments"] == [file]
        assert ticket["watchers"] == [{"email": "boss@customer.example", "name": "boss"}]

    def test_numbers_run_per_project(self, browser: Browser) -> None:
        root = browser(ROOT)
        numbers = [root.post(TICKETS, ORDER | {"project": key}).json()["number"] for key in (WEB, HR, "web", HR)]
        assert numbers == ["WEB-1", "HR-1", "WEB-2", "HR-2"]

    def test_an_unknown_project_and_one_that_is_not_yours_look_the_same(self, browser: Browser) -> None:
        stranger = browser()
        answers = [stranger.post(TICKETS, FORM | {"project": key}) for key in (HR, "NOPE", "OLD", "x" * 5000, "")]
        assert len({answer.content for answer in answers}) == 1
        refused(answers[0], 422, "invalid", "project")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ALICE), "DELETE", TICKETS, "GET, POST")


class TestOnce:
    def test_sending_it_again_tells_nobody_what_became_of_it(self, browser: Browser) -> None:
        first = browser().post(TICKETS, FORM, Idempotency_Key="abc")
        desk.watch("WEB-1", "boss@customer.example", signed_in(ALICE))
        move = MoveRequest("hand_over", 2, assignee=BOB.email, text="Podívej se na to.")
        desk.move("WEB-1", move, signed_in(ALICE))
        again = browser().post(TICKETS, FORM, Idempotency_Key="abc")
        assert (again.status, again.headers["etag"]) == (201, '"1"')
        assert again.json() == first.json()

    def test_the_same_key_files_once(self, browser: Browser) -> None:
        stranger, upload = browser(), None
        first = stranger.post(TICKETS, FORM, Idempotency_Key="abc")
        again = browser(network="198.51.100.7").post(TICKETS, FORM, Idempotency_Key="abc")
        assert (first.status, again.status) == (201, 201)
        assert first.json() == again.json()
        assert upload is None

    def test_also_with_files(self, browser: Browser) -> None:
        eva = browser(EVA)
        order = ORDER | {"uploads": [uploaded(signed_in(EVA)).id]}
        first = eva.post(TICKETS, order, Idempotency_Key="abc").json()
        assert eva.post(TICKETS, order, Idempotency_Key="abc").json() == first
        assert len(first["attachments"]) == 1

    def test_another_request_under_the_same_key_is_refused(self, browser: Browser) -> None:
        eva = browser(EVA)
        eva.post(TICKETS, ORDER, Idempotency_Key="abc")
        refused(eva.post(TICKETS, ORDER | {"subject": "Jiné"}, Idempotency_Key="abc"), 409, "key_reused")

    def test_a_key_is_its_callers_own(self, browser: Browser) -> None:
        browser(EVA).post(TICKETS, ORDER, Idempotency_Key="1")
        assert browser(FRANK).post(TICKETS, ORDER | {"subject": "Jiné"}, Idempotency_Key="1").status == 201

    def test_two_of_the_staff_may_use_one_key_for_the_same_customer(self, browser: Browser) -> None:
        for person, subject in ((BOB, "První"), (ALICE, "Druhý")):
            order = ORDER | {"email": EVA.email, "subject": subject}
            assert browser(person).post(TICKETS, order, Idempotency_Key="1").status == 201

    def test_a_stranger_cannot_reach_the_request_of_somebody_signed_in(self, browser: Browser) -> None:
        browser(EVA).post(TICKETS, ORDER | {"email": EVA.email, "name": EVA.name}, Idempotency_Key="1")
        form = ORDER | {"email": EVA.email, "name": EVA.name}
        assert browser().post(TICKETS, form, Idempotency_Key="1").json()["number"] == "WEB-2"

    @pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "a\rb", "klíč"])
    def test_a_key_is_short_and_printable(self, browser: Browser, key: str) -> None:
        refused(browser(EVA).post(TICKETS, ORDER, Idempotency_Key=key), 422, "invalid", "Idempotency-Key")
