"""What a mail about a request says and how it is addressed: one event to one recipient, in their language."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from chalicelib import clock, i18n, phrases, rendering, urls
from chalicelib.config import settings
from chalicelib.domain.closing import foretold
from chalicelib.domain.events import ACCEPTED, AUTO_CLOSED, HANDED_OVER, REMINDED, SUBMITTED, Event, for_customers
from chalicelib.domain.guidance import STATES, TURNS
from chalicelib.domain.hearing import RULE_OF, Hearer, Reason, Scene
from chalicelib.domain.notices import Topic
from chalicelib.domain.people import Person
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import Ticket, Turn
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.mailer import Mail
from chalicelib.storage import access, unsubscribed
from chalicelib.storage.access import Link

LINK_LASTS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address with what decides how its mail reads: staff see more, the unconfirmed less.

    `reader` is false for an address that may be told of the request and may not open it; `digest` true for whoever
    wants one mail a day.
    """

    email: str
    language: str
    staff: bool
    confirmed: bool
    reason: Reason
    reader: bool = True
    digest: bool = False


def recipient(hearer: Hearer, scene: Scene) -> Recipient:
    """`hearer` with their language, and whether they may be told what an anonymous submitter wrote."""
    person: Person | None = scene.known.people.get(hearer.email)
    ticket, project = scene.ticket, scene.crew.project
    of_ticket = ticket.language if hearer.email == ticket.requester.email else project.language
    confirmed = hearer.staff or ticket.confirmed or (person is not None and person.confirmed_at is not None)
    return Recipient(
        email=hearer.email,
        language=i18n.chosen(person.language if person else None, of_ticket),
        staff=hearer.staff,
        confirmed=confirmed,
        reason=hearer.reason,
        reader=hearer.reader,
        digest=hearer.digest,
    )


def about(event: Event, ticket: Ticket, project: Project, to: Recipient) -> Mail:
    """The mail that tells `to` of `event`."""
    shown = shown_to(ticket, to)
    text, html = rendering.mail("ticket", to.language, _context(event, shown, project, to))
    return Mail(
        to=to.email,
        subject=f"[{ticket.number}] {shown.subject}",
        text=text,
        html=html,
        message_id=f"{event.id}.{clock.new_id(6)}@{host()}",
        thread=f"{ticket.number}@{host()}",
        ticket=ticket.number,
        kind=event.kind,
        headers=unsubscribe_headers(ticket.number, to.email),
    )


def shown_to(ticket: Ticket, to: Recipient) -> Ticket:
    """`ticket` as `to` may read of it: without the subject that somebody wrote who need not be its requester."""
    return ticket if to.confirmed else replace(ticket, subject=i18n.translated(N_("Your request"), to.language))


def _context(event: Event, ticket: Ticket, project: Project, to: Recipient) -> dict[str, object]:
    token = new_token(ticket.number, to.email) if to.reader and not to.staff else ""
    turn = TURNS[ticket.whose_turn][1 if to.staff else 0]
    return {
        "headline": headline(event, ticket, to),
        "ticket": ticket,
        "project": project,
        "text": event.text if may_quote(event, to) else None,
        "files": event.attachments if may_quote(event, to) else (),
        "turn": i18n.translated(turn, to.language),
        "next_step": _next_step(event, ticket, project, to),
        "changes": _changes(event, project, to),
        "choices": _choices(event, ticket, to, token),
        "rate": _scale(event, ticket, to, token),
        "link": _link(ticket.number, to, token),
        "button": i18n.translated(_call(ticket, to), to.language),
        "reason": i18n.translated(RULE_OF[to.reason].words, to.language, number=ticket.number),
        "unsubscribe": unsubscribe_link(ticket.number, to.email),
    }


