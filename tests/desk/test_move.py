"""Each move of the workflow as it is asked for: everybody at the door, what it writes, and what it refuses."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from chalicelib import desk, reading
from chalicelib.desk import MoveRequest
from chalicelib.domain.errors import (
    ConfirmationNeeded,
    Conflict,
    DeskError,
    Invalid,
    NotAllowed,
    NotFound,
    StaleVersion,
)
from chalicelib.domain.people import Actor, Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.storage import counters, history, tickets
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    DAVE,
    EVA,
    FRANK,
    HANA,
    MARIE,
    ROOT,
    STRANGER,
    WANDA,
    WEB,
    by_form,
    by_link,
    by_token,
    signed_in,
)
from tests.stage import filed, last_event, standing_at, uploaded

pytestmark = pytest.mark.usefixtures("stage")
TO_WHOM_IT_IS_NOT_THERE = {person.email for person in (DAVE, HANA, FRANK, MARIE, STRANGER)}


class Case(NamedTuple):
    """A move from one of its states, who may make it there, and what it needs."""

    source: State
    to: State
    allowed: tuple[Person, ...]
    inputs: Mapping[str, Any] = MappingProxyType({})


CASES = {
    "start": Case(State.RETURNED, State.IN_PROGRESS, (ALICE, ROOT, BOB)),
    "hand_over": Case(State.IN_PROGRESS, State.IN_PROGRESS, (ALICE, ROOT, BOB), {"assignee": CAROL.email}),
    "return": Case(State.IN_PROGRESS, State.RETURNED, (ALICE, ROOT, BOB), {"text": "Která verze?"}),
    "resubmit": Case(State.RETURNED, State.IN_PROGRESS, (EVA,), {"text": "Verze 5."}),
    "finish": Case(State.IN_PROGRESS, State.DONE, (ALICE, ROOT, BOB), {"text": "Opraveno."}),
    "accept": Case(State.DONE, State.CLOSED, (EVA, ALICE, ROOT), {"rating": 5, "text": "Děkuji."}),
    "reject": Case(State.DONE, State.IN_PROGRESS, (EVA,), {"text": "Stále nejde."}),
    "withdraw": Case(State.IN_PROGRESS, State.CLOSED, (EVA,)),
}


def move(ticket: Ticket, action: str, by: Actor, **more: Any) -> Ticket:
    version = more.pop("version", tickets.load(ticket.number).version)
    return desk.move(ticket.number, MoveRequest(action, version, **more), by)


def refusal_of(ticket: Ticket, action: str, by: Actor, **more: Any) -> type[DeskError]:
    before = tickets.load(ticket.number)
    with pytest.raises(DeskError) as refused:
        move(ticket, action, by, **more)
    assert tickets.load(ticket.number) == before
    return refused.type


def test_every_move_has_a_case() -> None:
    assert set(CASES) == set(TRANSITIONS)


@pytest.mark.parametrize(("action", "case"), CASES.items(), ids=CASES)
class TestEveryMove:
    def test_everybody_at_the_door(self, action: str, case: Case) -> None:
        ticket = standing_at(case.source)
        for person in CAST:
            if person in case.allowed:
                continue
            expected = NotFound if person.email in TO_WHOM_IT_IS_NOT_THERE else NotAllowed
            assert refusal_of(ticket, action, signed_in(person), **case.inputs) is expected, person.name
            assert refusal_of(ticket, action, by_form(person), **case.inputs) is NotFound, person.name
        for person in case.allowed:
            assert refusal_of(ticket, action, by_form(person), **case.inputs) is NotFound, person.name
        assert len(history.of_ticket(ticket.number)) == ticket.version

    def test_whoever_may_makes_it_and_it_is_written_down(self, action: str, case: Case) -> None:
        for person in case.allowed[:2]:
            ticket = standing_at(case.source)
            by = signed_in(person) if person is case.allowed[0] else by_token(person)
            changed = move(ticket, action, by, **case.inputs)
            assert tickets.load(ticket.number) == changed
            assert (changed.state, changed.version) == (case.to, ticket.version + 1)
            event = last_event(ticket)
            assert (event.kind, event.actor, event.version) == (
                TRANSITIONS[action].event_kind,
                person.contact,
                changed.version,
            )
            assert event.text == case.inputs.get("text", "")
            assert event.at == changed.updated_at
            assert counters.by_state({WEB})[case.to] >= 1

    def test_a_stale_version_changes_nothing(self, action: str, case: Case) -> None:
        ticket = standing_at(case.source)
        by = signed_in(case.allowed[0])
        assert refusal_of(ticket, action, by, version=ticket.version - 1, **case.inputs) is StaleVersion
        assert refusal_of(ticket, action, by, version=ticket.version + 1, **case.inputs) is StaleVersion

    def test_a_link_is_asked_for_a_code_where_its_owner_might(self, action: str, case: Case) -> None:
        ticket = standing_at(case.source)
        expected = ConfirmationNeeded if EVA in case.allowed else NotAllowed
        assert refusal_of(ticket, action, by_link(EVA, ticket.number), **case.inputs) is expected
        assert refusal_of(ticket, action, by_link(ALICE, ticket.number), **case.inputs) is NotFound
        other = filed(FRANK)
        assert refusal_of(ticket, action, by_link(EVA, other.number), **case.inputs) is NotFound

    def test_from_another_state_it_conflicts(self, action: str, case: Case) -> None:
        ticket = standing_at(State.CLOSED)
        assert refusal_of(ticket, action, signed_in(case.allowed[0]), **case.inputs) is Conflict


class TestHandOver:
    def test_to_somebody_of_the_project_who_then_has_it(self) -> None:
        ticket = move(filed(), "hand_over", signed_in(ALICE), assignee=" BOB@desk.example ")
        assert ticket.assignee == BOB.contact
        assert counters.by_state({WEB}, {BOB.email})[State.IN_PROGRESS] == 1
        assert last_event(ticket).changes["assignee"] == (None, BOB.email)

    def test_to_nobody_else(self) -> None:
        ticket = filed()
        for to in (EVA.email, DAVE.email, ROOT.email, "nobody@x.example", "", "\ud800", "x" * 3000):
            with pytest.raises(Invalid) as refusal:
                move(ticket, "hand_over", signed_in(ALICE), assignee=to)
            assert [error.field for error in refusal.value.errors] == ["assignee"], ascii(to[:20])

    def test_a_stranger_does_not_learn_who_works_here(self) -> None:
        assert refusal_of(filed(), "hand_over", signed_in(STRANGER), assignee=BOB.email) is NotFound
        assert refusal_of(filed(), "hand_over", signed_in(STRANGER), assignee=DAVE.email) is NotFound

    def test_of_a_ticket_that_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            desk.move("WEB-99", MoveRequest("hand_over", 1, BOB.email), signed_in(ALICE))
        with pytest.raises(NotFound):
            desk.move("nonsense", MoveRequest("hand_over", 1, BOB.email), signed_in(ALICE))


class TestFiles:
    def test_a_move_may_bring_files(self) -> None:
        ticket = standing_at(State.RETURNED)
        upload = uploaded(signed_in(EVA))
        move(ticket, "resubmit", signed_in(EVA), uploads=(upload.id,))
        assert last_event(ticket).attachments == (upload.attachment,)
        assert reading.attachment_url(upload.id, signed_in(BOB))

    def test_a_refused_move_leaves_the_file_waiting(self) -> None:
        ticket = standing_at(State.RETURNED)
        upload = uploaded(signed_in(EVA))
        assert refusal_of(ticket, "resubmit", signed_in(EVA), uploads=(upload.id,), version=1) is StaleVersion
        move(ticket, "resubmit", signed_in(EVA), uploads=(upload.id,))

    def test_a_stranger_with_a_bad_file_still_finds_nothing(self) -> None:
        ticket = standing_at(State.RETURNED)
        assert refusal_of(ticket, "resubmit", signed_in(STRANGER), uploads=("absent",)) is NotFound
        assert refusal_of(ticket, "resubmit", signed_in(EVA), uploads=("absent",)) is Invalid


class TestInputs:
    def test_a_text_that_is_needed_cannot_be_blank(self) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        for text in ("", "   \n"):
            assert refusal_of(ticket, "return", signed_in(BOB), text=text) is Invalid

    def test_a_rating_is_one_to_five(self) -> None:
        ticket = standing_at(State.DONE)
        for rating in (0, 6, -1):
            assert refusal_of(ticket, "accept", signed_in(EVA), rating=rating) is Invalid

    def test_a_move_nobody_knows(self) -> None:
        assert refusal_of(filed(), "delete", signed_in(ALICE)) is Invalid

    def test_a_watcher_reads_and_moves_nothing(self) -> None:
        ticket = standing_at(State.DONE)
        assert reading.read(ticket.number, signed_in(WANDA)).number == ticket.number
        assert refusal_of(ticket, "accept", signed_in(WANDA)) is NotAllowed
