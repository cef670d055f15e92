"""POST /codes, POST and DELETE /session: signing in by a mailed code, and out."""

import json
from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.domain.tickets import State
from chalicelib.notifications import run_job
from chalicelib.storage import access
from chalicelib.storage.aws import sqs
from tests.cast import ALICE, EVA, FRANK
from tests.stage import mails_to, moved, standing_at
from tests.web.api.door import api_token, refused, wrong_method
from tests.web.client import Client
from tests.web.conftest import Browser

CODES, SESSION, ME = "/api/v1/codes", "/api/v1/session", "/api/v1/me"


def run_queue() -> int:
    """Carries out the waiting jobs of the mail queue; how many there were."""
    found = sqs().receive_message(QueueUrl=settings().mail_queue_url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        run_job(json.loads(message["Body"]))
    return len(found)


def mailed_code(client: Client) -> str:
    assert client.post(CODES, {"email": EVA.email}).status == 202
    assert run_queue() == 1
    return mails_to(EVA)[-1].subject[:6]


class TestCode:
    def test_somebody_known_gets_a_code_by_mail_and_signs_in_with_it(self, browser: Browser) -> None:
        client = browser()
        answer = client.post(SESSION, {"email": " EVA@customer.example", "code": mailed_code(client)})
        assert answer.status == 200
        person = {
            "email": EVA.email,
            "name": EVA.name,
            "language": "cs",
            "site_role": None,
            "projects": {"WEB": "customer"},
        }
        assert answer.json() == {"person": person}
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-session=")
        assert all(part in cookie for part in ("; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"))
        assert client.get(ME).json() == person | {"notices": {"muted": [], "digest": False}}

    def test_trying_a_code_tells_nobody_who_is_known(self, browser: Browser) -> None:
        client, answers = browser(), {}
        for email in (EVA.email, "nobody@nowhere.example"):
            client.post(CODES, {"email": email})
            run_queue()
            tries = [client.post(SESSION, {"email": email, "code": "123456"}) for _ in range(7)]
            answers[email] = [(answer.status, answer.json()) for answer in tries]
        known, unknown = answers.values()
        assert known == unknown

    def test_the_answer_tells_nobody_who_is_known(self, browser: Browser) -> None:
        known, unknown = (browser().post(CODES, {"email": email}) for email in (EVA.email, "who@nowhere.example"))
        assert known == unknown
        assert (known.status, known.json()) == (202, {})

    @pytest.mark.parametrize("email", ["", "eva", "eva@", "a@b", "eva@customer.example\r\nBcc: x@y.cz", "x" * 300])
    def test_a_malformed_address_is_refused(self, browser: Browser, email: str) -> None:
        refused(browser().post(CODES, {"email": email}), 422, "invalid", "email")

    def test_too_many_are_refused_for_a_while(self, browser: Browser) -> None:
        answers = [browser(network=f"192.0.2.{n}").post(CODES, {"email": EVA.email}) for n in range(6)]
        assert [answer.status for answer in answers[:5]] == [202] * 5
        refused(answers[5], 429, "too_many")
        assert 0 < int(answers[5].headers["retry-after"]) <= 900

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(), "GET", CODES, "POST")


class TestSession:
    def test_a_wrong_code_and_a_used_one_are_refused(self, browser: Browser) -> None:
        client = browser()
        code = mailed_code(client)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        refused(client.post(SESSION, {"email": EVA.email, "code": wrong}), 422, "invalid", "code")
        assert client.post(SESSION, {"email": EVA.email, "code": f" {code[:3]} {code[3:]}"}).status == 200
        refused(browser().post(SESSION, {"email": EVA.email, "code": code}), 422, "invalid", "code")

    def test_five_tries_and_no_more(self, browser: Browser) -> None:
        access.save_code(EVA.email, "123456", clock.now() + timedelta(minutes=10))
        for _ in range(5):
            browser().post(SESSION, {"email": EVA.email, "code": "000000"})
        refused(browser().post(SESSION, {"email": EVA.email, "code": "123456"}), 422, "invalid", "code")

    def test_a_code_of_somebody_else_is_no_use(self, browser: Browser) -> None:
        access.save_code(EVA.email, "123456", clock.now() + timedelta(minutes=10))
        refused(browser().post(SESSION, {"email": FRANK.email, "code": "123456"}), 422, "invalid", "code")

    def test_an_old_code_is_no_use(self, browser: Browser) -> None:
        access.save_code(EVA.email, "123456", clock.now() - timedelta(seconds=1))
        refused(browser().post(SESSION, {"email": EVA.email, "code": "123456"}), 422, "invalid", "code")

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "१२३४५६", "abcdef", "1" * 10_000])
    def test_what_cannot_be_a_code_is_refused(self, browser: Browser, code: str) -> None:
        refused(browser().post(SESSION, {"email": EVA.email, "code": code}), 422, "invalid", "code")

    def test_signing_out_ends_the_session(self, browser: Browser) -> None:
        client = browser(EVA)
        kept = dict(client.cookies)
        answer = client.send("DELETE", SESSION)
        assert (answer.status, answer.content) == (204, b"")
        assert "content-type" not in answer.headers
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert client.cookies == {}
        refused(browser(cookies=kept).get(ME), 401, "not_signed_in")

    def test_signing_out_twice_is_no_error(self, browser: Browser) -> None:
        assert browser().send("DELETE", SESSION).status == 204

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(), "PUT", SESSION, "DELETE, POST")


class TestToken:
    def test_an_unknown_token_is_refused_even_where_anybody_may_call(self, browser: Browser) -> None:
        refused(browser(token="made-up", origin=None).get("/api/v1/projects"), 401, "not_signed_in")

    def test_a_token_that_ended_is_refused(self, browser: Browser) -> None:
        client = browser(token=api_token(ALICE, timedelta(seconds=-1)), origin=None)
        refused(client.get(ME), 401, "not_signed_in")

    def test_a_token_wins_over_a_cookie(self, browser: Browser) -> None:
        client = browser(EVA)
        client.token = api_token(ALICE)
        assert client.get(ME).json()["email"] == ALICE.email


def test_the_first_sign_in_takes_the_name_from_a_request(browser: Browser) -> None:
    order = {"project": "WEB", "subject": "Dotaz", "text": "Jak?", "email": "nova@customer.example", "name": "Nová"}
    browser().post("/api/v1/tickets", order)
    access.save_code("nova@customer.example", "123456", clock.now() + timedelta(minutes=10))
    client = browser()
    answer = client.post(SESSION, {"email": "nova@customer.example", "code": "123456"})
    assert answer.json()["person"]["name"] == "Nová"
    assert client.get("/api/v1/tickets/WEB-1").status == 200


def test_a_returned_request_can_be_answered_after_signing_in(browser: Browser) -> None:
    ticket = standing_at(State.RETURNED)
    assert browser(EVA).get(f"/api/v1/tickets/{ticket.number}").json()["moves"] == ["resubmit", "withdraw"]
    assert moved(ticket, "resubmit", EVA, text="Verze 2.").state is State.IN_PROGRESS
