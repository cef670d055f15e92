"""A follow-up: a new request that goes on from a closed one, and a line in the history of that."""

from dataclasses import replace

import pytest

from chalicelib import desk, notifications
from chalicelib.desk import CommentOrder, SubmitOrder
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.people import ANONYMOUS, Actor, Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import history, tickets
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, HR, ROOT, WANDA, WEB, by_link, called, signed_in
from tests.stage import NETWORK, filed, forget_mails, last_event, sent_mails, standing_at

pytestmark = pytest.mark.usefixtures("stage")


def follow(number: str, by: Actor, readers: tuple[Actor, ...] = (), key: str | None = None, **more: str) -> Ticket:
    given = {"project": WEB, "subject": "A ještě něco", "text": "Znovu to nejde."} | more
    return desk.submit(SubmitOrder(follows=number, **given), by, NETWORK, key, readers)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", [EVA, WANDA, ALICE, BOB, CAROL, ROOT], ids=called)
def test_whoever_may_read_the_closed_one_files_it(by: Person) -> None:
    closed = standing_at(State.CLOSED)
    new = follow(closed.number, signed_in(by))
    assert tickets.load(new.number).follows == closed.number
    assert history.of_ticket(new.number)[0].changes["follows"] == (None, closed.number)
    event = last_event(closed)
    assert (event.kind, event.changes) == ("ticket.followed", {"follow_up": (None, new.number)})
    assert (event.actor, event.internal) == (by.contact, False)


def test_the_closed_one_stays_as_it_was_and_nobody_is_mailed_about_it() -> None:
    closed = standing_at(State.CLOSED)
    follow(closed.number, signed_in(EVA))
    assert tickets.load(closed.number) == closed
    forget_mails()
    assert notifications.deliver(closed.number, last_event(closed).id)
    assert sent_mails() == []


def test_a_mailed_link_is_enough_on_an_open_form() -> None:
    closed = standing_at(State.CLOSED)
    typed = {"email": FRANK.email, "name": "Franta"}
    new = follow(closed.number, ANONYMOUS, (replace(by_link(EVA, closed.number), name=""),), **typed)
    assert (new.requester.email, new.confirmed) == (FRANK.email, False)
    assert last_event(closed).actor == EVA.contact  # the link speaks for its owner; the typed address for nobody


@pytest.mark.parametrize("by", [FRANK, DAVE, HANA], ids=called)
def test_a_foreign_one_is_refused_as_one_that_is_not_there(by: Person) -> None:
    closed = standing_at(State.CLOSED)
    before = history.of_ticket(closed.number)
    refusals = []
    for number in (closed.number, "WEB-999", "nonsense", "\x00", "=1+1", "WEB-1\r\n"):
        with pytest.raises(Invalid) as refused:
            follow(number, signed_in(by))
        refusals.append(refused.value.errors)
    assert {errors[0].field for errors in refusals} == {"follows"}
    assert len(set(refusals)) == 1
    assert history.of_ticket(closed.number) == before


@pytest.mark.parametrize("readers", [(), (by_link(EVA, "WEB-2"),)])
def test_a_stranger_at_the_form_is_refused_too(readers: tuple[Actor, ...]) -> None:
    closed = standing_at(State.CLOSED)
    with pytest.raises(Invalid):
        follow(closed.number, ANONYMOUS, readers, email=EVA.email, name="Eva")


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_only_a_closed_one_has_follow_ups(state: State) -> None:
    ticket = standing_at(state)
    with pytest.raises(Invalid):
        follow(ticket.number, signed_in(EVA))


def test_only_one_of_the_same_project() -> None:
    closed = standing_at(State.CLOSED)
    with pytest.raises(Invalid):
        follow(closed.number, signed_in(ROOT), project=HR)


def test_sent_twice_it_is_filed_and_told_once() -> None:
    closed = standing_at(State.CLOSED)
    first, second = (follow(closed.number, signed_in(EVA), key="k") for _ in range(2))
    assert first.number == second.number
    assert [event.kind for event in history.of_ticket(closed.number)].count("ticket.followed") == 1


def test_a_request_may_have_several_and_a_follow_up_one_of_its_own() -> None:
    closed = standing_at(State.CLOSED)
    new = [follow(closed.number, signed_in(EVA)) for _ in range(2)]
    told = [event.changes["follow_up"][1] for event in history.of_ticket(closed.number)[-2:]]
    assert told == [ticket.number for ticket in new]
    desk.move(new[0].number, desk.MoveRequest("withdraw", 1), signed_in(EVA))
    assert follow(new[0].number, signed_in(EVA)).follows == new[0].number


def test_the_closed_one_takes_no_comments() -> None:
    closed = standing_at(State.CLOSED)
    for by in (EVA, BOB, ALICE):
        with pytest.raises(Conflict):
            desk.comment(closed.number, CommentOrder("Ještě slovo."), signed_in(by))


def test_no_request_follows_anything_by_itself() -> None:
    assert filed().follows is None
