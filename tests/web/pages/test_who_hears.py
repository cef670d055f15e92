"""Who hears of one request, on the pages: set by ticks, watched by oneself, and asked before anything is sent."""

from dataclasses import replace

import pytest

from chalicelib import desk
from chalicelib.domain.notices import Audience, Notify, Topic
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import bulk, history, projects, tickets, unsubscribed
from chalicelib.storage import people as stored
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, ROOT, WANDA, signed_in
from tests.stage import OPEN_WEB, filed, standing_at
from tests.web.api.door import by_link
from tests.web.conftest import Browser
from tests.web.pages.conftest import mailed_code
from tests.web.pages.reading import Form, page_of

DESK, NOTIFY = "/desk/WEB-1", "/desk/WEB-1/notify"


@pytest.fixture(autouse=True)
def ticket(stage: None) -> Ticket:
    """Eva's request in Bob's hands that Wanda watches."""
    return standing_at(State.IN_PROGRESS)


def form(browser: Browser, by: Person = ALICE) -> Form:
    return page_of(browser(by).get(DESK)).form(NOTIFY)


def notify() -> Notify | None:
    return tickets.load("WEB-1").notify


class TestTicks:
    def test_they_show_what_is_usual(self, browser: Browser) -> None:
        fields = form(browser).fields
        assert {"requester.replies", "assignee.notes", "watchers.states"} <= set(fields["hears"])
        assert not {"requester.notes", "project_managers.replies"} & set(fields["hears"])
        assert "requester.notes" not in form(browser).offered["hears"]

    def test_they_show_what_the_project_sets(self, browser: Browser) -> None:
        bulk.write([projects.row_of(replace(OPEN_WEB, notify=Notify({Audience.WATCHERS: (Topic.REPLIES,)})))])
        hears = form(browser).fields["hears"]
        assert [each for each in hears if each.startswith("watchers")] == ["watchers.replies"]

    def test_only_what_differs_is_kept(self, browser: Browser) -> None:
        fields = form(browser).fields
        hears = [each for each in fields["hears"] if each != "watchers.replies"]
        answer = browser(ALICE).form(NOTIFY, form(browser).filled(hears=hears, addresses="a@x.example, B@x.example"))
        assert (answer.status, answer.location) == (303, f"{DESK}?sent=notify")
        assert notify() == Notify(
            {Audience.WATCHERS: (Topic.NEW, Topic.STATES, Topic.VERDICTS, Topic.NOTES)},
            ("a@x.example", "b@x.example"),
        )
        assert form(browser).fields["addresses"] == ["a@x.example\nb@x.example"]

    def test_as_in_the_project_again(self, browser: Browser) -> None:
        alice = browser(ALICE)
        alice.form(NOTIFY, form(browser).filled(hears=[]))
        assert notify()
        assert alice.form(NOTIFY, form(browser).filled(do="reset")).status == 303
        assert notify() is None

    def test_ticks_that_are_all_as_usual_take_it_back_too(self, browser: Browser) -> None:
        usual = form(browser).fields["hears"]
        alice = browser(ALICE)
        alice.form(NOTIFY, form(browser).filled(hears=[]))
        alice.form(NOTIFY, form(browser).filled(hears=usual))
        assert notify() is None

    def test_what_is_refused_stands_there_as_it_was(self, browser: Browser) -> None:
        typed = form(browser).filled(hears=["requester.replies"], addresses="not an address")
        page = page_of(browser(ALICE).form(NOTIFY, typed), 422)
        fields = page.form(NOTIFY).fields
        assert fields["hears"] == ["requester.replies"]
        assert fields["addresses"] == ["not an address"]
        assert notify() is None

    def test_a_stale_form_changes_nothing(self, browser: Browser) -> None:
        typed = form(browser).filled(hears=[])
        desk.unwatch("WEB-1", WANDA.email, signed_in(BOB))
        page_of(browser(ALICE).form(NOTIFY, typed), 409)
        assert notify() is None

    @pytest.mark.parametrize("hears", [["requester.notes"], ["weather.new"], ["requester"], ["\x00"]])
    def test_ticks_that_are_not_there_set_nothing(self, browser: Browser, hears: list[str]) -> None:
        browser(ALICE).form(NOTIFY, form(browser).filled(hears=[*form(browser).fields["hears"], *hears]))
        assert notify() is None

    def test_the_thread_tells_it_in_words(self, browser: Browser) -> None:
        hears = [each for each in form(browser).fields["hears"] if not each.startswith("watchers")]
        client = browser(ROOT)
        client.form(NOTIFY, form(browser).filled(hears=hears, addresses="a@x.example"))
        words = page_of(client.get(DESK)).words
        assert "Who hears of it: as in the project → Watchers: New requests; a@x.example" in words
        page = page_of(browser(EVA).get("/t/WEB-1"))
        assert "a@x.example" not in page.words
        assert "Kdo se to dozví" not in page.words

    def test_a_solver_has_no_such_form_and_others_no_such_page(self, browser: Browser) -> None:
        assert NOTIFY not in [each.action for each in page_of(browser(CAROL).get(DESK)).forms]
        fields = {"version": tickets.load("WEB-1").version, "addresses": "a@x.example"}
        for person, status in ((CAROL, 403), (EVA, 403), (HANA, 404), (DAVE, 404)):
            assert browser(person).form(NOTIFY, fields).status == status
        assert notify() is None


