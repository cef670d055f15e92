"""Mail that could not be delivered and was set aside, for administrators."""

from dataclasses import dataclass
from datetime import datetime

from chalice.app import Response

from chalicelib import notifications, urls
from chalicelib.storage.outbox import Parked
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import views
from chalicelib.web.pages.answers import language, page, sent_on
from chalicelib.web.routing import Permission, Routes

pages = Routes("undelivered", is_api=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One event whose mail did not go out."""

    id: str
    ticket: str
    kind: str
    recipient: str
    attempts: int
    error: str
    since: datetime
    href: str


@pages.get("/admin/undelivered", Permission.ADMIN)
def undelivered(call: Call) -> Response:
    """What was set aside, longest waiting first."""
    words = language(call)
    rows = [_row(parked, words) for parked in notifications.undelivered(call.signed_in)]
    return page(call, "admin/undelivered.html", {"rows": rows, "retried": call.first("retried") == "1"})


@pages.post("/admin/undelivered", Permission.ADMIN, body=Form)
def retry(call: Call, body: Form) -> Response:
    """Puts one back in line."""
    ticket, _, event_id = body.one("id").partition("/")
    released = bool(ticket and event_id) and notifications.try_again(ticket, event_id, call.signed_in)
    return sent_on(urls.undelivered(retried=released))


def _row(parked: Parked, words: str) -> Row:
    event = parked.event
    return Row(
        id=f"{event.ticket}/{event.id}",
        ticket=event.ticket,
        kind=views.sentence(event, {}, words),
        recipient="",
        attempts=parked.attempts,
        error=parked.error,
        since=event.at,
        href=urls.desk_ticket(event.ticket),
    )
