"""Lists of tickets: every combination of filters is one index, and several values of one are merged streams.

Each index has a composite hash key and the time of the last change as its range, so a page costs what it shows. The
last part of every key is the state, or in the indexes without one whether the ticket is open or archived.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import ceil

import msgspec
from pynamodb.expressions.condition import Condition

from chalicelib.domain.errors import Invalid
from chalicelib.domain.lists import NOBODY, Filter, Page, Reach
from chalicelib.domain.tickets import State, Ticket, TicketCard
from chalicelib.domain.words import N_
from chalicelib.storage import cursors
from chalicelib.storage.aws import together
from chalicelib.storage.models import TicketRow, can_be_key
from chalicelib.storage.times import to_text

_SIDES = ("project", "assignee", "requester", "state")
_MOST_STREAMS = 100
_SMALLEST_CHUNK = 10
_MOST_READ = 500  # rows looked at for one page when type, priority or own fields, which no index holds, thin it out
_DONE_CHUNK = 50
_THIN_CHUNK = 100  # rows a read takes then, so that a rare type does not cost a round trip for every few rows

_cards = msgspec.json.Decoder(TicketCard)


@dataclass(frozen=True, slots=True)
class Stream:
    """One partition of one list index."""

    index: str
    key: str


def changed_key(ticket: Ticket | TicketCard) -> str:
    """The range key of every list: the last change, and the number to keep two of one moment apart."""
    return f"{to_text(ticket.updated_at)}#{ticket.number}"


def list_keys(ticket: Ticket) -> dict[str, str]:
    """The hash key of `ticket` in each list index, by attribute: sixteen for the filters, one for its organisation."""
    values = {
        "project": ticket.project,
        "assignee": ticket.assignee.email if ticket.assignee else NOBODY,
        "requester": ticket.requester.email,
        "state": ticket.state.value,
    }
    keys = {}
    for chosen in product((False, True), repeat=len(_SIDES)):
        sides = [side for side, used in zip(_SIDES, chosen, strict=True) if used]
        parts = [values[side] for side in sides]
        if "state" not in sides:
            parts.append(_scope(ticket.archived))
        keys["k_" + ("".join(side[0] for side in sides) or "all")] = "|".join(parts)
    if ticket.organisation:
        keys["k_o"] = "|".join((ticket.organisation, ticket.project, _scope(ticket.archived)))
    return keys


def _scope(archived: bool) -> str:
    return "archived" if archived else "open"


def page(wanted: Filter, reach: Reach, limit: int, cursor: str | None) -> Page:
    """The next `limit` tickets within `reach` that `wanted` lets through, newest change first. Raises Invalid."""
    question = (wanted, reach)
    position = cursors.unseal(cursor, question) if cursor else None
    shared = set(_shared_streams(wanted, reach))
    found = {stream for part in _within(wanted, reach) for stream in _streams(part)} | shared
    streams = sorted((stream for stream in found if _can_exist(stream)), key=lambda s: (s.index, s.key))
    if len(streams) > _MOST_STREAMS:
        raise Invalid.of("project", N_("That is too many filters at once."))
    if not streams:
        return Page((), None)
    sides = (wanted.states, wanted.assignees, wanted.requesters) if shared else ()
    thin = wanted.is_thin or any(side is not None for side in sides) or bool(wanted.not_requester)
    merge = _Merge(streams, wanted.oldest_first, position, _THIN_CHUNK if thin else 0)
    return merge.page(wanted, reach, limit, question)


def unchanged_longest(project: str) -> Iterator[TicketCard]:
    """The requests of `project` that are done, longest without a change first; read as far as the caller goes."""
    stream, after = Stream("by_project_state", f"{project}|{State.DONE.value}"), None
    while cards := _read(stream, after, _DONE_CHUNK, oldest_first=True):
        yield from cards
        if len(cards) < _DONE_CHUNK:
            return
        after = changed_key(cards[-1])


def _within(wanted: Filter, reach: Reach) -> Iterator[Filter]:
    """`wanted` narrowed to what may be seen: the tickets of some projects, and one's own."""
    if reach.everything:
        yield wanted
        return
    projects = reach.projects if wanted.projects is None else reach.projects & wanted.projects
    yield replace(wanted, projects=projects)
    if reach.own and (wanted.requesters is None or reach.own in wanted.requesters):
        yield replace(wanted, requesters=frozenset({reach.own}))


