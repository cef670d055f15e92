"""Counts agree with a recount after any sequence of verbs; numbers are never given twice."""

import random
from collections import Counter
from typing import Any

import pytest

from chalicelib import desk
from chalicelib.desk import CommentOrder, MoveRequest
from chalicelib.domain import workflow
from chalicelib.domain.errors import DeskError
from chalicelib.domain.lists import NOBODY
from chalicelib.domain.tickets import State, Ticket
from chalicelib.domain.workflow import TRANSITIONS, ChangeOrder
from chalicelib.storage import bulk, counters, tickets
from chalicelib.storage.transactions import Transaction
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, HANA, HR, ROOT, WANDA, WEB, a_ticket, signed_in
from tests.stage import filed

ACTORS = (ALICE, BOB, CAROL, EVA, HANA, DAVE, ROOT)


def recounted(numbers: list[str], projects: set[str], assignee: str | None = None) -> dict[State, int]:
    found = [tickets.load(number) for number in numbers]
    counted = Counter(
        ticket.state
        for ticket in found
        if ticket.project in projects and assignee in (None, ticket.assignee.email if ticket.assignee else NOBODY)
    )
    return {state: counted[state] for state in State}


def try_something(ticket: Ticket, chance: random.Random) -> None:
    by = signed_in(chance.choice(ACTORS))
    text = chance.choice(["", "Text.", "Text."])
    verbs: list[Any] = [
        lambda: desk.comment(ticket.number, CommentOrder("Slovo.", internal=chance.random() < 0.5), by),
        lambda: desk.change(ticket.number, ChangeOrder(ticket.version, subject=f"Jiný {chance.random()}"), by),
        lambda: desk.watch(ticket.number, WANDA.email, by),
        lambda: desk.unwatch(ticket.number, WANDA.email, by),
    ]
    moves: list[Any] = [
        lambda action=action: desk.move(
            ticket.number,
            MoveRequest(
                action,
                ticket.version if chance.random() < 0.9 else 1,
                text=text if action != "start" else "",
                assignee=chance.choice([BOB, CAROL, DAVE]).email if action == "hand_over" else "",
            ),
            by,
        )
        for action in (workflow.moves(ticket, by) if chance.random() < 0.8 else TRANSITIONS)
    ]
    chance.choice([*verbs, *moves, *moves])()


@pytest.mark.usefixtures("stage")
class TestCounts:
    @pytest.mark.parametrize("seed", range(3))
    def test_after_any_sequence_of_verbs_they_are_those_of_a_recount(self, seed: int) -> None:
        chance = random.Random(seed)
        numbers: list[str] = []
        done = 0
        while done < 30:
            if not numbers or (len(numbers) < 12 and chance.random() < 0.15):
                numbers.append(filed(ROOT, project=chance.choice([WEB, HR]), email=EVA.email).number)
            try:
                try_something(tickets.load(chance.choice(numbers)), chance)
            except DeskError:
                continue
            done += 1
        assert counters.by_state({WEB, HR}) == recounted(numbers, {WEB, HR})
        for project in (WEB, HR):
            assert counters.by_state({project}) == recounted(numbers, {project})
            for assignee in (BOB.email, CAROL.email, DAVE.email, ALICE.email, ROOT.email, NOBODY):
                assert counters.by_state({project}, {assignee}) == recounted(numbers, {project}, assignee), assignee

    def test_a_reply_touches_no_counter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket = filed()
        written: list[str] = []
        update = Transaction.update

        def counting(self: Any, name: str, *rest: Any) -> None:
            written.append(name)
            update(self, name, *rest)

        monkeypatch.setattr(Transaction, "update", counting)
        desk.comment(ticket.number, CommentOrder("Slovo."), signed_in(ALICE))
        assert written == []

    def test_no_projects_are_no_tickets(self) -> None:
        assert counters.by_state(set()) == dict.fromkeys(State, 0)

    def test_more_projects_than_one_read_takes_are_added_up(self) -> None:
        filed()
        crowd = {f"P{number}" for number in range(150)} | {WEB}
        assert counters.by_state(crowd)[State.NEW] == 1


@pytest.mark.usefixtures("aws")
class TestNumbers:
    def test_they_begin_with_one_and_are_each_projects_own(self) -> None:
        assert [tickets.next_number(WEB), tickets.next_number(WEB), tickets.next_number(HR)] == [
            "WEB-1",
            "WEB-2",
            "HR-1",
        ]

    def test_imported_tickets_are_counted_and_their_numbers_taken(self) -> None:
        bulk.write(bulk.ticket_rows([a_ticket(State.DONE, BOB)], [], pending=lambda event: False))
        assert tickets.next_number(WEB) == "WEB-1043"
        assert counters.by_state({WEB}, {BOB.email})[State.DONE] == 1
