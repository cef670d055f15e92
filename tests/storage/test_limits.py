"""Limits count per window and per whoever does it; a refused use counts too."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import TooMany
from chalicelib.storage import limits
from chalicelib.storage.limits import Limit

THREE = Limit("tries", 3, 60)
TEN = Limit("all", 10, 3600)
START = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("aws")


def spend(who: str = "eva", seconds: float = 0, limit: Limit = THREE) -> None:
    limits.spend([(limit, who)], START + timedelta(seconds=seconds))


def test_as_many_as_are_allowed_pass_and_the_next_does_not() -> None:
    for _ in range(3):
        spend()
    with pytest.raises(TooMany):
        spend()


def test_the_refusal_says_how_long_to_wait() -> None:
    for _ in range(3):
        spend(seconds=20)
    with pytest.raises(TooMany) as refused:
        spend(seconds=20)
    assert refused.value.retry_after == 40


def test_a_wait_is_never_nothing() -> None:
    for _ in range(3):
        spend(seconds=59.9)
    with pytest.raises(TooMany) as refused:
        spend(seconds=59.9)
    assert refused.value.retry_after == 1


def test_after_the_wait_it_is_allowed_again() -> None:
    for _ in range(3):
        spend(seconds=59)
    with pytest.raises(TooMany):
        spend(seconds=59)
    spend(seconds=60)


def test_others_and_other_things_are_counted_apart() -> None:
    for _ in range(3):
        spend()
    spend("frank")
    spend(limit=TEN)


def test_refused_uses_count_too() -> None:
    for _ in range(3):
        spend()
    for _ in range(7):
        with pytest.raises(TooMany):
            limits.spend([(THREE, "eva"), (TEN, "eva")], START)
    spend(limit=TEN)
    spend(limit=TEN)
    spend(limit=TEN)
    with pytest.raises(TooMany):
        spend(limit=TEN)


def test_of_several_limits_the_longest_wait_is_told() -> None:
    narrow, wide = Limit("narrow", 0, 60), Limit("wide", 0, 3600)
    with pytest.raises(TooMany) as refused:
        limits.spend([(narrow, "eva"), (wide, "eva")], START)
    assert refused.value.retry_after == 1800


def test_no_limits_refuse_nothing() -> None:
    limits.spend([], START)
