"""History: the events of a ticket, oldest first."""

from collections.abc import Iterable

import msgspec

from chalicelib.domain.events import Event
from chalicelib.domain.tickets import project_of
from chalicelib.storage.models import EventRow
from chalicelib.storage.times import to_text
from chalicelib.storage.transactions import Transaction

PENDING = "pending"
PARKED = "parked"

_events = msgspec.json.Decoder(Event)


def put(write: Transaction, event: Event, name: str = "event") -> None:
    """Adds `event` to `write` under `name`; where somebody may have to be told, it enters the outbox with it."""
    write.put(name, row_of(event, pending=event.row.topic is not None), EventRow.id.does_not_exist())


def row_of(event: Event, pending: bool) -> EventRow:
    """The row of `event`, in the outbox where its mail is `pending`."""
    if not pending:
        return EventRow(event.ticket, event.id, event=event)
    return EventRow(event.ticket, event.id, event=event, outbox=PENDING, due_at=to_text(event.at), attempts=0)


def of_ticket(number: str, limit: int | None = None, after: str | None = None) -> list[Event]:
    """The events of ticket `number`, oldest first: all of them, or at most `limit` that come `after` an event id."""
    if project_of(number) is None:  # DynamoDB would refuse some of what cannot be a number
        return []
    condition = EventRow.id > after if after else None
    found: list[Event] = []
    start = None
    while True:
        answer = EventRow.table().query(
            hash_key=number,
            range_key_condition=condition,
            limit=limit - len(found) if limit else None,
            exclusive_start_key=start,
            consistent_read=True,
        )
        found += [_events.decode(item["event"]["S"]) for item in answer["Items"]]
        start = answer.get("LastEvaluatedKey")
        if start is None or (limit is not None and len(found) >= limit):
            return found


def find_all(keys: Iterable[tuple[str, str]]) -> list[Event]:
    """The events among `keys`, pairs of ticket and event id, that are there, in no order."""
    wanted = list(dict.fromkeys(keys))
    return [row.event for row in EventRow.batch_get(wanted, consistent_read=True)] if wanted else []


def load(number: str, event_id: str) -> Event | None:
    """One event, or None."""
    item = EventRow.table().get_item(number, event_id, consistent_read=True).get("Item")
    return _events.decode(item["event"]["S"]) if item else None
