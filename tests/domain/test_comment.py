"""Replies, which everybody on the ticket reads, and internal notes, which only the team does."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import ConfirmationNeeded, Conflict, Invalid, NotAllowed, NotFound
from chalicelib.domain.events import Event
from chalicelib.domain.people import SYSTEM, Actor, Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.domain.workflow import comment
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    EVA,
    FILED,
    FRANK,
    HANA,
    MARIE,
    NOW,
    OTHER_NUMBER,
    ROOT,
    SCREENSHOT,
    STRANGER,
    WANDA,
    a_ticket,
    by_form,
    by_link,
    called,
    signed_in,
    stamp,
)

TICKET = a_ticket(State.IN_PROGRESS, BOB)
STRANGERS = (DAVE, HANA, FRANK, MARIE, STRANGER)
OPEN = [state for state in State if state is not State.CLOSED]


def reply(ticket: Ticket, by: Actor, text: str = "Zkuste to prosím znovu.") -> tuple[Ticket, Event]:
    return comment(ticket, text, False, (), by, stamp())


def note(ticket: Ticket, by: Actor, text: str = "Zákazník volal.") -> tuple[Ticket, Event]:
    return comment(ticket, text, True, (), by, stamp())


class TestReply:
    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT, EVA], ids=called)
    @pytest.mark.parametrize("state", OPEN)
    def test_the_team_and_the_requester_reply(self, person: Person, state: State) -> None:
        before = a_ticket(state, BOB)
        after, event = reply(before, signed_in(person))
        assert (event.kind, event.text, event.internal) == ("comment.added", "Zkuste to prosím znovu.", False)
        assert (event.actor, event.at, event.version) == (person.contact, NOW, 4)
        assert event.by_team is (person is not EVA)
        assert replace(after, version=3, updated_at=FILED, first_response_at=None) == before
        assert (after.version, after.updated_at) == (4, NOW)

    def test_a_watcher_is_refused(self) -> None:
        with pytest.raises(NotAllowed):
            reply(TICKET, signed_in(WANDA))

    @pytest.mark.parametrize("person", STRANGERS, ids=called)
    def test_a_stranger_finds_nothing(self, person: Person) -> None:
        with pytest.raises(NotFound):
            reply(TICKET, signed_in(person))

    def test_a_typed_address_finds_nothing(self) -> None:
        with pytest.raises(NotFound):
            reply(TICKET, by_form(EVA))

    def test_the_desk_itself_says_nothing(self) -> None:
        with pytest.raises(NotAllowed):
            reply(TICKET, SYSTEM)

    def test_a_link_asks_for_a_code(self) -> None:
        with pytest.raises(ConfirmationNeeded):
            reply(TICKET, by_link(EVA))

    def test_the_link_of_another_ticket_finds_nothing(self) -> None:
        with pytest.raises(NotFound):
            reply(TICKET, by_link(EVA, OTHER_NUMBER))

    @pytest.mark.parametrize("person", [ALICE, BOB, EVA], ids=called)
    def test_a_closed_request_takes_none(self, person: Person) -> None:
        with pytest.raises(Conflict):
            reply(a_ticket(State.CLOSED, BOB), signed_in(person))

    def test_it_says_something(self) -> None:
        with pytest.raises(Invalid) as refused:
            reply(TICKET, signed_in(EVA), text="")
        assert [error.field for error in refused.value.errors] == ["text"]

    def test_a_file_is_enough(self) -> None:
        _, event = comment(TICKET, "", False, (SCREENSHOT,), signed_in(EVA), stamp())
        assert event.attachments == (SCREENSHOT,)

    def test_it_makes_no_move(self) -> None:
        after, event = reply(a_ticket(State.RETURNED, BOB), signed_in(EVA))
        assert (after.state, after.waiting_since, event.changes) == (State.RETURNED, FILED, {})


class TestFirstResponse:
    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT], ids=called)
    def test_the_first_reply_of_the_team_is_one(self, person: Person) -> None:
        after, _ = reply(TICKET, signed_in(person))
        assert after.first_response_at == NOW

    def test_the_second_is_not(self) -> None:
        after, _ = reply(replace(TICKET, first_response_at=FILED), signed_in(BOB))
        assert after.first_response_at == FILED

    def test_a_reply_of_the_requester_is_not(self) -> None:
        after, _ = reply(TICKET, signed_in(EVA))
        assert after.first_response_at is None

    def test_nor_where_the_requester_is_of_the_team(self) -> None:
        after, _ = reply(replace(TICKET, requester=CAROL.contact), signed_in(CAROL))
        assert after.first_response_at is None

    def test_an_internal_note_is_not(self) -> None:
        after, _ = note(TICKET, signed_in(BOB))
        assert after.first_response_at is None


class TestNote:
    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT], ids=called)
    def test_the_team_leaves_one_and_nothing_a_customer_sees_moves(self, person: Person) -> None:
        after, event = note(TICKET, signed_in(person))
        assert after == TICKET
        assert (event.kind, event.text, event.internal, event.by_team) == ("note.added", "Zákazník volal.", True, True)
        assert (event.actor, event.at, event.version) == (person.contact, NOW, 3)

    @pytest.mark.parametrize("person", [EVA, WANDA], ids=called)
    def test_requester_and_watcher_are_refused(self, person: Person) -> None:
        for actor in (signed_in(person), by_link(person)):
            with pytest.raises(NotAllowed) as refused:
                note(TICKET, actor)
            assert type(refused.value) is NotAllowed

    @pytest.mark.parametrize("person", STRANGERS, ids=called)
    def test_a_stranger_finds_nothing(self, person: Person) -> None:
        with pytest.raises(NotFound):
            note(TICKET, signed_in(person))

    def test_a_closed_request_takes_none(self) -> None:
        with pytest.raises(Conflict):
            note(a_ticket(State.CLOSED, BOB), signed_in(BOB))

    def test_it_says_something(self) -> None:
        with pytest.raises(Invalid):
            note(TICKET, signed_in(BOB), text="")

    def test_its_files_are_internal_with_it(self) -> None:
        _, event = comment(TICKET, "", True, (SCREENSHOT,), signed_in(BOB), stamp())
        assert (event.internal, event.attachments) == (True, (SCREENSHOT,))
