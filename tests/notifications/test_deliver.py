"""Never no mail, and a second one only when a crash falls between sending and marking."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib import desk, mailer, notifications
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain.errors import NotAllowed
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import Ticket
from chalicelib.mailer import Mail, MailDelayed, MailRefused
from chalicelib.storage import history, outbox
from chalicelib.storage.outbox import LEASE, MOST_ATTEMPTS, Claim
from tests.cast import ALICE, BOB, EVA, ROOT, WANDA, signed_in
from tests.stage import Clock, filed, sent_mails

pytestmark = pytest.mark.usefixtures("stage")


class PowerCut(BaseException):
    """The process ends here; nothing after it runs."""


class Post:
    """A mail service that counts, and fails as a test tells it."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.failing: dict[str, BaseException] = {}
        self.cut_off_at = ""
        self.after: Callable[[Mail], None] = lambda mail: None

    def send(self, mail: Mail) -> None:
        if mail.to in self.failing:
            raise self.failing[mail.to]
        self.sent[mail.to] += 1
        self.after(mail)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(mailer, "send", post.send)
    return post


@pytest.fixture
def ticket(stage: None, stopped: Clock) -> Ticket:
    """A new request: Eva, Alice and Wanda are to hear of it."""
    return filed(watchers=(WANDA.email,))


def deliver(ticket: Ticket) -> bool:
    return notifications.deliver(ticket.number, history.of_ticket(ticket.number)[0].id)


def everybody(times: int = 1) -> Counter[str]:
    return Counter({EVA.email: times, ALICE.email: times, WANDA.email: times})


def pending(clock: Clock, later: timedelta = timedelta(days=1)) -> list[tuple[str, str]]:
    return outbox.due(clock.at + later)


class TestOnce:
    def test_everybody_gets_theirs_and_it_is_over(self, ticket: Ticket, post: Post, stopped: Clock) -> None:
        assert deliver(ticket)
        assert post.sent == everybody()
        assert pending(stopped) == []

    def test_delivering_again_sends_nothing(self, ticket: Ticket, post: Post) -> None:
        deliver(ticket)
        assert deliver(ticket)
        assert notifications.sweep() == 0
        assert post.sent == everybody()

    def test_what_does_not_exist_is_nothing_to_do(self, post: Post) -> None:
        assert notifications.deliver("WEB-99", "absent")
        assert history.of_ticket("WEB-99") == []

    def test_while_one_delivers_another_leaves_it_alone(self, ticket: Ticket, post: Post) -> None:
        post.after = lambda mail: None if post.sent.total() > 1 else _again(ticket)
        assert deliver(ticket)
        assert post.sent == everybody()


def _again(ticket: Ticket) -> None:
    assert deliver(ticket)


