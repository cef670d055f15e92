"""All files of one request on a page of their own, for staff and for the requester."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalice.app import Response

from chalicelib import reading, urls
from chalicelib.domain.files import Attachment
from chalicelib.domain.people import Contact
from chalicelib.domain.permissions import Act, may
from chalicelib.reading import Dossier
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import page, sent_on
from chalicelib.web.routing import Permission, Routes

pages = Routes("files", is_api=False)

ROWS = 2000  # a megabyte of page


@dataclass(frozen=True, slots=True)
class Row:
    """A file, and the entry of the history that it came with."""

    file: Attachment
    at: datetime
    actor: Contact | None
    internal: bool


@pages.get("/desk/{number}/files", Permission.STAFF)
def of_staff(call: Call, number: str) -> Response:
    """The files, those of internal notes too, to whoever works on the request."""
    by = call.signed_in
    found = reading.dossier(number, by)
    if not may(by, Act.READ_INTERNAL, found.ticket):
        return sent_on(urls.ticket_act(number, "files"))
    return _page(call, found, urls.desk_ticket(number))


@pages.get("/t/{number}/files", Permission.LINK)
def of_requester(call: Call, number: str) -> Response:
    """The files that the reader may see: their own request's, and never those of internal notes to a customer."""
    reader, found = call.as_reader(number, partial(reading.dossier, number))
    if may(reader, Act.READ_INTERNAL, found.ticket):
        return sent_on(urls.desk_act(number, "files"))
    return _page(call, found, urls.ticket(number))


def _page(call: Call, found: Dossier, back: str) -> Response:
    rows = [
        Row(file, event.at, event.actor if event.actor.email else None, event.internal)
        for event in reversed(found.events)
        for file in event.attachments
    ]
    context = {"ticket": found.ticket, "back": back, "rows": rows[:ROWS], "left_out": max(len(rows) - ROWS, 0)}
    return page(call, "files.html", context)
