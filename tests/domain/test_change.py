"""New subject, type, priority or due date."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from chalicelib.domain.people import SYSTEM, Actor, Person
from chalicelib.domain.tickets import Priority, State, Type
from chalicelib.domain.workflow import ChangeOrder, change
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
    PROJECT,
    ROOT,
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
URGENT = ChangeOrder(3, priority=Priority.URGENT)
FRIDAY, MONDAY = date(2025, 3, 7), date(2025, 3, 10)


class TestWho:
    @pytest.mark.parametrize("person", [ALICE, BOB, ROOT], ids=called)
    def test_manager_assignee_and_administrator_change_it(self, person: Person) -> None:
        after, event = change(TICKET, URGENT, signed_in(person), stamp(), PROJECT)
        assert after.priority is Priority.URGENT
        assert (event.kind, event.actor, event.by_team) == ("ticket.changed", person.contact, True)

    @pytest.mark.parametrize("person", [CAROL, EVA, WANDA], ids=called)
    def test_whoever_only_reads_is_refused(self, person: Person) -> None:
        with pytest.raises(NotAllowed):
            change(TICKET, URGENT, signed_in(person), stamp(), PROJECT)

    @pytest.mark.parametrize("actor", [by_link(EVA), by_link(WANDA), SYSTEM], ids=called)
    def test_so_are_links_and_the_desk_itself(self, actor: Actor) -> None:
        with pytest.raises(NotAllowed):
            change(TICKET, URGENT, actor, stamp(), PROJECT)

    @pytest.mark.parametrize("person", [DAVE, HANA, FRANK, MARIE, STRANGER], ids=called)
    def test_a_stranger_finds_nothing(self, person: Person) -> None:
        for actor in (signed_in(person), by_link(person), by_form(person)):
            with pytest.raises(NotFound):
                change(TICKET, URGENT, actor, stamp(), PROJECT)


class TestWhat:
    @pytest.mark.parametrize(
        ("order", "name", "difference"),
        [
            (ChangeOrder(3, subject="Tisk"), "subject", ("Nejde tisk faktur", "Tisk")),
            (ChangeOrder(3, type=Type.CHANGE), "type", ("incident", "change")),
            (ChangeOrder(3, priority=Priority.LOW), "priority", ("normal", "low")),
            (ChangeOrder(3, due=MONDAY), "due", ("2025-03-07", "2025-03-10")),
            (ChangeOrder(3, clear_due=True), "due", ("2025-03-07", None)),
        ],
    )
    def test_one_property_and_the_event_says_which(
        self, order: ChangeOrder, name: str, difference: tuple[str | None, str | None]
    ) -> None:
        before = replace(TICKET, due=FRIDAY)
        after, event = change(before, order, signed_in(ALICE), stamp(), PROJECT)
        assert event.changes == {name: difference}
        assert (after.version, event.version, after.updated_at) == (4, 4, NOW)
        restored = {name: getattr(before, name)}
        assert replace(after, version=3, updated_at=FILED, **restored) == before

    def test_several_at_once(self) -> None:
        order = ChangeOrder(3, subject="Tisk", priority=Priority.HIGH, due=FRIDAY)
        _, event = change(TICKET, order, signed_in(ALICE), stamp(), PROJECT)
        assert event.changes == {
            "subject": ("Nejde tisk faktur", "Tisk"),
            "priority": ("normal", "high"),
            "due": (None, "2025-03-07"),
        }

    def test_the_wait_goes_on(self) -> None:
        after, _ = change(TICKET, URGENT, signed_in(ALICE), stamp(), PROJECT)
        assert (after.waiting_since, after.first_response_at) == (FILED, None)

    @pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
    def test_in_any_state_that_is_open(self, state: State) -> None:
        after, _ = change(a_ticket(state, BOB), URGENT, signed_in(ALICE), stamp(), PROJECT)
        assert after.state is state


class TestRefusals:
    def test_a_closed_request_is_read_only(self) -> None:
        with pytest.raises(Conflict) as refused:
            change(a_ticket(State.CLOSED, BOB), URGENT, signed_in(ALICE), stamp(), PROJECT)
        assert type(refused.value) is Conflict

    @pytest.mark.parametrize("version", [0, 2, 4])
    def test_a_stale_version_changes_nothing(self, version: int) -> None:
        with pytest.raises(StaleVersion):
            change(TICKET, replace(URGENT, version=version), signed_in(ALICE), stamp(), PROJECT)

    @pytest.mark.parametrize(
        "order", [ChangeOrder(3), ChangeOrder(3, priority=Priority.NORMAL), ChangeOrder(3, clear_due=True)]
    )
    def test_what_changes_nothing_is_no_event(self, order: ChangeOrder) -> None:
        with pytest.raises(Invalid):
            change(TICKET, order, signed_in(ALICE), stamp(), PROJECT)
