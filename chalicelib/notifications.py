"""From an event to the mails about it: who hears, in which language, what it says; and the jobs of the mail queue."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from chalicelib import clock, i18n, mailer, rendering, urls
from chalicelib.config import settings
from chalicelib.domain.addresses import Address, Mark
from chalicelib.domain.closing import foretold, is_reminded
from chalicelib.domain.errors import NotAllowed, TooMany
from chalicelib.domain.events import ACCEPTED, AUTO_CLOSED, HANDED_OVER, REMINDED, SUBMITTED, Event, Hears
from chalicelib.domain.guidance import FIELDS, STATES, TURNS
from chalicelib.domain.lists import Filter, Reach
from chalicelib.domain.people import Actor, Contact, Person, SiteRole
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import State, Ticket, TicketCard, Turn
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.mailer import Mail, MailRefused
from chalicelib.storage import access, addresses, limits, listings, outbox, projects, tickets
from chalicelib.storage.access import Link
from chalicelib.storage.aws import both
from chalicelib.storage.limits import Limit
from chalicelib.storage.outbox import MOST_ATTEMPTS, Claim, LeaseLost, Parked
from chalicelib.storage.projects import Crew

log = logging.getLogger(__name__)

LINK_LASTS = timedelta(days=90)
CODE_LASTS = timedelta(minutes=10)
_MOST_LINKS = 20
_ASKED_OF_MARKED = Limit("asked-of-marked", 3, 86_400)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address with what decides how its mail reads: staff see more, the unconfirmed less."""

    email: str
    language: str
    staff: bool
    confirmed: bool


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
        waiting = [each for each in recipients(event, ticket, crew) if each.email not in claimed.told]
    except Exception as error:
        log.exception("nobody can be told of event %s of %s", event.id, event.ticket)
        return [error]
    for recipient in waiting:
        try:
            mailer.send(_mail_about(event, ticket, crew, recipient))
            outbox.mark_told(claimed, recipient.email, clock.now())
        except LeaseLost:
            raise
        except Exception as error:
            log.warning("a mail of event %s of %s was not sent", event.id, event.ticket, exc_info=True)
            failures.append(error)
    return failures


def _give_back(claimed: Claim, failures: list[Exception]) -> None:
    hopeless = all(isinstance(failure, MailRefused) for failure in failures)
    wait = min(timedelta(minutes=2 ** (claimed.attempts - 1)), _LONGEST_WAIT)
    park = hopeless or claimed.attempts >= MOST_ATTEMPTS
    if park:
        log.error("mail of event %s of %s is parked: %s", claimed.event.id, claimed.event.ticket, failures[0])
    outbox.put_back(claimed, "; ".join(str(failure) or repr(failure) for failure in failures), clock.now() + wait, park)


Rule = Callable[[Event, Ticket, Crew], Iterable[Contact]]


def _holders(_: Event, ticket: Ticket, crew: Crew) -> Iterable[Contact]:
    """The assignee; and the project managers where there is none, or one who left the project."""
    assignee = [ticket.assignee] if ticket.assignee else []
    here = {person.email for person in crew.staff}
    return assignee if any(person.email in here for person in assignee) else [*assignee, *crew.project_managers]


def _former(event: Event, _: Ticket, crew: Crew) -> Iterable[Contact]:
    email = event.changes.get("assignee", (None, None))[0]
    return [person for person in crew.staff if person.email == email]


def _staff_watchers(_: Event, ticket: Ticket, crew: Crew) -> Iterable[Contact]:
    staff = {person.email for person in crew.staff}
    return [watcher for watcher in ticket.watchers if watcher.email in staff]


RULES: dict[Hears, Rule] = {
    Hears.RECEIPT: lambda event, ticket, crew: [ticket.requester],
    Hears.REQUESTER: lambda event, ticket, crew: [ticket.requester],
    Hears.ASSIGNEE: lambda event, ticket, crew: [ticket.assignee] if ticket.assignee else [],
    Hears.FORMER_ASSIGNEE: _former,
    Hears.PROJECT_MANAGERS: lambda event, ticket, crew: crew.project_managers,
    Hears.WHO_HAS_IT: _holders,
    Hears.WATCHERS: lambda event, ticket, crew: ticket.watchers,
    Hears.STAFF_WATCHERS: _staff_watchers,
}


