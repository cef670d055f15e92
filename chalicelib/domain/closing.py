"""When a request that is left in done closes by itself, and when its requester is reminded of that before.

All of it is counted by the desk's clock on the wall, so that a day on which the clocks change is a day like any other.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.domain.tickets import State, TicketCard

MORNING = time(6)
"""The work of a day begins now: nobody is reminded, and nothing closes, in the middle of the night."""

_NOTICE = timedelta(days=3)
_DAY = timedelta(days=1)


class Step(StrEnum):
    """What the daily run does to one request."""

    REMIND = "remind"
    CLOSE = "close"


def working_day(at: datetime, zone: ZoneInfo) -> date | None:
    """The day whose work is to be done at `at`, or None while it is still night."""
    now = _on_the_wall(at, zone)
    return now.date() if now.time() >= MORNING else None


def reminds_on(card: TicketCard, days: int, zone: ZoneInfo) -> date:
    """The day on which the requester of a done request is reminded, where the request closes by itself after `days`.

    The period begins with the last public happening, P, and ends at P + days. Whoever is reminded has at least
    notice = min(3 days, days / 2), and the reminder goes out on the first morning at or after P + days - notice - 1
    day, but not before P: some time in the day before the notice begins.
    """
    began = _on_the_wall(card.updated_at, zone)
    return _first_morning(max(began, began + timedelta(days=days) - _notice(days) - _DAY))


def closes_on(card: TicketCard, days: int, zone: ZoneInfo, today: date) -> date:
    """The day on which a done request closes by itself: the first morning at or after both the end of its period and
    the end of the notice. Where nobody has been reminded yet, the notice is counted from the day on which they will be.
    """
    end = _on_the_wall(card.updated_at, zone) + timedelta(days=days)
    if is_reminded(card):
        told = _on_the_wall(card.reminded_at or card.updated_at, zone)
    else:
        told = datetime.combine(max(reminds_on(card, days, zone), today), MORNING)
    return _first_morning(max(end, told + _notice(days)))


def foretold(card: TicketCard, days: int, zone: ZoneInfo, at: datetime) -> date | None:
    """The day to name at `at` as the one on which a request closes by itself, today where that is overdue.

    None in any state but done.
    """
    today = _on_the_wall(at, zone).date()
    return max(today, closes_on(card, days, zone, today)) if card.state is State.DONE else None


def is_reminded(card: TicketCard) -> bool:
    """True where the requester was reminded since the last public happening: what came before it says nothing now."""
    return card.reminded_at is not None and card.reminded_at >= card.updated_at


def due(card: TicketCard, days: int, zone: ZoneInfo, today: date) -> Step | None:
    """What is to be done to a request on the working day `today`, or None."""
    if card.state is not State.DONE:
        return None
    if not is_reminded(card):
        return Step.REMIND if reminds_on(card, days, zone) <= today else None
    return Step.CLOSE if closes_on(card, days, zone, today) <= today else None


def _notice(days: int) -> timedelta:
    return min(_NOTICE, timedelta(days=days) / 2)


def _first_morning(wall: datetime) -> date:
    return wall.date() if wall.time() <= MORNING else wall.date() + _DAY


def _on_the_wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
