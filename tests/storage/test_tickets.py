"""Tickets come back as they went in; a stale save changes nothing; what was asked once is done once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.domain import workflow
from chalicelib.domain.errors import KeyReused, NotFound, StaleVersion
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import history, tickets
from chalicelib.storage.models import ExpiringRow
from chalicelib.storage.tickets import Once
from tests.cast import ALICE, BOB, EVA, NOW, NUMBER, OTHER_NUMBER, a_ticket, signed_in, stamp

pytestmark = pytest.mark.usefixtures("aws")
LATER = NOW + timedelta(hours=24)


def create(ticket: Ticket | None = None, once: Once | None = None, days: float = 0) -> Ticket:
    new = replace(ticket or a_ticket(), version=1)
    return tickets.create(new, workflow.submit(new, (), signed_in(EVA), stamp(days)), (), once)


def commented(ticket: Ticket, internal: bool = False, days: float = 1) -> tuple[Ticket, Any]:
    return workflow.comment(ticket, "Slovo.", internal, (), signed_in(ALICE), stamp(days))


class TestLoad:
    def test_every_field_survives(self) -> None:
        full = replace(
            a_ticket(assignee=BOB),
            subject="Příliš žluťoučký kůň 🐎",
            due=date(2025, 4, 1),
            first_response_at=NOW,
            returned_at=NOW,
            done_at=NOW,
            closed_at=NOW,
            rating=5,
            minutes=90,
            fields={"kód": "hodnota"},
            version=1,
        )
        create(full)
        assert tickets.load(NUMBER) == full

    def test_moments_keep_their_microseconds(self) -> None:
        exact = replace(a_ticket(), version=1, updated_at=NOW.replace(microsecond=123_456))
        create(exact)
        assert tickets.load(NUMBER).updated_at == exact.updated_at

    def test_what_is_not_there_and_what_is_no_number_look_the_same(self) -> None:
        for number in ("WEB-1", "", "WEB", "web-1", "WEB-0", "WEB-1 ", "\ud800", "W" * 3000, "WEB-1\0"):
            with pytest.raises(NotFound):
                tickets.load(number)

    def test_several_are_found_in_one_go(self) -> None:
        create()
        create(replace(a_ticket(), number=OTHER_NUMBER), days=1)
        found = tickets.find_all([OTHER_NUMBER, "WEB-9", NUMBER, NUMBER])
        assert {ticket.number for ticket in found} == {NUMBER, OTHER_NUMBER}


class TestCreate:
    def test_a_number_is_given_once(self) -> None:
        create()
        with pytest.raises(Exception, match="ticket"):
            create(days=1)
        assert len(history.of_ticket(NUMBER)) == 1


class TestSave:
    def test_ticket_and_event_are_written_together(self) -> None:
        before = create()
        after, event = commented(before)
        assert tickets.save(before, after, event) == after
        assert tickets.load(NUMBER) == after
        assert history.of_ticket(NUMBER)[-1] == event

    def test_a_stale_version_changes_nothing(self) -> None:
        before = create()
        tickets.save(before, *commented(before))
        there = tickets.load(NUMBER)
        with pytest.raises(StaleVersion):
            tickets.save(before, *commented(before, days=2))
        assert tickets.load(NUMBER) == there
        assert len(history.of_ticket(NUMBER)) == 2

    def test_a_note_leaves_the_ticket_as_it_is_and_is_refused_on_a_stale_one(self) -> None:
        before = create()
        tickets.save(before, *commented(before, internal=True))
        assert tickets.load(NUMBER) == before
        tickets.save(before, *commented(before, days=2))
        with pytest.raises(StaleVersion):
            tickets.save(before, *commented(before, internal=True, days=3))
        assert len(history.of_ticket(NUMBER)) == 3


class TestOnce:
    ONCE = Once("eva@customer.example#key", "what it says", LATER)

    def second(self, once: Once | None = None) -> Ticket:
        return create(replace(a_ticket(), number=OTHER_NUMBER), once or self.ONCE, days=1 / 24)

    def test_the_second_order_gets_the_ticket_of_the_first(self) -> None:
        first = create(once=self.ONCE)
        assert self.second() == first
        with pytest.raises(NotFound):
            tickets.load(OTHER_NUMBER)
        assert history.of_ticket(OTHER_NUMBER) == []

    def test_the_same_key_with_another_order_is_refused(self) -> None:
        create(once=self.ONCE)
        with pytest.raises(KeyReused):
            self.second(replace(self.ONCE, fingerprint="something else"))

    def test_another_caller_may_use_the_same_key(self) -> None:
        create(once=self.ONCE)
        assert self.second(replace(self.ONCE, key="frank@customer.example#key")).number == OTHER_NUMBER

    def test_it_is_known_who_did_it_before_until_it_expires(self) -> None:
        create(once=self.ONCE)
        assert tickets.done_before(self.ONCE, NOW) == NUMBER
        assert tickets.done_before(self.ONCE, LATER) is None
        assert ExpiringRow.count() == 1

    def test_past_its_time_the_key_is_free_though_the_row_is_there(self) -> None:
        create(once=self.ONCE)
        new = replace(a_ticket(), number=OTHER_NUMBER, version=1)
        event = workflow.submit(new, (), signed_in(EVA), clock.stamp_at(LATER))
        assert tickets.create(new, event, (), self.ONCE).number == OTHER_NUMBER
