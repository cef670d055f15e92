"""Replies and internal notes: who may, what they touch, and who sees them afterwards."""

import pytest

from chalicelib import desk, reading
from chalicelib.desk import CommentOrder
from chalicelib.domain.errors import (
    ConfirmationNeeded,
    Conflict,
    DeskError,
    Invalid,
    KeyReused,
    NotAllowed,
    NotFound,
    StaleVersion,
    TooMany,
)
from chalicelib.domain.people import Actor, Person
from chalicelib.domain.text import TEXT_LENGTH
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import history, tickets
from chalicelib.storage.limits import Limit
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    EVA,
    FRANK,
    ROOT,
    STRANGER,
    WANDA,
    by_form,
    by_link,
    by_token,
    signed_in,
)
from tests.stage import filed, last_event, standing_at, uploaded

pytestmark = pytest.mark.usefixtures("stage")
TEAM = (ALICE, BOB, CAROL, ROOT)


def say(ticket: Ticket, by: Actor, text: str = "Slovo.", internal: bool = False, uploads: tuple[str, ...] = ()) -> None:
    desk.comment(ticket.number, CommentOrder(text, internal, uploads), by)


def refusal_of(ticket: Ticket, by: Actor, text: str = "Slovo.", internal: bool = False) -> type[DeskError]:
    with pytest.raises(DeskError) as refused:
        say(ticket, by, text, internal)
    return refused.type


def who_may(ticket: Ticket, internal: bool) -> list[Person]:
    """Everybody who gets through; to the others it is forbidden, or not there."""
    through = []
    for person in CAST:
        try:
            say(ticket, signed_in(person), internal=internal)
        except NotAllowed:
            assert person in (EVA, WANDA)
        except NotFound:
            assert person not in (*TEAM, EVA, WANDA)
        else:
            through.append(person)
    return through


