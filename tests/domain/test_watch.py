"""Watching a ticket, and having others watch it."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import ConfirmationNeeded, Conflict, Invalid, NotAllowed, NotFound
from chalicelib.domain.people import SYSTEM, Person
from chalicelib.domain.permissions import Act, may
from chalicelib.domain.tickets import State
from chalicelib.domain.workflow import MAX_WATCHERS, unwatch, watch
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
    STRANGER,
    WANDA,
    a_ticket,
    by_form,
    by_link,
    called,
    contact,
    signed_in,
    stamp,
)

TICKET = a_ticket(State.IN_PROGRESS, BOB)
CLOSED = a_ticket(State.CLOSED, BOB)
STRANGERS = (DAVE, HANA, FRANK, MARIE, STRANGER)


class TestWatch:
    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT, EVA], ids=called)
    def test_oneself(self, person: Person) -> None:
        after, event = watch(TICKET, person.contact, signed_in(person), stamp())
        assert after.watchers == (WANDA.contact, person.contact)
        assert (event.kind, event.changes) == ("watcher.added", {"watcher": (None, person.email)})
        assert event.by_team is (person is not EVA)

    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT, EVA], ids=called)
    def test_somebody_else_who_may_read_from_then_on(self, person: Person) -> None:
        after, event = watch(TICKET, FRANK.contact, signed_in(person), stamp())
        assert may(signed_in(FRANK), Act.READ, after)
        assert not may(signed_in(FRANK), Act.READ_INTERNAL, after)
        assert not may(signed_in(FRANK), Act.REPLY, after)
        assert event.actor == person.contact

    def test_it_is_a_change_like_any_other_and_no_turn_passes(self) -> None:
        after, event = watch(TICKET, FRANK.contact, signed_in(ALICE), stamp())
        assert (after.version, event.version, after.updated_at, after.waiting_since) == (4, 4, NOW, FILED)
        assert replace(after, version=3, updated_at=FILED, watchers=TICKET.watchers) == TICKET

    def test_a_watcher_brings_nobody_else(self) -> None:
        with pytest.raises(NotAllowed):
            watch(TICKET, FRANK.contact, signed_in(WANDA), stamp())

    def test_nobody_watches_twice(self) -> None:
        for by in (WANDA, ALICE):
            with pytest.raises(Conflict):
                watch(TICKET, WANDA.contact, signed_in(by), stamp())

    @pytest.mark.parametrize("person", STRANGERS, ids=called)
    def test_a_stranger_finds_nothing(self, person: Person) -> None:
        for whom in (person, WANDA):
            for actor in (signed_in(person), by_form(person), by_link(EVA, OTHER_NUMBER)):
                with pytest.raises(NotFound):
                    watch(TICKET, whom.contact, actor, stamp())

    def test_the_desk_itself_brings_nobody(self) -> None:
        with pytest.raises(NotAllowed):
            watch(TICKET, FRANK.contact, SYSTEM, stamp())

    def test_a_link_asks_for_a_code(self) -> None:
        with pytest.raises(ConfirmationNeeded):
            watch(TICKET, FRANK.contact, by_link(EVA), stamp())

    def test_a_closed_request_is_read_only(self) -> None:
        with pytest.raises(Conflict):
            watch(CLOSED, FRANK.contact, signed_in(ALICE), stamp())

    def test_there_is_a_most(self) -> None:
        ticket = replace(TICKET, watchers=tuple(contact(number) for number in range(MAX_WATCHERS - 1)))
        full, _ = watch(ticket, FRANK.contact, signed_in(ALICE), stamp())
        with pytest.raises(Invalid) as refused:
            watch(full, EVA.contact, signed_in(ALICE), stamp())
        assert [error.field for error in refused.value.errors] == ["email"]


class TestUnwatch:
    @pytest.mark.parametrize("person", [WANDA, EVA, CAROL, BOB, ALICE, ROOT], ids=called)
    def test_the_watcher_the_requester_and_the_team_may(self, person: Person) -> None:
        after, event = unwatch(TICKET, WANDA.email, signed_in(person), stamp())
        assert (after.watchers, after.version) == ((), 4)
        assert (event.kind, event.changes) == ("watcher.removed", {"watcher": (WANDA.email, None)})
        assert not may(signed_in(WANDA), Act.READ, after)

    def test_the_others_stay_in_their_order(self) -> None:
        ticket = replace(TICKET, watchers=(contact(1), WANDA.contact, contact(2)))
        after, _ = unwatch(ticket, WANDA.email, signed_in(WANDA), stamp())
        assert after.watchers == (contact(1), contact(2))

    def test_a_watcher_sends_nobody_else_away(self) -> None:
        ticket = replace(TICKET, watchers=(WANDA.contact, FRANK.contact))
        with pytest.raises(NotAllowed):
            unwatch(ticket, FRANK.email, signed_in(WANDA), stamp())

    def test_whoever_does_not_watch_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            unwatch(TICKET, FRANK.email, signed_in(ALICE), stamp())

    @pytest.mark.parametrize("person", STRANGERS, ids=called)
    def test_a_stranger_finds_nothing(self, person: Person) -> None:
        for email in (person.email, WANDA.email):
            with pytest.raises(NotFound):
                unwatch(TICKET, email, signed_in(person), stamp())

    def test_a_link_asks_for_a_code(self) -> None:
        with pytest.raises(ConfirmationNeeded):
            unwatch(TICKET, WANDA.email, by_link(WANDA), stamp())

    def test_a_closed_request_is_read_only(self) -> None:
        with pytest.raises(Conflict):
            unwatch(CLOSED, WANDA.email, signed_in(ALICE), stamp())
