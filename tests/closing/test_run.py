"""The daily run: a reminder, then the end; once, in time, and whatever breaks in between."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import closing, desk
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain.errors import StaleVersion, Unavailable
from chalicelib.domain.events import AUTO_CLOSED, REMINDED, Event
from chalicelib.domain.people import SYSTEM
from chalicelib.domain.tickets import State, Ticket, TicketCard
from chalicelib.storage import counters, history, listings, outbox, tickets
from chalicelib.storage.claims import LEASE
from tests.cast import BOB, EVA, HANA, HR, ROOT, WEB, signed_in
from tests.stage import CLOSED_SHOP, OPEN_WEB, Clock, moved, settle, standing_at
from tests.stage import filed as filed_by

pytestmark = pytest.mark.usefixtures("stage")


def run(remaining: int = 60_000) -> None:
    closing.run(lambda: remaining)


def run_for(clock: Clock, days: float) -> None:
    """The desk goes on for so many days, with a run every hour."""
    for _ in range(int(days * 24)):
        clock.forward(hours=1)
        run()


@pytest.fixture
def morning(stopped: Clock) -> Clock:
    """Twenty minutes past nine by the desk's clock."""
    local = stopped.at.astimezone(settings().zone).replace(hour=9, minute=20, second=0)
    stopped.at = local.astimezone(stopped.at.tzinfo)
    return stopped


def events(ticket: Ticket, kind: str) -> list[Event]:
    return [event for event in history.of_ticket(ticket.number) if event.kind == kind]


class TestInOrder:
    def test_a_done_request_is_reminded_of_once_and_then_closed(self, morning: Clock) -> None:
        ticket = standing_at(State.DONE)
        finished = ticket.updated_at
        run_for(morning, 20)
        [reminder], [end] = events(ticket, REMINDED), events(ticket, AUTO_CLOSED)
        assert timedelta(days=10) <= reminder.at - finished <= timedelta(days=11)
        assert timedelta(days=14) <= end.at - finished <= timedelta(days=15)
        now = tickets.load(ticket.number)
        assert (now.state, now.closed_at, now.rating) == (State.CLOSED, end.at, None)
        assert counters.by_state({WEB})[State.DONE] == 0
        assert counters.by_state({WEB})[State.CLOSED] == 1

    def test_the_reminder_moves_the_version_and_not_the_last_change(self, morning: Clock) -> None:
        ticket = standing_at(State.DONE)
        run_for(morning, 12)
        now = tickets.load(ticket.number)
        assert now == replace(ticket, version=ticket.version + 1, reminded_at=now.reminded_at)
        assert now.reminded_at == events(ticket, REMINDED)[0].at

    def test_both_are_public_and_the_desk_s_own_and_wait_in_the_outbox(self, morning: Clock) -> None:
        ticket = standing_at(State.DONE)
        run_for(morning, 20)
        for event in (*events(ticket, REMINDED), *events(ticket, AUTO_CLOSED)):
            assert (event.actor, event.internal, event.by_team) == (SYSTEM.contact, False, False)
            assert (ticket.number, event.id) in outbox.due(morning.at)
        assert events(ticket, AUTO_CLOSED)[0].changes == {"state": ("done", "closed")}

    def test_a_note_does_not_move_the_day_and_a_reply_does(self, morning: Clock) -> None:
        noted, answered = standing_at(State.DONE), standing_at(State.DONE)
        run_for(morning, 8)
        desk.comment(noted.number, CommentOrder("Zavolám jí.", internal=True), signed_in(BOB))
        desk.comment(answered.number, CommentOrder("Děkuji, vyzkouším."), signed_in(EVA))
        run_for(morning, 7)
        assert tickets.load(noted.number).state is State.CLOSED
        assert tickets.load(answered.number).state is State.DONE
        run_for(morning, 8)
        assert tickets.load(answered.number).state is State.CLOSED
        assert len(events(answered, REMINDED)) == 1

    def test_a_rejection_makes_an_earlier_reminder_void(self, morning: Clock) -> None:
        ticket = standing_at(State.DONE)
        run_for(morning, 12)
        moved(ticket, "reject", EVA, text="Pořád to nejde.")
        run_for(morning, 30)
        assert tickets.load(ticket.number).state is State.IN_PROGRESS
        again = moved(ticket, "finish", BOB)
        run_for(morning, 9)
        assert len(events(ticket, REMINDED)) == 1
        run_for(morning, 7)
        assert len(events(ticket, REMINDED)) == 2
        assert events(ticket, AUTO_CLOSED)[0].at - again.updated_at >= timedelta(days=14)

    def test_the_project_s_own_number_of_days_counts(self, morning: Clock) -> None:
        settle(replace(OPEN_WEB, auto_close_days=2))
        ticket = standing_at(State.DONE)
        run_for(morning, 3)
        assert tickets.load(ticket.number).state is State.CLOSED

    def test_archived_projects_are_closed_as_well(self, morning: Clock) -> None:
        settle(replace(CLOSED_SHOP, archived=False))
        ticket = moved(filed_by(project=CLOSED_SHOP.key), "finish", ROOT)
        settle(CLOSED_SHOP)
        run_for(morning, 16)
        assert tickets.load(ticket.number).state is State.CLOSED

    @pytest.mark.parametrize("state", [State.NEW, State.IN_PROGRESS, State.RETURNED])
    def test_what_is_not_done_is_left_alone(self, morning: Clock, state: State) -> None:
        ticket = standing_at(state)
        run_for(morning, 40)
        assert tickets.load(ticket.number) == ticket

    def test_nothing_happens_at_night(self, morning: Clock) -> None:
        ticket = standing_at(State.DONE)
        run_for(morning, 20)
        for event in (*events(ticket, REMINDED), *events(ticket, AUTO_CLOSED)):
            assert event.at.astimezone(settings().zone).hour == 6