def _next_step(event: Event, ticket: Ticket, project: Project, to: Recipient) -> str:
    zone = settings().zone
    day = foretold(ticket, project.auto_close_days, zone, clock.now()) if event.kind == REMINDED else None
    if day is not None:
        text = N_("Please accept the solution or say what is still wrong. Otherwise the request closes on {day}.")
        return i18n.translated(text, to.language, day=i18n.day(day, to.language))
    words = STATES[ticket.state]
    return i18n.translated(words.for_team if to.staff else words.for_requester, to.language)


def _changes(event: Event, project: Project, to: Recipient) -> list[tuple[str, str | None, str]]:
    """What the mail sets beside its headline: a rating, and how properties and watchers changed."""
    rating = event.changes.get("rating", (None, None))[1]
    if rating is not None:
        value = i18n.translated(N_("{value} of 5"), to.language, value=rating)
        return [(phrases.field("rating", to.language), None, value)]
    if event.row.topic is not Topic.CHANGES:
        return []
    own = project.fields
    shown = event if to.staff else for_customers(event, own)
    return [
        (
            phrases.field(name, to.language, own),
            phrases.value(name, before, to.language, own),
            phrases.value(name, after, to.language, own),
        )
        for name, (before, after) in (shown.changes.items() if shown else ())
    ]


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


def may_quote(event: Event, to: Recipient) -> bool:
    """False for what an anonymous submitter wrote, to an address nobody has confirmed."""
    return to.confirmed or event.kind != SUBMITTED


def headline(event: Event, ticket: Ticket, to: Recipient) -> str:
    """Who did what, in the language of `to`."""
    if event.kind == SUBMITTED and to.email == ticket.requester.email:
        return i18n.translated(N_("We have received your request {number}"), to.language, number=ticket.number)
    if event.kind == SUBMITTED and not to.confirmed:
        return i18n.translated(event.row.sentence, to.language)  # the name is what the submitter typed, too
    if event.kind == HANDED_OVER and to.reason is Reason.NEW_ASSIGNEE:
        return i18n.translated(N_("{actor} has handed the request over to you"), to.language, actor=event.actor.name)
    return i18n.translated(
        event.row.headline,
        to.language,
        actor=event.actor.name or settings().desk_name,
        assignee=_assignee_after(event, ticket),
    )


def _assignee_after(event: Event, ticket: Ticket) -> str:
    """Who had it after `event`, by name while they still have it; a mail that is late must not name the next one."""
    email = event.changes.get("assignee", (None, None))[1]
    if ticket.assignee and email in (None, ticket.assignee.email):
        return ticket.assignee.name
    return email or ""


def _call(ticket: Ticket, to: Recipient) -> str:
    if not to.staff and to.email == ticket.requester.email and ticket.whose_turn is Turn.REQUESTER:
        return N_("Open the request and answer")
    return N_("Open the request")


def link(number: str, to: Recipient) -> str | None:
    """Where `to` reads the request: staff sign in, a reader has a link of their own, a further address has none."""
    return _link(number, to, new_token(number, to.email) if to.reader and not to.staff else "")


def _link(number: str, to: Recipient, token: str) -> str | None:
    if to.staff:
        return urls.mailed_desk_ticket(number)
    return urls.mailed_ticket(number, token) if token else None


def new_link(number: str, email: str) -> str:
    """A fresh link that opens ticket `number` to whoever reads the mail of `email`."""
    return urls.mailed_ticket(number, new_token(number, email))


def new_token(number: str, email: str) -> str:
    """The token of a fresh link."""
    secret = clock.new_secret()
    access.save_link(secret, Link(number, email), clock.now() + LINK_LASTS)
    return f"{number}.{secret}"


def unsubscribe_link(number: str, email: str) -> str:
    """The address that ends the mails about one request to `email`."""
    return urls.mailed_unsubscribe(unsubscribed.seal(number, email))


def unsubscribe_headers(number: str, email: str) -> dict[str, str]:
    """What lets a mail program offer its own button for it (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_link(number, email)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def host() -> str:
    """The right-hand side of Message-IDs."""
    return urlsplit(settings().base_url).hostname or "helpdesk"
