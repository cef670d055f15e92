"""Mailed links: what they open, for how long, and who takes them back."""

from dataclasses import replace

import pytest

from chalicelib import clock, directory, reading
from chalicelib.domain.errors import NotAllowed, NotFound, TooMany
from chalicelib.domain.people import Via
from chalicelib.domain.tickets import State, Ticket
from chalicelib.letters import LINK_LASTS
from chalicelib.storage import access
from chalicelib.storage.access import Link
from chalicelib.storage.models import ExpiringRow
from tests.cast import ALICE, BOB, CAROL, CAST, EVA, FRANK, ROOT, WANDA, signed_in
from tests.stage import NETWORK, Clock, filed, standing_at

pytestmark = pytest.mark.usefixtures("stage")


def mailed(ticket: Ticket, email: str = EVA.email) -> str:
    secret = clock.new_secret()
    access.save_link(secret, Link(ticket.number, email), clock.now() + LINK_LASTS)
    return f"{ticket.number}.{secret}"


class TestOpen:
    def test_it_opens_one_ticket_for_one_address_and_proves_no_role(self) -> None:
        token = mailed(filed(), BOB.email)
        link, _ = directory.open_link(token, NETWORK)
        actor = directory.by_link(token)
        assert actor is not None
        assert (actor.email, actor.via, actor.roles, actor.link_ticket) == (BOB.email, Via.LINK, {}, link.ticket)
        assert not actor.is_known

    def test_opening_changes_nothing(self) -> None:
        ticket = filed()
        token = mailed(ticket)
        before = sorted(str(row.serialize()) for row in ExpiringRow.scan() if not row.pk.startswith("limit#"))
        for _ in range(3):
            directory.open_link(token, NETWORK)
        after = sorted(str(row.serialize()) for row in ExpiringRow.scan() if not row.pk.startswith("limit#"))
        assert before == after
        assert reading.read(ticket.number, signed_in(EVA)) == ticket

    def test_what_is_no_link_opens_nothing_and_all_look_the_same(self, stopped: Clock) -> None:
        ticket, other = filed(), filed()
        token = mailed(ticket)
        secret = token.partition(".")[2]
        bad = ["", ".", ticket.number, f"{ticket.number}.", f"{other.number}.{secret}", token[:-1], token + "x"]
        bad += ["\ud800.x", f"{ticket.number}.\ud800", f"{ticket.number}.ž", "x" * 5000, f"{ticket.number}.\0"]
        answers = set()
        for each in bad:
            assert directory.by_link(each) is None, ascii(each[:20])
            with pytest.raises(NotFound) as refusal:
                directory.open_link(each, NETWORK)
            answers.add(str(refusal.value))
        assert len(answers) == 1

    def test_it_ends_after_its_time(self, stopped: Clock) -> None:
        token = mailed(filed())
        stopped.forward(seconds=LINK_LASTS.total_seconds() - 1)
        assert directory.by_link(token)
        stopped.forward(seconds=1)
        assert directory.by_link(token) is None
        with pytest.raises(NotFound):
            directory.open_link(token, NETWORK)

    def test_guessing_is_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(directory, "_LINKS_PER_NETWORK", replace(directory._LINKS_PER_NETWORK, most=2))
        for _ in range(2):
            with pytest.raises(NotFound):
                directory.open_link("WEB-1.guess", NETWORK)
        with pytest.raises(TooMany):
            directory.open_link(mailed(filed()), NETWORK)


class TestRevoke:
    def test_everybody_at_the_door(self) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        for person in CAST:
            token = mailed(ticket)
            if person in (ALICE, BOB, ROOT):
                assert directory.revoke_links(ticket.number, EVA.email.upper(), signed_in(person)) >= 1
                assert directory.by_link(token) is None
                continue
            with pytest.raises(NotAllowed if person in (CAROL, EVA, WANDA) else NotFound):
                directory.revoke_links(ticket.number, EVA.email, signed_in(person))
            assert directory.by_link(token)

    def test_those_of_others_stay(self) -> None:
        ticket, other = filed(), filed()
        franks, elsewhere = mailed(ticket, FRANK.email), mailed(other)
        mailed(ticket)
        assert directory.revoke_links(ticket.number, EVA.email, signed_in(ALICE)) == 1
        assert directory.by_link(franks)
        assert directory.by_link(elsewhere)