class TestOnceADay:
    def test_a_second_run_of_the_day_reads_no_list(self, morning: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        standing_at(State.DONE)
        run()
        monkeypatch.setattr(listings, "unchanged_longest", lambda project: pytest.fail("read again"))
        morning.forward(hours=5)
        run()

    def test_it_stops_at_the_first_that_is_not_due(self, morning: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(3):
            standing_at(State.DONE)
            morning.forward(days=1)
        morning.forward(days=9)
        seen: list[str] = []
        real = listings.unchanged_longest

        def watched(project: str) -> Iterator[TicketCard]:
            for card in real(project):
                seen.append(card.number)
                yield card

        monkeypatch.setattr(listings, "unchanged_longest", watched)
        run()
        assert seen == ["WEB-1", "WEB-2", "WEB-3"]
        assert [len(events(tickets.load(number), REMINDED)) for number in seen] == [1, 1, 0]

    def test_a_long_list_is_worked_through_page_by_page(self, morning: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listings, "_DONE_CHUNK", 2)
        filed = [standing_at(State.DONE) for _ in range(5)]
        run_for(morning, 12)
        assert [len(events(ticket, REMINDED)) for ticket in filed] == [1] * 5


class TestOutages:
    def test_after_weeks_without_a_run_the_reminder_still_comes_first(self, morning: Clock) -> None:
        ticket = standing_at(State.DONE)
        morning.forward(days=60)
        run()
        assert len(events(ticket, REMINDED)) == 1
        assert tickets.load(ticket.number).state is State.DONE
        run_for(morning, 2)
        assert tickets.load(ticket.number).state is State.DONE
        run_for(morning, 2)
        assert tickets.load(ticket.number).state is State.CLOSED
        assert len(events(ticket, REMINDED)) == 1

    def test_a_run_that_died_is_taken_up_when_its_lease_is_over(
        self, morning: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tickets_done = [standing_at(State.DONE) for _ in range(3)]
        morning.forward(days=12)
        with monkeypatch.context() as patch:
            patch.setattr(tickets, "load", _dies_after(1))
            with pytest.raises(SystemExit):
                run()
        run()
        assert [len(events(ticket, REMINDED)) for ticket in tickets_done] == [1, 0, 0]
        morning.at += LEASE
        run()
        assert [len(events(ticket, REMINDED)) for ticket in tickets_done] == [1, 1, 1]

    def test_weeks_in_which_every_other_run_dies_close_everything_once(
        self, morning: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = []
        for _ in range(6):
            done.append(standing_at(State.DONE))
            morning.forward(days=1)
        for turn in range(24 * 25):
            morning.forward(hours=1)
            with monkeypatch.context() as patch:
                if turn % 2:
                    patch.setattr(tickets, "save", _dies_after(turn % 3, tickets.save))
                try:
                    run()
                except SystemExit:
                    continue
        for ticket in done:
            [reminder], [end] = events(ticket, REMINDED), events(ticket, AUTO_CLOSED)
            assert end.at - reminder.at >= timedelta(days=3)
            assert end.at - ticket.updated_at >= timedelta(days=14)

    def test_what_does_not_fit_into_the_time_waits_for_the_next_run(self, morning: Clock) -> None:
        done = [standing_at(State.DONE) for _ in range(3)]
        morning.forward(days=12)
        left = iter([60_000] * 5 + [9_000] * 9)  # three projects, two requests
        closing.run(lambda: next(left))
        assert [len(events(ticket, REMINDED)) for ticket in done] == [1, 1, 0]
        run()
        assert [len(events(ticket, REMINDED)) for ticket in done] == [1, 1, 1]


class TestFailures:
    def test_one_request_that_fails_holds_up_no_other_and_is_tried_again(
        self, morning: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = [standing_at(State.DONE) for _ in range(3)]
        elsewhere = moved(filed_by(HANA, project=HR), "finish", HANA)
        morning.forward(days=12)
        real = tickets.load

        def load(number: str, consistent: bool = True) -> Ticket:
            if number == done[1].number:
                raise Unavailable
            return real(number, consistent)

        with monkeypatch.context() as patch:
            patch.setattr(tickets, "load", load)
            with pytest.raises(Unavailable):
                run()
        assert [len(events(ticket, REMINDED)) for ticket in (*done, elsewhere)] == [1, 0, 1, 1]
        run()
        assert [len(events(ticket, REMINDED)) for ticket in (*done, elsewhere)] == [1, 1, 1, 1]

    def test_a_change_that_was_quicker_is_looked_at_before_anything_is_done(
        self, morning: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket = standing_at(State.DONE)
        morning.forward(days=12)
        real, beaten = tickets.save, list[bool]()

        def save(*given: object, **more: object) -> Ticket:
            if not beaten:
                beaten.append(True)
                moved(ticket, "accept", EVA)
                raise StaleVersion
            return real(*given, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(tickets, "save", save)
        run()
        assert events(ticket, REMINDED) == []
        assert tickets.load(ticket.number).state is State.CLOSED


def _dies_after(calls: int, real: object = None) -> object:
    """A call that works so many times and then takes the process with it, as a crash does: nothing cleans up."""
    inner, left = real or tickets.load, [calls]

    def call(*given: object, **more: object) -> object:
        if not left[0]:
            raise SystemExit
        left[0] -= 1
        return inner(*given, **more)  # type: ignore[operator]

    return call
