"""Mails about the end of a request: the reminder with its day, and the scale of a rating."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import clock, desk, i18n, notifications
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain import ending
from chalicelib.domain.people import SYSTEM
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import bulk, tickets
from tests.cast import ALICE, BOB, EVA, WANDA, signed_in
from tests.stage import SentMail, last_event, left_alone, mails_to, moved, sent_mails, standing_at

pytestmark = pytest.mark.usefixtures("stage")


def deliver(ticket: Ticket) -> None:
    """Sends the mail of the ticket's last event."""
    assert notifications.deliver(ticket.number, last_event(ticket).id)


def links(mail: SentMail, asked: str) -> list[str]:
    """The links of `mail` that have something ready, as `move=accept`; the same in the text and in the HTML."""
    pattern = rf"https://desk\.example/t/WEB-1\?({asked}=\w+)#k=(\S+?)(?=[\s\"])"
    found = re.findall(pattern, mail.text)
    assert found == re.findall(pattern, mail.html)
    assert len({token for _, token in found}) <= 1
    return [ready for ready, _ in found]


class TestReminder:
    def test_it_says_when_the_request_closes_and_leads_to_both_answers(self) -> None:
        ticket = left_alone(ending.remind)
        deliver(ticket)
        [mail] = mails_to(EVA)
        day = ticket.updated_at.astimezone(settings().zone).date() + timedelta(days=14)
        days = [i18n.day(day + timedelta(days=more), "cs") for more in (0, 1)]
        assert any(f"Jinak se požadavek {each} sám ukončí." in mail.text for each in days), mail.text
        assert links(mail, "move") == ["move=accept", "move=reject"]
        assert mail.subject == "[WEB-1] Nejde tisk faktur"

    @pytest.mark.parametrize("overtake", ["reply", "reject", "accept"])
    def test_one_that_was_overtaken_is_not_sent(self, overtake: str) -> None:
        ticket = left_alone(ending.remind)
        reminder = last_event(ticket)
        if overtake == "reply":
            desk.comment(ticket.number, CommentOrder("Zkouším."), signed_in(EVA))
        else:
            moved(ticket, overtake, EVA, text="!")
        assert notifications.deliver(ticket.number, reminder.id)
        assert sent_mails() == []

    def test_of_two_only_the_younger_is_sent(self) -> None:
        ticket = left_alone(ending.remind)
        first = last_event(ticket)
        again = replace(ticket, updated_at=clock.now(), version=ticket.version + 1)
        bulk.write([tickets.row_of(again)])
        changed, second = ending.remind(again, SYSTEM, clock.stamp())
        tickets.save(again, changed, second)
        for event in (first, second):
            assert notifications.deliver(ticket.number, event.id)
        assert len(mails_to(EVA)) == 1


FIVE = [f"rating={value}" for value in range(1, 6)]


@pytest.mark.parametrize(
    ("ended", "offered"),
    [
        (lambda: left_alone(ending.auto_close), FIVE),
        (lambda: moved(standing_at(State.DONE), "accept", ALICE), FIVE),
        (lambda: moved(standing_at(State.DONE), "accept", ALICE, rating=3), []),
        (lambda: standing_at(State.DONE), []),
    ],
    ids=["closed by itself", "accepted on their behalf", "rated with it", "still to be checked"],
)
def test_the_scale_stands_where_a_rating_is_still_to_come(ended: Callable[[], Ticket], offered: list[str]) -> None:
    deliver(ended())
    [to_requester], [to_watcher] = mails_to(EVA), mails_to(WANDA)
    assert links(to_requester, "rating") == offered
    assert links(to_watcher, "rating") == []
    assert all("rating=" not in mail.whole for mail in mails_to(BOB))


def test_who_rated_before_the_mail_went_out_is_not_asked_again() -> None:
    ticket = left_alone(ending.auto_close)
    closed = last_event(ticket)
    desk.rate(ticket.number, 5, "", signed_in(EVA))
    notifications.deliver(ticket.number, closed.id)
    assert links(mails_to(EVA)[-1], "rating") == []


def test_the_team_reads_the_rating_and_the_word_with_it() -> None:
    ticket = desk.rate(left_alone(ending.auto_close).number, 4, "Rychle.", signed_in(EVA))
    deliver(ticket)
    assert {mail.to for mail in sent_mails()} == {ALICE.email, BOB.email}
    [mail] = mails_to(BOB)
    assert "Rating: 4 of 5" in mail.text
    assert "> Rychle." in mail.text
    assert "Hodnocení: 4 z 5" in mails_to(ALICE)[0].text
