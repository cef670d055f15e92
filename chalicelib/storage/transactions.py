"""One all-or-nothing write, which says by name what stood in its way and waits out a passing conflict."""

from collections.abc import Callable
from typing import Any, cast

from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib import clock
from chalicelib.domain.errors import Unavailable
from chalicelib.storage.aws import dynamodb
from chalicelib.storage.models import DeskModel

_TRIES = 8


class Refused(Exception):
    """A condition of the transaction did not hold; `names` are those of the refused parts."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        super().__init__(", ".join(sorted(names)))


class Transaction:
    """Parts are named so that a refusal can be read. They reach DynamoDB as checks, deletes, puts, updates."""

    def __init__(self) -> None:
        self._checks: list[tuple[str, Callable[[TransactWrite], None]]] = []
        self._deletes: list[tuple[str, Callable[[TransactWrite], None]]] = []
        self._puts: list[tuple[str, Callable[[TransactWrite], None]]] = []
        self._updates: list[tuple[str, Callable[[TransactWrite], None]]] = []

    def check(self, name: str, model: type[DeskModel], keys: tuple[Any, ...], condition: Condition) -> None:
        """Holds the transaction to `condition` on an item it does not write."""
        self._checks.append(
            (name, lambda write: write.condition_check(model, keys[0], keys[1] if keys[1:] else None, condition))
        )

    def put(self, name: str, row: DeskModel, condition: Condition | None = None) -> None:
        """Writes `row` whole."""
        self._puts.append((name, lambda write: write.save(row, condition=condition)))

    def delete(self, name: str, row: DeskModel) -> None:
        """Takes `row` away, which need not be there."""
        self._deletes.append((name, lambda write: write.delete(row)))

    def update(self, name: str, row: DeskModel, actions: list[Action], condition: Condition | None = None) -> None:
        """Changes some attributes of `row`, which need not have been read."""
        self._updates.append((name, lambda write: write.update(row, actions=actions, condition=condition)))

    def commit(self) -> None:
        """Writes all of it or nothing. Raises Refused, and Unavailable when others kept holding the same items."""
        parts = [*self._checks, *self._deletes, *self._puts, *self._updates]
        for tried in range(_TRIES):
            try:
                with TransactWrite(connection=_connection()) as write:
                    for _, add in parts:
                        add(write)
                return
            except TransactWriteError as error:
                codes = [reason.code if reason else "" for reason in error.cancellation_reasons]
                refused = {
                    name for (name, _), code in zip(parts, codes, strict=False) if code == "ConditionalCheckFailed"
                }
                if refused:
                    raise Refused(frozenset(refused)) from error
                if "TransactionConflict" not in codes:
                    raise
            clock.pause(tried)
        raise Unavailable


def _connection() -> Connection:
    connection = Connection()
    connection._client = cast(Any, dynamodb())
    return connection
