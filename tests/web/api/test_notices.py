"""Who hears of one request: set, read and asked beforehand by its staff, and by nobody else."""

from dataclasses import replace

import pytest

from chalicelib import notifications, reading
from chalicelib.domain.notices import Audience, Notify, Topic
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import history, people, projects, tickets, unsubscribed
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, MARIE, ROOT, STRANGER, WANDA, signed_in
from tests.stage import forget_mails, last_event, sent_mails, standing_at
from tests.web.api.door import by_link, refused, wrong_method
from tests.web.conftest import Browser

TICKET = "/api/v1/tickets/WEB-1"
RECIPIENTS = f"{TICKET}/recipients"


@pytest.fixture(autouse=True)
def ticket(stage: None) -> Ticket:
    """Eva's request in Bob's hands that Wanda watches."""
    return standing_at(State.IN_PROGRESS)


def version() -> int:
    return tickets.load("WEB-1").version


class TestSetting:
    def test_it_is_kept_shown_to_staff_and_followed(self, browser: Browser) -> None:
        alice = browser(ALICE)
        wanted = {"requester": ["replies"], "watchers": [], "addresses": ["Office@Customer.example"]}
        answer = alice.send("PATCH", TICKET, {"version": version(), "notify": wanted})
        assert answer.status == 200
        assert answer.json()["notify"] == {**wanted, "addresses": ["office@customer.example"]}
        assert alice.get(TICKET).json()["notify"] == answer.json()["notify"]
        forget_mails()
        browser(BOB).post(f"{TICKET}/comments", {"text": "Slovo."})
        notifications.deliver("WEB-1", last_event(tickets.load("WEB-1")).id)
        assert {mail.to for mail in sent_mails()} == {EVA.email, "office@customer.example"}

    def test_a_further_address_gets_no_link_and_may_unsubscribe(self, browser: Browser) -> None:
        browser(ALICE).send(
            "PATCH", TICKET, {"version": version(), "notify": {"addresses": ["office@customer.example"]}}
        )
        browser(BOB).post(f"{TICKET}/comments", {"text": "Slovo."})
        notifications.deliver("WEB-1", last_event(tickets.load("WEB-1")).id)
        [mail] = [mail for mail in sent_mails() if mail.to == "office@customer.example"]
        assert "Slovo." in mail.text
        assert "/t/WEB-1" not in mail.whole
        assert "/unsubscribe/" in mail.text

    def test_null_takes_it_back(self, browser: Browser) -> None:
        alice = browser(ALICE)
        assert alice.get(TICKET).json()["notify"] is None
        alice.send("PATCH", TICKET, {"version": version(), "notify": {"watchers": []}})
        assert alice.send("PATCH", TICKET, {"version": version(), "notify": None}).json()["notify"] is None
        assert tickets.load("WEB-1").notify is None
        refused(alice.send("PATCH", TICKET, {"version": version(), "notify": None}), 422, "invalid", "version")

    def test_what_is_left_out_stays(self, browser: Browser) -> None:
        alice = browser(ALICE)
        alice.send("PATCH", TICKET, {"version": version(), "notify": {"watchers": []}})
        alice.send("PATCH", TICKET, {"version": version(), "priority": "high"})
        assert tickets.load("WEB-1").notify == Notify({Audience.WATCHERS: ()})

    @pytest.mark.parametrize(
        ("notify", "field"),
        [
            ({"requester": ["notes"]}, "notify.requester"),
            ({"further_addresses": ["notes"]}, "notify.addresses"),
            ({"requester": ["weather"]}, "notify.requester"),
            ({"everybody": ["new"]}, "notify.everybody"),
            ({"addresses": ["x"]}, "notify.addresses"),
            ({"addresses": ["a@x.example\r\nBcc: b@x.example"]}, "notify.addresses"),
            ({"addresses": [f"a{n}@x.example" for n in range(11)]}, "notify.addresses"),
            ("all", "notify"),
        ],
    )
    def test_what_makes_no_sense_changes_nothing(self, browser: Browser, notify: object, field: str) -> None:
        before = tickets.load("WEB-1")
        refused(browser(ALICE).send("PATCH", TICKET, {"version": version(), "notify": notify}), 422, "invalid", field)
        assert tickets.load("WEB-1") == before

    def test_a_stale_version_changes_nothing(self, browser: Browser) -> None:
        order = {"version": version() - 1, "notify": {"watchers": []}}
        refused(browser(ALICE).send("PATCH", TICKET, order), 409, "stale")
        assert tickets.load("WEB-1").notify is None

    @pytest.mark.parametrize(
        ("person", "status"),
        [(BOB, 200), (ALICE, 200), (ROOT, 200), (CAROL, 403), (EVA, 403), (WANDA, 403), (FRANK, 404), (HANA, 404)],
        ids=lambda each: getattr(each, "name", each),
    )
    def test_who_may(self, browser: Browser, person: Person, status: int) -> None:
        answer = browser(person).send("PATCH", TICKET, {"version": version(), "notify": {"watchers": []}})
        assert answer.status == status


