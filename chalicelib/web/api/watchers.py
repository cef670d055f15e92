"""Who else hears of a ticket, and whose mailed links to it end."""

from chalicelib import desk, directory, reading
from chalicelib.domain.errors import NotFound
from chalicelib.domain.people import Actor, Contact, email_address
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery, part
from chalicelib.web.api.views import Listing, Named
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_watchers", is_api=True)


@api.get("/tickets/{number}/watchers", Permission.LINK, query=ListQuery, answer=Listing[Named])
def watchers(call: Call, number: str, query: ListQuery) -> Listing[Named]:
    """Who watches a ticket."""
    _, ticket = call.as_reader(number, lambda reader: reading.read(number, reader))
    page, following = part(ticket.watchers, lambda watcher: watcher.email, query, "watchers", number)
    return views.listing(views.named, page, following)


@api.put("/tickets/{number}/watchers/{email}", Permission.LINK, answer=Named)
def watch(call: Call, number: str, email: str) -> Named:
    """Add a watcher; the same answer where they watch already."""
    _, watcher = call.as_reader(number, lambda reader: _watching(number, email, reader))
    return views.named(watcher)


def _watching(number: str, email: str, by: Actor) -> Contact:
    address = email_address(email)
    ticket = reading.read(number, by)
    if not ticket.watched_by(address):
        ticket = desk.watch(number, address, by)
    return next(watcher for watcher in ticket.watchers if watcher.email == address)


@api.delete("/tickets/{number}/watchers/{email}", Permission.LINK, status=204)
def unwatch(call: Call, number: str, email: str) -> Answer:
    """Take a watcher away."""
    call.as_reader(number, lambda reader: desk.unwatch(number, email, reader))
    return Answer(status=204)


@api.delete("/tickets/{number}/links/{email}", Permission.SIGNED_IN, status=204)
def revoke_links(call: Call, number: str, email: str) -> Answer:
    """End all mailed links of one recipient to a ticket. Their next mail carries a new one."""
    if not directory.revoke_links(number, email, call.signed_in):
        raise NotFound
    return Answer(status=204)
