"""The daily digest: one mail a person and day, never none, and nothing in it that its reader may not read by now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib import desk, digests, mailer, notifications
from chalicelib.desk import CommentOrder
from chalicelib.domain.notices import Topic
from chalicelib.domain.people import Person, ProjectRole
from chalicelib.domain.tickets import State, Ticket
from chalicelib.mailer import Mail, MailDelayed, MailRefused
from chalicelib.storage import claims, people, unsubscribed
from chalicelib.storage import digests as rows
from tests.cast import ALICE, BOB, CAROL, EVA, FRANK, WANDA, WEB, signed_in
from tests.stage import (
    Clock,
    SentMail,
    filed,
    filed_by_form,
    forget_mails,
    last_event,
    mails_to,
    moved,
    sent_mails,
    standing_at,
    uploaded,
)

pytestmark = pytest.mark.usefixtures("stage")
PRAGUE = ZoneInfo("Europe/Prague")


class PowerCut(BaseException):
    """The process ends here; nothing after it runs."""


@pytest.fixture
def noon(stopped: Clock) -> Clock:
    """Noon by the desk's clock."""
    set_to(stopped, 12)
    return stopped


def set_to(clock: Clock, hour: int, minute: int = 0, days: int = 0) -> None:
    local = clock.at.astimezone(PRAGUE) + timedelta(days=days)
    clock.at = local.replace(hour=hour, minute=minute, second=0).astimezone(clock.at.tzinfo)


def choose(person: Person, **choice: object) -> None:
    known = people.find(person.email)
    assert known
    assert people.update(known, replace(known, **choice))  # type: ignore[arg-type]


def say(ticket: Ticket, text: str = "Slovo.", by: Person = BOB, internal: bool = False, **more: object) -> None:
    desk.comment(ticket.number, CommentOrder(text, internal, **more), signed_in(by))  # type: ignore[arg-type]
    tell(ticket)


def tell(ticket: Ticket) -> None:
    assert notifications.deliver(ticket.number, last_event(ticket).id)


def run(remaining: int = 60_000) -> None:
    digests.run(lambda: remaining)


def next_morning(clock: Clock, days: int = 1) -> None:
    set_to(clock, 7, 1, days)
    forget_mails()
    run()


@pytest.fixture
def ticket(stage: None, noon: Clock) -> Ticket:
    """Eva's request in Bob's hands that Wanda watches; Eva wants one mail a day."""
    found = standing_at(State.IN_PROGRESS)
    choose(EVA, digest=True)
    forget_mails()
    return found


def digest_to(person: Person) -> SentMail:
    [mail] = mails_to(person)
    return mail