class TestHistory:
    @pytest.fixture(autouse=True)
    def changed(self, browser: Browser) -> None:
        notify = {"watchers": ["replies"], "addresses": ["secret@inside.example"]}
        assert browser(ALICE).send("PATCH", TICKET, {"version": version(), "notify": notify}).status == 200

    def test_staff_read_from_what_to_what(self, browser: Browser) -> None:
        event = browser(CAROL).get(f"{TICKET}/history").json()["items"][-1]
        assert event["changes"] == {"notify": [None, "watchers: replies; also: secret@inside.example"]}

    @pytest.mark.parametrize("person", [EVA, WANDA], ids=lambda person: person.name)
    def test_others_read_nothing_of_it(self, browser: Browser, person: Person) -> None:
        for client in (browser(person), by_link(browser(), tickets.load("WEB-1"), person)):
            kinds = [event["kind"] for event in client.get(f"{TICKET}/history").json()["items"]]
            assert "ticket.changed" not in kinds
            for path in (f"{TICKET}/history", TICKET, "/t/WEB-1", "/my"):
                assert "inside.example" not in client.get(path).text
            assert "notify" not in client.get(TICKET).json()

    def test_nobody_else_is_mailed_about_it(self) -> None:
        ticket = tickets.load("WEB-1")
        forget_mails()
        notifications.deliver("WEB-1", last_event(ticket).id)
        assert sent_mails() == []

    def test_the_event_itself_keeps_it(self) -> None:
        assert history.of_ticket("WEB-1")[-1].changes["notify"][1]
        assert "ticket.changed" not in {event.kind for event in reading.dossier("WEB-1", signed_in(EVA)).events}


class TestRecipients:
    def told(self, browser: Browser, by: Person, **query: object) -> dict[str, str]:
        items = browser(by).get(RECIPIENTS, **query).json()["items"]
        return {each["email"]: each["reason"] for each in items if each["told"]}

    def test_they_are_those_whom_the_reply_then_reaches(self, browser: Browser) -> None:
        unsubscribed.add("WEB-1", WANDA.email)
        people.update(EVA, replace(EVA, digest=True))
        for internal in (False, True):
            said = self.told(browser, CAROL, internal=str(internal).lower())
            forget_mails()
            browser(CAROL).post(f"{TICKET}/comments", {"text": "Slovo.", "internal": internal})
            ticket = tickets.load("WEB-1")
            found = notifications.recipients(
                notifications._scene(last_event(ticket), ticket=ticket, crew=projects.crew("WEB"))
            )
            assert said == {each.email: each.reason for each in found}
            assert said == ({BOB.email: "assignee"} if internal else {EVA.email: "requester", BOB.email: "assignee"})

    def test_each_with_all_that_is_to_be_known(self, browser: Browser) -> None:
        items = browser(CAROL, language="en").get(RECIPIENTS).json()["items"]
        assert items[0] == {
            "email": BOB.email,
            "name": BOB.name,
            "reason": "assignee",
            "staff": True,
            "digest": False,
            "told": True,
            "why": None,
            "words": "Assignee",
        }

    def test_who_is_not_told_and_why(self, browser: Browser) -> None:
        unsubscribed.add("WEB-1", WANDA.email)
        people.update(EVA, replace(EVA, muted=(Topic.REPLIES,)))
        items = browser(BOB, language="cs").get(RECIPIENTS).json()["items"]
        assert {each["email"]: (each["told"], each["why"]) for each in items} == {
            BOB.email: (False, "themselves"),
            EVA.email: (False, "muted"),
            WANDA.email: (False, "unsubscribed"),
        }
        assert "má vypnutý" in items[1]["words"]

    def test_in_pages(self, browser: Browser) -> None:
        client = browser(CAROL)
        first = client.get(RECIPIENTS, limit=2).json()
        second = client.get(RECIPIENTS, limit=2, cursor=first["next"]).json()
        assert [each["email"] for each in first["items"] + second["items"]] == [BOB.email, EVA.email, WANDA.email]
        assert second["next"] is None
        refused(client.get(RECIPIENTS, internal="true", cursor=first["next"]), 422, "invalid", "cursor")

    @pytest.mark.parametrize("person", [EVA, WANDA], ids=lambda person: person.name)
    def test_a_customer_is_refused(self, browser: Browser, person: Person) -> None:
        refused(browser(person).get(RECIPIENTS), 403, "not_allowed")
        refused(by_link(browser(), tickets.load("WEB-1"), person).get(RECIPIENTS), 401, "not_signed_in")

    @pytest.mark.parametrize("person", [FRANK, DAVE, HANA, MARIE, STRANGER], ids=lambda person: person.name)
    def test_to_others_it_is_as_if_there_were_none(self, browser: Browser, person: Person) -> None:
        foreign = refused(browser(person).get(RECIPIENTS), 404, "not_found").json()
        assert refused(browser(person).get("/api/v1/tickets/WEB-99/recipients"), 404, "not_found").json() == foreign

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(BOB), "POST", RECIPIENTS, "GET")
