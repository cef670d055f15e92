"""The end of a request and what comes after it: the reminder, closing by itself, the rating, the follow-up."""

from dataclasses import replace

from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.events import AUTO_CLOSED, FOLLOWED, RATED, REMINDED, Event, Stamp, event_of
from chalicelib.domain.people import Actor
from chalicelib.domain.permissions import TEAM, Act, may, require, standings
from chalicelib.domain.tickets import State, Ticket, project_of
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import NO_RATING, is_rating


def remind(ticket: Ticket, by: Actor, stamp: Stamp) -> tuple[Ticket, Event]:
    """The done ticket whose requester is asked once more to check it, and the event.

    The time of the last change stays: a reminder must not begin anew the very period that it is about.
    Raises NotFound, NotAllowed, Conflict.
    """
    _refuse_unless_left_in_done(ticket, by)
    changed = replace(ticket, reminded_at=stamp.at, version=ticket.version + 1)
    return changed, event_of(REMINDED, changed, by, stamp)


def auto_close(ticket: Ticket, by: Actor, stamp: Stamp) -> tuple[Ticket, Event]:
    """The done ticket closed as nobody objected, and the event. Raises NotFound, NotAllowed, Conflict."""
    _refuse_unless_left_in_done(ticket, by)
    at, version = stamp.at, ticket.version + 1
    changed = replace(ticket, state=State.CLOSED, updated_at=at, waiting_since=at, closed_at=at, version=version)
    changes = {"state": (str(ticket.state), str(changed.state))}
    return changed, event_of(AUTO_CLOSED, changed, by, stamp, changes=changes)


def _refuse_unless_left_in_done(ticket: Ticket, by: Actor) -> None:
    require(by, Act.CLOSE_UNANSWERED, ticket)
    if ticket.state is not State.DONE:
        raise Conflict


def rate(ticket: Ticket, rating: int, text: str, by: Actor, stamp: Stamp) -> tuple[Ticket, Event]:
    """The closed ticket with what its requester thinks of the solution, and the event. A mailed link is enough for it.

    Raises NotFound, NotAllowed, Invalid, Conflict.
    """
    require(by, Act.RATE, ticket)
    if not is_rating(rating):
        raise Invalid(NO_RATING)
    if ticket.rating is not None:
        raise Conflict(N_("The request was rated already."))
    if not ticket.can_be_rated:
        raise Conflict(N_("Only a closed request that was solved can be rated."))
    changed = replace(ticket, rating=rating, updated_at=stamp.at, version=ticket.version + 1)
    changes = {"rating": (None, str(rating))}
    return changed, event_of(RATED, changed, _named(by, ticket), stamp, text=text, changes=changes)


def can_follow(ticket: Ticket, project: str, by: Actor) -> bool:
    """True where `by` may file under `project` what goes on from `ticket`: a closed one of it that they may read."""
    return ticket.archived and ticket.project == project and may(by, Act.READ, ticket)


def followed(ticket: Ticket, follow_up: str, by: Actor, stamp: Stamp) -> Event:
    """The event on the closed `ticket` that the request `follow_up` goes on from it. The ticket itself stays as it is.

    Raises NotFound where `by` may not follow it.
    """
    if not can_follow(ticket, project_of(follow_up) or "", by):
        raise NotFound
    by_team = bool(standings(by, ticket) & TEAM)
    changes = {"follow_up": (None, follow_up)}
    return event_of(FOLLOWED, ticket, _named(by, ticket), stamp, changes=changes, by_team=by_team)


def _named(by: Actor, ticket: Ticket) -> Actor:
    """`by` with their name: a mailed link knows an address alone."""
    known = {contact.email: contact.name for contact in (ticket.requester, *ticket.watchers)}
    return replace(by, name=by.name or known.get(by.email, ""))
