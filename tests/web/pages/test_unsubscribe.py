"""Unsubscribing by the link in a mail: a scanner changes nothing, a mail provider may press the button, nobody else."""

import re

import pytest

from chalicelib import desk, notifications
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain.notices import Topic
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import people, unsubscribed
from tests.cast import BOB, EVA, FRANK, WANDA, signed_in
from tests.stage import SentMail, filed, forget_mails, last_event, mails_to, standing_at
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ticket(stage: None) -> Ticket:
    return standing_at(State.IN_PROGRESS)


def mail_to(person: Person, ticket: Ticket) -> SentMail | None:
    """The mail that a reply of Bob's brings to `person`."""
    forget_mails()
    desk.comment(ticket.number, CommentOrder("Slovo."), signed_in(BOB))
    notifications.deliver(ticket.number, last_event(ticket).id)
    return next(iter(mails_to(person)), None)


def link_in(mail: SentMail | None) -> str:
    """The path of the link that the mail program offers, which is the one at the foot as well."""
    assert mail is not None
    header = str(mail.message["List-Unsubscribe"])
    found = re.fullmatch(r"<https://desk\.example(/unsubscribe/[\w.-]+)>", header)
    assert found, header
    assert header[1:-1] in mail.text
    assert f'href="{header[1:-1]}"' in mail.html
    return found[1]


class TestTheMail:
    @pytest.mark.parametrize("person", [EVA, WANDA], ids=lambda person: person.name)
    def test_offers_one_click(self, ticket: Ticket, person: Person) -> None:
        mail = mail_to(person, ticket)
        assert link_in(mail)
        assert mail is not None
        assert mail.message["List-Unsubscribe-Post"] == ONE_CLICK

    def test_to_each_a_link_of_their_own(self, ticket: Ticket) -> None:
        token = link_in(mail_to(EVA, ticket)).rpartition("/")[2]
        assert unsubscribed.unseal(token) == (ticket.number, EVA.email)
        assert unsubscribed.unseal(link_in(mail_to(WANDA, ticket)).rpartition("/")[2]) == (ticket.number, WANDA.email)


class TestReading:
    def test_changes_nothing_however_often(self, browser: Browser, ticket: Ticket) -> None:
        link = link_in(mail_to(EVA, ticket))
        for client in (browser(), browser(FRANK)):
            for _ in range(3):
                page = page_of(client.get(link))
                assert page.form(link)
        assert mail_to(EVA, ticket)

    def test_tells_number_and_address_and_nothing_else(self, browser: Browser, ticket: Ticket) -> None:
        answer = browser(language="en").get(link_in(mail_to(EVA, ticket)))
        assert ticket.number in answer.text
        assert EVA.email in answer.text
        assert ticket.subject not in answer.text
        assert "set-cookie" not in answer.headers


class TestPressing:
    def test_ends_the_mails_about_this_request_alone(self, browser: Browser, ticket: Ticket) -> None:
        link = link_in(mail_to(EVA, ticket))
        page = page_of(browser(language="en").form(link, {}))
        assert "They are turned off" in page.words
        assert mail_to(EVA, ticket) is None
        other = filed(subject="Druhý")
        assert mail_to(EVA, other)

    def test_the_others_go_on_hearing(self, browser: Browser, ticket: Ticket) -> None:
        browser().form(link_in(mail_to(EVA, ticket)), {})
        assert mail_to(WANDA, ticket)

    def test_and_on_again(self, browser: Browser, ticket: Ticket) -> None:
        client, link = browser(), link_in(mail_to(EVA, ticket))
        client.form(link, {})
        undo = page_of(client.get(link)).form(f"{link}/undo")
        answer = client.form(undo.action, {})
        assert (answer.status, answer.location) == (303, link)
        client.form(undo.action, {})
        assert mail_to(EVA, ticket)

    @pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain", None])
    def test_a_mail_provider_does_it_and_repeats_it(self, browser: Browser, ticket: Ticket, kind: str | None) -> None:
        """No cookies, no Origin; the body as RFC 8058 has it, or as it comes. The answer is no redirect."""
        link = link_in(mail_to(EVA, ticket))
        provider = browser(origin=None)
        headers = {"Content-Type": kind} if kind else {}
        for _ in range(2):
            assert provider.request("POST", link, ONE_CLICK.encode(), headers=headers).status == 200
        assert mail_to(EVA, ticket) is None

    def test_somebody_else_s_session_neither_helps_nor_hinders(self, browser: Browser, ticket: Ticket) -> None:
        browser(FRANK).form(link_in(mail_to(EVA, ticket)), {})
        assert mail_to(EVA, ticket) is None

    def test_another_site_does_not_press_it(self, browser: Browser, ticket: Ticket) -> None:
        link = link_in(mail_to(EVA, ticket))
        assert browser(EVA, origin="https://evil.example").form(link, {}).status == 403
        assert browser(EVA, origin=None).form(link, {}).status == 403
        assert mail_to(EVA, ticket)


