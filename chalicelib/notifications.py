"""From an event to the mails about it: who hears, in which language, what it says; and the jobs of the mail queue."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from chalicelib import clock, i18n, letters, mailer, rendering, urls
from chalicelib.config import settings
from chalicelib.domain.addresses import Address, Mark
from chalicelib.domain.errors import NotAllowed, TooMany
from chalicelib.domain.events import COMMENT_ADDED, NOTE_ADDED, Event, event_of
from chalicelib.domain.hearing import Hearer, Known, Scene, Silence, candidates, hearers
from chalicelib.domain.lists import Filter, Reach
from chalicelib.domain.people import Actor, Person
from chalicelib.domain.permissions import Act, require
from chalicelib.domain.projects import Crew
from chalicelib.domain.tickets import Ticket, TicketCard, project_of
from chalicelib.domain.words import N_
from chalicelib.letters import Recipient
from chalicelib.mailer import Mail, MailRefused
from chalicelib.storage import (
    access,
    addresses,
    digests,
    limits,
    listings,
    outbox,
    people,
    projects,
    tickets,
    unsubscribed,
)
from chalicelib.storage.aws import both
from chalicelib.storage.digests import Entry
from chalicelib.storage.limits import Limit
from chalicelib.storage.outbox import MOST_ATTEMPTS, Claim, LeaseLost, Parked

log = logging.getLogger(__name__)

CODE_LASTS = timedelta(minutes=10)
_MOST_LINKS = 20
_ASKED_OF_MARKED = Limit("asked-of-marked", 3, 86_400)
_LONGEST_WAIT = timedelta(hours=1)


def deliver(ticket_number: str, event_id: str) -> bool:
    """Sends the mails of one event, unless somebody else does or did. True where nothing of it is left to send.

    A failure never raises: the event is given back to be tried later, or parked where trying again is no use.
    """
    claimed = outbox.claim(ticket_number, event_id, clock.new_id(), clock.now())
    if claimed is None:
        return True
    try:
        return _delivered(claimed)
    except LeaseLost:
        log.warning("event %s of %s is in other hands by now", event_id, ticket_number)
        return False


def _delivered(claimed: Claim) -> bool:
    if claimed.attempts > MOST_ATTEMPTS:  # those before this one died without a word
        failures: list[Exception] = [RuntimeError("every attempt was cut off")]
    else:
        failures = _tell_everybody(claimed)
    if failures:
        _give_back(claimed, failures)
        return False
    outbox.finish(claimed)
    return True


def sweep() -> int:
    """Delivers what the stream missed; how many events were taken up. One that breaks down holds up no other."""
    due = outbox.due(clock.now())
    broken: list[Exception] = []
    for ticket_number, event_id in due:
        try:
            deliver(ticket_number, event_id)
        except Exception as error:
            log.exception("event %s of %s could not be taken up", event_id, ticket_number)
            broken.append(error)
    if broken:
        raise broken[0]
    return len(due)


def _tell_everybody(claimed: Claim) -> list[Exception]:
    """Sends what is still to be sent; what went wrong with one recipient holds up no other."""
    event = claimed.event
    failures: list[Exception] = []
    try:
        ticket, crew = both(lambda: tickets.load(event.ticket), lambda: projects.crew(event.ticket.rpartition("-")[0]))
        scene = _scene(event, ticket=ticket, crew=crew)
        waiting = [each for each in recipients(scene) if each.email not in claimed.told]
    except Exception as error:
        log.exception("nobody can be told of event %s of %s", event.id, event.ticket)
        return [error]
    for recipient in waiting:
        try:
            _tell(event, ticket, crew, recipient)
            outbox.mark_told(claimed, recipient.email, clock.now())
        except LeaseLost:
            raise
        except Exception as error:
            log.warning("a mail of event %s of %s was not sent", event.id, event.ticket, exc_info=True)
            failures.append(error)
    return [*failures, *_say_who_is_not_mailed(scene)]


def _tell(event: Event, ticket: Ticket, crew: Crew, to: Recipient) -> None:
    """Writes to `to`, or puts the event by for their digest. Raises MailRefused, MailDelayed."""
    if to.digest:
        digests.put_by(Entry(to.email, ticket.number, event.id, to.reason), clock.now())
    else:
        mailer.send(letters.about(event, ticket, crew.project, to))


def _say_who_is_not_mailed(scene: Scene) -> list[Exception]:
    """The request says once of each of its addresses that nothing goes there, also where it was marked elsewhere."""
    failures: list[Exception] = []
    for each in hearers(scene):
        if each.silence is Silence.MARKED and scene.ticket.number not in scene.known.marked[each.email].tickets:
            try:
                addresses.tell(each.email, scene.ticket)
            except Exception as error:
                log.warning("%s does not say yet that %s is not mailed", scene.ticket.number, each.email, exc_info=True)
                failures.append(error)
    return failures


def _give_back(claimed: Claim, failures: list[Exception]) -> None:
    hopeless = all(isinstance(failure, MailRefused) for failure in failures)
    wait = min(timedelta(minutes=2 ** (claimed.attempts - 1)), _LONGEST_WAIT)
    park = hopeless or claimed.attempts >= MOST_ATTEMPTS
    if park:
        log.error("mail of event %s of %s is parked: %s", claimed.event.id, claimed.event.ticket, failures[0])
    outbox.put_back(claimed, "; ".join(str(failure) or repr(failure) for failure in failures), clock.now() + wait, park)


def recipients(scene: Scene) -> list[Recipient]:
    """Who is told of an event, as the rules of domain/hearing.py have it."""
    return [letters.recipient(each, scene) for each in hearers(scene) if each.told]


def _scene(*events: Event, ticket: Ticket, crew: Crew) -> Scene:
    """The first of `events` with what is known of the addresses around them all, read side by side."""
    bare = Scene(events[0], ticket, crew)
    emails = {email: None for event in events for email in candidates(replace(bare, event=event))}
    (found, mail_to), gone = both(
        partial(addresses.with_people, emails), partial(unsubscribed.of_ticket, ticket.number)
    )
    return replace(
        bare,
        known=Known(found, gone, {email: each for email, each in mail_to.items() if each.mark is not None}),
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody around a ticket, by name, and whether they will be told of what is about to be written."""

    name: str
    hearer: Hearer


