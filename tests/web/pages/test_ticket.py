"""Reading one's request: signed in, by a mailed link, and not at all."""

import pytest

from chalicelib import desk
from chalicelib.desk import CommentOrder
from chalicelib.domain.tickets import State
from chalicelib.storage import history, tickets
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, HANA, HR, ROOT, STRANGER, WANDA, by_link, signed_in
from tests.stage import filed, moved, standing_at, uploaded
from tests.web.api.door import by_link as opened
from tests.web.api.door import link_token
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

SECRET = "Zákazník je VIP"


def with_note(number: str) -> None:
    """An internal note of Bob, with a file."""
    upload = uploaded(signed_in(BOB), filename="tajné.txt")
    desk.comment(number, CommentOrder(SECRET, internal=True, uploads=(upload.id,)), signed_in(BOB))


class TestRead:
    def test_the_requester_reads_it_signed_in(self, browser: Browser) -> None:
        ticket = standing_at(State.DONE)
        page = page_of(browser(EVA).get(f"/t/{ticket.number}"))
        for words in ("Nejde tisk faktur", "Po aktualizaci se nedá tisknout.", "Opraveno.", "Bob Brown"):
            assert words in page.words
        actions = [form.fields["action"][0] for form in page.forms if "action" in form.fields]
        assert actions == ["accept", "reject"]

    def test_whoever_opened_the_mailed_link_reads_it(self, browser: Browser) -> None:
        ticket = filed()
        page = page_of(opened(browser(), ticket, EVA).get(f"/t/{ticket.number}"))
        assert "Po aktualizaci" in page.words
        assert "Petr" not in page.words
        assert [form.fields["action"] for form in page.forms if "action" in form.fields] == [["withdraw"]]

    def test_a_watcher_reads_and_may_only_stop_watching(self, browser: Browser) -> None:
        ticket = filed(watchers=(WANDA.email,))
        page = page_of(browser(WANDA).get(f"/t/{ticket.number}"))
        assert "Po aktualizaci" in page.words
        assert "The team's turn" in page.words
        assert {form.action for form in page.forms} == {"/language", "/sign-out", f"/t/{ticket.number}/watch"}

    @pytest.mark.parametrize("person", [None, FRANK, DAVE, STRANGER])
    def test_a_foreign_request_looks_like_none(self, browser: Browser, person: object) -> None:
        filed()
        client = browser(person, language="en")
        answer, absent = client.get("/t/WEB-1"), client.get("/t/WEB-2")
        page = page_of(answer)
        assert answer.text == absent.text.replace("WEB-2", "WEB-1")
        assert "Nejde tisk" not in page.words

    @pytest.mark.parametrize("number", ["web-1", "WEB-0", "WEB", "%00", "x" * 300, "WEB-1%0d%0aSet-Cookie:x"])
    def test_what_is_no_number_looks_like_none(self, browser: Browser, number: str) -> None:
        filed()
        assert page_of(browser(EVA).get(f"/t/{number}")).forms

    def test_a_link_opens_its_request_alone(self, browser: Browser) -> None:
        ticket, other = filed(), filed(subject="Jiný")
        client = opened(browser(), ticket, EVA)
        assert "Jiný" not in client.get(f"/t/{other.number}").text
        assert client.get("/my").location == "/sign-in?next=%2Fmy"

    def test_a_link_helps_somebody_who_is_signed_in_as_another(self, browser: Browser) -> None:
        ticket = filed()
        assert "Po aktualizaci" in opened(browser(DAVE), ticket, EVA).get(f"/t/{ticket.number}").text

    @pytest.mark.parametrize("person", [ALICE, BOB, ROOT])
    def test_those_who_work_on_it_are_sent_to_their_page(self, browser: Browser, person: object) -> None:
        ticket = filed()
        answer = browser(person).get(f"/t/{ticket.number}")
        assert (answer.status, answer.location) == (303, f"/desk/{ticket.number}")

    def test_staff_of_one_project_are_customers_of_another(self, browser: Browser) -> None:
        ticket = filed(by=HANA, subject="Hanin požadavek")
        client = browser(HANA)
        assert "Hanin požadavek" in page_of(client.get(f"/t/{ticket.number}")).words
        assert client.get(f"/desk/{ticket.number}").location == f"/t/{ticket.number}"

    def test_of_an_internal_note_nothing_is_to_be_seen(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        client = browser(EVA)
        before = client.get(f"/t/{ticket.number}").text
        with_note(ticket.number)
        after = client.get(f"/t/{ticket.number}").text
        assert SECRET not in after
        assert "tajné" not in after
        assert _still(before) == _still(after)

    def test_a_closed_request_can_only_be_read(self, browser: Browser) -> None:
        ticket = standing_at(State.CLOSED)
        page = page_of(browser(EVA).get(f"/t/{ticket.number}"))
        assert {form.action for form in page.forms} == {"/language", "/sign-out", f"/t/{ticket.number}/rating"}

    def test_following_a_link_as_a_scanner_does_changes_nothing(self, browser: Browser) -> None:
        ticket = filed()
        client = browser()
        for path in (
            f"/t/{ticket.number}",
            f"/t/{ticket.number}?sent=reply",
            f"/t/{ticket.number}?code=123456&again=1",
        ):
            assert client.get(path).status == 200
        for act in ("reply", "move"):
            assert client.get(f"/t/{ticket.number}/{act}").status == 405
        assert tickets.load(ticket.number) == ticket
        assert len(history.of_ticket(ticket.number)) == 1

    def test_what_was_not_sent_is_not_thanked_for(self, browser: Browser) -> None:
        ticket = filed()
        assert 'data-accepted=""' in browser(EVA).get(f"/t/{ticket.number}", sent="<b>").text
        assert f'data-accepted="reply-{ticket.number}"' in browser(EVA).get(f"/t/{ticket.number}", sent="reply").text

    def test_a_file_named_like_markup_is_a_name(self, browser: Browser) -> None:
        upload = uploaded(signed_in(EVA), filename="<img src=x onerror=alert(1)>.txt")
        ticket = filed(subject="<script>alert(1)</script>", uploads=(upload.id,))
        answer = browser(EVA).get(f"/t/{ticket.number}")
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text

    def test_an_ended_link_opens_nothing(self, browser: Browser) -> None:
        from datetime import timedelta

        ticket = filed()
        client = browser()
        client.cookies[f"__Host-link-{ticket.number}"] = link_token(ticket, EVA, timedelta(seconds=-1))
        assert "Nejde tisk" not in client.get(f"/t/{ticket.number}").text

    def test_the_link_of_a_project_does_not_open_another(self, browser: Browser) -> None:
        ticket = filed(by=HANA, project=HR)
        assert by_link(EVA, ticket.number).link_ticket == ticket.number
        client = browser()
        client.cookies["__Host-link-HR-1"] = link_token(moved(filed(), "start", ALICE), EVA)
        assert "Nejde tisk" not in client.get("/t/HR-1").text


def _still(text: str) -> str:
    """A page without what differs from one reading to the next."""
    import re

    return re.sub(r'name="key" value="[^"]*"|<time.*?</time>', "", text)