class TestSweep:
    def test_an_event_that_breaks_down_holds_up_no_other(
        self, ticket: Ticket, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good = filed(subject="Druhý")
        claim = outbox.claim

        def breaking(number: str, event_id: str, lease: str, at: datetime) -> Claim | None:
            if number == ticket.number:
                raise ValueError("cannot be read")
            return claim(number, event_id, lease, at)

        monkeypatch.setattr(outbox, "claim", breaking)
        with pytest.raises(ValueError, match="cannot be read"):
            notifications.sweep()
        assert post.sent == Counter({EVA.email: 1, ALICE.email: 1})
        assert notifications.deliver(good.number, history.of_ticket(good.number)[0].id)

    def test_what_the_stream_missed_is_delivered(self, ticket: Ticket, post: Post) -> None:
        assert notifications.sweep() == 1
        assert post.sent == everybody()

    def test_with_nothing_to_do_it_does_nothing(self, post: Post) -> None:
        assert notifications.sweep() == 0

    def test_the_oldest_come_first_and_one_that_fails_holds_up_no_other(
        self, ticket: Ticket, post: Post, stopped: Clock
    ) -> None:
        post.failing[WANDA.email] = RuntimeError("a bug")
        desk.comment(ticket.number, CommentOrder("Slovo."), signed_in(BOB))
        other = filed(BOB)
        assert notifications.sweep() == 3
        assert post.sent == Counter({EVA.email: 2, ALICE.email: 3, BOB.email: 1})
        assert {number for number, _ in pending(stopped)} == {ticket.number}
        assert other.number != ticket.number


class TestCrash:
    def test_after_sending_and_before_marking_only_that_one_gets_it_again(
        self, ticket: Ticket, post: Post, stopped: Clock
    ) -> None:
        def cut(mail: Mail) -> None:
            if post.sent.total() == 2:
                post.cut_off_at = mail.to
                raise PowerCut

        post.after = cut
        with pytest.raises(PowerCut):
            deliver(ticket)
        post.after = lambda mail: None
        assert deliver(ticket)
        assert post.sent.total() == 2
        stopped.forward(seconds=LEASE.total_seconds())
        assert notifications.sweep() == 1
        assert post.sent == everybody() + Counter([post.cut_off_at])

    def test_one_that_dies_each_time_is_parked_in_the_end(self, ticket: Ticket, post: Post, stopped: Clock) -> None:
        post.failing[EVA.email] = PowerCut()
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(PowerCut):
                notifications.sweep()
            stopped.forward(seconds=LEASE.total_seconds())
        assert not deliver(ticket)
        [parked] = notifications.undelivered(signed_in(ROOT))
        assert parked.event.ticket == ticket.number
        assert pending(stopped) == []

    def test_whoever_is_too_slow_stops_when_another_has_taken_over(
        self, ticket: Ticket, post: Post, stopped: Clock
    ) -> None:
        """The first mail takes longer than the lease; the sweep of another process delivers all meanwhile."""

        def slow(mail: Mail) -> None:
            post.after = lambda mail: None
            stopped.forward(seconds=LEASE.total_seconds() + 1)
            assert notifications.sweep() == 1

        post.after = slow
        assert not deliver(ticket)
        assert post.sent.total() == 4
        assert max(post.sent.values()) == 2
        assert pending(stopped) == []


class TestFailure:
    def test_a_delay_is_tried_again_later_for_those_who_miss_it(
        self, ticket: Ticket, post: Post, stopped: Clock
    ) -> None:
        post.failing[ALICE.email] = MailDelayed("slow down")
        assert not deliver(ticket)
        assert pending(stopped, timedelta(seconds=59)) == []
        stopped.forward(minutes=1)
        post.failing.clear()
        assert notifications.sweep() == 1
        assert post.sent == everybody()
        assert pending(stopped) == []

    def test_the_waits_grow_to_an_hour_and_then_it_is_parked(self, ticket: Ticket, post: Post, stopped: Clock) -> None:
        post.failing[ALICE.email] = MailDelayed("slow down")
        waits = []
        while not outbox.parked():
            assert not deliver(ticket)
            waited = 0
            while not outbox.parked() and not pending(stopped, timedelta(0)):
                stopped.forward(minutes=1)
                waited += 1
            waits.append(waited)
        assert waits == [1, 2, 4, 8, 16, 32, 60, 0]
        assert post.sent == everybody() - Counter([ALICE.email])

    def test_a_refusal_for_good_is_parked_at_once_and_the_others_get_theirs(self, ticket: Ticket, post: Post) -> None:
        post.failing[WANDA.email] = MailRefused("no such address")
        assert not deliver(ticket)
        assert post.sent == everybody() - Counter([WANDA.email])
        [parked] = notifications.undelivered(signed_in(ROOT))
        assert parked.error == "no such address"
        assert parked.told == {EVA.email, ALICE.email}

    def test_a_refusal_beside_a_delay_is_tried_again(self, ticket: Ticket, post: Post, stopped: Clock) -> None:
        post.failing = {WANDA.email: MailRefused("no"), ALICE.email: MailDelayed("later")}
        assert not deliver(ticket)
        assert outbox.parked() == []
        assert pending(stopped)

    def test_a_bug_in_one_mail_holds_up_no_other(
        self, ticket: Ticket, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post.failing[EVA.email] = ZeroDivisionError("in a template")
        assert not deliver(ticket)
        assert post.sent == everybody() - Counter([EVA.email])

    def test_when_nobody_can_be_worked_out_it_is_tried_again(
        self, ticket: Ticket, post: Post, stopped: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(notifications, "recipients", lambda *given: 1 / 0)
            assert not deliver(ticket)
        stopped.forward(minutes=1)
        notifications.sweep()
        assert post.sent == everybody()


class TestTryAgain:
    def test_an_administrator_puts_it_back_in_line(self, ticket: Ticket, post: Post) -> None:
        post.failing[WANDA.email] = MailRefused("no such address")
        deliver(ticket)
        [parked] = notifications.undelivered(signed_in(ROOT))
        post.failing.clear()
        assert notifications.try_again(ticket.number, parked.event.id, signed_in(ROOT))
        assert notifications.undelivered(signed_in(ROOT)) == []
        assert notifications.sweep() == 1
        assert post.sent == everybody()

    @pytest.mark.parametrize("person", [ALICE, BOB, EVA], ids=lambda person: person.name)
    def test_nobody_else_sees_or_touches_it(self, person: Person) -> None:
        with pytest.raises(NotAllowed):
            notifications.undelivered(signed_in(person))
        with pytest.raises(NotAllowed):
            notifications.try_again("WEB-1", "any", signed_in(person))


class TestSes:
    def test_what_ses_says_decides_whether_to_try_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mail = Mail(EVA.email, "s", "t", "<p>h</p>", "1@desk.example")
        for code, expected in (
            ("MessageRejected", MailRefused),
            ("BadRequestException", MailRefused),
            ("TooManyRequestsException", MailDelayed),
            ("AccountSuspendedException", MailDelayed),
            ("InternalFailure", MailDelayed),
        ):
            error = ClientError({"Error": {"Code": code, "Message": "no"}}, "SendEmail")
            monkeypatch.setattr(mailer, "_ses", cache(partial(_Failing, error)))
            with pytest.raises(expected):
                mailer.send(mail)
        monkeypatch.setattr(mailer, "_ses", cache(partial(_Failing, ConnectTimeoutError(endpoint_url="x"))))
        with pytest.raises(MailDelayed):
            mailer.send(mail)

    def test_a_sender_that_is_not_verified_is_refused_for_good(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mailer, "settings", lambda: replace(settings(), mail_from="other@else.example"))
        with pytest.raises(MailRefused):
            mailer.send(Mail(EVA.email, "s", "t", "<p>h</p>", "1@desk.example"))
        assert sent_mails() == []


class _Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def send_email(self, **given: object) -> None:
        raise self.error