class TestTheToken:
    def test_opens_nothing_else(self, browser: Browser, ticket: Ticket) -> None:
        token = link_in(mail_to(EVA, ticket)).rpartition("/")[2]
        client = browser()
        for attempt in (token, f"{ticket.number}.{token}"):
            assert client.post("/api/v1/session/link", {"token": attempt}).status in (404, 422)
        assert client.send("GET", "/api/v1/me", Authorization=f"Bearer {token}").status == 401
        assert client.get(f"/api/v1/tickets/{ticket.number}").status == 401

    @pytest.mark.parametrize(
        "token", ["x", "a.b", "WEB-1.abc", "%00", "%ED%A0%80", "é", "a" * 5000, "..%2F..%2Fme", "WyJXRUItMSIsImEiXQ.x"]
    )
    @pytest.mark.parametrize("act", ["", "/undo"])
    def test_another_is_nothing(self, browser: Browser, ticket: Ticket, token: str, act: str) -> None:
        client = browser()
        assert client.form(f"/unsubscribe/{token}{act}", {}).status == 404
        assert client.get(f"/unsubscribe/{token}").status == 404
        assert unsubscribed.of_ticket(ticket.number) == frozenset()

    def test_one_of_another_use_is_nothing(self, browser: Browser, ticket: Ticket) -> None:
        from itsdangerous import URLSafeSerializer

        other = URLSafeSerializer(settings().signing_key, salt="session").dumps([ticket.number, EVA.email])
        assert browser().form(f"/unsubscribe/{other}", {}).status == 404

    def test_does_not_end(self, browser: Browser, ticket: Ticket) -> None:
        token = unsubscribed.seal(ticket.number, EVA.email)
        assert token == unsubscribed.seal(ticket.number, EVA.email)

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_other_methods_are_refused(self, browser: Browser, method: str) -> None:
        answer = browser().send(method, "/unsubscribe/x")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


class TestEverything:
    def test_the_digest_s_link_turns_every_kind_off_and_on(self, browser: Browser, ticket: Ticket) -> None:
        client, link = browser(), f"/unsubscribe/{unsubscribed.seal(unsubscribed.EVERYTHING, EVA.email)}"
        assert page_of(client.get(link)).form(link)
        assert people.find(EVA.email).muted == ()  # type: ignore[union-attr]
        for _ in range(2):
            page_of(client.form(link, {}))
        assert set(people.find(EVA.email).muted) == set(Topic)  # type: ignore[union-attr]
        assert mail_to(EVA, ticket) is None
        client.form(f"{link}/undo", {})
        assert mail_to(EVA, ticket)

    def test_their_session_goes_on(self, browser: Browser, ticket: Ticket) -> None:
        client = browser(EVA)
        client.form(f"/unsubscribe/{unsubscribed.seal(unsubscribed.EVERYTHING, EVA.email)}", {})
        assert client.get("/api/v1/me").json()["notices"]["muted"] == [topic.value for topic in Topic]

    def test_somebody_unknown_has_nothing_to_turn_off(self, browser: Browser, ticket: Ticket) -> None:
        link = f"/unsubscribe/{unsubscribed.seal(unsubscribed.EVERYTHING, 'nobody@nowhere.example')}"
        page_of(browser().form(link, {}))
        assert people.find("nobody@nowhere.example") is None
