"""Claims: work that one process at a time does, and that is done once; a process that died holds it up for one lease.

Each is a row whose `expires` is the end of the lease while the work goes on, and once it is done the time when it may
be forgotten. So what has no row, or one that has ended, is free to be taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition

from chalicelib.storage.models import ExpiringRow
from chalicelib.storage.times import epoch

LEASE = timedelta(minutes=16)
"""Longer than any function may run, so that it need not be renewed."""
_REMEMBERED = timedelta(days=3)
_SK = "claim"


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work that is in the hands of this process until `ends` (seconds of the epoch)."""

    work: str
    ends: int


def claim(work: str, at: datetime) -> Claim | None:
    """Takes `work` for this process, or answers None where it is done or in other hands."""
    ends = epoch(at + LEASE)
    free = ExpiringRow.pk.does_not_exist() | (ExpiringRow.expires <= epoch(at))
    return Claim(work, ends) if _set(work, ends, free) else None


def taken(works: Iterable[str], at: datetime) -> frozenset[str]:
    """Those of `works` that are done or in other hands: one read in place of a vain claim of each."""
    keys = {_pk(work): work for work in works}
    rows = ExpiringRow.batch_get([(pk, _SK) for pk in keys], consistent_read=True) if keys else []
    return frozenset(keys[row.pk] for row in rows if row.expires > epoch(at))


def finish(claimed: Claim, at: datetime) -> None:
    """The work is done and is not to be taken up again. Whoever holds it after a lost lease is left alone."""
    _set(claimed.work, epoch(at + _REMEMBERED), ExpiringRow.expires == claimed.ends)


def release(claimed: Claim, at: datetime) -> None:
    """Gives the work back, not done or not all of it: whoever comes next may take it up at once."""
    _set(claimed.work, epoch(at), ExpiringRow.expires == claimed.ends)


def _set(work: str, expires: int, condition: Condition) -> bool:
    try:
        ExpiringRow(_pk(work), _SK).update(
            actions=[ExpiringRow.expires.set(expires)],
            condition=condition,
        )
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _pk(work: str) -> str:
    return f"claim#{work}"
