"""What the schedule calls every hour: each part of the day's work, whatever becomes of the others."""

from collections.abc import Callable

import pytest
from chalice.local import LambdaContext

import app
from chalicelib import closing, digests

EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "1",
    "region": "eu-central-1",
    "time": "2026-01-01T06:20:00Z",
    "resources": [],
    "detail": {},
}


class Part:
    """A part of the day's work that notes the time it was given, and may break down."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.given: list[int] = []
        self._fault = fault

    def __call__(self, remaining_ms: Callable[[], int]) -> None:
        self.given.append(remaining_ms())
        if self._fault:
            raise self._fault


def run() -> None:
    app.hourly(EVENT, LambdaContext("hourly", 512, max_runtime_ms=300_000))


def test_every_part_is_told_how_much_time_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Part(), Part()
    monkeypatch.setattr(closing, "run", first)
    monkeypatch.setattr(digests, "run", second)
    run()
    assert all(200_000 < given <= 300_000 for given in (*first.given, *second.given))
    assert (len(first.given), len(second.given)) == (1, 1)


@pytest.mark.parametrize("broken", [closing, digests])
def test_one_that_breaks_down_holds_up_no_other_and_is_heard_of(
    monkeypatch: pytest.MonkeyPatch, broken: object
) -> None:
    parts = {module: Part(RuntimeError("down") if module is broken else None) for module in (closing, digests)}
    for module, part in parts.items():
        monkeypatch.setattr(module, "run", part)
    with pytest.raises(RuntimeError, match="down"):
        run()
    assert [len(part.given) for part in parts.values()] == [1, 1]