class TestOneADay:
    def test_it_comes_in_place_of_single_mails(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket, "První.")
        say(ticket, "Druhé.")
        assert {mail.to for mail in sent_mails()} == {WANDA.email}
        next_morning(noon)
        [mail] = sent_mails()
        assert mail.to == EVA.email
        assert mail.text.index("První.") < mail.text.index("Druhé.")
        for hour in range(8, 24):
            set_to(noon, hour)
            run()
        assert len(sent_mails()) == 1

    def test_not_before_seven(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket)
        for hour in (13, 18, 23):
            set_to(noon, hour)
            run()
        for hour in range(7):
            set_to(noon, hour, days=1 if hour == 0 else 0)
            run()
        assert mails_to(EVA) == []
        set_to(noon, 7)
        run()
        assert len(mails_to(EVA)) == 1

    def test_what_happens_before_seven_comes_the_same_morning(self, ticket: Ticket, noon: Clock) -> None:
        set_to(noon, 6, 30, days=1)
        say(ticket)
        next_morning(noon, days=0)
        assert len(mails_to(EVA)) == 1

    def test_what_comes_in_the_last_minutes_waits_a_day_lest_there_be_two(self, ticket: Ticket, noon: Clock) -> None:
        set_to(noon, 6, 58, days=1)
        say(ticket)
        next_morning(noon, days=0)
        assert mails_to(EVA) == []
        next_morning(noon)
        assert len(mails_to(EVA)) == 1

    def test_a_missed_day_is_caught_up_the_next_hour_in_one_mail(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket, "Pondělí.")
        set_to(noon, 12, days=1)
        say(ticket, "Úterý.")
        set_to(noon, 15, days=9)
        forget_mails()
        run()
        mail = digest_to(EVA)
        assert "Pondělí." in mail.text
        assert "Úterý." in mail.text

    def test_each_gets_their_own(self, ticket: Ticket, noon: Clock) -> None:
        choose(ALICE, digest=True)
        say(moved(filed(FRANK), "start", ALICE), by=FRANK)
        say(ticket)
        next_morning(noon)
        assert sorted(mail.to for mail in sent_mails()) == [ALICE.email, EVA.email]
        assert ticket.number not in digest_to(ALICE).text

    def test_who_has_nothing_gets_nothing(self, ticket: Ticket, noon: Clock) -> None:
        next_morning(noon)
        assert sent_mails() == []

    def test_the_receipt_comes_at_once_all_the_same(self, ticket: Ticket, noon: Clock) -> None:
        tell(filed())
        assert len(mails_to(EVA)) == 1
        next_morning(noon)
        assert mails_to(EVA) == []

    def test_an_event_delivered_twice_is_told_once(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket, "Jednou.")
        event = last_event(ticket)
        [entry] = [entry for batch in rows.due(noon.at + timedelta(days=2)) for entry in batch.entries]
        rows.put_by(entry, noon.at)
        assert entry.event == event.id
        next_morning(noon)
        assert digest_to(EVA).text.count("Jednou.") == 1


