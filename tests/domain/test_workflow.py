"""Every move from every state by everybody, against the table of the product description typed out below."""

from dataclasses import replace
from itertools import product as every
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import (
    ConfirmationNeeded,
    Conflict,
    DeskError,
    Invalid,
    NotAllowed,
    NotFound,
    StaleVersion,
)
from chalicelib.domain.events import EVENTS, Event
from chalicelib.domain.people import SYSTEM, Actor, Person, ProjectRole
from chalicelib.domain.tickets import Priority, State, Ticket
from chalicelib.domain.workflow import TRANSITIONS, ChangeOrder, MoveOrder, change, comment, move, moves
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    DAVE,
    EVA,
    FILED,
    FRANK,
    HANA,
    MARIE,
    NOW,
    OTHER_NUMBER,
    PROJECT,
    ROOT,
    SCREENSHOT,
    STRANGER,
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


class Expected(NamedTuple):
    """One row of the product's table of moves."""

    sources: str
    to: str
    who: str
    kind: str


EXPECTED = {
    "start": Expected("new returned", "in_progress", "manager assignee", "ticket.started"),
    "hand_over": Expected("new in_progress returned", "in_progress", "manager assignee", "ticket.handed_over"),
    "return": Expected("new in_progress", "returned", "manager assignee", "ticket.returned"),
    "resubmit": Expected("returned", "in_progress", "requester", "ticket.resubmitted"),
    "finish": Expected("new in_progress", "done", "manager assignee", "ticket.finished"),
    "accept": Expected("done", "closed", "requester manager", "ticket.accepted"),
    "reject": Expected("done", "in_progress", "requester", "ticket.rejected"),
    "withdraw": Expected("new in_progress returned", "closed", "requester", "ticket.withdrawn"),
}

# What the product calls each of the cast at a ticket of WEB that Bob has in hand; None: it is not theirs to see.
CALLED: dict[str, str | None] = {
    ALICE.email: "manager",
    ROOT.email: "manager",
    BOB.email: "assignee",
    CAROL.email: "solver",
    EVA.email: "requester",
    WANDA.email: "watcher",
    DAVE.email: None,
    HANA.email: None,
    FRANK.email: None,
    MARIE.email: None,
    STRANGER.email: None,
}

# What each move cannot do without ("!"), and what it takes beside that.
INPUTS = {
    "start": "",
    "hand_over": "assignee! text uploads",
    "return": "text! uploads",
    "resubmit": "text uploads",  # at least one of them
    "finish": "text uploads",
    "accept": "text rating",
    "reject": "text! uploads",
    "withdraw": "text",
}

WHOSE_TURN = {
    "new": "team",
    "in_progress": "team",
    "returned": "requester",
    "done": "requester",
    "closed": "nobody",
}


def an_order(action: str, version: int = 3) -> MoveOrder:
    """An order that has what its move needs, and nothing more."""
    return MoveOrder(
        action,
        version,
        assignee=CAROL.contact if action == "hand_over" else None,
        text="Chybí číslo faktury." if action in ("return", "resubmit", "reject") else "",
    )


def moved(ticket: Ticket, action: str, by: Person) -> tuple[Ticket, Event]:
    return move(ticket, an_order(action, ticket.version), signed_in(by), stamp())


def refusal_of(ticket: Ticket, action: str, by: Actor) -> type[DeskError] | None:
    try:
        move(ticket, an_order(action, ticket.version), by, stamp())
    except DeskError as refusal:
        return type(refusal)
    return None


def expected_refusal(action: str, state: str, called: str | None) -> type[DeskError] | None:
    if called is None:
        return NotFound
    if called not in EXPECTED[action].who.split():
        return NotAllowed
    return None if state in EXPECTED[action].sources.split() else Conflict