def expected(number: str, by: Actor) -> dict[bool, list[Expected]]:
    """Who would be told of what `by` wrote now: under False of a reply, under True of a note.

    For staff alone: raises NotFound, NotAllowed.
    """
    ticket, crew = both(partial(tickets.load, number), partial(projects.crew, project_of(number) or ""))
    require(by, Act.READ_INTERNAL, ticket)
    reply, note = (event_of(kind, ticket, by, clock.stamp()) for kind in (COMMENT_ADDED, NOTE_ADDED))
    scene = _scene(reply, note, ticket=ticket, crew=crew)
    names = {each.email: each.name for each in (*ticket.watchers, *crew.staff, ticket.requester)}
    names |= {person.email: person.name for person in scene.known.people.values()}
    return {
        internal: [Expected(names.get(each.email, ""), each) for each in hearers(of)]
        for internal, of in ((False, scene), (True, replace(scene, event=note)))
    }


def run_job(job: dict[str, str]) -> None:
    """Carries out one job of the mail queue. Raises MailDelayed; a job that can never succeed is logged and dropped."""
    try:
        JOBS[job["kind"]](**{name: value for name, value in job.items() if name != "kind"})
    except MailRefused:
        log.exception("a %s mail was refused for good", job["kind"])


def _send_code(email: str, language: str) -> None:
    person, own, reachable = _asking(email, 1)
    known = email == settings().admin_email or bool(own) or person is not None
    at, code = clock.now(), clock.new_code()
    if not (known and reachable) or (person is not None and not person.active):
        # No six digits ever match it. Without it, whoever tries a code could tell the addresses the desk knows.
        access.save_code(email, clock.new_secret(), at + CODE_LASTS)
        return
    access.save_code(email, code, at + CODE_LASTS)
    wanted = i18n.chosen(language, person.language if person else None)
    context = {
        "headline": i18n.translated(N_("Your sign-in code"), wanted),
        "code": code,
        "minutes": int(CODE_LASTS.total_seconds() // 60),
        "reason": i18n.translated(N_("You get this mail because somebody asked to sign in with this address."), wanted),
    }
    text, html = rendering.mail("code", wanted, context)
    subject = i18n.translated(N_("{code} is your sign-in code"), wanted, code=code)
    mailer.send(Mail(email, subject, text, html, f"code.{clock.new_id()}@{letters.host()}", kind="code"))


def _send_links(email: str, language: str) -> None:
    person, own, reachable = _asking(email, _MOST_LINKS)
    if not (own and reachable) or (person is not None and not person.active):
        return
    wanted = i18n.chosen(language, person.language if person else None)
    confirmed = person is not None and person.confirmed_at is not None
    rows = [
        {
            "number": ticket.number,
            "subject": ticket.subject if confirmed else i18n.translated(N_("Your request"), wanted),
            "state": ticket.state,
            "link": letters.new_link(ticket.number, email),
        }
        for ticket in own
    ]
    context = {
        "headline": i18n.translated(N_("Your requests"), wanted),
        "rows": rows,
        "reason": i18n.translated(
            N_("You get this mail because somebody asked for the links to your requests."), wanted
        ),
    }
    text, html = rendering.mail("links", wanted, context)
    subject = i18n.translated(N_("Links to your requests"), wanted)
    mailer.send(Mail(email, subject, text, html, f"links.{clock.new_id()}@{letters.host()}", kind="links"))


def _send_invitation(email: str, language: str, by: str) -> None:
    """Tells somebody who has a place on the desk where it is; `by` is the name of whoever gave it to them."""
    person, _, reachable = _asking(email, 0)
    if person is None or not (person.active and reachable):
        return
    wanted = i18n.chosen(language)
    desk = settings().desk_name
    context = {
        "headline": i18n.translated(N_("{actor} invites you to {desk}"), wanted, actor=by, desk=desk),
        "email": email,
        "link": urls.mailed_sign_in(),
        "reason": i18n.translated(
            N_("You get this mail because {actor} gave you access to {desk}."), wanted, actor=by, desk=desk
        ),
    }
    text, html = rendering.mail("invitation", wanted, context)
    subject = i18n.translated(N_("Your access to {desk}"), wanted, desk=desk)
    mailer.send(Mail(email, subject, text, html, f"invitation.{clock.new_id()}@{letters.host()}", kind="invitation"))


def _revoke(email: str) -> None:
    """Ends once more what a deactivated person was handed, unless they were let in again meanwhile."""
    person = people.find(email)
    if person is not None and not person.active:
        access.revoke_everything(email)


JOBS: dict[str, Callable[..., None]] = {
    "code": _send_code,
    "links": _send_links,
    "invite": _send_invitation,
    "revoke": _revoke,
}


def _asking(email: str, most: int) -> tuple[Person | None, tuple[TicketCard, ...], bool]:
    """Who has the address that a mail is asked for, at most `most` of their requests, and whether mail may go there."""
    (persons, known), own = both(
        partial(addresses.with_people, [email], consistent=True),
        lambda: _own_requests(email, most) if most else (),
    )
    return persons.get(email), own, _reachable(email, known.get(email))


def _reachable(email: str, known: Address | None) -> bool:
    """What is asked for goes to an address that bounced as well, since it may have been mended; a few times a day.

    It does not go where the owner complained, as anybody may ask for it; but the first administrator is never shut out.
    """
    if known is None or known.mark is None:
        return True
    if known.mark is Mark.COMPLAINED and email != settings().admin_email:
        return False
    try:
        limits.spend([(_ASKED_OF_MARKED, email)], clock.now())
    except TooMany:
        return False
    return True


def _own_requests(email: str, most: int) -> tuple[TicketCard, ...]:
    return listings.page(Filter(), Reach(False, frozenset(), email), most, None).items


def undelivered(by: Actor) -> list[Parked]:
    """What was parked, for administrators. Raises NotAllowed."""
    if not by.is_admin:
        raise NotAllowed
    return outbox.parked()


def try_again(ticket_number: str, event_id: str, by: Actor) -> bool:
    """Puts a parked event back in line. Raises NotAllowed."""
    if not by.is_admin:
        raise NotAllowed
    return outbox.release(ticket_number, event_id, clock.now())