def recipients(event: Event, ticket: Ticket, crew: Crew) -> list[Recipient]:
    """Who is told of `event`: each address once, nobody of what they did themselves, customers of nothing internal."""
    if _is_overtaken(event, ticket):
        return []
    emails = dict.fromkeys(
        contact.email
        for hears in Hears
        if hears in event.row.tells
        for contact in RULES[hears](event, ticket, crew)
        if hears is Hears.RECEIPT or contact.email != event.actor.email
    )
    known, mail_to = addresses.with_people(emails)
    found = [_recipient(email, known.get(email), ticket, crew) for email in emails]
    return [
        each
        for each in found
        if (each.staff or not event.internal)
        and (each.email not in known or known[each.email].active)
        and (each.email not in mail_to or mail_to[each.email].mark is None)
        and (each.staff or each.email == ticket.requester.email or ticket.watched_by(each.email))
    ]


def _is_overtaken(event: Event, ticket: Ticket) -> bool:
    """True for a reminder that somebody was quicker than: the day it names is no longer the one."""
    if event.kind != REMINDED:
        return False
    return ticket.state is not State.DONE or not is_reminded(ticket) or ticket.reminded_at != event.at


def _recipient(email: str, person: Person | None, ticket: Ticket, crew: Crew) -> Recipient:
    """An assignee who lost their role in the project is no staff any more, and so no recipient."""
    works_here = any(member.email == email for member in crew.staff)
    staff = works_here or (person is not None and person.site_role is SiteRole.ADMIN)
    of_ticket = ticket.language if email == ticket.requester.email else crew.project.language
    confirmed = staff or ticket.confirmed or (person is not None and person.confirmed_at is not None)
    return Recipient(email, i18n.chosen(person.language if person else None, of_ticket), staff, confirmed)


def _mail_about(event: Event, ticket: Ticket, crew: Crew, to: Recipient) -> Mail:
    token = "" if to.staff else _new_token(ticket.number, to.email)
    shown = ticket if to.confirmed else replace(ticket, subject=i18n.translated(N_("Your request"), to.language))
    text, html = rendering.mail("ticket", to.language, _context(event, shown, crew, to, token))
    return Mail(
        to=to.email,
        subject=f"[{ticket.number}] {shown.subject}",
        text=text,
        html=html,
        message_id=f"{event.id}.{clock.new_id(6)}@{_mail_host()}",
        thread=f"{ticket.number}@{_mail_host()}",
        ticket=ticket.number,
        kind=event.kind,
    )


def _context(event: Event, ticket: Ticket, crew: Crew, to: Recipient, token: str) -> dict[str, object]:
    """What the mail says. What an anonymous submitter wrote stays out of mails to addresses nobody has confirmed.

    `token` is that of the recipient's own link; staff have none, they sign in.
    """
    may_quote = to.confirmed or event.kind != SUBMITTED
    turn = TURNS[ticket.whose_turn][1 if to.staff else 0]
    return {
        "headline": _headline(event, ticket, to),
        "ticket": ticket,
        "project": crew.project,
        "text": event.text if may_quote else None,
        "files": event.attachments if may_quote else (),
        "turn": i18n.translated(turn, to.language),
        "next_step": _next_step(event, ticket, crew.project, to),
        "changes": _changes(event, to),
        "choices": _choices(event, ticket, to, token),
        "rate": _scale(event, ticket, to, token),
        "link": urls.mailed_ticket(ticket.number, token) if token else urls.mailed_desk_ticket(ticket.number),
        "button": i18n.translated(_call(ticket, to), to.language),
        "reason": i18n.translated(_reason(ticket, to), to.language, number=ticket.number),
    }


