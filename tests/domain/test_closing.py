"""When a request left in done is reminded of and closed: through outages, replies, and changes of the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.closing import MORNING, Step, closes_on, due, is_reminded, reminds_on, working_day
from chalicelib.domain.tickets import State, Ticket
from tests.cast import BOB, a_ticket

PRAGUE = ZoneInfo("Europe/Prague")


def prague(text: str) -> datetime:
    """The moment that clocks in Prague show as `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=PRAGUE).astimezone(UTC)


def done(at: str, reminded: str | None = None) -> Ticket:
    """Eva's request, in done and untouched since `at`."""
    since = prague(at)
    ticket = replace(a_ticket(State.DONE, BOB), done_at=since, updated_at=since, waiting_since=since)
    return replace(ticket, reminded_at=prague(reminded)) if reminded else ticket


def day(text: str) -> date:
    return date.fromisoformat(text)


class TestWorkingDay:
    @pytest.mark.parametrize(
        ("clock", "expected"),
        [
            ("2025-03-03T05:59", None),
            ("2025-03-03T06:00", "2025-03-03"),
            ("2025-03-03T23:59", "2025-03-03"),
            ("2025-03-30T05:59", None),
            ("2025-03-30T06:00", "2025-03-30"),
            ("2025-10-26T05:59", None),
            ("2025-10-26T06:00", "2025-10-26"),
        ],
    )
    def test_it_begins_at_six_by_the_desk_s_clock(self, clock: str, expected: str | None) -> None:
        assert working_day(prague(clock), PRAGUE) == (expected and day(expected))


# finished, days, reminded on, closes on
CALENDAR = [
    ("2025-03-03T14:00", 14, "2025-03-14", "2025-03-18"),  # Monday afternoon; notice of three days
    ("2025-03-03T06:00", 14, "2025-03-13", "2025-03-17"),  # to the minute of the morning
    ("2025-03-03T05:00", 14, "2025-03-13", "2025-03-17"),
    ("2025-03-03T23:59", 14, "2025-03-14", "2025-03-18"),
    ("2025-03-03T14:00", 90, "2025-05-29", "2025-06-02"),
    ("2025-03-03T14:00", 6, "2025-03-06", "2025-03-10"),  # half of six days is three as well
    ("2025-03-03T14:00", 5, "2025-03-05", "2025-03-09"),  # half of five
    ("2025-03-03T14:00", 2, "2025-03-04", "2025-03-06"),
    ("2025-03-03T14:00", 1, "2025-03-04", "2025-03-05"),
    ("2025-03-03T03:00", 1, "2025-03-03", "2025-03-04"),
    ("2025-03-20T14:00", 14, "2025-03-31", "2025-04-04"),  # over the night of 30 March, which has no hour from 2 to 3
    ("2025-03-30T02:30", 1, "2025-03-30", "2025-03-31"),  # in that very hour
    ("2025-10-16T14:00", 14, "2025-10-27", "2025-10-31"),  # over 26 October, which has it twice
    ("2025-10-26T02:30", 1, "2025-10-26", "2025-10-27"),
    ("2025-12-24T14:00", 14, "2026-01-04", "2026-01-08"),
    ("2024-02-20T14:00", 14, "2024-03-02", "2024-03-06"),  # over 29 February
]


@pytest.mark.parametrize(("finished", "days", "reminded", "closed"), CALENDAR)
class TestCalendar:
    def test_the_reminder(self, finished: str, days: int, reminded: str, closed: str) -> None:
        assert reminds_on(done(finished), days, PRAGUE) == day(reminded)

    def test_the_end_as_it_is_foretold_and_as_it_comes(
        self, finished: str, days: int, reminded: str, closed: str
    ) -> None:
        assert closes_on(done(finished), days, PRAGUE, day(finished[:10])) == day(closed)
        after_reminder = done(finished, reminded=f"{reminded}T06:59")
        assert closes_on(after_reminder, days, PRAGUE, day(reminded)) == day(closed)


class TestDue:
    def test_each_step_has_its_day(self) -> None:
        ticket = done("2025-03-03T14:00")
        assert due(ticket, 14, PRAGUE, day("2025-03-13")) is None
        assert due(ticket, 14, PRAGUE, day("2025-03-14")) is Step.REMIND
        reminded = done("2025-03-03T14:00", reminded="2025-03-14T06:20")
        assert due(reminded, 14, PRAGUE, day("2025-03-14")) is None
        assert due(reminded, 14, PRAGUE, day("2025-03-17")) is None
        assert due(reminded, 14, PRAGUE, day("2025-03-18")) is Step.CLOSE

    def test_after_an_outage_the_reminder_still_comes_first_and_leaves_its_time(self) -> None:
        assert due(done("2025-03-03T14:00"), 14, PRAGUE, day("2025-05-01")) is Step.REMIND
        late = done("2025-03-03T14:00", reminded="2025-05-01T22:10")
        assert closes_on(late, 14, PRAGUE, day("2025-05-01")) == day("2025-05-05")
        assert due(late, 14, PRAGUE, day("2025-05-04")) is None
        assert due(late, 14, PRAGUE, day("2025-05-05")) is Step.CLOSE

    def test_while_the_reminder_is_overdue_the_end_is_foretold_from_today(self) -> None:
        assert closes_on(done("2025-03-03T14:00"), 14, PRAGUE, day("2025-05-01")) == day("2025-05-04")

    def test_a_reminder_of_before_the_last_word_says_nothing_now(self) -> None:
        answered = done("2025-03-16T10:00", reminded="2025-03-14T06:20")
        assert not is_reminded(answered)
        assert due(answered, 14, PRAGUE, day("2025-03-18")) is None
        assert due(answered, 14, PRAGUE, day("2025-03-27")) is Step.REMIND

    @pytest.mark.parametrize("state", [state for state in State if state is not State.DONE])
    def test_only_what_is_done_is_touched(self, state: State) -> None:
        ticket = replace(done("2025-03-03T14:00"), state=state)
        assert due(ticket, 14, PRAGUE, day("2026-03-03")) is None

    def test_a_longer_period_set_meanwhile_is_kept_to(self) -> None:
        reminded = done("2025-03-03T14:00", reminded="2025-03-14T06:20")
        assert due(reminded, 30, PRAGUE, day("2025-03-18")) is None
        assert due(reminded, 30, PRAGUE, day("2025-04-03")) is Step.CLOSE


@given(
    finished=st.datetimes(*(datetime.fromisoformat(day) for day in ("2025-01-01", "2025-12-31"))),
    days=st.integers(1, 90),
    outages=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=3),
    minute=st.integers(0, 59),
    reply_after=st.one_of(st.none(), st.integers(1, 100)),
)
def test_through_weeks_with_outages_everyone_is_reminded_once_and_then_closed(
    finished: datetime, days: int, outages: list[tuple[int, int]], minute: int, reply_after: int | None
) -> None:
    """The desk as it runs: every hour at some minute, but for the days of the outages, with one reply in between."""
    ticket = done(finished.isoformat())
    down = {first + offset for first, length in outages for offset in range(length)}
    reminders: list[datetime] = []
    hour = ticket.updated_at.replace(minute=minute, second=0, microsecond=0)
    for _ in range(24 * 400):
        hour += timedelta(hours=1)
        since_start = (hour - prague(finished.isoformat())).days
        if reply_after is not None and since_start >= reply_after:
            ticket, reply_after = replace(ticket, updated_at=hour - timedelta(minutes=1)), None
            reminders.clear()
        today = working_day(hour, PRAGUE)
        step = due(ticket, days, PRAGUE, today) if today and since_start not in down else None
        if step is Step.REMIND:
            reminders.append(hour)
            ticket = replace(ticket, reminded_at=hour)
        if step is Step.CLOSE:
            break
    assert step is Step.CLOSE
    assert len(reminders) == 1
    closed, notice = hour.astimezone(PRAGUE), min(timedelta(days=3), timedelta(days=days) / 2)
    assert wall(closed) >= wall(ticket.updated_at) + timedelta(days=days)
    assert wall(closed) >= wall(reminders[0]) + notice
    assert closed.time() >= MORNING
    if not down:
        assert closed.date() == closes_on(ticket, days, PRAGUE, closed.date())
        assert datetime.combine(closed.date(), time()) <= wall(ticket.updated_at) + timedelta(days=days + 2)


def wall(at: datetime) -> datetime:
    """What the clocks in Prague show at `at`."""
    return at.astimezone(PRAGUE).replace(tzinfo=None)
