"""Writing to the team: signed in at once, by a mailed link after a mailed code."""

import pytest

from chalicelib import directory
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import history
from chalicelib.storage.limits import Limit
from tests.cast import ALICE, BOB, EVA, FRANK, WANDA, by_form
from tests.stage import filed, last_event, moved, standing_at, uploaded
from tests.web.api.door import by_link
from tests.web.client import Answer, Client
from tests.web.conftest import Browser
from tests.web.pages.conftest import mailed_code
from tests.web.pages.reading import Form, page_of

TEXT = "Začalo to včera.\r\n\r\nPřílohu posílám."


def replied(client: Client, ticket: Ticket, **more: object) -> Answer:
    sent = {"key": "k1", "version": ticket.version, "text": TEXT, **more}
    return client.form(f"/t/{ticket.number}/reply", sent, [("výpis.txt", "text/plain", b"soubor")])


def confirmation(answer: Answer, ticket: Ticket, status: int = 200) -> Form:
    return page_of(answer, status).form(f"/t/{ticket.number}/reply")


class TestReply:
    def test_the_requester_signed_in(self, browser: Browser) -> None:
        ticket, client = filed(), browser(EVA)
        answer = replied(client, ticket)
        assert (answer.status, answer.location) == (303, f"/t/{ticket.number}?sent=reply")
        event = last_event(ticket)
        assert (event.kind, event.text) == ("comment.added", TEXT.replace("\r\n", "\n"))
        assert [file.filename for file in event.attachments] == ["výpis.txt"]
        assert "Začalo to včera." in page_of(client.follow(answer)).words

    def test_nothing_to_say_is_refused(self, browser: Browser) -> None:
        ticket = filed()
        page = page_of(browser(EVA).form(f"/t/{ticket.number}/reply", {"text": " ", "version": 1, "key": "k"}), 422)
        assert "#reply-text" in page.links

    @pytest.mark.parametrize("person", [None, FRANK])
    def test_a_stranger_finds_nothing(self, browser: Browser, person: object) -> None:
        ticket = filed()
        answer = replied(browser(person), ticket)
        assert page_of(answer, 404).words == page_of(browser(person).get("/t/WEB-9")).words
        assert len(history.of_ticket(ticket.number)) == 1

    def test_a_watcher_is_refused(self, browser: Browser) -> None:
        ticket = filed(watchers=(WANDA.email,))
        page_of(replied(browser(WANDA), ticket), 403)

    def test_what_is_written_to_a_request_that_was_closed_meanwhile_is_shown(self, browser: Browser) -> None:
        ticket = standing_at(State.DONE)
        moved(ticket, "accept", ALICE)
        page = page_of(replied(browser(EVA), ticket), 409)
        assert "Začalo to včera." in page.words
        assert "Solution accepted" in page.words or "Řešení přijato" in page.words

    def test_another_site_cannot_write(self, browser: Browser) -> None:
        ticket = filed()
        page_of(replied(browser(EVA, origin="https://evil.example"), ticket), 403)
        assert len(history.of_ticket(ticket.number)) == 1


class TestTwice:
    def test_a_double_click_is_one_reply(self, browser: Browser) -> None:
        ticket, client = filed(), browser(EVA)
        assert {replied(client, ticket).location for _ in range(2)} == {f"/t/{ticket.number}?sent=reply"}
        assert len(history.of_ticket(ticket.number)) == 2

    def test_another_text_with_the_same_file_is_another_reply(self, browser: Browser) -> None:
        ticket, client = filed(), browser(EVA)
        replied(client, ticket)
        page = page_of(replied(client, ticket, text="Ještě něco"), 409)
        form = page.form(f"/t/{ticket.number}/reply")
        again = client.form(form.action, form.filled(), [("výpis.txt", "text/plain", b"soubor")])
        assert again.status == 303
        assert last_event(ticket).text == "Ještě něco"


class TestByLink:
    def test_a_mailed_code_comes_first_and_nothing_is_lost(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(), ticket, EVA)
        form = confirmation(replied(client, ticket), ticket)
        assert len(history.of_ticket(ticket.number)) == 1
        wrong = confirmation(client.form(form.action, form.filled(code="000000")), ticket, 422)
        assert {**wrong.fields, "code": [""]} == {**form.fields, "code": [""]}
        answer = client.form(wrong.action, wrong.filled(code=mailed_code(EVA)))
        assert answer.location == f"/t/{ticket.number}?sent=reply"
        event = last_event(ticket)
        assert (event.actor, event.text) == (EVA.contact, TEXT.replace("\r\n", "\n"))
        assert [file.filename for file in event.attachments] == ["výpis.txt"]

    def test_from_then_on_the_browser_is_signed_in(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(), ticket, EVA)
        form = confirmation(replied(client, ticket), ticket)
        client.form(form.action, form.filled(code=mailed_code(EVA)))
        assert "Nejde tisk faktur" in page_of(client.get("/my")).words
        assert replied(client, ticket, key="k2", text="Ještě něco").status == 303

    def test_another_code_can_be_had(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(), ticket, EVA)
        form = confirmation(replied(client, ticket), ticket)
        first = mailed_code(EVA)
        again = confirmation(client.form(form.action, form.filled(again="1")), ticket)
        second = mailed_code(EVA)
        if first != second:
            again = confirmation(client.form(again.action, again.filled(code=first)), ticket, 422)
        assert client.form(again.action, again.filled(code=second)).status == 303

    def test_files_that_were_sent_before_stay(self, browser: Browser) -> None:
        ticket, upload = filed(), uploaded(by_form(EVA))
        client = by_link(browser(), ticket, EVA)
        form = confirmation(client.form(f"/t/{ticket.number}/reply", {"text": "x", "uploads": upload.id}), ticket)
        client.form(form.action, form.filled(code=mailed_code(EVA)))
        assert [file.id for file in last_event(ticket).attachments] == [upload.id]

    def test_too_many_codes_lose_nothing_either(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(directory, "_CODES_PER_ADDRESS", Limit("code-address", 0, 900))
        ticket = filed()
        answer = replied(by_link(browser(), ticket, EVA), ticket)
        assert int(answer.headers["retry-after"]) > 0
        assert confirmation(answer, ticket, 429).fields["text"] == [TEXT]

    def test_what_is_wrong_after_the_code_comes_back_signed_in(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(), ticket, EVA)
        form = confirmation(client.form(f"/t/{ticket.number}/reply", {"text": "", "version": 1}), ticket)
        page = page_of(client.form(form.action, form.filled(code=mailed_code(EVA))), 422)
        assert EVA.name in page.words
        assert page.form("/sign-out")

    def test_the_code_of_one_person_does_not_confirm_another(self, browser: Browser) -> None:
        ticket = filed()
        directory.request_code(BOB.email, "en", "192.0.2.9")
        code = mailed_code(BOB)
        client = by_link(browser(), ticket, EVA)
        form = confirmation(replied(client, ticket), ticket)
        confirmation(client.form(form.action, form.filled(code=code, email=BOB.email)), ticket, 422)
        assert len(history.of_ticket(ticket.number)) == 1
