"""Signing in by a mailed code, staying signed in, and being signed out again."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from chalicelib import clock, directory
from chalicelib.config import settings
from chalicelib.directory import SESSION_LASTS
from chalicelib.domain.errors import Invalid, TooMany
from chalicelib.domain.people import Person, SiteRole, Via
from chalicelib.storage import access, people
from tests.cast import BOB, EVA, STRANGER
from tests.stage import NETWORK, Clock, filed_by_form

pytestmark = pytest.mark.usefixtures("stage")
NOBODY = "nobody@elsewhere.example"


def jobs() -> list[dict[str, str]]:
    client = boto3.client("sqs", region_name="eu-central-1")
    answer = client.receive_message(QueueUrl=settings().mail_queue_url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def with_code(email: str = BOB.email, code: str = "123456") -> str:
    access.save_code(email, code, clock.now() + timedelta(minutes=10))
    return code


def sign_in(email: str = BOB.email, code: str = "123456") -> tuple[Person, str]:
    return directory.sign_in(email, code, "cs", NETWORK)


class TestRequestCode:
    def test_a_job_is_queued_whoever_asks_and_the_desk_reads_nothing_of_them(self) -> None:
        directory.request_code(" BOB@desk.example ", "en", NETWORK)
        directory.request_code(NOBODY, "cs", NETWORK)
        directory.find_requests(EVA.email, "cs", NETWORK)
        assert sorted(jobs(), key=str) == sorted(
            [
                {"kind": "code", "email": BOB.email, "language": "en"},
                {"kind": "code", "email": NOBODY, "language": "cs"},
                {"kind": "links", "email": EVA.email, "language": "cs"},
            ],
            key=str,
        )

    def test_one_address_is_stopped_after_five_and_others_are_not(self, stopped: Clock) -> None:
        for _ in range(5):
            directory.request_code(BOB.email, "en", NETWORK)
        for asking in (directory.request_code, directory.find_requests):
            with pytest.raises(TooMany):
                asking(BOB.email, "en", NETWORK)
        directory.request_code(EVA.email, "en", NETWORK)
        stopped.forward(minutes=15)
        directory.request_code(BOB.email, "en", NETWORK)

    def test_what_is_no_address_is_refused(self) -> None:
        for email in ("", "bob", "a@b.cz\nx", "\ud800@x.cz"):
            with pytest.raises(Invalid):
                directory.request_code(email, "en", NETWORK)
        assert jobs() == []


class TestSignIn:
    def test_the_code_opens_a_session(self) -> None:
        with_code()
        person, secret = sign_in(" BOB@desk.example", "123 456")
        actor = directory.by_session(secret, BOB.email)
        assert person.email == BOB.email
        assert actor is not None
        assert (actor.email, actor.via, actor.roles) == (BOB.email, Via.SESSION, BOB.roles)

    def test_it_confirms_the_address_once(self, stopped: Clock) -> None:
        with_code()
        first, _ = sign_in()
        assert first.confirmed_at == stopped.at
        stopped.forward(days=1)
        with_code()
        assert sign_in()[0].confirmed_at == first.confirmed_at

    def test_somebody_new_becomes_a_person_with_the_name_they_gave(self) -> None:
        filed_by_form(replace(STRANGER, email=NOBODY), name="Petr Pokorný")
        person, _ = sign_in(NOBODY, with_code(NOBODY))
        assert (person.name, person.language, person.roles, person.site_role) == ("Petr Pokorný", "cs", {}, None)
        other, _ = sign_in("jana.n@elsewhere.example", with_code("jana.n@elsewhere.example"))
        assert other.name == "jana.n"

    def test_the_first_administrator_is_one_from_the_first_sign_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(directory, "settings", lambda: replace(settings(), admin_email=NOBODY))
        person, _ = sign_in(NOBODY, with_code(NOBODY))
        assert person.site_role is SiteRole.ADMIN
        other, _ = sign_in(STRANGER.email, with_code(STRANGER.email))
        assert other.site_role is None

    def test_a_wrong_used_or_foreign_code_opens_nothing(self) -> None:
        with_code()
        for email, code in ((BOB.email, "654321"), (EVA.email, "123456"), (NOBODY, "123456")):
            with pytest.raises(Invalid):
                sign_in(email, code)
        sign_in()
        with pytest.raises(Invalid):
            sign_in()

    def test_what_is_no_code_costs_no_try(self) -> None:
        with_code()
        for code in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", "12345\0"):
            with pytest.raises(Invalid):
                sign_in(code=code)
        assert sign_in()[0].email == BOB.email

    def test_whoever_is_deactivated_stays_out(self) -> None:
        people.update(BOB, replace(BOB, active=False))
        with_code()
        with pytest.raises(Invalid):
            sign_in()

    def test_guessing_is_stopped_even_with_fresh_codes(self, stopped: Clock) -> None:
        for _ in range(4):
            with_code()
            for guess in range(5):
                with pytest.raises(Invalid):
                    sign_in(code=f"00000{guess}")
        with_code()
        with pytest.raises(TooMany):
            sign_in()


class TestSession:
    def test_it_ends_after_its_time_and_by_signing_out(self, stopped: Clock) -> None:
        with_code()
        _, secret = sign_in()
        stopped.forward(seconds=SESSION_LASTS.total_seconds() - 1)
        assert directory.by_session(secret, BOB.email)
        directory.sign_out(secret)
        assert directory.by_session(secret, BOB.email) is None
        with_code()
        _, another = sign_in()
        stopped.forward(seconds=SESSION_LASTS.total_seconds())
        assert directory.by_session(another, BOB.email) is None

    def test_every_sign_in_has_a_secret_of_its_own(self) -> None:
        secrets = set()
        for _ in range(3):
            with_code()
            secrets.add(sign_in()[1])
        assert len(secrets) == 3
        assert min(len(secret) for secret in secrets) >= 32