@pytest.mark.parametrize(("action", "state"), list(every(EXPECTED, State)))
class TestEverybodyAtTheDoor:
    def test_only_the_table_opens_it(self, action: str, state: State) -> None:
        ticket = a_ticket(state, BOB)
        expected = {person.name: expected_refusal(action, state.value, CALLED[person.email]) for person in CAST}
        assert {person.name: refusal_of(ticket, action, signed_in(person)) for person in CAST} == expected
        assert {person.name: refusal_of(ticket, action, by_token(person)) for person in CAST} == expected

    def test_the_buttons_are_what_the_guard_lets_through(self, action: str, state: State) -> None:
        for person, assignee in every(CAST, (None, BOB)):
            ticket, actor = a_ticket(state, assignee), signed_in(person)
            assert (action in moves(ticket, actor)) is (refusal_of(ticket, action, actor) is None)

    def test_a_solver_without_the_ticket_in_hand_makes_no_move(self, action: str, state: State) -> None:
        assert refusal_of(a_ticket(state), action, signed_in(BOB)) is NotAllowed

    def test_the_link_of_somebody_who_may_asks_for_a_code(self, action: str, state: State) -> None:
        expected = ConfirmationNeeded if "requester" in EXPECTED[action].who else NotAllowed
        assert refusal_of(a_ticket(state, BOB), action, by_link(EVA)) is expected

    def test_the_link_of_a_watcher_moves_nothing(self, action: str, state: State) -> None:
        assert refusal_of(a_ticket(state, BOB), action, by_link(WANDA)) is NotAllowed

    def test_the_link_of_another_ticket_finds_nothing(self, action: str, state: State) -> None:
        assert refusal_of(a_ticket(state, BOB), action, by_link(EVA, OTHER_NUMBER)) is NotFound

    def test_a_typed_address_proves_nothing(self, action: str, state: State) -> None:
        for person in CAST:
            assert refusal_of(a_ticket(state, BOB), action, by_form(person)) is NotFound

    def test_an_assignee_who_lost_the_role_finds_nothing(self, action: str, state: State) -> None:
        assert refusal_of(a_ticket(state, BOB), action, signed_in(replace(BOB, roles={}))) is NotFound

    def test_an_assignee_who_became_a_customer_finds_nothing(self, action: str, state: State) -> None:
        now_a_customer = replace(BOB, roles={WEB: ProjectRole.CUSTOMER})
        assert refusal_of(a_ticket(state, BOB), action, signed_in(now_a_customer)) is NotFound

    def test_the_desk_itself_makes_no_move_of_people(self, action: str, state: State) -> None:
        assert refusal_of(a_ticket(state, BOB), action, SYSTEM) is NotAllowed

    def test_a_requester_who_is_the_project_manager_may_what_either_may(self, action: str, state: State) -> None:
        ticket = replace(a_ticket(state, BOB), requester=ALICE.contact)
        allowed = state.value in EXPECTED[action].sources.split()
        assert refusal_of(ticket, action, signed_in(ALICE)) is (None if allowed else Conflict)


class TestTable:
    def test_it_has_the_moves_of_the_product_and_no_other(self) -> None:
        assert list(TRANSITIONS) == list(EXPECTED)

    @pytest.mark.parametrize("action", EXPECTED)
    def test_every_row_can_be_shown_and_recorded(self, action: str) -> None:
        row = TRANSITIONS[action]
        assert row.label
        assert row.explanation
        assert row.event_kind in EVENTS

    def test_buttons_come_in_the_order_of_the_table(self) -> None:
        assert moves(a_ticket(), signed_in(ALICE)) == ("start", "hand_over", "return", "finish")
        assert moves(a_ticket(State.RETURNED, BOB), signed_in(EVA)) == ("resubmit", "withdraw")
        assert moves(a_ticket(State.DONE, BOB), signed_in(EVA)) == ("accept", "reject")

    def test_nothing_leads_out_of_closed(self) -> None:
        for person in CAST:
            assert moves(a_ticket(State.CLOSED, BOB), signed_in(person)) == ()

    @pytest.mark.parametrize("state", State)
    def test_each_state_says_whose_turn_it_is(self, state: State) -> None:
        assert a_ticket(state).whose_turn == WHOSE_TURN[state.value]


def allowed_steps() -> list[tuple[str, str, Person]]:
    mover = {"manager assignee": ALICE, "requester": EVA, "requester manager": EVA}
    return [(action, state, mover[row.who]) for action, row in EXPECTED.items() for state in row.sources.split()]