class TestRecipients:
    def test_both_lists_say_why_and_why_not(self, browser: Browser) -> None:
        unsubscribed.add("WEB-1", WANDA.email)
        page = page_of(browser(CAROL).get(f"{DESK}/recipients"))
        reply, note = page.words.split("Odpověď")[1].split("Interní poznámka")
        for person in (EVA, BOB, WANDA):
            assert person.name in reply
        assert "odhlásil se od tohoto požadavku" in reply
        assert BOB.name in note
        assert EVA.name not in note

    def test_the_working_page_leads_there_and_tells_where_to_ask(self, browser: Browser) -> None:
        answer = browser(BOB).get(DESK)
        assert f"{DESK}/recipients" in page_of(answer).links
        assert "/api/v1/tickets/WEB-1/recipients?internal=false" in answer.text

    def test_others_see_nothing_of_it(self, browser: Browser) -> None:
        for person, status in ((EVA, 403), (WANDA, 403), (FRANK, 403), (HANA, 404), (DAVE, 404)):
            assert browser(person).get(f"{DESK}/recipients").status == status


class TestWatching:
    def test_staff_watch_and_stop_in_one_press(self, browser: Browser) -> None:
        client = browser(CAROL)
        button = page_of(client.get(DESK)).form("/desk/WEB-1/watch", email=CAROL.email)
        assert client.form(button.action, button.filled(do="add")).status == 303
        assert tickets.load("WEB-1").watched_by(CAROL.email)
        assert client.form(button.action, button.filled(do="remove")).status == 303
        assert not tickets.load("WEB-1").watched_by(CAROL.email)

    def test_whoever_watches_again_hears_again(self, browser: Browser) -> None:
        unsubscribed.add("WEB-1", CAROL.email)
        desk.watch("WEB-1", CAROL.email, signed_in(CAROL))
        assert unsubscribed.of_ticket("WEB-1") == frozenset()

    def test_whom_somebody_else_adds_stays_unsubscribed(self) -> None:
        unsubscribed.add("WEB-1", FRANK.email)
        desk.watch("WEB-1", FRANK.email, signed_in(BOB))
        assert unsubscribed.of_ticket("WEB-1") == {FRANK.email}

    def test_a_customer_stops_watching(self, browser: Browser) -> None:
        client = browser(WANDA)
        button = page_of(client.get("/t/WEB-1")).form("/t/WEB-1/watch")
        answer = client.form(button.action, button.filled(do="remove"))
        assert (answer.status, answer.location) == (303, "/my")
        assert not tickets.load("WEB-1").watchers
        assert client.form(button.action, button.filled(do="add")).status == 404

    def test_by_a_link_it_takes_a_mailed_code(self, browser: Browser) -> None:
        client = by_link(browser(), tickets.load("WEB-1"), WANDA)
        asked = page_of(client.form("/t/WEB-1/watch", {"do": "remove"}))
        assert tickets.load("WEB-1").watched_by(WANDA.email)
        confirm = asked.form("/t/WEB-1/watch")
        client.form(confirm.action, confirm.filled(code=mailed_code(stored.find(WANDA.email) or WANDA)))
        assert not tickets.load("WEB-1").watchers

    def test_the_requester_has_no_such_button(self, browser: Browser) -> None:
        assert "/t/WEB-1/watch" not in [each.action for each in page_of(browser(EVA).get("/t/WEB-1")).forms]

    def test_a_stranger_finds_nothing(self, browser: Browser) -> None:
        for client in (browser(FRANK), browser(), browser(DAVE)):
            assert client.form("/t/WEB-1/watch", {"do": "add"}).status == 404
        assert len(tickets.load("WEB-1").watchers) == 1

    def test_a_closed_request_is_left_alone(self, browser: Browser) -> None:
        closed = standing_at(State.CLOSED)
        events = len(history.of_ticket(closed.number))
        assert browser(WANDA).form(f"/t/{closed.number}/watch", {"do": "remove"}).status == 409
        assert len(history.of_ticket(closed.number)) == events
        assert filed()
