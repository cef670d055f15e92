"""Rating: the requester says once what the solution was worth."""

import pytest

from chalicelib import desk
from chalicelib.domain import ending
from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from chalicelib.domain.people import Actor
from chalicelib.domain.tickets import State
from chalicelib.storage import history, tickets
from tests.cast import ALICE, BOB, EVA, FRANK, WANDA, by_link, signed_in
from tests.stage import last_event, left_alone, standing_at

pytestmark = pytest.mark.usefixtures("stage")


@pytest.mark.parametrize("by", [signed_in(EVA), by_link(EVA, "WEB-1")], ids=["session", "link"])
def test_it_is_kept_on_the_request_and_in_its_history(by: Actor) -> None:
    closed = left_alone(ending.auto_close)
    rated = desk.rate(closed.number, 4, "  Rychle.\r\nDíky ", by)
    assert tickets.load(closed.number) == rated
    assert (rated.rating, rated.version) == (4, closed.version + 1)
    event = last_event(rated)
    assert (event.text, event.changes, event.actor) == ("Rychle.\nDíky", {"rating": (None, "4")}, EVA.contact)


def test_a_second_one_changes_nothing() -> None:
    closed = left_alone(ending.auto_close)
    desk.rate(closed.number, 4, "", signed_in(EVA))
    with pytest.raises(Conflict):
        desk.rate(closed.number, 1, "Rozmyslela jsem se.", signed_in(EVA))
    assert tickets.load(closed.number).rating == 4
    assert last_event(closed).text == ""


def test_what_was_rated_with_the_acceptance_is_rated() -> None:
    ticket = standing_at(State.DONE)
    desk.move(ticket.number, desk.MoveRequest("accept", ticket.version, rating=2), signed_in(EVA))
    with pytest.raises(Conflict):
        desk.rate(ticket.number, 5, "", signed_in(EVA))


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (signed_in(ALICE), NotAllowed),
        (signed_in(BOB), NotAllowed),
        (signed_in(WANDA), NotAllowed),
        (by_link(WANDA, "WEB-1"), NotAllowed),
        (signed_in(FRANK), NotFound),
        (by_link(EVA, "WEB-2"), NotFound),
    ],
)
def test_nobody_else_may(by: Actor, refusal: type[Exception]) -> None:
    closed = left_alone(ending.auto_close)
    before = history.of_ticket(closed.number)
    with pytest.raises(refusal):
        desk.rate(closed.number, 5, "", by)
    assert history.of_ticket(closed.number) == before


@pytest.mark.parametrize("text", ["x" * 20_001, "a\x00b", "\ud800"])
def test_a_text_that_is_none(text: str) -> None:
    closed = left_alone(ending.auto_close)
    with pytest.raises(Invalid):
        desk.rate(closed.number, 5, text, signed_in(EVA))
    assert tickets.load(closed.number).rating is None
