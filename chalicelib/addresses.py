"""What becomes of addresses whose mail bounces or whose owners complain of it."""

import json
import logging
from functools import partial

from chalicelib import clock
from chalicelib.domain.addresses import Address, Report, reports, taken, told
from chalicelib.domain.errors import Invalid, NotAllowed, NotFound
from chalicelib.domain.people import Actor, email_address
from chalicelib.domain.permissions import Act, require
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import addresses, cursors, tickets
from chalicelib.storage.aws import both
from chalicelib.storage.tickets import again_when_stale

log = logging.getLogger(__name__)

_QUESTION = "addresses"


def take(body: str) -> None:
    """Takes one event of SES, as the queue has it; one that comes twice, late or out of order changes nothing.

    What cannot be read (a NotAReport, or no JSON) is logged and dropped. Raises what storage raises, for the queue to
    bring the event again.
    """
    try:
        found = reports(json.loads(body))
    except (ValueError, RecursionError) as error:
        log.warning("an event of the mail service was dropped: %s", error)
        return
    for report in found:
        again_when_stale(partial(_take, report))


def _take(report: Report) -> None:
    known, ticket = both(partial(addresses.load, report.email), partial(_ticket, report.ticket))
    news = taken(known, report)
    if news is None:
        return
    after, kind = news
    lines = [told(kind, report.email, report.reason, ticket, clock.stamp())] if kind and ticket else []
    addresses.save(known, after, lines)


def _ticket(number: str) -> Ticket | None:
    """The request a mail was about; None where it was about none, or the request is of another desk of this account."""
    try:
        return tickets.load(number)
    except NotFound:
        return None


def marked(by: Actor, limit: int, cursor: str | None) -> tuple[list[Address], str | None]:
    """One page of the addresses that are not mailed, and the next cursor. Raises NotAllowed, Invalid."""
    if not by.is_admin:
        raise NotAllowed
    after = cursors.unseal(cursor, _QUESTION) if cursor else None
    found = addresses.marked(limit + 1, after)
    page = found[:limit]
    return page, cursors.seal(page[-1].email, _QUESTION) if len(found) > limit else None


def clear(email: str, by: Actor) -> None:
    """Has a marked address mailed again. Raises NotAllowed, NotFound, StaleVersion."""
    if not by.is_admin:
        raise NotAllowed
    known = _known(email)
    if known.mark is None:
        raise NotFound
    _clear(known, by)


def clear_on(number: str, email: str, by: Actor) -> None:
    """Has an address mailed again that this request says is not, by whoever may change the request.

    Any other address is left alone without a word, as one that is mailed again already. Raises NotFound, NotAllowed,
    StaleVersion.
    """
    require(by, Act.CHANGE, tickets.load(number))
    known = _known(email)
    if number in known.tickets:
        _clear(known, by)


def _known(email: str) -> Address:
    try:
        return addresses.load(email_address(email))
    except Invalid:
        return Address("")


def _clear(known: Address, by: Actor) -> None:
    addresses.clear(known.email, by)
    log.info("%s is mailed again; it was %s, says %s", known.email, known.mark, by.email)
