"""Whoever is deactivated is out at once, by every door there is, and what they held does not come back with them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import clock, desk, directory, notifications, people_admin
from chalicelib.desk import CommentOrder
from chalicelib.domain.accounts import PersonChange
from chalicelib.domain.errors import Invalid, NotFound, NotSignedIn
from chalicelib.domain.people import Person, Via
from chalicelib.storage import access, people, projects, tickets
from chalicelib.storage.access import Link
from tests.cast import ALICE, BOB, EVA, ROOT, WANDA, WEB, signed_in
from tests.stage import NETWORK, Clock, filed, forget_mails, last_event, mails_to, moved, standing_at

pytestmark = pytest.mark.usefixtures("stage")
BY = signed_in(ROOT)
OUT, IN = PersonChange(active=False), PersonChange(active=True)


def session_of(person: Person) -> str:
    secret = clock.new_secret()
    access.save_session(secret, people.find(person.email) or person, clock.now() + timedelta(days=1))
    return secret


def link_to(number: str, person: Person) -> str:
    secret = clock.new_secret()
    access.save_link(secret, Link(number, person.email), clock.now() + timedelta(days=1))
    return f"{number}.{secret}"


def test_every_door_closes_at_once(stopped: Clock) -> None:
    ticket = filed(EVA)
    session, link = session_of(EVA), link_to(ticket.number, EVA)
    _, token = directory.create_token("skript", 30, signed_in(EVA))
    access.save_code(EVA.email, "123456", clock.now() + timedelta(minutes=5))
    assert directory.by_session(session, EVA.email)
    assert directory.by_token(token).email == EVA.email
    assert directory.by_link(link)

    out = people_admin.change(EVA.email, OUT, BY)
    assert (out.active, out.deactivated_at) == (False, stopped.at)
    assert directory.by_session(session, EVA.email) is None
    with pytest.raises(NotSignedIn):
        directory.by_token(token)
    assert directory.by_link(link) is None
    with pytest.raises(NotFound):
        directory.open_link(link, NETWORK)
    with pytest.raises(Invalid):
        directory.sign_in(EVA.email, "123456", "cs", NETWORK)


def test_a_new_code_and_lost_links_are_not_mailed(stopped: Clock) -> None:
    filed(EVA)
    people_admin.change(EVA.email, OUT, BY)
    for kind in ("code", "links"):
        notifications.run_job({"kind": kind, "email": EVA.email, "language": "cs"})
    assert mails_to(EVA) == []


def test_nothing_comes_back_with_the_person(stopped: Clock) -> None:
    ticket = filed(EVA)
    session, link = session_of(EVA), link_to(ticket.number, EVA)
    _, token = directory.create_token("skript", 30, signed_in(EVA))
    people_admin.change(EVA.email, OUT, BY)
    stopped.forward(seconds=1)
    back = people_admin.change(EVA.email, IN, BY)
    assert back.active
    assert directory.by_session(session, EVA.email) is None
    with pytest.raises(NotSignedIn):
        directory.by_token(token)
    assert directory.by_link(link) is None
    assert directory.tokens(signed_in(EVA)) == []
    # New ones work.
    assert directory.by_session(session_of(EVA), EVA.email)
    _, fresh = directory.create_token("skript", 30, signed_in(EVA))
    assert directory.by_token(fresh).via is Via.TOKEN


def test_what_an_attempt_that_died_left_open_the_next_one_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = filed(EVA)
    link = link_to(ticket.number, EVA)
    with monkeypatch.context() as patch:
        patch.setattr(access, "put_out", lambda email: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            people_admin.change(EVA.email, OUT, BY)
    assert directory.by_link(link)
    people_admin.change(EVA.email, OUT, BY)
    assert directory.by_link(link) is None


def test_a_link_that_a_mail_on_its_way_was_given_ends_a_minute_later() -> None:
    ticket = filed(EVA)
    people_admin.change(EVA.email, OUT, BY)
    late = link_to(ticket.number, EVA)
    notifications.run_job({"kind": "revoke", "email": EVA.email})
    assert directory.by_link(late) is None


def test_whoever_is_let_in_again_within_that_minute_keeps_their_new_link() -> None:
    ticket = filed(EVA)
    people_admin.change(EVA.email, OUT, BY)
    people_admin.change(EVA.email, IN, BY)
    link = link_to(ticket.number, EVA)
    notifications.run_job({"kind": "revoke", "email": EVA.email})
    assert directory.by_link(link)


def test_links_of_others_and_to_the_address_of_nobody_stay() -> None:
    ticket = filed(EVA, watchers=(WANDA.email,))
    wandas = link_to(ticket.number, WANDA)
    people_admin.change(EVA.email, OUT, BY)
    assert directory.by_link(wandas)


def test_mail_to_them_stops() -> None:
    ticket = filed(EVA, watchers=(WANDA.email,))
    forget_mails()
    people_admin.change(EVA.email, OUT, BY)
    desk.comment(ticket.number, CommentOrder("Díváme se."), signed_in(ALICE))
    event = last_event(ticket)
    notifications.deliver(event.ticket, event.id)
    assert mails_to(EVA) == []
    assert len(mails_to(WANDA)) == 1


def test_they_can_be_given_no_request_any_more_and_their_own_goes_to_the_managers() -> None:
    ticket = moved(filed(EVA), "hand_over", ALICE, assignee=BOB.email)
    people_admin.change(BOB.email, OUT, BY)
    assert BOB.email not in {member.email for member in projects.crew(WEB).members}
    with pytest.raises(Invalid):
        moved(filed(EVA), "hand_over", ALICE, assignee=BOB.email)
    forget_mails()
    desk.comment(ticket.number, CommentOrder("A co teď?"), signed_in(EVA))
    event = last_event(ticket)
    notifications.deliver(event.ticket, event.id)
    assert mails_to(BOB) == []
    assert len(mails_to(ALICE)) == 1


def test_what_they_had_in_hand_stays_with_their_name(stopped: Clock) -> None:
    from chalicelib.domain.tickets import State

    ticket = standing_at(State.IN_PROGRESS)
    people_admin.change(BOB.email, OUT, BY)
    kept = tickets.load(ticket.number)
    assert kept.assignee == BOB.contact


def test_they_can_be_changed_while_they_are_out() -> None:
    people_admin.change(EVA.email, OUT, BY)
    renamed = people_admin.change(EVA.email, PersonChange(name="Eva Nová"), BY)
    assert not renamed.active
    assert people_admin.change(EVA.email, IN, BY) == replace(
        renamed, active=True, version=renamed.version + 1, epoch=renamed.epoch + 1
    )