@pytest.mark.parametrize(("action", "state", "person"), allowed_steps())
class TestWhatAMoveDoes:
    def test_it_leads_where_the_table_says(self, action: str, state: str, person: Person) -> None:
        after, _ = moved(a_ticket(State(state), BOB), action, person)
        assert after.state == EXPECTED[action].to

    def test_it_counts_and_dates_the_change(self, action: str, state: str, person: Person) -> None:
        after, _ = moved(a_ticket(State(state), BOB), action, person)
        assert (after.version, after.updated_at) == (4, NOW)

    def test_the_wait_begins_anew_when_the_turn_passes(self, action: str, state: str, person: Person) -> None:
        after, _ = moved(a_ticket(State(state), BOB), action, person)
        passes = WHOSE_TURN[state] != WHOSE_TURN[EXPECTED[action].to]
        assert after.waiting_since == (NOW if passes else FILED)

    def test_each_end_is_dated_on_the_way_in_and_kept(self, action: str, state: str, person: Person) -> None:
        before = replace(a_ticket(State(state), BOB), returned_at=FILED, done_at=FILED, closed_at=None)
        after, _ = moved(before, action, person)
        to = EXPECTED[action].to
        assert after.returned_at == (NOW if to == "returned" else FILED)
        assert after.done_at == (NOW if to == "done" else FILED)
        assert after.closed_at == (NOW if to == "closed" else None)

    def test_the_team_has_answered_once_it_returns_or_finishes(self, action: str, state: str, person: Person) -> None:
        after, _ = moved(a_ticket(State(state), BOB), action, person)
        assert after.first_response_at == (NOW if action in ("return", "finish") else None)

    def test_a_first_response_stays_the_first(self, action: str, state: str, person: Person) -> None:
        after, _ = moved(replace(a_ticket(State(state), BOB), first_response_at=FILED), action, person)
        assert after.first_response_at == FILED

    def test_what_the_move_is_not_about_stays(self, action: str, state: str, person: Person) -> None:
        before = a_ticket(State(state), BOB)
        after, _ = moved(before, action, person)
        about = ("state", "assignee", "version", "updated_at", "waiting_since", "rating")
        dates = ("first_response_at", "returned_at", "done_at", "closed_at")
        touched = {name: getattr(before, name) for name in about + dates}
        assert replace(after, **touched) == before

    def test_the_event_says_who_when_and_what(self, action: str, state: str, person: Person) -> None:
        _, event = moved(a_ticket(State(state), BOB), action, person)
        assert (event.ticket, event.kind, event.version) == ("WEB-1042", EXPECTED[action].kind, 4)
        assert (event.id, event.at, event.actor) == (stamp().id, NOW, person.contact)
        assert event.text == an_order(action).text
        assert event.internal is False
        assert event.by_team is (person is ALICE)

    def test_the_event_says_what_from_and_what_to(self, action: str, state: str, person: Person) -> None:
        _, event = moved(a_ticket(State(state), BOB), action, person)
        expected: dict[str, tuple[str | None, str | None]] = {}
        if state != EXPECTED[action].to:
            expected["state"] = (state, EXPECTED[action].to)
        if action == "start":
            expected["assignee"] = (BOB.email, ALICE.email)
        if action == "hand_over":
            expected["assignee"] = (BOB.email, CAROL.email)
        assert event.changes == expected

    def test_a_stale_version_changes_nothing(self, action: str, state: str, person: Person) -> None:
        for version in (2, 4):
            with pytest.raises(StaleVersion):
                move(a_ticket(State(state), BOB), an_order(action, version), signed_in(person), stamp())


class TestAssigneeAfter:
    @pytest.mark.parametrize("state", [State.NEW, State.RETURNED])
    @pytest.mark.parametrize("before", [None, BOB, ALICE])
    def test_whoever_starts_has_it(self, state: State, before: Person | None) -> None:
        after, _ = moved(a_ticket(state, before), "start", ALICE)
        assert after.assignee == ALICE.contact

    def test_an_assignee_starts_what_they_returned(self) -> None:
        after, event = moved(a_ticket(State.RETURNED, BOB), "start", BOB)
        assert after.assignee == BOB.contact
        assert event.changes == {"state": ("returned", "in_progress")}

    def test_whoever_it_is_handed_to_has_it(self) -> None:
        after, event = moved(a_ticket(), "hand_over", ALICE)
        assert after.assignee == CAROL.contact
        assert event.changes == {"state": ("new", "in_progress"), "assignee": (None, CAROL.email)}

    def test_an_assignee_hands_on(self) -> None:
        after, _ = moved(a_ticket(State.IN_PROGRESS, BOB), "hand_over", BOB)
        assert after.assignee == CAROL.contact
        assert refusal_of(after, "finish", signed_in(BOB)) is NotAllowed
        assert refusal_of(after, "finish", signed_in(CAROL)) is None

    def test_whoever_finishes_what_nobody_had_has_it(self) -> None:
        after, _ = moved(a_ticket(), "finish", ALICE)
        assert after.assignee == ALICE.contact

    def test_a_manager_who_finishes_for_a_solver_leaves_it_with_the_solver(self) -> None:
        after, _ = moved(a_ticket(State.IN_PROGRESS, BOB), "finish", ALICE)
        assert after.assignee == BOB.contact

    @pytest.mark.parametrize(("action", "state"), [("return", "new"), ("return", "in_progress"), ("accept", "done")])
    def test_other_moves_leave_it_where_it_is(self, action: str, state: str) -> None:
        for before in (None, BOB):
            ticket = a_ticket(State(state), before)
            after, _ = moved(ticket, action, ALICE)
            assert after.assignee == ticket.assignee

    def test_a_rejected_request_goes_back_to_whoever_finished_it(self) -> None:
        after, _ = moved(a_ticket(State.DONE, BOB), "reject", EVA)
        assert (after.state, after.assignee) == (State.IN_PROGRESS, BOB.contact)