def _next_step(event: Event, ticket: Ticket, project: Project, to: Recipient) -> str:
    zone = settings().zone
    day = foretold(ticket, project.auto_close_days, zone, clock.now()) if event.kind == REMINDED else None
    if day is not None:
        text = N_("Please accept it, or tell us what is still wrong. Otherwise the request closes by itself on {day}.")
        return i18n.translated(text, to.language, day=i18n.day(day, to.language))
    words = STATES[ticket.state]
    return i18n.translated(words.for_team if to.staff else words.for_requester, to.language)


def _changes(event: Event, to: Recipient) -> list[tuple[str, str | None, str]]:
    rating = event.changes.get("rating", (None, None))[1]
    if rating is None:
        return []
    value = i18n.translated(N_("{value} of 5"), to.language, value=rating)
    return [(i18n.translated(FIELDS["rating"], to.language), None, value)]


def _choices(event: Event, ticket: Ticket, to: Recipient, token: str) -> list[tuple[str, str]]:
    """What a reminder asks, each with the address at which it takes one more press: a scanner decides nothing."""
    if event.kind != REMINDED or not token:
        return []
    return [
        (i18n.translated(TRANSITIONS[move].label, to.language), urls.mailed_ticket(ticket.number, token, move=move))
        for move in ("accept", "reject")
    ]


def _scale(event: Event, ticket: Ticket, to: Recipient, token: str) -> dict[int, str]:
    """Where the requester of a request that was closed without their word says how well it was solved."""
    asked = event.kind in (ACCEPTED, AUTO_CLOSED) and to.email == ticket.requester.email and ticket.can_be_rated
    if not asked or not token:
        return {}
    return {value: urls.mailed_ticket(ticket.number, token, rating=str(value)) for value in range(1, 6)}


def _headline(event: Event, ticket: Ticket, to: Recipient) -> str:
    if event.kind == SUBMITTED and to.email == ticket.requester.email:
        return i18n.translated(N_("We have received your request {number}"), to.language, number=ticket.number)
    if event.kind == SUBMITTED and not to.confirmed:
        return i18n.translated(event.row.sentence, to.language)  # the name is what the submitter typed, too
    if event.kind == HANDED_OVER and ticket.assignee and ticket.assignee.email == to.email:
        return i18n.translated(N_("{actor} has handed the request over to you"), to.language, actor=event.actor.name)
    return i18n.translated(
        event.row.headline,
        to.language,
        actor=event.actor.name or settings().desk_name,
        assignee=ticket.assignee.name if ticket.assignee else "",
    )


def _call(ticket: Ticket, to: Recipient) -> str:
    if not to.staff and to.email == ticket.requester.email and ticket.whose_turn is Turn.REQUESTER:
        return N_("Open the request and answer")
    return N_("Open the request")


def _reason(ticket: Ticket, to: Recipient) -> str:
    if to.email == ticket.requester.email:
        return N_("You get this mail because request {number} was filed with this address.")
    if to.staff:
        return N_("You get this mail because you work on request {number}.")
    return N_("You get this mail because you watch request {number}.")


def _new_link(number: str, email: str) -> str:
    return urls.mailed_ticket(number, _new_token(number, email))


def _new_token(number: str, email: str) -> str:
    secret = clock.new_secret()
    access.save_link(secret, Link(number, email), clock.now() + LINK_LASTS)
    return f"{number}.{secret}"


def _mail_host() -> str:
    return urlsplit(settings().base_url).hostname or "helpdesk"


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
    mailer.send(Mail(email, subject, text, html, f"code.{clock.new_id()}@{_mail_host()}", kind="code"))


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
            "link": _new_link(ticket.number, email),
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
    mailer.send(Mail(email, subject, text, html, f"links.{clock.new_id()}@{_mail_host()}", kind="links"))


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
    mailer.send(Mail(email, subject, text, html, f"invitation.{clock.new_id()}@{_mail_host()}", kind="invitation"))


JOBS: dict[str, Callable[..., None]] = {"code": _send_code, "links": _send_links, "invite": _send_invitation}


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
