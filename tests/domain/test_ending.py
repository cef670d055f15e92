"""The end of a request and what comes after it, by everybody, in every state."""

from dataclasses import replace

import pytest

from chalicelib.domain.ending import auto_close, can_follow, followed, rate, remind
from chalicelib.domain.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound
from chalicelib.domain.people import SYSTEM, Actor, Person
from chalicelib.domain.tickets import State, Ticket
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    EVA,
    FRANK,
    HR,
    NOW,
    NUMBER,
    OTHER_NUMBER,
    ROOT,
    WANDA,
    WEB,
    a_ticket,
    by_form,
    by_link,
    by_token,
    called,
    signed_in,
    stamp,
)

READERS = (ALICE, BOB, CAROL, EVA, WANDA, ROOT)


def solved(state: State = State.CLOSED) -> Ticket:
    return replace(a_ticket(state, BOB), done_at=NOW)


class TestRemind:
    def test_only_the_reminder_and_the_version_change(self) -> None:
        ticket = solved(State.DONE)
        changed, event = remind(ticket, SYSTEM, stamp())
        assert changed == replace(ticket, reminded_at=NOW, version=ticket.version + 1)
        assert (event.kind, event.version, event.changes, event.internal) == (
            "ticket.reminded",
            changed.version,
            {},
            False,
        )


class TestAutoClose:
    def test_it_is_closed_and_nobody_s_turn(self) -> None:
        ticket = solved(State.DONE)
        changed, event = auto_close(ticket, SYSTEM, stamp(1))
        at = stamp(1).at
        assert changed == replace(
            ticket, state=State.CLOSED, updated_at=at, waiting_since=at, closed_at=at, version=ticket.version + 1
        )
        assert event.changes == {"state": ("done", "closed")}
        assert event.actor == SYSTEM.contact


@pytest.mark.parametrize("step", [remind, auto_close])
class TestBothSteps:
    @pytest.mark.parametrize("state", [state for state in State if state is not State.DONE])
    def test_in_no_other_state(self, step: object, state: State) -> None:
        with pytest.raises(Conflict):
            step(solved(state), SYSTEM, stamp())  # type: ignore[operator]

    @pytest.mark.parametrize("person", CAST, ids=called)
    def test_by_nobody_but_the_desk_itself(self, step: object, person: Person) -> None:
        with pytest.raises(NotAllowed if person in READERS else NotFound):
            step(solved(State.DONE), signed_in(person), stamp())  # type: ignore[operator]


class TestRate:
    @pytest.mark.parametrize("by", [signed_in(EVA), by_token(EVA), by_link(EVA)], ids=["session", "token", "link"])
    def test_the_requester_says_it_once(self, by: Actor) -> None:
        ticket = solved()
        changed, event = rate(ticket, 4, "Rychle.", by, stamp())
        assert changed == replace(ticket, rating=4, updated_at=NOW, version=ticket.version + 1)
        assert (event.kind, event.text, event.changes) == ("ticket.rated", "Rychle.", {"rating": (None, "4")})
        assert (event.actor, event.by_team, event.internal) == (EVA.contact, False, False)
        with pytest.raises(Conflict):
            rate(changed, 5, "", by, stamp())

    @pytest.mark.parametrize("value", [0, 6, -1, 10**30])
    def test_the_scale_is_one_to_five(self, value: int) -> None:
        with pytest.raises(Invalid):
            rate(solved(), value, "", signed_in(EVA), stamp())

    @pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
    def test_not_before_it_is_closed(self, state: State) -> None:
        with pytest.raises(Conflict):
            rate(solved(state), 5, "", signed_in(EVA), stamp())

    def test_not_what_was_withdrawn_before_anybody_solved_it(self) -> None:
        with pytest.raises(Conflict):
            rate(a_ticket(State.CLOSED), 5, "", signed_in(EVA), stamp())

    @pytest.mark.parametrize("person", [person for person in CAST if person is not EVA], ids=called)
    def test_nobody_on_their_behalf(self, person: Person) -> None:
        with pytest.raises((NotAllowed, NotFound)):
            rate(solved(), 5, "", signed_in(person), stamp())

    @pytest.mark.parametrize("by", [by_link(WANDA), by_link(EVA, OTHER_NUMBER), by_form(EVA)])
    def test_no_other_link_and_no_typed_address(self, by: Actor) -> None:
        with pytest.raises((NotAllowed, NotFound)):
            rate(solved(), 5, "", by, stamp())


class TestFollow:
    @pytest.mark.parametrize("person", CAST, ids=called)
    def test_whoever_may_read_it(self, person: Person) -> None:
        expected = person in READERS
        assert can_follow(solved(), WEB, signed_in(person)) is expected

    def test_also_by_a_link_to_it_and_not_to_another(self) -> None:
        assert can_follow(solved(), WEB, by_link(EVA))
        assert not can_follow(solved(), WEB, by_link(EVA, OTHER_NUMBER))
        assert not can_follow(solved(), WEB, by_form(EVA))

    @pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
    def test_only_what_is_closed(self, state: State) -> None:
        assert not can_follow(solved(state), WEB, signed_in(EVA))

    def test_only_in_its_own_project(self) -> None:
        assert not can_follow(solved(), HR, signed_in(ROOT))

    @pytest.mark.parametrize(("by", "name"), [(signed_in(EVA), EVA.name), (replace(by_link(EVA), name=""), EVA.name)])
    def test_its_history_names_the_new_one_and_who_filed_it(self, by: Actor, name: str) -> None:
        event = followed(solved(), OTHER_NUMBER, by, stamp())
        assert (event.ticket, event.kind, event.internal) == (NUMBER, "ticket.followed", False)
        assert event.changes == {"follow_up": (None, OTHER_NUMBER)}
        assert (event.actor.name, event.version) == (name, solved().version)

    @pytest.mark.parametrize(("ticket", "by"), [(solved(State.DONE), signed_in(EVA)), (solved(), signed_in(FRANK))])
    def test_what_may_not_be_followed_is_refused(self, ticket: Ticket, by: Actor) -> None:
        with pytest.raises(DeskError):
            followed(ticket, OTHER_NUMBER, by, stamp())
