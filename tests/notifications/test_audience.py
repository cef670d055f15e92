"""Who hears of each kind of event, in whose language, with which link; and who never does."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import addresses, desk, notifications
from chalicelib.desk import CommentOrder
from chalicelib.domain import ending
from chalicelib.domain.events import EVENTS, SUBMITTED, Event
from chalicelib.domain.people import Contact, Person
from chalicelib.domain.tickets import Priority, State, Ticket
from chalicelib.domain.workflow import ChangeOrder
from chalicelib.storage import history, people, projects, tickets
from tests import ses_events
from tests.cast import ALICE, BOB, CAROL, CAST, EVA, FRANK, ROOT, WANDA, signed_in
from tests.stage import (
    SentMail,
    filed,
    filed_by_form,
    forget_mails,
    last_event,
    left_alone,
    mails_to,
    moved,
    sent_mails,
    standing_at,
)

pytestmark = pytest.mark.usefixtures("stage")
STAFF = {person.email for person in (ALICE, BOB, CAROL, ROOT)}
BY_EMAIL = {person.email: person for person in CAST}


def said(by: Person, internal: bool = False) -> Ticket:
    ticket = standing_at(State.IN_PROGRESS)
    desk.watch(ticket.number, CAROL.email, signed_in(CAROL))
    desk.comment(ticket.number, CommentOrder("Slovo.", internal), signed_in(by))
    return ticket


def changed(by: Person) -> Ticket:
    ticket = standing_at(State.IN_PROGRESS)
    desk.change(ticket.number, ChangeOrder(ticket.version, priority=Priority.HIGH), signed_in(by))
    return ticket


def rated() -> Ticket:
    return desk.rate(left_alone(ending.auto_close).number, 4, "Rychle.", signed_in(EVA))


def followed_up() -> Ticket:
    closed = standing_at(State.CLOSED)
    filed(follows=closed.number)
    return closed


def unwatched() -> Ticket:
    ticket = standing_at(State.IN_PROGRESS)
    desk.unwatch(ticket.number, WANDA.email, signed_in(EVA))
    return ticket


def reported(kind: Callable[..., dict[str, Any]]) -> Ticket:
    """A request whose receipt came back to SES."""
    ticket = filed()
    addresses.take(ses_events.body(kind(EVA.email, ticket=ticket.number)))
    return ticket


def mailed_again() -> Ticket:
    ticket = reported(ses_events.bounce)
    addresses.clear(EVA.email, signed_in(ROOT))
    return ticket


# What happens, and everybody who hears of it. Eva asked, Bob has it, Wanda watches, Alice manages the project.
CASES: list[tuple[str, str, Callable[[], Ticket], tuple[Person, ...]]] = [
    (SUBMITTED, "by the requester", lambda: standing_at(State.NEW), (EVA, ALICE, WANDA)),
    (SUBMITTED, "by staff for a customer", lambda: filed(ALICE, email=FRANK.email), (FRANK,)),
    (SUBMITTED, "by the manager for themselves", lambda: filed(ALICE), (ALICE,)),
    (
        "ticket.started",
        "from the assignee",
        lambda: moved(standing_at(State.RETURNED), "start", ALICE),
        (EVA, BOB, WANDA),
    ),
    (
        "ticket.handed_over",
        "to another",
        lambda: moved(standing_at(State.IN_PROGRESS), "hand_over", ALICE, assignee=CAROL.email),
        (EVA, CAROL, BOB, WANDA),
    ),
    (
        "ticket.returned",
        "by the manager",
        lambda: moved(standing_at(State.IN_PROGRESS), "return", ALICE, text="?"),
        (EVA, BOB, WANDA),
    ),
    ("ticket.returned", "by the assignee", lambda: standing_at(State.RETURNED), (EVA, WANDA)),
    ("ticket.resubmitted", "", lambda: moved(standing_at(State.RETURNED), "resubmit", EVA, text="!"), (BOB, WANDA)),
    ("ticket.finished", "", lambda: standing_at(State.DONE), (EVA, WANDA)),
    ("ticket.accepted", "by the requester", lambda: standing_at(State.CLOSED), (BOB, ALICE, WANDA)),
    ("ticket.accepted", "for them", lambda: moved(standing_at(State.DONE), "accept", ALICE), (EVA, BOB, WANDA)),
    ("ticket.rejected", "", lambda: moved(standing_at(State.DONE), "reject", EVA, text="Ne."), (BOB, ALICE, WANDA)),
    ("ticket.withdrawn", "in hand", lambda: moved(standing_at(State.IN_PROGRESS), "withdraw", EVA), (BOB, WANDA)),
    ("ticket.withdrawn", "new", lambda: moved(standing_at(State.NEW), "withdraw", EVA), (ALICE, WANDA)),
    ("ticket.auto_closed", "", lambda: left_alone(ending.auto_close), (EVA, BOB, WANDA)),
    ("ticket.rated", "by the requester", lambda: rated(), (BOB, ALICE)),
    ("ticket.followed", "", lambda: followed_up(), ()),
    ("ticket.reminded", "", lambda: left_alone(ending.remind), (EVA,)),
    ("comment.added", "by the requester", lambda: said(EVA), (BOB, WANDA, CAROL)),
    ("comment.added", "by the assignee", lambda: said(BOB), (EVA, WANDA, CAROL)),
    ("note.added", "by the manager", lambda: said(ALICE, internal=True), (BOB, CAROL)),
    ("note.added", "by the assignee", lambda: said(BOB, internal=True), (CAROL,)),
    ("ticket.changed", "", lambda: changed(ALICE), ()),
    ("watcher.added", "", lambda: desk.watch(filed().number, FRANK.email, signed_in(EVA)), ()),
    ("watcher.removed", "", unwatched, ()),
    ("mail.failed", "", lambda: reported(ses_events.reject), ()),
    ("mail.bounced", "", lambda: reported(ses_events.bounce), ()),
    ("mail.complained", "", lambda: reported(ses_events.complaint), ()),
    ("mail.resumed", "", mailed_again, ()),
]


def test_no_kind_is_forgotten() -> None:
    assert {kind for kind, _, _, _ in CASES} == set(EVENTS)


def link_in(mail: SentMail) -> str:
    found = re.findall(r"https://desk\.example/(?:t|desk)/\S+", mail.text)
    [link] = {re.sub(r"\?[^#]*", "", str(each)) for each in found}  # what it has ready is another matter
    return link


@pytest.mark.parametrize(
    ("kind", "act", "heard"),
    [case[:1] + case[2:] for case in CASES],
    ids=[" ".join(case[:2]).strip() for case in CASES],
)
def test_who_hears_of_it(kind: str, act: Callable[[], Ticket], heard: tuple[Person, ...]) -> None:
    ticket = act()
    event = last_event(ticket)
    assert event.kind == kind
    assert notifications.deliver(ticket.number, event.id)
    mails = sent_mails()
    assert sorted(mail.to for mail in mails) == sorted(person.email for person in heard)
    for mail in mails:
        check(mail, event)


def check(mail: SentMail, event: Event) -> None:
    person = BY_EMAIL[mail.to]
    assert mail.envelope == (person.email,)
    assert f'<html lang="{person.language}">' in mail.html
    assert link_in(mail).startswith(f"https://desk.example/{'desk' if person.email in STAFF else 't'}/{event.ticket}")
    assert event.text in mail.text


class TestNobody:
    def test_is_told_of_what_they_did_themselves_whatever_else_they_are(self) -> None:
        """Alice manages the project, has the ticket in hand, watches it and asked for it."""
        ticket = moved(filed(ALICE, watchers=(ALICE.email,)), "start", ALICE)
        forget_mails()
        desk.comment(ticket.number, CommentOrder("Sama sobě."), signed_in(ALICE))
        notifications.deliver(ticket.number, last_event(ticket).id)
        assert sent_mails() == []

    def test_gets_two_mails_for_two_reasons(self) -> None:
        ticket = filed(watchers=(BOB.email, EVA.email))
        moved(ticket, "hand_over", ALICE, assignee=BOB.email)
        notifications.deliver(ticket.number, last_event(ticket).id)
        assert sorted(mail.to for mail in sent_mails()) == sorted([BOB.email, EVA.email])

    def test_who_is_deactivated_is_told_anything(self) -> None:
        people.update(BOB, replace(BOB, active=False))
        ticket = filed(watchers=(BOB.email,))
        notifications.deliver(ticket.number, last_event(ticket).id)
        assert mails_to(BOB) == []


class TestRoles:
    def test_an_assignee_who_left_the_project_hears_nothing_and_the_managers_do(self) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        people.update(BOB, replace(BOB, roles={}))
        for internal in (False, True):
            forget_mails()
            by = signed_in(CAROL if internal else EVA)
            desk.comment(ticket.number, CommentOrder("Slovo.", internal), by)
            notifications.deliver(ticket.number, last_event(ticket).id)
            assert mails_to(BOB) == []
            assert len(mails_to(ALICE)) == 1

    def test_an_administrator_who_took_it_hears_as_staff(self) -> None:
        ticket = moved(filed(), "start", ROOT)
        desk.comment(ticket.number, CommentOrder("Slovo."), signed_in(EVA))
        notifications.deliver(ticket.number, last_event(ticket).id)
        [mail] = mails_to(ROOT)
        assert link_in(mail) == f"https://desk.example/desk/{ticket.number}"

    def test_a_note_never_reaches_a_customer_however_they_stand(self) -> None:
        """Frank, a customer, watches; Eva asked; Bob, who has it, is made a customer."""
        ticket = filed(watchers=(FRANK.email, WANDA.email))
        moved(ticket, "hand_over", ALICE, assignee=BOB.email)
        people.update(BOB, replace(BOB, roles=FRANK.roles))
        forget_mails()
        desk.comment(ticket.number, CommentOrder("Tajné.", internal=True), signed_in(CAROL))
        notifications.deliver(ticket.number, last_event(ticket).id)
        assert [mail.to for mail in sent_mails()] == [ALICE.email]


class TestLanguage:
    def test_somebody_unknown_is_written_to_in_the_language_of_their_form_or_of_the_project(self) -> None:
        stranger = Person("new@elsewhere.example", "New", "en")
        ticket = filed_by_form(stranger)
        desk.watch(ticket.number, "other@elsewhere.example", signed_in(BOB))
        notifications.deliver(ticket.number, history.of_ticket(ticket.number)[0].id)
        languages = {mail.to: re.findall(r'<html lang="(..)">', mail.html) for mail in sent_mails()}
        assert languages[stranger.email] == ["en"]
        assert languages["other@elsewhere.example"] == ["cs"]


class TestRecipients:
    def test_the_order_and_the_marks_of_each(self) -> None:
        ticket = tickets.load(standing_at(State.IN_PROGRESS).number)
        event = replace(last_event(ticket), actor=Contact("somebody@else.example", "Somebody"))
        found = notifications.recipients(notifications._scene(event, ticket=ticket, crew=projects.crew(ticket.project)))
        assert [(each.email, each.staff, each.confirmed) for each in found] == [
            (BOB.email, True, True),  # it was handed over to him, which ranks before anything one hears as usual
            (EVA.email, False, True),
            (WANDA.email, False, True),
        ]
