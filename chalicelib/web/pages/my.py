"""One's own requests, and beside them those of one's colleagues where the project shares them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalice.app import Response

from chalicelib import reading, urls
from chalicelib.domain.lists import Page
from chalicelib.domain.people import Actor, Contact
from chalicelib.domain.tickets import State, TicketCard, Turn
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import page
from chalicelib.web.routing import Permission, Routes

pages = Routes("my", is_api=False)

ROWS = 25


class Part(StrEnum):
    """Whose requests a tab shows."""

    MINE = "mine"
    COLLEAGUES = "colleagues"


READS: dict[Part, Callable[[Actor, int, str | None], Page]] = {
    Part.MINE: reading.own_requests,
    Part.COLLEAGUES: reading.requests_of_colleagues,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the list."""

    number: str
    subject: str
    project: str
    state: State
    whose_turn: Turn
    requester: Contact
    updated_at: datetime
    href: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the page, and the way to it."""

    part: Part
    href: str


@pages.get("/my", Permission.SIGNED_IN)
def my(call: Call) -> Response:
    """Newest change first; a cursor leads on, and from there one link back to the start."""
    by, cursor = call.signed_in, call.first("cursor")
    parts = _parts(by)
    part = next((part for part in parts if part == call.first("of")), Part.MINE)
    found = READS[part](by, ROWS, cursor)
    context = {
        "part": part,
        "tabs": [Tab(each, _address(each)) for each in parts] if len(parts) > 1 else [],
        "rows": [_row(card) for card in found.items],
        "newer": _address(part) if cursor else None,
        "older": _address(part, found.next) if found.next else None,
    }
    return page(call, "my.html", context)


def _parts(by: Actor) -> list[Part]:
    """The parts that there are for `by`: colleagues are whom a project lets them look over the shoulder."""
    return [Part.MINE, Part.COLLEAGUES] if by.organisation and by.shared_projects else [Part.MINE]


def _address(part: Part, cursor: str | None = None) -> str:
    return urls.my(cursor, None if part is Part.MINE else part)


def _row(card: TicketCard) -> Row:
    return Row(
        card.number,
        card.subject,
        card.project,
        card.state,
        card.whose_turn,
        card.requester,
        card.updated_at,
        urls.ticket(card.number),
    )
