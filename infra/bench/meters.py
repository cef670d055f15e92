"""Meters: processor time of this process, calls to DynamoDB, the round trips they took, and the units they consumed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.storage import aws


@dataclass
class Reading:
    """What one request cost. `cpu` in milliseconds; `trips` are calls one after another, `calls` all of them."""

    cpu: float = 0.0
    calls: int = 0
    trips: int = 0
    read_units: float = 0.0
    write_units: float = 0.0


@dataclass
class Meter:
    """Reads every answer of the shared DynamoDB client. Calls side by side in `together` count as one trip."""

    now: Reading = field(default_factory=Reading)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attach(self) -> None:
        """Have every call ask for the capacity it consumed, and count its answer."""
        events = aws.dynamodb().meta.events
        events.register("before-parameter-build.dynamodb.*", self._ask)
        events.register("after-call.dynamodb.*", self._count)

    def measure(self, work: Callable[[], object]) -> Reading:
        """What `work` costs."""
        self.now = Reading()
        start = time.process_time()
        work()
        self.now.cpu = (time.process_time() - start) * 1000
        return self.now

    def _ask(self, params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def _count(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity") or []
        units = sum(each.get("CapacityUnits", 0.0) for each in (consumed if isinstance(consumed, list) else [consumed]))
        writes = model.name in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
        with self._lock:
            self.now.calls += 1
            self.now.trips += threading.current_thread() is threading.main_thread()
            self.now.write_units += units if writes else 0.0
            self.now.read_units += 0.0 if writes else units
