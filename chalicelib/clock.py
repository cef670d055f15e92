"""The one place that reads the time and draws random ids, so that nothing else needs patching to be tested."""

import random
import secrets
import time
from datetime import UTC, datetime

from chalicelib.domain.events import Stamp

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing to misread


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return datetime.now(UTC)


def stamp() -> Stamp:
    """The present moment with an event id that sorts by it."""
    return stamp_at(now())


def stamp_at(at: datetime) -> Stamp:
    """`at` (UTC) with an event id that sorts by it; the random tail keeps two events of one microsecond apart."""
    return Stamp(at, f"{at:%Y%m%d%H%M%S%f}{new_id(6)}")


def pause(tried: int) -> None:
    """Waits a random moment before the next try, longer the more there were: at most a tenth of a second."""
    time.sleep(random.uniform(0, min(0.1, 0.005 * 2**tried)))  # noqa: S311 - jitter, not a secret


def new_id(length: int = 20) -> str:
    """A random URL-safe id; 20 characters carry 100 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_secret() -> str:
    """A random URL-safe secret of 192 bits."""
    return secrets.token_urlsafe(24)


def new_code() -> str:
    """A one-time code of six digits."""
    return f"{secrets.randbelow(1_000_000):06}"
