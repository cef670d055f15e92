"""What is put by for the daily digests: one partition in the order of the days, so that no missed day is lost.

A row leaves the table when its mail is out. It would end by itself only after a year of failing every hour, each of
which rings the alarm of the function.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from chalicelib.config import settings
from chalicelib.domain.hearing import Reason
from chalicelib.storage.models import ExpiringRow
from chalicelib.storage.times import epoch

HOUR = 7
"""When a day's digest goes out, in the desk's zone."""

_PK = "digest"
_KEPT = timedelta(days=365)
_MARGIN = timedelta(minutes=5)
"""What is put by in the last minutes before the hour waits for the next day: its writer may be late."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event that one person is to read of in their digest, and why they are told of it."""

    email: str
    ticket: str
    event: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Batch:
    """All that is due for one person; `keys` are the rows it stands in."""

    email: str
    entries: tuple[Entry, ...]
    keys: tuple[str, ...]


def put_by(entry: Entry, at: datetime) -> None:
    """Keeps `entry` for the next digest; putting it by again changes nothing while it waits."""
    day = _due_day(at)
    ExpiringRow(_PK, f"{day}#{entry.email}#{entry.event}", expires=epoch(at + _KEPT), document=entry).save()


def _due_day(at: datetime) -> str:
    """The day, in the desk's zone, of the first digest that can still take up what is put by `at`."""
    local = (at + _MARGIN).astimezone(settings().zone)
    return (local.date() + timedelta(days=1 if local.hour >= HOUR else 0)).isoformat()


def due(at: datetime) -> list[Batch]:
    """What is due by now, today's and that of days that were missed, person by person."""
    local = at.astimezone(settings().zone)
    today = local.date() - timedelta(days=0 if local.hour >= HOUR else 1)
    after = (today + timedelta(days=1)).isoformat()
    return _batches(ExpiringRow.query(_PK, ExpiringRow.sk < after, consistent_read=True))


def _batches(rows: Iterable[ExpiringRow]) -> list[Batch]:
    found = sorted(rows, key=lambda row: (row.document["email"], row.sk))
    return [
        Batch(email, tuple(msgspec.convert(row.document, Entry) for row in own), tuple(row.sk for row in own))
        for email, group in groupby(found, key=lambda row: row.document["email"])
        for own in [list(group)]
    ]


def still_due(batch: Batch) -> Batch | None:
    """What of `batch` nobody has sent since it was read, or None. Only for whoever has claimed it."""
    rows = ExpiringRow.batch_get([(_PK, key) for key in batch.keys], consistent_read=True)
    return next(iter(_batches(rows)), None)


def finish(batch: Batch) -> None:
    """Takes away what was sent."""
    with ExpiringRow.batch_write() as write:
        for key in batch.keys:
            write.delete(ExpiringRow(_PK, key))