class TestResubmit:
    def test_it_goes_on_with_the_solver_who_had_it(self) -> None:
        after, _ = moved(a_ticket(State.RETURNED, BOB), "resubmit", EVA)
        assert (after.state, after.assignee) == (State.IN_PROGRESS, BOB.contact)

    def test_it_is_new_again_where_nobody_had_it(self) -> None:
        after, event = moved(a_ticket(State.RETURNED), "resubmit", EVA)
        assert (after.state, after.assignee) == (State.NEW, None)
        assert event.changes == {"state": ("returned", "new")}


class TestInputs:
    @pytest.mark.parametrize("action", EXPECTED)
    def test_each_move_takes_its_inputs_and_no_others(self, action: str) -> None:
        row = EXPECTED[action]
        ticket = a_ticket(State(row.sources.split()[0]), BOB)
        actor = signed_in(EVA if row.who.startswith("requester") else ALICE)
        for assignee, text, uploads, rating in every((None, CAROL), ("", "Takto."), ((), (SCREENSHOT,)), (None, 5)):
            order = MoveOrder(action, 3, assignee.contact if assignee else None, text, uploads, rating)
            values = {"assignee": assignee, "text": text, "uploads": uploads, "rating": rating}
            expected = self._refused_fields(action, {name for name, value in values.items() if value})
            try:
                _, event = move(ticket, order, actor, stamp())
            except Invalid as refusal:
                assert {error.field for error in refusal.errors} == expected
            else:
                assert not expected
                assert (event.text, event.attachments) == (text, uploads)

    @staticmethod
    def _refused_fields(action: str, given: set[str]) -> set[str]:
        inputs = INPUTS[action].split()
        missing = {name.rstrip("!") for name in inputs if name.endswith("!")} - given
        if action == "resubmit" and not given & {"text", "uploads"}:
            missing = {"text"}
        return missing | (given - {name.rstrip("!") for name in inputs})

    @pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
    def test_a_rating_is_kept_and_recorded(self, rating: int) -> None:
        order = MoveOrder("accept", 3, rating=rating)
        after, event = move(a_ticket(State.DONE, BOB), order, signed_in(EVA), stamp())
        assert after.rating == rating
        assert event.changes == {"state": ("done", "closed"), "rating": (None, str(rating))}

    @pytest.mark.parametrize("rating", [-1, 0, 6, 500])
    def test_a_rating_is_from_1_to_5(self, rating: int) -> None:
        with pytest.raises(Invalid) as refused:
            move(a_ticket(State.DONE, BOB), MoveOrder("accept", 3, rating=rating), signed_in(EVA), stamp())
        assert [error.field for error in refused.value.errors] == ["rating"]

    def test_no_rating_need_be_given(self) -> None:
        after, _ = moved(a_ticket(State.DONE, BOB), "accept", EVA)
        assert after.rating is None

    def test_the_project_manager_accepts_on_behalf_of_the_requester(self) -> None:
        after, event = moved(a_ticket(State.DONE, BOB), "accept", ALICE)
        assert (after.state, event.actor, event.by_team) == (State.CLOSED, ALICE.contact, True)

    def test_whoever_finished_it_cannot_accept_it(self) -> None:
        assert refusal_of(a_ticket(State.DONE, BOB), "accept", signed_in(BOB)) is NotAllowed


