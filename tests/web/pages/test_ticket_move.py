"""The moves of a requester: complete, accept, reject, withdraw."""

import pytest

from chalicelib.domain.tickets import State
from chalicelib.storage import history, tickets
from tests.cast import ALICE, BOB, EVA, FRANK, WANDA
from tests.stage import filed, last_event, moved, standing_at
from tests.web.api.door import by_link
from tests.web.conftest import Browser
from tests.web.pages.conftest import mailed_code
from tests.web.pages.reading import page_of


class TestMove:
    @pytest.mark.parametrize(
        ("state", "action", "typed", "after"),
        [
            (State.RETURNED, "resubmit", {"text": "Verze 7"}, State.IN_PROGRESS),
            (State.DONE, "accept", {"text": "Díky!", "rating": "5"}, State.CLOSED),
            (State.DONE, "accept", {"text": ""}, State.CLOSED),
            (State.DONE, "reject", {"text": "Pořád nic"}, State.IN_PROGRESS),
            (State.IN_PROGRESS, "withdraw", {"text": ""}, State.CLOSED),
        ],
    )
    def test_as_the_page_offers_it(
        self, browser: Browser, state: State, action: str, typed: dict[str, str], after: State
    ) -> None:
        ticket, client = standing_at(state), browser(EVA)
        form = page_of(client.get(f"/t/{ticket.number}")).form(f"/t/{ticket.number}/move", action=action)
        answer = client.form(form.action, form.filled(**typed))
        assert answer.location == f"/t/{ticket.number}?sent=move-{action}"
        found = tickets.load(ticket.number)
        assert found.state is after
        assert found.rating == (5 if "rating" in typed else None)
        assert page_of(client.follow(answer))

    def test_with_files_alone(self, browser: Browser) -> None:
        ticket, client = standing_at(State.RETURNED), browser(EVA)
        form = page_of(client.get(f"/t/{ticket.number}")).form(f"/t/{ticket.number}/move", action="resubmit")
        assert client.form(form.action, form.filled(), [("a.txt", "text/plain", b"verze")]).status == 303
        assert [file.filename for file in last_event(ticket).attachments] == ["a.txt"]

    def test_what_is_missing_is_said_in_the_open_form(self, browser: Browser) -> None:
        ticket = standing_at(State.DONE)
        sent = {"key": "k", "version": ticket.version, "action": "reject", "text": ""}
        page = page_of(browser(EVA).form(f"/t/{ticket.number}/move", sent), 422)
        assert "#reject-text" in page.links

    def test_by_link_after_a_code(self, browser: Browser) -> None:
        ticket = standing_at(State.DONE)
        client = by_link(browser(), ticket, EVA)
        offered = page_of(client.get(f"/t/{ticket.number}")).form(f"/t/{ticket.number}/move", action="accept")
        waiting = page_of(client.form(offered.action, offered.filled(rating="4"))).form(offered.action)
        assert tickets.load(ticket.number).state is State.DONE
        answer = client.form(waiting.action, waiting.filled(code=mailed_code(EVA)))
        assert answer.location == f"/t/{ticket.number}?sent=move-accept"
        assert tickets.load(ticket.number).rating == 4

    def test_a_stale_move_is_shown_what_is_new_and_keeps_the_text(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        moved(ticket, "finish", BOB, text="Je to hotovo.")
        sent = {"key": "k", "version": ticket.version, "action": "withdraw", "text": "Už to nechci"}
        page = page_of(browser(EVA).form(f"/t/{ticket.number}/move", sent), 409)
        assert page.words.count("Je to hotovo.") == 2
        assert "Už to nechci" in page.words
        assert tickets.load(ticket.number).state is State.DONE

    def test_a_stale_move_that_is_still_there_stands_ready(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        client = browser(EVA)
        client.form(f"/t/{ticket.number}/reply", {"text": "Mimochodem", "version": ticket.version})
        sent = {"key": "k", "version": ticket.version, "action": "withdraw", "text": "Už to nechci"}
        form = page_of(client.form(f"/t/{ticket.number}/move", sent), 409).form(
            f"/t/{ticket.number}/move", action="withdraw"
        )
        assert form.fields["text"] == ["Už to nechci"]
        assert client.form(form.action, form.filled()).status == 303

    def test_a_double_click_is_one_move(self, browser: Browser) -> None:
        ticket, client = standing_at(State.DONE), browser(EVA)
        sent = {"key": "k", "version": ticket.version, "action": "accept", "text": "Díky\r\n"}
        first, second = (client.form(f"/t/{ticket.number}/move", sent) for _ in range(2))
        assert first.location == second.location == f"/t/{ticket.number}?sent=move-accept"
        assert [event.kind for event in history.of_ticket(ticket.number)].count("ticket.accepted") == 1

    @pytest.mark.parametrize(("action", "status"), [("finish", 403), ("", 422), ("nonsense", 422)])
    def test_a_move_that_is_not_offered(self, browser: Browser, action: str, status: int) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        sent = {"key": "k", "version": ticket.version, "action": action, "text": "x"}
        page_of(browser(EVA).form(f"/t/{ticket.number}/move", sent), status)

    @pytest.mark.parametrize(("person", "status"), [(None, 404), (FRANK, 404), (WANDA, 403)])
    def test_others_are_refused(self, browser: Browser, person: object, status: int) -> None:
        ticket = filed(watchers=(WANDA.email,))
        sent = {"key": "k", "version": ticket.version, "action": "withdraw"}
        page_of(browser(person).form(f"/t/{ticket.number}/move", sent), status)
        assert tickets.load(ticket.number).state is State.NEW

    def test_staff_who_post_here_are_sent_to_their_page(self, browser: Browser) -> None:
        ticket, client = filed(), browser(ALICE)
        answer = client.form(f"/t/{ticket.number}/move", {"version": 1, "action": "start"})
        assert client.follow(answer).location == f"/desk/{ticket.number}"
