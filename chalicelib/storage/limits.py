"""Limits on how often something may be done: counted per window, by whatever must not do it too often."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.domain.errors import TooMany
from chalicelib.storage.aws import together
from chalicelib.storage.models import ExpiringRow
from chalicelib.storage.times import epoch


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in `seconds`, for each value of `what` (an address, a network, a project)."""

    what: str
    most: int
    seconds: int


def spend(uses: list[tuple[Limit, str]], at: datetime) -> None:
    """Counts one use under each limit. Raises TooMany where one of them is exceeded; a refused use counts too."""
    waits = together([partial(_count, limit, who, at) for limit, who in uses])
    longest = max(waits, default=0)
    if longest:
        raise TooMany(longest)


def _count(limit: Limit, who: str, at: datetime) -> int:
    window = epoch(at) // limit.seconds
    ends = (window + 1) * limit.seconds
    row = ExpiringRow(f"limit#{limit.what}#{who}#{window}", "limit")
    row.update(actions=[ExpiringRow.n.add(1), ExpiringRow.expires.set(ends)])
    return max(1, ends - epoch(at)) if int(row.n or 0) > limit.most else 0
