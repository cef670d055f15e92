"""The outbox: taken by one at a time, given back, parked, and put in line again."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.events import COMMENT_ADDED, Event, event_of
from chalicelib.storage import bulk, history, outbox
from chalicelib.storage.models import EventRow
from chalicelib.storage.outbox import LEASE, Claim, LeaseLost
from tests.cast import ALICE, EVA, NOW, NUMBER, WANDA, a_ticket, signed_in, stamp

pytestmark = pytest.mark.usefixtures("aws")


def an_event(days: float = 0) -> Event:
    return event_of(COMMENT_ADDED, a_ticket(), signed_in(ALICE), stamp(days), text="Zkuste to znovu.")


@pytest.fixture
def event(aws: None) -> Event:
    waiting = an_event()
    bulk.write(bulk.ticket_rows([], [waiting], pending=lambda event: True))
    return waiting


def claim(event: Event, at: datetime = NOW, lease: str = "mine") -> Claim:
    claimed = outbox.claim(event.ticket, event.id, lease, at)
    assert claimed is not None
    return claimed


class TestClaim:
    def test_the_first_gets_it_and_the_second_does_not(self, event: Event) -> None:
        assert claim(event) == Claim(event, "mine", 1, frozenset())
        assert outbox.claim(event.ticket, event.id, "theirs", NOW) is None

    def test_when_the_lease_is_over_another_gets_it(self, event: Event) -> None:
        claim(event)
        assert outbox.claim(event.ticket, event.id, "theirs", NOW + LEASE - timedelta(seconds=1)) is None
        assert claim(event, NOW + LEASE, "theirs").attempts == 2

    def test_while_it_is_held_it_is_not_due(self, event: Event) -> None:
        assert outbox.due(NOW) == [(NUMBER, event.id)]
        claim(event)
        assert outbox.due(NOW) == []
        assert outbox.due(NOW + LEASE) == [(NUMBER, event.id)]

    def test_what_nobody_is_told_of_cannot_be_claimed(self) -> None:
        quiet = an_event()
        bulk.write(bulk.ticket_rows([], [quiet], pending=lambda event: False))
        assert outbox.claim(quiet.ticket, quiet.id, "mine", NOW) is None
        assert outbox.claim("WEB-9", "absent", "mine", NOW) is None
        assert EventRow.count("WEB-9") == 0

    def test_a_claim_knows_who_was_told_before(self, event: Event) -> None:
        first = claim(event)
        outbox.mark_told(first, EVA.email, NOW)
        outbox.mark_told(first, WANDA.email, NOW)
        assert claim(event, NOW + LEASE, "theirs").told == {EVA.email, WANDA.email}


class TestLease:
    def test_each_mail_sent_renews_it(self, event: Event) -> None:
        held = claim(event)
        outbox.mark_told(held, EVA.email, NOW + timedelta(minutes=1))
        assert outbox.claim(event.ticket, event.id, "theirs", NOW + LEASE) is None
        assert outbox.claim(event.ticket, event.id, "theirs", NOW + LEASE + timedelta(minutes=1))

    def test_whoever_lost_it_learns_so_and_the_mail_they_sent_is_known(self, event: Event) -> None:
        mine = claim(event)
        theirs = claim(event, NOW + LEASE, "theirs")
        with pytest.raises(LeaseLost):
            outbox.mark_told(mine, EVA.email, NOW + LEASE)
        with pytest.raises(LeaseLost):
            outbox.finish(mine)
        with pytest.raises(LeaseLost):
            outbox.put_back(mine, "late", NOW, park=True)
        assert outbox.parked() == []
        outbox.put_back(theirs, "again", NOW + LEASE, park=False)
        assert claim(event, NOW + LEASE, "next").told == {EVA.email}


class TestFinish:
    def test_it_leaves_the_outbox_and_stays_in_the_history(self, event: Event) -> None:
        outbox.finish(claim(event))
        assert outbox.due(NOW + timedelta(days=365)) == []
        assert outbox.claim(event.ticket, event.id, "theirs", NOW + LEASE) is None
        assert history.of_ticket(NUMBER) == [event]


class TestPutBack:
    def test_it_is_due_when_it_is_said_to_be(self, event: Event) -> None:
        later = NOW + timedelta(minutes=30)
        outbox.put_back(claim(event), "SES is away", later, park=False)
        assert outbox.due(NOW + LEASE) == []
        assert outbox.due(later) == [(NUMBER, event.id)]
        assert claim(event, later, "next").attempts == 2

    def test_a_stream_that_comes_twice_may_take_it_up_sooner(self, event: Event) -> None:
        """The lease is gone; nothing but the sweep looks at the time it is due."""
        outbox.put_back(claim(event), "SES is away", NOW + timedelta(minutes=30), park=False)
        assert outbox.claim(event.ticket, event.id, "next", NOW)

    def test_a_parked_one_can_be_seen_and_is_left_alone(self, event: Event) -> None:
        outbox.put_back(claim(event), "no such address " + "x" * 1000, NOW, park=True)
        [parked] = outbox.parked()
        assert (parked.event, parked.attempts, parked.told) == (event, 1, frozenset())
        assert parked.error.startswith("no such address")
        assert len(parked.error) == 500
        assert outbox.due(NOW + timedelta(days=1)) == []
        assert outbox.claim(event.ticket, event.id, "next", NOW + timedelta(days=1)) is None


class TestRelease:
    def test_it_is_in_line_again_with_new_attempts(self, event: Event) -> None:
        outbox.put_back(claim(event), "no", NOW, park=True)
        assert outbox.release(event.ticket, event.id, NOW)
        assert outbox.parked() == []
        assert outbox.due(NOW) == [(NUMBER, event.id)]
        assert claim(event, NOW, "next").attempts == 1

    def test_what_is_not_parked_is_left_alone(self, event: Event) -> None:
        assert not outbox.release(event.ticket, event.id, NOW)
        assert not outbox.release("WEB-9", "absent", NOW)


class TestDue:
    def test_the_longest_waiting_come_first_and_only_so_many(self) -> None:
        events = [an_event(days) for days in (-1, -3, -2)]
        bulk.write(bulk.ticket_rows([], events, pending=lambda event: True))
        oldest_first = [(NUMBER, event.id) for event in sorted(events, key=lambda event: event.at)]
        assert outbox.due(NOW) == oldest_first
        assert outbox.due(NOW, limit=2) == oldest_first[:2]
