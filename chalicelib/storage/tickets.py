"""Tickets: read one, and write one together with the event, the files and the counters that belong to the change."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.domain.errors import KeyReused, NotFound, StaleVersion
from chalicelib.domain.events import Event
from chalicelib.domain.files import Upload
from chalicelib.domain.tickets import State, Ticket, TicketCard, card_of, project_of
from chalicelib.storage import counters, files, history
from chalicelib.storage.aws import dynamodb
from chalicelib.storage.listings import changed_key, list_keys
from chalicelib.storage.models import ExpiringRow, TicketRow
from chalicelib.storage.times import epoch
from chalicelib.storage.transactions import Refused, Transaction

T = TypeVar("T")

_BATCH = 100  # BatchGetItem's limit
_TRIES = 12  # ten replies at once: each round one of them gets through, so the last needs ten
_HINTS = get_type_hints(Ticket)
_CARD_NAMES = tuple(field.name for field in fields(TicketCard))
_REST = tuple(field for field in fields(Ticket) if field.name not in _CARD_NAMES)


def _struct_field(field: Any) -> tuple[Any, ...]:
    if field.default is not MISSING:
        return (field.name, _HINTS[field.name], field.default)
    if field.default_factory is not MISSING:
        return (field.name, _HINTS[field.name], msgspec.field(default_factory=field.default_factory))
    return (field.name, _HINTS[field.name])


_rest = msgspec.json.Decoder(msgspec.defstruct("Rest", [_struct_field(field) for field in _REST]))
_card = msgspec.json.Decoder(TicketCard)


@dataclass(frozen=True, slots=True)
class Once:
    """The mark that makes a repeated order the same order: `key` of one caller, and what the order said."""

    key: str
    fingerprint: str
    expires_at: datetime


def load(number: str, consistent: bool = True) -> Ticket:
    """The ticket `number`. Raises NotFound."""
    if project_of(number) is None:
        raise NotFound
    item = TicketRow.table().get_item(number, consistent_read=consistent).get("Item")
    if not item:
        raise NotFound
    return _ticket(item)


def find_all(numbers: Iterable[str]) -> list[Ticket]:
    """The tickets among `numbers` that are there, in no order."""
    wanted: Any = [{"number": {"S": number}} for number in dict.fromkeys(numbers)]
    found: list[Ticket] = []
    while wanted:
        request: Any = {settings().tickets_table: {"Keys": wanted[:_BATCH], "ConsistentRead": True}}
        answer: Mapping[str, Any] = dynamodb().batch_get_item(RequestItems=request)
        found += [_ticket(item) for items in answer["Responses"].values() for item in items]
        left = answer.get("UnprocessedKeys", {}).get(settings().tickets_table, {}).get("Keys", [])
        wanted = [*left, *wanted[_BATCH:]]
    return found


def next_number(project: str) -> str:
    """A number of `project` that no other ticket has or will have; one left unused is simply a gap."""
    return f"{project}-{counters.next_of(project)}"


def create(
    ticket: Ticket, event: Event, uploads: tuple[Upload, ...], once: Once | None, followed: Event | None = None
) -> Ticket:
    """Files `ticket`, and where it follows a closed one, `followed` in the history of that.

    With an `once` that was used before, the ticket of that time. Raises KeyReused, NotFound.
    """
    write = Transaction()
    write.put("ticket", row_of(ticket), TicketRow.number.does_not_exist())
    history.put(write, event)
    counters.count(write, None, ticket)
    if followed is not None:
        write.check("followed", TicketRow, (followed.ticket,), TicketRow.k_s == State.CLOSED.value)
        history.put(write, followed, "followed event")
    if once is not None:
        _put_once(write, once, ticket.number, event.at)
    try:
        files.commit(write, uploads, event)
    except Refused as refused:
        if once is not None and "once" in refused.names:
            earlier = done_before(once, event.at)
            if earlier is not None:
                return load(earlier)
        files.refuse(refused)
        raise
    return ticket


def save(
    before: Ticket, after: Ticket, event: Event, uploads: tuple[Upload, ...] = (), once: Once | None = None
) -> Ticket:
    """Writes the change from `before` to `after` with its event. Raises StaleVersion, NotFound.

    An `once` that was used before is stale too: whoever tries again finds what it did with `done_before`.

    An internal note leaves the ticket as it is: then the transaction only makes sure that nobody changed it meanwhile.
    """
    write = Transaction()
    unchanged = TicketRow.version == before.version
    if after.version == before.version:
        write.check("ticket", TicketRow, (before.number,), unchanged)
    else:
        write.put("ticket", row_of(after), unchanged)
    history.put(write, event)
    counters.count(write, before, after)
    if once is not None:
        _put_once(write, once, event.id, event.at)
    try:
        files.commit(write, uploads, event)
    except Refused as refused:
        if refused.names & {"ticket", "once"}:
            raise StaleVersion from refused
        files.refuse(refused)
        raise
    return after


def again_when_stale(attempt: Callable[[], T]) -> T:
    """A change that does not depend on what the caller saw is decided anew when somebody else was quicker.

    Raises StaleVersion where others were quicker each time.
    """
    for tried in range(_TRIES - 1):
        try:
            return attempt()
        except StaleVersion:
            clock.pause(tried)
    return attempt()


def done_before(once: Once, at: datetime) -> str | None:
    """What `once` made earlier, a ticket's number or an event's id, or None. Raises KeyReused for another order."""
    try:
        row = ExpiringRow.get(_once_key(once), "once", consistent_read=True)
    except ExpiringRow.DoesNotExist:
        return None
    if row.expires <= epoch(at):
        return None
    earlier: Mapping[str, str] = row.document
    if earlier["fingerprint"] != once.fingerprint:
        raise KeyReused
    return earlier["made"]


def _put_once(write: Transaction, once: Once, made: str, at: datetime) -> None:
    document = {"fingerprint": once.fingerprint, "made": made}
    row = ExpiringRow(_once_key(once), "once", expires=epoch(once.expires_at), document=document)
    write.put("once", row, ExpiringRow.pk.does_not_exist() | (ExpiringRow.expires <= epoch(at)))


def _once_key(once: Once) -> str:
    return f"once#{once.key}"


def row_of(ticket: Ticket) -> TicketRow:
    """The row of `ticket` with its key in every list."""
    return TicketRow(
        ticket.number,
        version=ticket.version,
        changed=changed_key(ticket),
        card=card_of(ticket),
        rest={field.name: getattr(ticket, field.name) for field in _REST},
        **cast(Any, list_keys(ticket)),
    )


def _ticket(item: Mapping[str, Mapping[str, str]]) -> Ticket:
    card = _card.decode(item["card"]["S"])
    rest = _rest.decode(item["rest"]["S"])
    known = {name: getattr(card, name) for name in _CARD_NAMES}
    return Ticket(**known, **{field.name: getattr(rest, field.name) for field in _REST})