def _shared_streams(wanted: Filter, reach: Reach) -> Iterator[Stream]:
    """Where the requests of one's organisation are. The index holds no other side, so what it gives is thinned out."""
    if reach.everything or not reach.organisation or wanted.is_empty:
        return
    keys = reach.shared if wanted.projects is None else reach.shared & wanted.projects
    for key, scope in product(sorted(keys), _scopes(wanted)):
        yield Stream("by_organisation", f"{reach.organisation}|{key}|{scope}")


def _scopes(wanted: Filter) -> list[str]:
    return [_scope(archived) for archived in (False, True) if wanted.archived in (None, archived)]


def _streams(wanted: Filter) -> Iterator[Stream]:
    if wanted.is_empty:
        return
    states = wanted.states
    if states is not None and wanted.archived is not None:
        states = frozenset(state for state in states if (state is State.CLOSED) is wanted.archived)
    sides: dict[str, frozenset[str] | None] = {
        "project": wanted.projects,
        "assignee": wanted.assignees,
        "requester": wanted.requesters,
        "state": None if states is None else frozenset(state.value for state in states),
    }
    used = [side for side in _SIDES if sides[side] is not None]
    index = "by_" + "_".join(used) if used else "all"
    choices: list[list[str]] = [sorted(sides[side] or ()) for side in used]
    if states is None:
        choices.append(_scopes(wanted))
    for values in product(*choices):
        yield Stream(index, "|".join(values))


def _can_exist(stream: Stream) -> bool:
    """False for a key that DynamoDB would refuse to look up, and that no ticket has."""
    return can_be_key(stream.key)


class _Merge:
    """Several streams as one, in the order of their last change.

    The first round asks each stream for its likely share of the page. When one runs dry, the second round tops up all
    of them to what is still missing, so that a page never takes more than two rounds of reads.
    """

    def __init__(self, streams: list[Stream], oldest_first: bool, position: str | None, chunk: int) -> None:
        self._oldest_first = oldest_first
        self._chunk = chunk
        self._positions: dict[Stream, str | None] = dict.fromkeys(streams, position)
        self._waiting: dict[Stream, deque[TicketCard]] = {stream: deque() for stream in streams}
        self._share = 2 / len(streams)

    def page(self, wanted: Filter, reach: Reach, limit: int, question: object) -> Page:
        """At most `limit` cards; fewer with a cursor where a thin filter used up the reads of one page."""
        items: list[TicketCard] = []
        last: TicketCard | None = None
        for _ in range(_MOST_READ):
            card = self._take(limit - len(items))
            if card is None:
                return Page(tuple(items), None)
            if last is None or card.number != last.number:
                last = card
                if wanted.matches(card) and (reach.works_on(card) or not wanted.fields):
                    items.append(card)
            if len(items) == limit:
                break
        more = bool(self._positions) or any(self._waiting.values())
        return Page(tuple(items), cursors.seal(changed_key(last), question) if more and last else None)

    def _take(self, missing: int) -> TicketCard | None:
        if any(not self._waiting[stream] for stream in self._positions):
            self._refill(max(missing, self._chunk))
        heads = [(changed_key(cards[0]), stream) for stream, cards in self._waiting.items() if cards]
        if not heads:
            return None
        pick = min if self._oldest_first else max
        _, stream = pick(heads, key=lambda head: head[0])
        return self._waiting[stream].popleft()

    def _refill(self, missing: int) -> None:
        share = min(missing, max(_SMALLEST_CHUNK, ceil(missing * self._share)))
        self._share = 1
        sizes = {stream: share + 1 - len(self._waiting[stream]) for stream in self._positions}
        reads = [(stream, size) for stream, size in sizes.items() if size > 0]
        answers = together([partial(self._read, stream, size) for stream, size in reads])
        for (stream, size), cards in zip(reads, answers, strict=True):
            self._waiting[stream].extend(cards)
            if len(cards) < size:
                del self._positions[stream]
            else:
                self._positions[stream] = changed_key(cards[-1])

    def _read(self, stream: Stream, size: int) -> list[TicketCard]:
        return _read(stream, self._positions[stream], size, self._oldest_first)


def _read(stream: Stream, after: str | None, size: int, oldest_first: bool) -> list[TicketCard]:
    condition: Condition | None = None
    if after is not None:
        condition = TicketRow.changed > after if oldest_first else TicketRow.changed < after
    answer = TicketRow.table().query(
        hash_key=stream.key,
        range_key_condition=condition,
        index_name=stream.index,
        limit=size,
        scan_index_forward=oldest_first,
    )
    return [_cards.decode(item["card"]["S"]) for item in answer["Items"]]
