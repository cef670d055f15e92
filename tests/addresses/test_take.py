"""Events of SES from the queue: the address is marked, the request says so to its staff, and nothing happens twice."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pynamodb.exceptions import PutError

import app
from chalicelib import addresses, desk, reading
from chalicelib.desk import CommentOrder
from chalicelib.domain.addresses import Mark
from chalicelib.domain.errors import StaleVersion
from chalicelib.domain.events import MAIL_BOUNCED, MAIL_COMPLAINED, MAIL_FAILED, SUBMITTED, Event
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import addresses as stored
from chalicelib.storage import history, tickets
from tests.cast import ALICE, BOB, EVA, FRANK, STRANGER, by_link, signed_in
from tests.ses_events import SENT, body, bounce, complaint, reject
from tests.stage import filed, standing_at

pytestmark = pytest.mark.usefixtures("stage")


def kinds(ticket: Ticket) -> list[str]:
    return [event.kind for event in history.of_ticket(ticket.number)]


def last(ticket: Ticket) -> Event:
    return history.of_ticket(ticket.number)[-1]


class TestTake:
    def test_a_bounce_marks_the_address_and_says_so_in_the_request(self) -> None:
        ticket = filed()
        addresses.take(body(bounce(EVA.email, ticket=ticket.number)))
        known = stored.load(EVA.email)
        assert (known.mark, known.reason) == (Mark.BOUNCED, "smtp; 550 5.1.1 user unknown")
        assert kinds(ticket) == [SUBMITTED, MAIL_BOUNCED]
        event = last(ticket)
        assert event.internal
        assert event.changes == {"address": (None, EVA.email), "reason": (None, "smtp; 550 5.1.1 user unknown")}
        assert event.actor.email == ""

    def test_the_request_itself_stays_as_it_is(self) -> None:
        ticket = filed()
        before = tickets.load(ticket.number)
        addresses.take(body(complaint(EVA.email, ticket=ticket.number)))
        assert tickets.load(ticket.number) == before
        assert last(ticket).version == before.version

    def test_nobody_is_mailed_about_it(self) -> None:
        ticket = filed()
        addresses.take(body(bounce(EVA.email, ticket=ticket.number)))
        assert not last(ticket).row.topic

    def test_a_closed_request_is_told_as_well(self) -> None:
        ticket = standing_at(State.CLOSED)
        addresses.take(body(bounce(EVA.email, ticket=ticket.number)))
        assert kinds(ticket)[-1] == MAIL_BOUNCED

    def test_a_full_mailbox_is_told_and_still_mailed(self) -> None:
        ticket = filed()
        addresses.take(body(bounce(EVA.email, kind="Transient", detail="MailboxFull", ticket=ticket.number)))
        assert stored.load(EVA.email).mark is None
        assert stored.marked(10, None) == []
        assert kinds(ticket) == [SUBMITTED, MAIL_FAILED]

    def test_three_days_of_it_stop_the_mail(self) -> None:
        for day in range(3):
            at = SENT + timedelta(days=day)
            addresses.take(body(bounce(EVA.email, kind="Transient", detail="MailboxFull", at=at, feedback_id=str(day))))
        assert stored.load(EVA.email).mark is Mark.BOUNCED

    def test_an_event_that_comes_twice_is_taken_once(self) -> None:
        ticket = filed()
        for _ in range(3):
            addresses.take(body(bounce(EVA.email, ticket=ticket.number)))
        assert kinds(ticket) == [SUBMITTED, MAIL_BOUNCED]
        assert stored.load(EVA.email).failures == 1

    def test_a_complaint_goes_over_a_bounce(self) -> None:
        ticket = filed()
        addresses.take(body(bounce(EVA.email, ticket=ticket.number)))
        addresses.take(body(complaint(EVA.email, ticket=ticket.number)))
        assert stored.load(EVA.email).mark is Mark.COMPLAINED
        assert kinds(ticket) == [SUBMITTED, MAIL_BOUNCED, MAIL_COMPLAINED]

    def test_each_recipient_of_a_mail_is_marked(self) -> None:
        addresses.take(body(bounce(EVA.email, FRANK.email)))
        assert [known.email for known in stored.marked(10, None)] == [EVA.email, FRANK.email]

    def test_somebody_the_desk_does_not_know_is_marked_too(self) -> None:
        addresses.take(body(bounce("nobody@elsewhere.example")))
        assert stored.load("nobody@elsewhere.example").mark is Mark.BOUNCED

    @pytest.mark.parametrize("number", ["WEB-99999", "NOT-1"])
    def test_a_request_that_is_not_there_does_not_hold_it_up(self, number: str) -> None:
        addresses.take(body(bounce(EVA.email, ticket=number)))
        assert stored.load(EVA.email).mark is Mark.BOUNCED
        assert history.of_ticket(number) == []

    def test_a_mail_that_ses_refused_is_told(self) -> None:
        ticket = filed()
        addresses.take(body(reject(EVA.email, ticket=ticket.number)))
        assert kinds(ticket)[-1] == MAIL_FAILED
        assert stored.load(EVA.email).mark is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "[]",
            "{",
            "\x00",
            "[" * 100_000,
            '{"a":' * 100_000,
            "{}",
            '{"eventType": "Bounce"}',
            "x" * 10_000_000,
        ],
    )
    def test_what_is_no_event_is_dropped(self, text: str, caplog: pytest.LogCaptureFixture) -> None:
        addresses.take(text)
        assert "was dropped" in caplog.text
        assert stored.marked(10, None) == []

    def test_an_event_of_another_kind_changes_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        addresses.take(body(bounce(EVA.email) | {"eventType": "Delivery"}))
        assert stored.load(EVA.email).version == 0
        assert not caplog.records


class TestOfCustomers:
    """No trace of it: not in the history, not in the ticket, not in its version or times."""

    @pytest.fixture
    def ticket(self) -> Ticket:
        ticket = filed()
        desk.comment(ticket.number, CommentOrder("Díváme se na to."), signed_in(BOB))
        return tickets.load(ticket.number)

    @pytest.mark.parametrize("event", [bounce, complaint, reject])
    def test_they_see_nothing(self, ticket: Ticket, event: Any) -> None:
        before = [reading.dossier(ticket.number, by) for by in (signed_in(EVA), by_link(EVA, ticket.number))]
        addresses.take(body(event(EVA.email, ticket=ticket.number)))
        assert [reading.dossier(ticket.number, by) for by in (signed_in(EVA), by_link(EVA, ticket.number))] == before
        assert reading.events_page(ticket.number, signed_in(EVA), 1, None)[1] is not None
        assert len(reading.dossier(ticket.number, signed_in(ALICE)).events) == len(before[0].events) + 1


class TestQueue:
    def call(self, *bodies: str) -> list[str]:
        records = [{"messageId": str(n), "body": text, "receiptHandle": "r"} for n, text in enumerate(bodies)]
        answer = app.take_mail_events({"Records": records}, None)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def test_a_batch_is_taken_one_by_one(self) -> None:
        assert self.call(body(bounce(EVA.email)), "no event", body(bounce(FRANK.email))) == []
        assert [known.email for known in stored.marked(10, None)] == [EVA.email, FRANK.email]

    def test_what_the_database_does_not_take_now_stays_in_the_queue(self, monkeypatch: pytest.MonkeyPatch) -> None:
        save = stored.save

        def sometimes(before: Any, after: Any, events: Any = ()) -> None:
            if after.email == EVA.email:
                raise PutError("throttled")
            save(before, after, events)

        monkeypatch.setattr(stored, "save", sometimes)
        assert self.call(body(bounce(EVA.email)), body(bounce(FRANK.email))) == ["0"]
        assert stored.load(FRANK.email).mark is Mark.BOUNCED
        monkeypatch.undo()
        assert self.call(body(bounce(EVA.email))) == []
        assert stored.load(EVA.email).mark is Mark.BOUNCED

    def test_a_batch_may_be_of_one_address(self) -> None:
        """As a mailing to a person with many requests: each event finds what the one before has written."""
        ticket, other = filed(), filed()
        events = [bounce(EVA.email, ticket=each.number, feedback_id=each.number) for each in (ticket, other)]
        assert self.call(*map(json.dumps, events)) == []
        assert (kinds(ticket)[-1], kinds(other)[-1]) == (MAIL_BOUNCED, MAIL_BOUNCED)
        assert stored.load(EVA.email).tickets == (ticket.number, other.number)


class TestStorage:
    def test_what_changed_meanwhile_is_not_written_over(self) -> None:
        known = stored.load(EVA.email)
        stored.save(known, known)
        with pytest.raises(StaleVersion):
            stored.save(known, known)

    def test_people_and_marks_come_in_one_read(self) -> None:
        addresses.take(body(bounce(STRANGER.email, "nobody@elsewhere.example")))
        people, known = stored.with_people([EVA.email, STRANGER.email, "nobody@elsewhere.example"])
        assert people == {EVA.email: EVA, STRANGER.email: STRANGER}
        assert known.keys() == {STRANGER.email, "nobody@elsewhere.example"}
        assert stored.with_people([]) == ({}, {})

    def test_more_addresses_than_one_batch_holds(self) -> None:
        emails = [f"somebody{n}@customer.example" for n in range(120)]
        for start in (0, 50, 100):
            addresses.take(body(bounce(*emails[start : start + 50])))
        assert stored.with_people(emails)[1].keys() == set(emails)

    def test_they_are_listed_in_the_order_of_the_alphabet_page_by_page(self) -> None:
        emails = [f"somebody{n}@customer.example" for n in range(7)]
        addresses.take(body(bounce(*reversed(emails))))
        assert [known.email for known in stored.marked(3, None)] == emails[:3]
        assert [known.email for known in stored.marked(10, emails[2])] == emails[3:]
