"""Mail to addresses that bounced or complained: notices stop, what is asked for may go, and a code starts it again."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from pynamodb.exceptions import PutError

from chalicelib import addresses, clock, desk, directory, mailer, notifications
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain.addresses import Mark
from chalicelib.domain.events import MAIL_BOUNCED, MAIL_RESUMED
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import access, history, outbox
from chalicelib.storage import addresses as stored
from tests.cast import ALICE, BOB, EVA, ROOT, WANDA, signed_in
from tests.ses_events import body, bounce, complaint
from tests.stage import NETWORK, Clock, filed, forget_mails, last_event, mails_to, moved, sent_mails

pytestmark = pytest.mark.usefixtures("stage")


def marked(person: Person, mark: Mark = Mark.BOUNCED, ticket: str = "", name: str = "1") -> None:
    kind = bounce if mark is Mark.BOUNCED else complaint
    addresses.take(body(kind(person.email, ticket=ticket, feedback_id=name)))


def told(ticket: Ticket) -> set[str]:
    """Who hears of the ticket's youngest event that anybody hears of."""
    forget_mails()
    event = [each for each in history.of_ticket(ticket.number) if each.row.topic][-1]
    assert notifications.deliver(ticket.number, event.id)
    return {mail.to for mail in sent_mails()}


def kinds(ticket: Ticket) -> list[str]:
    return [event.kind for event in history.of_ticket(ticket.number)]


def run(kind: str, person: Person) -> int:
    """How many mails come of a job for `person`."""
    forget_mails()
    notifications.run_job({"kind": kind, "email": person.email, "language": "en"})
    return len(mails_to(person))


@pytest.mark.parametrize("mark", Mark)
class TestNotices:
    def test_they_stop_for_that_address_alone_and_the_delivery_is_done(self, mark: Mark) -> None:
        ticket = filed(watchers=(WANDA.email,))
        marked(EVA, mark)
        assert told(ticket) == {ALICE.email, WANDA.email}
        assert outbox.claim(ticket.number, history.of_ticket(ticket.number)[0].id, "x", ticket.created_at) is None
        assert notifications.undelivered(signed_in(ROOT)) == []

    def test_they_stop_for_staff_as_well(self, mark: Mark) -> None:
        ticket = filed()
        marked(ALICE, mark)
        assert told(ticket) == {EVA.email}

    def test_they_begin_again_when_somebody_says_so(self, mark: Mark) -> None:
        ticket = filed()
        marked(EVA, mark)
        addresses.clear(EVA.email, signed_in(ROOT))
        assert told(moved(ticket, "start", ALICE)) == {EVA.email}

    def test_an_event_whose_every_recipient_is_marked_is_done(self, mark: Mark) -> None:
        ticket = filed()
        for person in (EVA, ALICE):
            marked(person, mark)
        assert told(ticket) == set()


