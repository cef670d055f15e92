"""The history of a ticket, and what people add to it."""

from chalicelib import desk, reading
from chalicelib.desk import CommentOrder
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery
from chalicelib.web.api.views import EventView, Listing
from chalicelib.web.bodies import Body
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

api = Routes("api_history", is_api=True)


class NewComment(Body, frozen=True):
    """A reply, or with `internal` a note for staff only. Text, files or both."""

    text: str = ""
    internal: bool = False
    uploads: tuple[str, ...] = ()


@api.get("/tickets/{number}/history", Permission.LINK, query=ListQuery, answer=Listing[EventView])
def history(call: Call, number: str, query: ListQuery) -> Listing[EventView]:
    """The events of a ticket that I may see, oldest first."""
    _, (events, following) = call.as_reader(
        number, lambda reader: reading.events_page(number, reader, query.limit, query.cursor)
    )
    return views.listing(views.event, events, following)


@api.post(
    "/tickets/{number}/comments",
    Permission.LINK,
    body=NewComment,
    answer=EventView,
    status=201,
    headers=("Idempotency-Key",),
)
def comment(call: Call, number: str, body: NewComment) -> EventView:
    """Add a reply, or an internal note. The same one with the same Idempotency-Key is written once."""
    order = CommentOrder(body.text, body.internal, tuple(dict.fromkeys(body.uploads)))
    key = call.headers.get("idempotency-key")
    _, event = call.as_reader(number, lambda reader: desk.comment(number, order, reader, key))
    return views.event(event)
