"""New properties of a ticket: by whom, from which version, and what cannot be."""

from datetime import date
from typing import Any

import pytest

from chalicelib import desk
from chalicelib.domain.errors import (
    ConfirmationNeeded,
    Conflict,
    DeskError,
    Invalid,
    NotAllowed,
    NotFound,
    StaleVersion,
)
from chalicelib.domain.people import Actor
from chalicelib.domain.text import SUBJECT_LENGTH
from chalicelib.domain.tickets import Priority, State, Ticket, Type
from chalicelib.domain.workflow import ChangeOrder
from chalicelib.storage import tickets
from tests.cast import ALICE, BOB, CAROL, CAST, EVA, ROOT, WANDA, by_link, signed_in
from tests.stage import last_event, standing_at

pytestmark = pytest.mark.usefixtures("stage")


def change(ticket: Ticket, by: Actor, **what: Any) -> Ticket:
    version = what.pop("version", tickets.load(ticket.number).version)
    return desk.change(ticket.number, ChangeOrder(version, **what), by)


def refusal_of(ticket: Ticket, by: Actor, **what: Any) -> type[DeskError]:
    before = tickets.load(ticket.number)
    with pytest.raises(DeskError) as refused:
        change(ticket, by, **(what or {"priority": Priority.URGENT}))
    assert tickets.load(ticket.number) == before
    return refused.type


def test_everybody_at_the_door() -> None:
    ticket = standing_at(State.IN_PROGRESS)
    for person in CAST:
        if person in (ALICE, BOB, ROOT):
            assert change(ticket, signed_in(person), subject=f"Podle {person.name}").version
        else:
            expected = NotAllowed if person in (CAROL, EVA, WANDA) else NotFound
            assert refusal_of(ticket, signed_in(person)) is expected, person.name
    assert refusal_of(ticket, by_link(EVA, ticket.number)) is NotAllowed


def test_all_properties_at_once_are_one_event() -> None:
    ticket = standing_at(State.IN_PROGRESS)
    new = {"subject": " Jiný  předmět ", "type": Type.CHANGE, "priority": Priority.HIGH, "due": date(2026, 1, 31)}
    changed = change(ticket, signed_in(ALICE), **new)
    assert (changed.subject, changed.type, changed.priority, changed.due) == (
        "Jiný předmět",
        Type.CHANGE,
        Priority.HIGH,
        date(2026, 1, 31),
    )
    assert tickets.load(ticket.number) == changed
    event = last_event(ticket)
    assert (event.kind, event.version) == ("ticket.changed", ticket.version + 1)
    assert event.changes == {
        "subject": (ticket.subject, "Jiný předmět"),
        "type": ("question", "change"),
        "priority": ("normal", "high"),
        "due": (None, "2026-01-31"),
    }


def test_a_due_date_can_be_taken_away() -> None:
    ticket = standing_at(State.IN_PROGRESS)
    change(ticket, signed_in(ALICE), due=date(2026, 1, 31))
    assert change(ticket, signed_in(ALICE), clear_due=True).due is None


def test_a_stale_version_changes_nothing() -> None:
    ticket = standing_at(State.IN_PROGRESS)
    assert refusal_of(ticket, signed_in(ALICE), version=1, priority=Priority.LOW) is StaleVersion


def test_a_closed_ticket_stays_as_it_is() -> None:
    assert refusal_of(standing_at(State.CLOSED), signed_in(ALICE)) is Conflict


def test_what_cannot_be_is_refused() -> None:
    ticket = standing_at(State.IN_PROGRESS)
    for subject in ("", " ", "a\0b", "\ud800", "x" * (SUBJECT_LENGTH + 1)):
        assert refusal_of(ticket, signed_in(ALICE), subject=subject) is Invalid, ascii(subject[:9])
    assert refusal_of(ticket, signed_in(ALICE), priority=Priority.NORMAL) is Invalid


def test_an_assignee_by_link_is_asked_for_nothing_for_a_link_is_no_role() -> None:
    ticket = standing_at(State.IN_PROGRESS)
    assert refusal_of(ticket, by_link(BOB, ticket.number)) in (NotFound, ConfirmationNeeded)