class TestOtherRequests:
    """An address is marked by mail about one request; the others say so as soon as they have mail for it."""

    def test_each_says_so_once_and_takes_it_back(self) -> None:
        first, other = filed(), filed()
        marked(EVA, ticket=first.number)
        assert MAIL_BOUNCED not in kinds(other)
        for action in ("start", "finish"):
            told(moved(other, action, ALICE))
        assert kinds(other).count(MAIL_BOUNCED) == 1
        assert kinds(first).count(MAIL_BOUNCED) == 1
        event = next(event for event in history.of_ticket(other.number) if event.kind == MAIL_BOUNCED)
        assert event.internal
        assert event.changes == {"address": (None, EVA.email), "reason": (None, "smtp; 550 5.1.1 user unknown")}
        addresses.clear(EVA.email, signed_in(ROOT))
        assert (kinds(first)[-1], kinds(other)[-1]) == (MAIL_RESUMED, MAIL_RESUMED)

    def test_not_those_that_would_not_mail_it_anyway(self) -> None:
        ticket = filed()
        marked(BOB)
        marked(EVA)
        desk.comment(ticket.number, CommentOrder("Tajné", internal=True), signed_in(ALICE))
        told(ticket)
        assert MAIL_BOUNCED not in kinds(ticket)

    def test_what_cannot_be_said_now_is_said_at_the_next_try(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket = filed()
        marked(EVA)
        event = history.of_ticket(ticket.number)[0]
        with monkeypatch.context() as broken:
            broken.setattr(stored, "tell", _fails)
            assert not notifications.deliver(ticket.number, event.id)
        assert [mail.to for mail in sent_mails()] == [ALICE.email]
        assert outbox.due(clock.now() + timedelta(hours=1)) == [(ticket.number, event.id)]


def _fails(*given: object) -> None:
    raise PutError("throttled")


class TestAskedFor:
    @pytest.mark.parametrize("kind", ["code", "links"])
    def test_it_goes_where_mail_bounced_three_times_a_day(self, kind: str, stopped: Clock) -> None:
        filed()
        marked(EVA)
        assert [run(kind, EVA) for _ in range(5)] == [1, 1, 1, 0, 0]
        stopped.forward(days=1)
        assert run(kind, EVA) == 1

    @pytest.mark.parametrize("kind", ["code", "links"])
    def test_it_does_not_go_where_somebody_complained(self, kind: str) -> None:
        filed()
        marked(EVA, Mark.COMPLAINED)
        assert run(kind, EVA) == 0

    def test_who_gets_no_code_cannot_be_told_from_others_by_trying_one(self) -> None:
        marked(EVA, Mark.COMPLAINED)
        run("code", EVA)
        assert access.try_code(EVA.email, "123456", clock.now()) is access.Verdict.WRONG

    def test_the_first_administrator_is_never_shut_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notifications, "settings", lambda: replace(settings(), admin_email=ROOT.email))
        marked(ROOT, Mark.COMPLAINED)
        assert run("code", ROOT) == 1


class TestSigningIn:
    def sign_in(self, person: Person) -> None:
        run("code", person)
        [mail] = mails_to(person)
        [code] = re.findall(r"^    (\d{6})$", mail.text, re.MULTILINE)
        directory.sign_in(person.email, code, "en", NETWORK)

    def test_a_right_code_shows_that_mail_arrives(self) -> None:
        ticket = filed()
        marked(EVA, ticket=ticket.number)
        self.sign_in(EVA)
        known = stored.load(EVA.email)
        assert (known.mark, known.cleared_by) == (None, EVA.email)
        assert [event.kind for event in history.of_ticket(ticket.number)][1:] == [MAIL_BOUNCED, MAIL_RESUMED]
        assert last_event(ticket).internal
        assert told(moved(ticket, "start", ALICE)) == {EVA.email}

    def test_it_does_not_take_a_complaint_back(self) -> None:
        run("code", EVA)
        [code] = re.findall(r"^    (\d{6})$", mails_to(EVA)[0].text, re.MULTILINE)
        marked(EVA, Mark.COMPLAINED)
        directory.sign_in(EVA.email, code, "en", NETWORK)
        assert stored.load(EVA.email).mark is Mark.COMPLAINED

    def test_it_makes_three_days_of_a_full_mailbox_begin_anew(self) -> None:
        addresses.take(body(bounce(EVA.email, kind="Transient", detail="MailboxFull")))
        self.sign_in(EVA)
        assert stored.load(EVA.email).passing == ()

    def test_it_writes_nothing_where_nothing_was_wrong(self) -> None:
        self.sign_in(BOB)
        assert stored.load(BOB.email).version == 0


class TestEnvelope:
    def test_ses_is_told_what_the_mail_is_about(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mailer, "settings", lambda: replace(settings(), mail_configuration_set="desk-mail"))
        mail = mailer.Mail(EVA.email, "s", "t", "h", "1@desk.example", ticket="WEB-1", kind="comment.added")
        assert mailer._reported(mail) == {
            "ConfigurationSetName": "desk-mail",
            "EmailTags": [{"Name": "ticket", "Value": "WEB-1"}, {"Name": "kind", "Value": "comment_added"}],
        }

    def test_without_a_configuration_set_none_is_named(self) -> None:
        assert "ConfigurationSetName" not in mailer._reported(mailer.Mail(EVA.email, "s", "t", "h", "1@desk.example"))
