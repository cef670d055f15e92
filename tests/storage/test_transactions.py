"""All or nothing; a refusal says by name what stood in its way; a passing conflict is waited out."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError

from chalicelib.domain.errors import Unavailable
from chalicelib.storage import transactions
from chalicelib.storage.models import CounterRow, ExpiringRow
from chalicelib.storage.transactions import Refused, Transaction

FREE = ExpiringRow.pk.does_not_exist()


def a_row(name: str, n: int = 0) -> ExpiringRow:
    return ExpiringRow(name, "row", expires=1, n=n)


def rows() -> dict[str, int]:
    return {row.pk: int(row.n or 0) for row in ExpiringRow.scan()}


@pytest.mark.usefixtures("aws")
class TestCommit:
    def test_all_parts_are_written(self) -> None:
        a_row("there").save()
        a_row("gone").save()
        write = Transaction()
        write.check("there", ExpiringRow, ("there", "row"), ExpiringRow.pk.exists())
        write.put("new", a_row("new", 1), FREE)
        write.update("count", CounterRow("c"), [CounterRow.n.add(2)])
        write.delete("gone", a_row("gone"))
        write.commit()
        assert rows() == {"there": 0, "new": 1}
        assert CounterRow.get("c").n == 2

    def test_one_refusal_leaves_everything_as_it_was(self) -> None:
        a_row("taken", 7).save()
        write = Transaction()
        write.put("fine", a_row("fine"), FREE)
        write.put("twice", a_row("taken"), FREE)
        write.update("count", CounterRow("c"), [CounterRow.n.add(1)])
        with pytest.raises(Refused) as refused:
            write.commit()
        assert refused.value.names == {"twice"}
        assert rows() == {"taken": 7}
        assert not list(CounterRow.scan())

    def test_every_refused_part_is_named_whatever_the_order_of_adding(self) -> None:
        a_row("taken").save()
        write = Transaction()
        write.update("update", CounterRow("c"), [CounterRow.n.add(1)], CounterRow.id.exists())
        write.put("fine", a_row("fine"), FREE)
        write.put("put", a_row("taken"), FREE)
        write.delete("gone", a_row("gone"))
        write.check("check", ExpiringRow, ("absent", "row"), ExpiringRow.pk.exists())
        with pytest.raises(Refused) as refused:
            write.commit()
        assert refused.value.names == {"update", "put", "check"}
        assert str(refused.value) == "check, put, update"


def cancelled(*codes: str) -> TransactWriteError:
    cause: Any = SimpleNamespace(response={})
    error = TransactWriteError("cancelled", cause)
    reasons = [CancellationReason(code, "") if code != "None" else None for code in codes]
    type(error).cancellation_reasons = property(lambda self: reasons)  # type: ignore[method-assign,assignment]
    return error


@pytest.fixture
def conflicts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[TransactWriteError]]:
    """What the next commits meet, one after the other; nothing is there for those after them."""
    waiting: list[TransactWriteError] = []
    original = TransactWriteError.cancellation_reasons

    class Meeting:
        def __init__(self, connection: object) -> None:
            pass

        def __enter__(self) -> "Meeting":
            return self

        def __exit__(self, *_: object) -> None:
            if waiting:
                raise waiting.pop(0)

        def save(self, row: object, condition: object) -> None:
            pass

    monkeypatch.setattr(transactions, "TransactWrite", Meeting)
    monkeypatch.setattr(transactions, "_connection", lambda: None)
    monkeypatch.setattr("chalicelib.clock.pause", lambda tried: None)
    yield waiting
    TransactWriteError.cancellation_reasons = original  # type: ignore[method-assign]


class TestConflict:
    def commit(self) -> None:
        write = Transaction()
        write.put("first", a_row("first"))
        write.put("second", a_row("second"))
        write.commit()

    def test_a_conflict_is_tried_again(self, conflicts: list[TransactWriteError]) -> None:
        conflicts += [cancelled("TransactionConflict", "None")] * 5
        self.commit()
        assert conflicts == []

    def test_a_conflict_that_stays_is_unavailable(self, conflicts: list[TransactWriteError]) -> None:
        conflicts += [cancelled("None", "TransactionConflict")] * 8
        with pytest.raises(Unavailable):
            self.commit()

    def test_a_refusal_beside_a_conflict_is_a_refusal(self, conflicts: list[TransactWriteError]) -> None:
        conflicts.append(cancelled("TransactionConflict", "ConditionalCheckFailed"))
        with pytest.raises(Refused) as refused:
            self.commit()
        assert refused.value.names == {"second"}

    def test_any_other_reason_is_passed_on(self, conflicts: list[TransactWriteError]) -> None:
        conflicts.append(cancelled("ValidationError", "None"))
        with pytest.raises(TransactWriteError):
            self.commit()