class TestAtOnce:
    """Two runs at the same moment, and runs that die."""

    def test_two_at_once_send_one(self, ticket: Ticket, noon: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        say(ticket)
        set_to(noon, 7, days=1)
        forget_mails()
        send = mailer.send
        inside: list[Mail] = []

        def sending(mail: Mail) -> None:
            if not inside:
                inside.append(mail)
                run()
            send(mail)

        monkeypatch.setattr(mailer, "send", sending)
        run()
        assert len(sent_mails()) == 1

    def test_one_that_read_before_the_other_was_done_sends_nothing(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket)
        set_to(noon, 7, days=1)
        forget_mails()
        [early] = rows.due(noon.at)
        run()
        digests._send(early)
        assert len(sent_mails()) == 1

    def test_a_crash_before_sending_loses_nothing(
        self, ticket: Ticket, noon: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        say(ticket)
        set_to(noon, 7, days=1)
        forget_mails()
        with monkeypatch.context() as patch:
            patch.setattr(mailer, "send", _raising(PowerCut()))
            patch.setattr(claims, "release", lambda *_: None)
            with pytest.raises(PowerCut):
                run()
        run()
        assert mails_to(EVA) == []  # the dead run still holds it
        noon.forward(seconds=claims.LEASE.total_seconds())
        run()
        assert len(mails_to(EVA)) == 1

    def test_a_crash_between_sending_and_marking_doubles_one(
        self, ticket: Ticket, noon: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        say(ticket)
        set_to(noon, 7, days=1)
        forget_mails()
        with monkeypatch.context() as patch:
            patch.setattr(rows, "finish", _raising(PowerCut()))
            with pytest.raises(PowerCut):
                run()
        for _ in range(3):
            noon.forward(hours=1)
            run()
        assert len(mails_to(EVA)) == 2

    def test_one_that_fails_holds_up_no_other_and_comes_an_hour_later(
        self, ticket: Ticket, noon: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        choose(WANDA, digest=True)
        say(ticket)
        set_to(noon, 7, days=1)
        forget_mails()
        send = mailer.send
        with monkeypatch.context() as patch:
            patch.setattr(
                mailer, "send", lambda mail: _raising(MailDelayed())() if mail.to == EVA.email else send(mail)
            )
            with pytest.raises(MailDelayed):
                run()
        assert [mail.to for mail in sent_mails()] == [WANDA.email]
        noon.forward(hours=1)
        run()
        assert [mail.to for mail in sent_mails()] == [WANDA.email, EVA.email]

    def test_what_ses_refuses_for_good_is_not_tried_for_ever(
        self, ticket: Ticket, noon: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        say(ticket)
        set_to(noon, 7, days=1)
        with monkeypatch.context() as patch:
            patch.setattr(mailer, "send", _raising(MailRefused()))
            run()
        assert rows.due(noon.at) == []

    def test_without_time_it_begins_nothing(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket)
        set_to(noon, 7, days=1)
        forget_mails()
        run(remaining=1000)
        assert sent_mails() == []
        run()
        assert len(mails_to(EVA)) == 1

    def test_what_waits_is_kept_for_long_and_leaves_with_its_mail(self, ticket: Ticket, noon: Clock) -> None:
        from chalicelib.storage.models import ExpiringRow

        say(ticket)
        [row] = ExpiringRow.query("digest")
        assert row.expires >= (noon.at + timedelta(days=364)).timestamp()
        next_morning(noon)
        assert list(ExpiringRow.query("digest")) == []


def _raising(error: BaseException) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


class TestByThen:
    """Between the event and the morning something changed; the digest goes by what holds when it is sent."""

    def leave(self) -> None:
        choose(EVA, active=False)

    def mute(self) -> None:
        choose(EVA, muted=(Topic.REPLIES,))

    @pytest.mark.parametrize("change", ["leave", "mute"])
    def test_the_person(self, ticket: Ticket, noon: Clock, change: str) -> None:
        say(ticket)
        getattr(self, change)()
        next_morning(noon)
        assert sent_mails() == []
        assert rows.due(noon.at) == []

    def test_they_unsubscribed_from_one_of_two(self, ticket: Ticket, noon: Clock) -> None:
        other = filed(subject="Druhý")
        say(ticket)
        say(other)
        unsubscribed.add(ticket.number, EVA.email)
        next_morning(noon)
        mail = digest_to(EVA)
        assert other.number in mail.text
        assert ticket.number not in mail.whole

    def test_a_watcher_who_was_taken_away_reads_nothing(self, ticket: Ticket, noon: Clock) -> None:
        choose(WANDA, digest=True)
        say(ticket)
        desk.unwatch(ticket.number, WANDA.email, signed_in(BOB))
        next_morning(noon)
        assert mails_to(WANDA) == []

    @pytest.mark.parametrize("role", [ProjectRole.CUSTOMER, None])
    def test_a_note_does_not_reach_who_is_no_longer_of_the_staff(
        self, ticket: Ticket, noon: Clock, role: ProjectRole | None
    ) -> None:
        """Bob watches as well, so that he goes on reading the request as a customer: its reply, and not its note."""
        desk.watch(ticket.number, BOB.email, signed_in(BOB))
        choose(BOB, digest=True)
        say(ticket, "Tajné slovo.", CAROL, internal=True)
        say(ticket, "Veřejné slovo.", EVA)
        choose(BOB, roles={WEB: role} if role else {})
        next_morning(noon)
        mail = digest_to(BOB)
        assert "Veřejné slovo." in mail.text
        assert "Tajné" not in mail.whole
        assert "note" not in mail.whole.lower()

    def test_who_works_there_reads_notes(self, ticket: Ticket, noon: Clock) -> None:
        choose(BOB, digest=True)
        say(ticket, "Tajné slovo.", CAROL, internal=True)
        next_morning(noon)
        assert "Tajné slovo." in digest_to(BOB).text

    def test_who_turned_the_digest_off_still_gets_what_was_put_by(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket)
        choose(EVA, digest=False)
        next_morning(noon)
        assert len(mails_to(EVA)) == 1


class TestWhatItSays:
    def test_request_by_request_with_a_link_each(self, ticket: Ticket, noon: Clock) -> None:
        other = filed(subject="Druhý požadavek")
        say(ticket, "Prvnímu.")
        say(other, "Druhému.")
        say(ticket, "Zase prvnímu.")
        next_morning(noon)
        mail = digest_to(EVA)
        order = [mail.text.index(each) for each in (ticket.subject, "Prvnímu.", "Zase prvnímu.", "Druhý", "Druhému.")]
        assert order == sorted(order)
        for number in (ticket.number, other.number):
            assert f"https://desk.example/t/{number}#k=" in mail.text
            assert f"https://desk.example/t/{number}#k=" in mail.html

    def test_staff_get_links_without_secrets(self, ticket: Ticket, noon: Clock) -> None:
        choose(BOB, digest=True)
        say(ticket, by=EVA)
        next_morning(noon)
        mail = digest_to(BOB)
        assert f"https://desk.example/desk/{ticket.number}\n" in mail.text
        assert "#k=" not in mail.whole

    def test_long_texts_are_cut_and_files_counted(self, ticket: Ticket, noon: Clock) -> None:
        upload = uploaded(signed_in(BOB))
        say(ticket, "Dlouhé " * 500 + "konec", uploads=(upload.id,))
        next_morning(noon)
        mail = digest_to(EVA)
        assert "konec" not in mail.text
        assert "…" in mail.text
        assert "(1 soubor)" in mail.text

    def test_what_an_anonymous_submitter_wrote_is_not_repeated_to_an_unconfirmed_address(self, noon: Clock) -> None:
        choose(FRANK, digest=True)
        ticket = filed_by_form(FRANK, "Levné hodinky", "Kupte u nás!")
        say(ticket, "Co si přejete?")
        next_morning(noon)
        mail = digest_to(FRANK)
        assert "Levné hodinky" not in mail.whole
        assert "Co si přejete?" in mail.text

    @pytest.mark.parametrize("language", ["cs", "en"])
    def test_in_their_language(self, ticket: Ticket, noon: Clock, language: str) -> None:
        choose(EVA, language=language)
        say(ticket)
        next_morning(noon)
        mail = digest_to(EVA)
        headline = {"cs": "Co je nového ve vašich požadavcích", "en": "What happened in your requests"}[language]
        assert headline in mail.text
        assert f'<html lang="{language}">' in mail.html
        assert "https://desk.example/me" in mail.text

    def test_it_offers_one_click_and_is_no_part_of_a_thread(self, ticket: Ticket, noon: Clock) -> None:
        say(ticket)
        next_morning(noon)
        message = digest_to(EVA).message
        address = str(message["List-Unsubscribe"])
        assert unsubscribed.unseal(address[1:-1].rpartition("/")[2]) == (unsubscribed.EVERYTHING, EVA.email)
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["References"] is None

    def test_a_hand_over_names_who_got_it_then(self, ticket: Ticket, noon: Clock) -> None:
        moved(ticket, "hand_over", ALICE, assignee=CAROL.email)
        tell(ticket)
        moved(ticket, "hand_over", ALICE, assignee=BOB.email)
        tell(ticket)
        next_morning(noon)
        text = digest_to(EVA).text
        assert text.index(CAROL.email) < text.index(BOB.name)


@pytest.mark.parametrize(
    ("at", "day"),
    [("06:54", "2025-03-30"), ("06:55", "2025-03-31"), ("07:00", "2025-03-31"), ("23:59", "2025-03-31")],
)
def test_the_day_is_that_of_the_desk_s_zone_also_when_clocks_change(aws: None, at: str, day: str) -> None:
    local = datetime.fromisoformat(f"2025-03-30T{at}:00").replace(tzinfo=PRAGUE)
    assert rows._due_day(local.astimezone(ZoneInfo("UTC"))) == day
