"""A claim keeps others away while its lease lasts, and for good once its work is done."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.storage import claims
from chalicelib.storage.claims import LEASE

START = datetime(2025, 3, 4, 6, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("aws")


def test_what_nobody_holds_is_free_and_what_somebody_holds_is_not() -> None:
    assert claims.claim("closing#WEB", START) is not None
    assert claims.claim("closing#WEB", START) is None
    assert claims.claim("closing#HR", START) is not None


def test_whoever_died_holds_it_up_for_one_lease() -> None:
    claims.claim("closing#WEB", START)
    assert claims.claim("closing#WEB", START + LEASE - MINUTE) is None
    assert claims.claim("closing#WEB", START + LEASE) is not None
    assert claims.claim("closing#WEB", START + LEASE + MINUTE) is None


def test_what_is_done_is_not_taken_up_again() -> None:
    claimed = claims.claim("closing#WEB", START)
    assert claimed is not None
    claims.finish(claimed, START + MINUTE)
    assert claims.claim("closing#WEB", START + timedelta(days=1)) is None


def test_what_is_given_back_is_free_at_once() -> None:
    claimed = claims.claim("closing#WEB", START)
    assert claimed is not None
    claims.release(claimed, START + MINUTE)
    assert claims.claim("closing#WEB", START + MINUTE) is not None


def test_what_is_held_or_done_is_known_beforehand_and_what_has_ended_is_free() -> None:
    works = [f"closing#P{number}" for number in range(120)]  # more than one batch
    assert claims.taken(works, START) == frozenset()
    held, done, back = (claims.claim(work, START) for work in works[:3])
    assert held
    assert done
    assert back
    claims.finish(done, START)
    claims.release(back, START)
    assert claims.taken(works, START + MINUTE) == {held.work, done.work}
    assert claims.taken(works, START + LEASE) == {done.work}
    assert claims.taken([], START) == frozenset()


@pytest.mark.parametrize("end", [claims.finish, claims.release])
def test_whoever_lost_the_lease_cannot_end_what_others_hold(end: object) -> None:
    lost = claims.claim("closing#WEB", START)
    claims.claim("closing#WEB", START + LEASE)
    end(lost, START + LEASE + MINUTE)  # type: ignore[operator]
    assert claims.claim("closing#WEB", START + LEASE + 2 * MINUTE) is None
    assert claims.claim("closing#WEB", START + 2 * LEASE) is not None