class TestReply:
    def test_everybody_at_the_door(self) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        assert who_may(ticket, internal=False) == [ALICE, BOB, CAROL, EVA, ROOT]
        assert tickets.load(ticket.number).version == ticket.version + 5

    def test_it_is_a_public_line_of_history_and_moves_the_ticket_up(self) -> None:
        ticket = filed()
        say(ticket, by_token(EVA), "Doplňuji:\r\nverze 5.")
        event, changed = last_event(ticket), tickets.load(ticket.number)
        assert (event.kind, event.internal, event.actor) == ("comment.added", False, EVA.contact)
        assert event.text == "Doplňuji:\nverze 5."
        assert (changed.version, changed.updated_at, changed.state) == (2, event.at, State.NEW)

    def test_the_first_answer_of_the_team_is_noted(self) -> None:
        ticket = filed()
        say(ticket, signed_in(EVA))
        assert tickets.load(ticket.number).first_response_at is None
        say(ticket, signed_in(BOB))
        first = tickets.load(ticket.number).first_response_at
        assert first == last_event(ticket).at
        say(ticket, signed_in(ALICE))
        assert tickets.load(ticket.number).first_response_at == first

    def test_by_link_a_code_is_asked_for(self) -> None:
        ticket = filed()
        assert refusal_of(ticket, by_link(EVA, ticket.number)) is ConfirmationNeeded
        assert refusal_of(ticket, by_link(EVA, filed(FRANK).number)) is NotFound
        assert refusal_of(ticket, by_form(EVA)) is NotFound

    def test_a_closed_ticket_takes_no_more(self) -> None:
        ticket = standing_at(State.CLOSED)
        assert refusal_of(ticket, signed_in(EVA)) is Conflict
        assert refusal_of(ticket, signed_in(ALICE), internal=True) is Conflict
        assert refusal_of(ticket, signed_in(STRANGER)) is NotFound

    def test_what_says_nothing_or_cannot_be_stored_is_refused(self) -> None:
        ticket = filed()
        for text in ("", " \n ", "a\0b", "\ud800", "x" * (TEXT_LENGTH + 1)):
            assert refusal_of(ticket, signed_in(EVA), text) is Invalid, ascii(text[:9])
        assert len(history.of_ticket(ticket.number)) == 1

    def test_files_alone_are_enough(self) -> None:
        ticket, upload = filed(), uploaded(signed_in(EVA))
        say(ticket, signed_in(EVA), "", uploads=(upload.id,))
        assert last_event(ticket).attachments == (upload.attachment,)

    def test_somebody_quicker_is_no_reason_to_refuse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket = filed()
        real, missed = tickets.save, 3

        def save(*given: object) -> Ticket:
            nonlocal missed
            missed -= 1
            if missed >= 0:
                raise StaleVersion
            return real(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(tickets, "save", save)
        say(ticket, signed_in(EVA))
        assert len(history.of_ticket(ticket.number)) == 2


class TestNote:
    def test_everybody_at_the_door(self) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        assert who_may(ticket, internal=True) == [ALICE, BOB, CAROL, ROOT]

    def test_nothing_that_a_customer_can_see_moves_with_it(self) -> None:
        ticket = filed()
        before = reading.dossier(ticket.number, signed_in(EVA))
        say(ticket, signed_in(BOB), "Zákazník je nervózní.", internal=True)
        assert reading.dossier(ticket.number, signed_in(EVA)) == before
        assert last_event(ticket).internal

    def test_a_member_of_staff_who_asks_for_themselves_is_still_the_team(self) -> None:
        own = filed(BOB)
        say(own, signed_in(BOB), internal=True)
        assert last_event(own).internal


class TestSentTwice:
    def test_the_same_reply_with_the_same_key_is_written_once(self) -> None:
        ticket, order = filed(EVA), CommentOrder("Jednou stačí.")
        first = desk.comment(ticket.number, order, signed_in(BOB), "k1")
        assert desk.comment(ticket.number, order, signed_in(BOB), "k1") == first
        assert len(history.of_ticket(ticket.number)) == 2

    def test_its_files_are_linked_once_too(self) -> None:
        ticket = filed(EVA)
        order = CommentOrder("S přílohou", uploads=(uploaded(signed_in(BOB)).id,))
        first = desk.comment(ticket.number, order, signed_in(BOB), "k1")
        assert desk.comment(ticket.number, order, signed_in(BOB), "k1") == first

    def test_a_note_too(self) -> None:
        ticket, order = filed(EVA), CommentOrder("Jen pro nás", internal=True)
        first = desk.comment(ticket.number, order, signed_in(BOB), "k1")
        assert desk.comment(ticket.number, order, signed_in(BOB), "k1") == first

    def test_another_text_with_that_key_is_refused(self) -> None:
        ticket = filed(EVA)
        desk.comment(ticket.number, CommentOrder("Jedno"), signed_in(BOB), "k1")
        with pytest.raises(KeyReused):
            desk.comment(ticket.number, CommentOrder("Druhé"), signed_in(BOB), "k1")
        assert len(history.of_ticket(ticket.number)) == 2

    def test_the_key_is_its_writers_own_and_the_tickets(self) -> None:
        one, other, order = filed(EVA), filed(EVA), CommentOrder("Totéž")
        desk.comment(one.number, order, signed_in(BOB), "k1")
        desk.comment(one.number, order, signed_in(CAROL), "k1")
        desk.comment(other.number, order, signed_in(BOB), "k1")
        assert len(history.of_ticket(one.number)) == 3
        assert len(history.of_ticket(other.number)) == 2

    def test_a_stranger_with_the_key_finds_nothing(self) -> None:
        ticket, order = filed(EVA), CommentOrder("Tajné")
        desk.comment(ticket.number, order, signed_in(BOB), "k1")
        with pytest.raises(NotFound):
            desk.comment(ticket.number, order, signed_in(STRANGER), "k1")


def test_a_customer_is_stopped_at_their_limit_and_staff_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "_REPLIES", Limit("reply-person", 2, 3600))
    ticket = filed(EVA)
    for _ in range(2):
        say(ticket, signed_in(EVA))
    assert refusal_of(ticket, signed_in(EVA)) is TooMany
    for _ in range(3):
        say(ticket, signed_in(BOB))
