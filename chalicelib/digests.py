"""The daily digest: in place of single mails, one each morning with all that happened, request by request."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from chalicelib import clock, i18n, letters, mailer, rendering
from chalicelib.config import settings
from chalicelib.domain.events import Event
from chalicelib.domain.guidance import TURNS
from chalicelib.domain.hearing import Known, Scene, hearer
from chalicelib.domain.people import Person
from chalicelib.domain.projects import Crew
from chalicelib.domain.tickets import Ticket, project_of
from chalicelib.domain.words import N_
from chalicelib.letters import Recipient
from chalicelib.mailer import Mail, MailRefused
from chalicelib.storage import addresses, claims, digests, history, projects, tickets, unsubscribed
from chalicelib.storage.aws import all_three, together
from chalicelib.storage.digests import Batch, Entry
from chalicelib.storage.unsubscribed import EVERYTHING

log = logging.getLogger(__name__)

_SPARE_MS = 10_000
"""What is left of the function's time when it begins no other person's digest."""
_LONGEST_EXCERPT = 600


def run(remaining_ms: Callable[[], int]) -> None:
    """Sends every digest that is due and not out yet, also those of days that were missed; called every hour.

    One that fails holds up no other: it is logged, tried again in an hour, and raised in the end.
    """
    failures: list[Exception] = []
    for batch in digests.due(clock.now()):
        if remaining_ms() < _SPARE_MS:
            log.warning("no time left for more digests; the next run goes on")
            break
        try:
            _send(batch)
        except Exception as error:
            log.exception("a digest of %d entries could not be sent", len(batch.entries))
            failures.append(error)
    if failures:
        raise failures[0]


def _send(batch: Batch) -> None:
    """Sends one person's digest unless another run does; what is out leaves the table at once."""
    claimed = claims.claim(f"digest#{batch.email}", clock.now())
    if claimed is None:
        return
    try:
        left = digests.still_due(batch)
        if left is None:
            return
        mail = _mail(left)
        if mail is not None:
            _hand_over(mail)
        digests.finish(left)
    finally:
        claims.release(claimed, clock.now())


def _hand_over(mail: Mail) -> None:
    """What SES refuses for good it would refuse every hour from now on: it is logged, and the entries go with it."""
    try:
        mailer.send(mail)
    except MailRefused:
        log.exception("a digest was refused for good")


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the digest tells it."""

    headline: str
    text: str
    cut: bool
    files: int


@dataclass(frozen=True, slots=True)
class Section:
    """One request of a digest with what happened there, oldest first."""

    ticket: Ticket
    project: str
    turn: str
    link: str | None
    unsubscribe: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the entries of one digest speak of, as it is now."""

    tickets: Mapping[str, Ticket]
    crews: Mapping[str, Crew]
    events: Mapping[str, Event]
    unsubscribed: frozenset[str]


def _mail(batch: Batch) -> Mail | None:
    """The digest, or None where by now nothing of it is for this person any more."""
    persons, mail_to = addresses.with_people([batch.email], consistent=True)
    person, address = persons.get(batch.email), mail_to.get(batch.email)
    if person is None or (address is not None and address.mark is not None):
        return None
    sections = _sections(batch, person, _stored(batch))
    if not sections:
        return None
    words = person.language
    count = sum(len(section.lines) for section in sections)
    context = {
        "headline": i18n.translated(N_("What happened in your requests"), words),
        "sections": sections,
        "count": count,
        "reason": i18n.translated(N_("You get this mail because you chose one message a day."), words),
        "unsubscribe": letters.unsubscribe_link(EVERYTHING, person.email),
    }
    text, html = rendering.mail("digest", words, context)
    day = i18n.day(clock.now().astimezone(settings().zone).date(), words)
    return Mail(
        to=person.email,
        subject=i18n.translated(N_("Your requests, {day}"), words, day=day),
        text=text,
        html=html,
        message_id=f"digest.{clock.new_id()}@{letters.host()}",
        kind="digest",
        headers=letters.unsubscribe_headers(EVERYTHING, person.email),
    )


def _stored(batch: Batch) -> Stored:
    """Everything the entries speak of, read side by side and each thing once."""
    numbers = list(dict.fromkeys(entry.ticket for entry in batch.entries))
    keys = list(dict.fromkeys(project_of(number) or "" for number in numbers))
    found, happened, (crews, gone) = all_three(
        partial(tickets.find_all, numbers),
        partial(history.find_all, [(entry.ticket, entry.event) for entry in batch.entries]),
        lambda: (
            together([partial(projects.crew, key) for key in keys]),
            unsubscribed.among(numbers, batch.email),
        ),
    )
    return Stored(
        {ticket.number: ticket for ticket in found},
        {crew.project.key: crew for crew in crews},
        {event.id: event for event in happened},
        gone,
    )


def _sections(batch: Batch, person: Person, stored: Stored) -> list[Section]:
    """By request, in the order of what happened first; only what the person may still be told of."""
    told: dict[str, list[tuple[Event, Recipient]]] = {}
    for entry in sorted(batch.entries, key=lambda entry: entry.event):
        to = _recipient(entry, person, stored)
        if to is not None:
            told.setdefault(entry.ticket, []).append((stored.events[entry.event], to))
    return [_section(stored.tickets[number], stored, rows) for number, rows in told.items()]


def _recipient(entry: Entry, person: Person, stored: Stored) -> Recipient | None:
    """The person as a recipient of one event, or None where they are not to be told of it as things are now."""
    ticket, event = stored.tickets.get(entry.ticket), stored.events.get(entry.event)
    if ticket is None or event is None:
        return None
    gone = frozenset({person.email} if entry.ticket in stored.unsubscribed else ())
    scene = Scene(event, ticket, stored.crews[ticket.project], Known({person.email: person}, gone))
    found = hearer(scene, person.email, entry.reason)
    return letters.recipient(found, scene) if found.told else None


def _section(ticket: Ticket, stored: Stored, rows: list[tuple[Event, Recipient]]) -> Section:
    to = rows[-1][1]
    return Section(
        ticket=letters.shown_to(ticket, to),
        project=stored.crews[ticket.project].project.name,
        turn=i18n.translated(TURNS[ticket.whose_turn][1 if to.staff else 0], to.language),
        link=letters.link(ticket.number, to),
        unsubscribe=letters.unsubscribe_link(ticket.number, to.email),
        lines=tuple(_line(event, ticket, each) for event, each in rows),
    )


def _line(event: Event, ticket: Ticket, to: Recipient) -> Line:
    text = event.text if letters.may_quote(event, to) else ""
    files = len(event.attachments) if letters.may_quote(event, to) else 0
    return Line(letters.headline(event, ticket, to), text[:_LONGEST_EXCERPT], len(text) > _LONGEST_EXCERPT, files)
