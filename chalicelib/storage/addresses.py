"""What is known of the mail to addresses, beside the people who have them; those that are marked stand in an index."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import msgspec

from chalicelib import clock
from chalicelib.domain.addresses import EVENT_OF, Address, cleared, resumed, told, told_on
from chalicelib.domain.errors import StaleVersion
from chalicelib.domain.events import Event
from chalicelib.domain.people import Actor, Person
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import history, people, tickets
from chalicelib.storage.models import DirectoryRow, KindIndex
from chalicelib.storage.tickets import again_when_stale
from chalicelib.storage.transactions import Refused, Transaction

KIND = "address"
_SK = "mail"


def load(email: str) -> Address:
    """What is known of the mail to `email`, an address the desk takes; nothing yet where it never failed."""
    try:
        return _address_of(DirectoryRow.get(_pk(email), _SK, consistent_read=True))
    except DirectoryRow.DoesNotExist:
        return Address(email)


def with_people(emails: Iterable[str], consistent: bool = False) -> tuple[dict[str, Person], dict[str, Address]]:
    """The people with those addresses, and what is known of the mail to them, by address, in one read.

    An address that nobody has, or whose mail never failed, is absent.
    """
    wanted = dict.fromkeys(emails)
    keys = [key for email in wanted for key in ((people.person_pk(email), people.KIND), (_pk(email), _SK))]
    rows = people.rows_at(keys, consistent)
    persons = [people.person_of(row) for row in rows if row.sk == people.KIND]
    known = [_address_of(row) for row in rows if row.sk == _SK]
    return {person.email: person for person in persons}, {address.email: address for address in known}


def marked(limit: int, after: str | None) -> list[Address]:
    """At most `limit` marked addresses, in their order, from the one that follows `after`."""
    beyond = KindIndex.pk > _pk(after) if after else None
    return [_address_of(row) for row in DirectoryRow.by_kind.query(KIND, beyond, limit=limit)]


def save(before: Address, after: Address, events: Iterable[Event] = ()) -> None:
    """Writes what is known by now together with what it leaves in the history of requests. Raises StaleVersion."""
    write = Transaction()
    unchanged = DirectoryRow.version == before.version if before.version else DirectoryRow.pk.does_not_exist()
    write.put("address", row_of(replace(after, version=before.version + 1)), unchanged)
    for event in events:
        history.put(write, event)
    try:
        write.commit()
    except Refused as refused:
        raise StaleVersion from refused


def tell(email: str, ticket: Ticket) -> None:
    """Has the history of `ticket` say that `email` is not mailed, unless it says so already. Raises StaleVersion."""
    again_when_stale(partial(_tell, email, ticket))


def _tell(email: str, ticket: Ticket) -> None:
    known = load(email)
    if known.mark is not None and ticket.number not in known.tickets:
        line = told(EVENT_OF[known.mark], email, known.reason, ticket, clock.stamp())
        save(known, told_on(known, ticket.number), [line])


def clear(email: str, by: Actor) -> Address:
    """Has `email` mailed again, in the name of `by`, and says so in every request that said it was not.

    Answers what was known before. Raises StaleVersion.
    """
    return again_when_stale(partial(_clear, email, by))


def _clear(email: str, by: Actor) -> Address:
    known = load(email)
    said_so = tickets.find_all(known.tickets) if known.mark else []
    events = [resumed(email, ticket, by, clock.stamp()) for ticket in said_so]
    save(known, cleared(known, by.email, clock.now()), events)
    return known


def row_of(address: Address) -> DirectoryRow:
    """The row of `address`; only a mark puts it into the index."""
    kind = KIND if address.mark else None
    return DirectoryRow(_pk(address.email), _SK, kind=kind, version=address.version, document=address)


def _address_of(row: DirectoryRow) -> Address:
    return msgspec.convert(row.document, Address)


def _pk(email: str) -> str:
    return f"address#{email}"