class TestOrderOfRefusals:
    """One order with everything wrong about it; each test puts one thing right."""

    wrong = MoveOrder("reject", 1, assignee=CAROL.contact, rating=9)

    def test_first_that_it_is_not_theirs_to_see(self) -> None:
        with pytest.raises(NotFound):
            move(a_ticket(), self.wrong, by_link(STRANGER), stamp())

    def test_then_that_their_role_does_not_allow_it(self) -> None:
        with pytest.raises(NotAllowed) as refused:
            move(a_ticket(), self.wrong, by_link(WANDA), stamp())
        assert type(refused.value) is NotAllowed

    def test_then_that_a_link_needs_a_code(self) -> None:
        with pytest.raises(ConfirmationNeeded):
            move(a_ticket(), self.wrong, by_link(EVA), stamp())

    def test_then_that_the_state_does_not_allow_it(self) -> None:
        with pytest.raises(Conflict) as refused:
            move(a_ticket(), self.wrong, signed_in(EVA), stamp())
        assert type(refused.value) is Conflict

    def test_then_what_is_wrong_with_the_fields_all_at_once(self) -> None:
        with pytest.raises(Invalid) as refused:
            move(a_ticket(State.DONE, BOB), self.wrong, signed_in(EVA), stamp())
        assert {error.field for error in refused.value.errors} == {"text", "assignee", "rating"}

    def test_last_that_somebody_was_quicker(self) -> None:
        with pytest.raises(StaleVersion):
            move(a_ticket(State.DONE, BOB), an_order("reject", 1), signed_in(EVA), stamp())


class TestUnknownMove:
    @pytest.mark.parametrize("action", ["", "Start", "delete", "__class__"])
    def test_a_reader_is_told_that_there_is_no_such_move(self, action: str) -> None:
        for actor in (signed_in(ALICE), signed_in(EVA), signed_in(WANDA), by_link(EVA)):
            with pytest.raises(Invalid) as refused:
                move(a_ticket(), MoveOrder(action, 3), actor, stamp())
            assert [error.field for error in refused.value.errors] == ["action"]

    @pytest.mark.parametrize("person", [DAVE, FRANK, MARIE, STRANGER], ids=called)
    def test_a_stranger_does_not_learn_that_the_ticket_exists(self, person: Person) -> None:
        with pytest.raises(NotFound):
            move(a_ticket(), MoveOrder("delete", 3), signed_in(person), stamp())


step = st.tuples(st.sampled_from((ALICE, BOB, CAROL, EVA, ROOT)), st.integers(0, 9))


class TestAnySequence:
    @given(st.lists(step, max_size=25))
    def test_the_ticket_stays_sound_and_history_rebuilds_it(self, steps: list[tuple[Person, int]]) -> None:
        ticket = a_ticket()
        rebuilt: dict[str, str | None] = {"state": "new", "assignee": None, "rating": None, "priority": "normal"}
        for day, (person, choice) in enumerate(steps, start=1):
            before = ticket
            ticket, event = one_of(ticket, person, choice, day)
            if event is None:
                continue
            assert before.state is not State.CLOSED
            assert ticket.version == event.version == before.version + 1
            assert ticket.updated_at == event.at > before.updated_at
            assert_sound(before, ticket)
            for name, (old, new) in event.changes.items():
                assert rebuilt[name] == old
                rebuilt[name] = new
        assert rebuilt == {
            "state": ticket.state.value,
            "assignee": ticket.assignee.email if ticket.assignee else None,
            "rating": str(ticket.rating) if ticket.rating else None,
            "priority": ticket.priority.value,
        }


def one_of(ticket: Ticket, person: Person, choice: int, day: int) -> tuple[Ticket, Event | None]:
    """One thing that `person` may do now; the ticket as it was where there is none."""
    actor, at = signed_in(person), stamp(day)
    offered = moves(ticket, actor)
    if choice < len(offered):
        order = an_order(offered[choice], ticket.version)
        return move(ticket, replace(order, rating=4) if order.action == "accept" else order, actor, at)
    try:
        if choice == 8:
            priority = Priority.LOW if ticket.priority is Priority.URGENT else Priority.URGENT
            return change(ticket, ChangeOrder(ticket.version, priority=priority), actor, at, PROJECT)
        return comment(ticket, "Děkujeme.", False, (), actor, at)
    except (Conflict, NotAllowed):
        return ticket, None


def assert_sound(before: Ticket, after: Ticket) -> None:
    assert (after.closed_at is not None) is (after.state is State.CLOSED) is after.archived
    assert after.whose_turn == WHOSE_TURN[after.state.value]
    assert after.waiting_since == (before.waiting_since if after.whose_turn is before.whose_turn else after.updated_at)
    assert after.state not in (State.IN_PROGRESS, State.DONE) or after.assignee is not None
    assert after.state is not State.NEW or after.assignee is None
    assert after.state is not State.DONE or after.done_at is not None
    assert before.first_response_at in (None, after.first_response_at)
    assert after.rating is None or after.archived
