"""One's own requests."""

from dataclasses import dataclass
from datetime import datetime

from chalice.app import Response

from chalicelib import reading, urls
from chalicelib.domain.tickets import State, TicketCard, Turn
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import page
from chalicelib.web.routing import Permission, Routes

pages = Routes("my", is_api=False)

ROWS = 25


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the list."""

    number: str
    subject: str
    project: str
    state: State
    whose_turn: Turn
    updated_at: datetime
    href: str


@pages.get("/my", Permission.SIGNED_IN)
def my(call: Call) -> Response:
    """Newest change first; a cursor leads on, and from there one link back to the start."""
    cursor = call.first("cursor")
    found = reading.own_requests(call.signed_in, ROWS, cursor)
    context = {
        "rows": [_row(card) for card in found.items],
        "newer": urls.my() if cursor else None,
        "older": urls.my(found.next) if found.next else None,
    }
    return page(call, "my.html", context)


def _row(card: TicketCard) -> Row:
    return Row(
        card.number, card.subject, card.project, card.state, card.whose_turn, card.updated_at, urls.ticket(card.number)
    )
