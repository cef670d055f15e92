"""The jobs of the mail queue: one-time codes and lost links, for those the desk knows, and nothing for others."""

import re
from dataclasses import replace
from email.message import EmailMessage

import pytest

from chalicelib import directory, mailer, notifications
from chalicelib.config import settings
from chalicelib.domain.people import Person
from chalicelib.mailer import Mail, MailDelayed, MailRefused
from chalicelib.storage import people
from tests.cast import BOB, EVA, STRANGER
from tests.stage import NETWORK, SentMail, filed, filed_by_form, mails_to, sent_mails

pytestmark = pytest.mark.usefixtures("stage")
NOBODY = "nobody@elsewhere.example"


def run(kind: str, email: str, language: str = "en") -> None:
    notifications.run_job({"kind": kind, "email": email, "language": language})


def the_mail(person: Person) -> SentMail:
    [mail] = mails_to(person)
    return mail


class TestCode:
    def test_it_signs_in_and_is_on_no_other_line(self) -> None:
        run("code", BOB.email)
        mail = the_mail(BOB)
        [code] = re.findall(r"^    (\d{6})$", mail.text, re.MULTILINE)
        assert mail.subject == f"{code} is your sign-in code"
        person, _ = directory.sign_in(BOB.email, code, "en", NETWORK)
        assert person.email == BOB.email
        assert "10 minutes" in mail.text

    def test_it_is_written_in_the_language_it_was_asked_in(self) -> None:
        for language, word in (("cs", "přihlašovací"), ("en", "sign-in")):
            run("code", EVA.email, language)
            mail = mails_to(EVA)[-1]
            assert f'<html lang="{language}">' in mail.html
            assert word in mail.subject

    def test_it_carries_no_link_and_no_thread(self) -> None:
        run("code", BOB.email)
        message: EmailMessage = the_mail(BOB).message
        assert message["References"] is None
        assert message["Auto-Submitted"] == "auto-generated"
        assert not re.search(r"https?://", the_mail(BOB).text)

    def test_whoever_filed_a_request_is_known_and_others_are_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run("code", NOBODY)
        assert sent_mails() == []
        filed_by_form(replace(STRANGER, email="petr@elsewhere.example"))
        run("code", "petr@elsewhere.example")
        assert len(sent_mails()) == 1

    def test_the_first_administrator_is_known_to_an_empty_desk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notifications, "settings", lambda: replace(settings(), admin_email=NOBODY))
        run("code", NOBODY)
        assert len(sent_mails()) == 1

    def test_whoever_is_deactivated_gets_none(self) -> None:
        people.update(BOB, replace(BOB, active=False))
        run("code", BOB.email)
        assert sent_mails() == []


class TestLinks:
    def test_each_own_request_gets_a_fresh_link(self) -> None:
        numbers = {filed(EVA).number, filed(EVA).number}
        filed(BOB)
        run("links", EVA.email, "cs")
        tokens = set(re.findall(r"#k=(\S+)", the_mail(EVA).text))
        opened = {directory.open_link(token, NETWORK)[0] for token in tokens}
        assert {link.ticket for link in opened} == numbers
        assert {link.email for link in opened} == {EVA.email}

    def test_subjects_are_for_confirmed_addresses(self) -> None:
        filed_by_form(STRANGER, "Levné hodinky")
        run("links", STRANGER.email)
        assert "Levné hodinky" not in the_mail(STRANGER).whole
        assert "Your request</a>" in the_mail(STRANGER).html
        people.update(STRANGER, replace(STRANGER, confirmed_at=filed().created_at))
        run("links", STRANGER.email)
        assert "Levné hodinky" in mails_to(STRANGER)[-1].text

    def test_whoever_has_none_gets_no_mail(self) -> None:
        run("links", EVA.email)
        run("links", NOBODY)
        assert sent_mails() == []

    def test_there_is_an_end_to_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notifications, "_MOST_LINKS", 2)
        for _ in range(3):
            filed(EVA)
        run("links", EVA.email)
        assert len(re.findall(r"#k=", the_mail(EVA).text)) == 2


class TestFailure:
    def failing(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        def send(mail: Mail) -> None:
            raise error

        monkeypatch.setattr(mailer, "send", send)

    def test_a_delay_is_raised_so_that_the_queue_tries_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing(monkeypatch, MailDelayed("later"))
        with pytest.raises(MailDelayed):
            run("code", BOB.email)

    def test_a_refusal_for_good_is_dropped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing(monkeypatch, MailRefused("never"))
        run("code", BOB.email)
