"""Watching a ticket and leaving it again: oneself, and others."""

import pytest

from chalicelib import desk, reading
from chalicelib.domain.errors import ConfirmationNeeded, Conflict, DeskError, Invalid, NotAllowed, NotFound, TooMany
from chalicelib.domain.people import Actor
from chalicelib.domain.tickets import State, Ticket
from chalicelib.domain.workflow import MAX_WATCHERS
from chalicelib.storage import tickets
from chalicelib.storage.limits import Limit
from tests.cast import ALICE, BOB, CAROL, CAST, EVA, FRANK, ROOT, STRANGER, WANDA, by_link, signed_in
from tests.stage import filed, last_event, standing_at

pytestmark = pytest.mark.usefixtures("stage")


def refusal_of(ticket: Ticket, email: str, by: Actor) -> type[DeskError]:
    with pytest.raises(DeskError) as refused:
        desk.watch(ticket.number, email, by)
    return refused.type


class TestWatch:
    def test_everybody_at_the_door_with_somebody_else(self) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        for position, person in enumerate(CAST):
            email = f"guest{position}@elsewhere.example"
            if person in (ALICE, BOB, CAROL, EVA, ROOT):
                assert desk.watch(ticket.number, email, signed_in(person)).watched_by(email)
            else:
                expected = NotAllowed if person is WANDA else NotFound
                assert refusal_of(ticket, email, signed_in(person)) is expected, person.name

    def test_oneself_by_ones_own_name(self) -> None:
        ticket = filed()
        changed = desk.watch(ticket.number, " CAROL@desk.example", signed_in(CAROL))
        assert changed.watchers == (CAROL.contact,)
        assert last_event(ticket).changes == {"watcher": (None, CAROL.email)}

    def test_a_stranger_cannot_watch_their_way_in(self) -> None:
        assert refusal_of(filed(), STRANGER.email, signed_in(STRANGER)) is NotFound

    def test_a_watcher_may_read_from_then_on(self) -> None:
        ticket = filed()
        desk.watch(ticket.number, FRANK.email, signed_in(EVA))
        assert reading.read(ticket.number, signed_in(FRANK)).number == ticket.number

    def test_by_link_a_code_is_asked_for(self) -> None:
        ticket = filed()
        assert refusal_of(ticket, FRANK.email, by_link(EVA, ticket.number)) is ConfirmationNeeded

    def test_twice_no_address_and_a_closed_ticket(self) -> None:
        ticket = filed(watchers=(WANDA.email,))
        assert refusal_of(ticket, WANDA.email, signed_in(EVA)) is Conflict
        for email in ("", "wanda", "\ud800@x.cz", "a@b.cz\r\nBcc: c@d.cz"):
            assert refusal_of(ticket, email, signed_in(EVA)) is Invalid, ascii(email)
        assert refusal_of(standing_at(State.CLOSED), FRANK.email, signed_in(EVA)) is Conflict

    def test_there_is_an_end_to_watchers(self) -> None:
        crowd = tuple(f"w{number}@elsewhere.example" for number in range(MAX_WATCHERS))
        ticket = filed(ALICE, watchers=crowd)
        assert refusal_of(ticket, FRANK.email, signed_in(ALICE)) is Invalid


class TestUnwatch:
    def test_a_watcher_leaves_and_the_ticket_is_gone_for_them(self) -> None:
        ticket = filed(watchers=(WANDA.email, FRANK.email))
        changed = desk.unwatch(ticket.number, WANDA.email, signed_in(WANDA))
        assert [watcher.email for watcher in changed.watchers] == [FRANK.email]
        assert last_event(ticket).changes == {"watcher": (WANDA.email, None)}
        with pytest.raises(NotFound):
            reading.read(ticket.number, signed_in(WANDA))

    def test_a_watcher_sends_no_other_away(self) -> None:
        ticket = filed(watchers=(WANDA.email, FRANK.email))
        with pytest.raises(NotAllowed):
            desk.unwatch(ticket.number, FRANK.email, signed_in(WANDA))
        assert len(tickets.load(ticket.number).watchers) == 2

    def test_the_team_and_the_requester_may_send_them_away(self) -> None:
        ticket = filed(watchers=(WANDA.email, FRANK.email))
        desk.unwatch(ticket.number, WANDA.email.upper(), signed_in(CAROL))
        assert desk.unwatch(ticket.number, FRANK.email, signed_in(EVA)).watchers == ()

    def test_who_does_not_watch_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            desk.unwatch(filed().number, WANDA.email, signed_in(EVA))


class TestLimits:
    """The desk mails watchers: whoever merely has an address of their own may not name watchers without end."""

    def test_a_customer_is_stopped_at_their_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(desk, "_WATCHERS", Limit("watcher-person", 2, 86_400))
        ticket = filed(EVA)
        for name in ("a", "b"):
            desk.watch(ticket.number, f"{name}@x.example", signed_in(EVA))
        with pytest.raises(TooMany):
            desk.watch(ticket.number, "c@x.example", signed_in(EVA))
        desk.watch(ticket.number, "c@x.example", signed_in(ALICE))

    def test_a_customer_names_five_when_filing(self) -> None:
        five = tuple(f"w{position}@x.example" for position in range(5))
        assert len(filed(EVA, watchers=five).watchers) == 5
        with pytest.raises(Invalid):
            filed(EVA, watchers=(*five, "more@x.example"))
