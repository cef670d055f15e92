"""Many at once, against dynoxide, an engine with real transactions: what moto cannot prove."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier, Lock
from typing import Any

import boto3
import pytest

from chalicelib import addresses, clock, closing, desk, mailer, notifications
from chalicelib.desk import CommentOrder, MoveRequest, SubmitOrder
from chalicelib.domain.addresses import Mark
from chalicelib.domain.errors import DeskError, LastAdmin, StaleVersion
from chalicelib.domain.events import (
    AUTO_CLOSED,
    FOLLOWED,
    MAIL_BOUNCED,
    MAIL_RESUMED,
    RATED,
    REMINDED,
    SUBMITTED,
    Event,
)
from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import Person, SiteRole
from chalicelib.domain.tickets import State, Ticket
from chalicelib.mailer import Mail
from chalicelib.storage import access, bulk, counters, history, organisations, outbox, people, tickets
from chalicelib.storage import addresses as stored
from chalicelib.storage.access import Verdict
from infra.local import resources
from infra.local.dynoxide import dynoxide
from tests import ses_events, stage
from tests.cast import ALICE, BOB, CAST, EVA, ROOT, WEB, signed_in
from tests.conftest import forget_clients


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dynoxide(tmp_path_factory.mktemp("dynoxide") / "desk.sqlite") as address:
        yield address


@pytest.fixture(scope="module")
def tables(endpoint: str) -> dict[str, str]:
    session = boto3.Session("test", "test", region_name="eu-central-1")
    made = resources.create_tables(session.client("dynamodb", endpoint_url=endpoint))
    with pytest.MonkeyPatch.context() as patch:
        enter(patch, endpoint, made)
        bulk.write(bulk.directory_rows(stage.PROJECTS, CAST))
    forget_clients()
    return made


def enter(patch: pytest.MonkeyPatch, endpoint: str, tables: dict[str, str]) -> None:
    """Points the desk at the engine. There is no bucket and no queue: these races have no files."""
    forget_clients()
    missing = {"FILES_BUCKET": "none", "MAIL_QUEUE_URL": "none", "READ_THREADS": "8"}
    for name, value in {**tables, **missing, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}.items():
        patch.setenv(name, value)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, endpoint: str, tables: dict[str, str]) -> Iterator[None]:
    enter(monkeypatch, endpoint, tables)
    yield
    forget_clients()


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What `count` threads get that all begin `act` at the same moment; a refusal is an answer."""
    barrier = Barrier(count)

    def one(position: int) -> Any:
        barrier.wait()
        try:
            return act(position)
        except DeskError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def file_one(subject: str = "Souběh", once_key: str | None = None) -> Ticket:
    return desk.submit(SubmitOrder(WEB, subject, "Text"), signed_in(EVA), stage.NETWORK, once_key)


def counted() -> dict[State, int]:
    return counters.by_state({WEB})


@pytest.mark.usefixtures("engine")
class TestSubmit:
    def test_twenty_at_once_get_twenty_numbers(self) -> None:
        before = counted()
        filed = at_once(20, lambda position: file_one(f"Požadavek {position}"))
        assert all(isinstance(ticket, Ticket) for ticket in filed), filed
        assert len({ticket.number for ticket in filed}) == 20
        assert {tickets.load(ticket.number).subject for ticket in filed} == {f"Požadavek {n}" for n in range(20)}
        assert counted()[State.NEW] == before[State.NEW] + 20

    def test_ten_clicks_at_once_file_one_ticket(self) -> None:
        before = counted()
        filed = at_once(10, lambda position: file_one(once_key="ten clicks"))
        assert len({ticket.number for ticket in filed}) == 1, filed
        assert counted()[State.NEW] == before[State.NEW] + 1
        assert len(history.of_ticket(filed[0].number)) == 1


@pytest.mark.usefixtures("engine")
class TestMove:
    def test_of_ten_moves_from_one_version_exactly_one_wins(self) -> None:
        ticket = file_one()
        answers = at_once(
            10,
            lambda position: desk.move(
                ticket.number, MoveRequest("return", ticket.version, text=f"Co {position}?"), signed_in(ALICE)
            ),
        )
        won = [answer for answer in answers if isinstance(answer, Ticket)]
        assert len(won) == 1, answers
        # who comes after the winner has written finds the ticket in another state already
        assert all(getattr(answer, "code", "") in ("stale", "conflict") for answer in answers if answer not in won)
        assert len(history.of_ticket(ticket.number)) == 2

    def test_hand_overs_that_all_stay_possible_are_refused_as_stale(self) -> None:
        ticket = file_one()
        answers = at_once(
            10,
            lambda position: desk.move(
                ticket.number, MoveRequest("hand_over", ticket.version, assignee=BOB.email), signed_in(ALICE)
            ),
        )
        assert Counter(type(answer) for answer in answers) == {Ticket: 1, StaleVersion: 9}
        assert tickets.load(ticket.number).version == 2


@pytest.mark.usefixtures("engine")
class TestComment:
    def test_ten_replies_at_once_all_land(self) -> None:
        ticket = file_one()
        answers = at_once(
            10, lambda position: desk.comment(ticket.number, CommentOrder(f"Odpověď {position}"), signed_in(EVA))
        )
        assert not [answer for answer in answers if isinstance(answer, DeskError)]
        texts = [event.text for event in history.of_ticket(ticket.number)[1:]]
        assert sorted(texts) == [f"Odpověď {position}" for position in range(10)]
        assert tickets.load(ticket.number).version == 11

    def test_the_same_reply_sent_ten_times_at_once_is_written_once(self) -> None:
        ticket = file_one()
        order = CommentOrder("Dvojklik")
        answers = at_once(10, lambda _: desk.comment(ticket.number, order, signed_in(EVA), "k1"))
        assert len({answer.id for answer in answers if isinstance(answer, Event)}) == 1
        assert len(history.of_ticket(ticket.number)) == 2

    def test_notes_and_replies_at_once_all_land(self) -> None:
        ticket = file_one()
        answers = at_once(
            10,
            lambda position: desk.comment(
                ticket.number, CommentOrder(f"Text {position}", internal=position % 2 == 0), signed_in(ALICE)
            ),
        )
        assert not [answer for answer in answers if isinstance(answer, DeskError)]
        assert len(history.of_ticket(ticket.number)) == 11


@pytest.mark.usefixtures("engine")
class TestDeliver:
    def test_two_deliverers_send_each_mail_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: Counter[tuple[str, str]] = Counter()
        counting = Lock()

        def send(mail: Mail) -> None:
            with counting:
                sent[mail.to, mail.subject] += 1

        monkeypatch.setattr(mailer, "send", send)
        filed = [file_one(f"Pošta {position}") for position in range(5)]
        events = [(ticket.number, history.of_ticket(ticket.number)[0].id) for ticket in filed]
        at_once(2, lambda position: [notifications.deliver(*event) for event in events])
        numbers = {ticket.number for ticket in filed}
        of_these = {key: count for key, count in sent.items() if key[1].split("]")[0].strip("[") in numbers}
        assert len(of_these) == 10  # the requester and the project manager of each
        assert set(of_these.values()) == {1}
        assert not numbers & {number for number, _ in outbox.due(clock.now())}


@pytest.mark.usefixtures("engine")
class TestAddresses:
    """What SES says of one address, all at once and every word of it twice."""

    def test_each_report_counts_once_and_each_request_is_told_once(self) -> None:
        email = f"{clock.new_id(8)}@customer.example"
        numbers = [file_one().number for _ in range(4)]
        events = [ses_events.bounce(email, ticket=number, feedback_id=number) for number in numbers]
        assert at_once(8, lambda n: addresses.take(ses_events.body(events[n % 4]))) == [None] * 8
        known = stored.load(email)
        assert (known.mark, known.failures, sorted(known.tickets)) == (Mark.BOUNCED, 4, sorted(numbers))
        for number in numbers:
            assert [event.kind for event in history.of_ticket(number)] == [SUBMITTED, MAIL_BOUNCED]

    def test_of_all_who_clear_it_at_once_the_requests_hear_from_one(self) -> None:
        email = f"{clock.new_id(8)}@customer.example"
        number = file_one().number
        addresses.take(ses_events.body(ses_events.bounce(email, ticket=number)))
        at_once(6, lambda _: addresses.clear_on(number, email, signed_in(ALICE)))
        assert stored.load(email).mark is None
        assert [event.kind for event in history.of_ticket(number)] == [SUBMITTED, MAIL_BOUNCED, MAIL_RESUMED]


@pytest.mark.usefixtures("engine")
class TestCode:
    def test_eight_wrong_guesses_at_once_get_no_more_than_five_tries(self) -> None:
        at = clock.now()
        access.save_code(EVA.email, "123456", at + notifications.CODE_LASTS)
        verdicts = Counter(at_once(8, lambda position: access.try_code(EVA.email, f"00000{position}", at)))
        assert verdicts == {Verdict.WRONG: 5, Verdict.GONE: 3}
        assert access.try_code(EVA.email, "123456", at) is Verdict.GONE

    def test_a_right_code_opens_once_however_often_it_is_given(self) -> None:
        at = clock.now()
        access.save_code(BOB.email, "123456", at + notifications.CODE_LASTS)
        verdicts = Counter(at_once(5, lambda position: access.try_code(BOB.email, "123456", at)))
        assert verdicts == {Verdict.RIGHT: 1, Verdict.GONE: 4}


@pytest.mark.usefixtures("engine")
class TestClosing:
    """At noon, so that the day's work is to be done whenever the tests run."""

    NOON = datetime(2025, 6, 4, 10, 0, tzinfo=UTC)

    def left_in_done(self, days: int) -> Ticket:
        ticket, since = file_one(), self.NOON - timedelta(days=days)
        done = replace(ticket, state=State.DONE, updated_at=since, done_at=since, waiting_since=since, version=2)
        bulk.write([tickets.row_of(done)])
        return done

    def kinds(self, ticket: Ticket) -> list[str]:
        return [event.kind for event in history.of_ticket(ticket.number) if event.kind != SUBMITTED]

    def test_runs_at_once_remind_once_and_close_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        left = [self.left_in_done(days=12) for _ in range(5)]
        for day in range(6):
            monkeypatch.setattr(clock, "now", lambda day=day: self.NOON + timedelta(days=day))
            assert at_once(4, lambda _: closing.run(lambda: 60_000)) == [None] * 4
        assert [self.kinds(ticket) for ticket in left] == [[REMINDED, AUTO_CLOSED]] * 5

    def test_even_without_the_claim_each_step_is_taken_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket = self.left_in_done(days=12)
        monkeypatch.setattr(clock, "now", lambda: self.NOON)
        settle = partial(closing._settle, ticket, stage.OPEN_WEB, self.NOON.date())
        assert at_once(6, lambda _: tickets.again_when_stale(settle)) == [None] * 6
        assert self.kinds(ticket) == [REMINDED]

    def test_a_verdict_and_the_closing_at_once_end_in_one_of_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: self.NOON)
        left = [
            replace(self.left_in_done(days=20), reminded_at=self.NOON - timedelta(days=9), version=3) for _ in range(8)
        ]
        bulk.write([tickets.row_of(ticket) for ticket in left])

        def act(position: int) -> None:
            for ticket in left if position else reversed(left):
                settle = partial(closing._settle, ticket, stage.OPEN_WEB, self.NOON.date())
                try:
                    if position:
                        tickets.again_when_stale(settle)
                    else:
                        desk.move(ticket.number, MoveRequest("reject", 3, text="Ne."), signed_in(EVA))
                except DeskError:
                    continue

        at_once(2, act)
        ends = [self.kinds(ticket) for ticket in left]
        assert all(end in ([AUTO_CLOSED], ["ticket.rejected"]) for end in ends), ends


def one_of(changes: list[tuple[Person, Person]], position: int) -> Person | None:
    return people.update(*changes[position])


@pytest.mark.usefixtures("engine")
class TestAdmins:
    def test_of_two_administrators_who_end_each_other_at_once_one_stays(self) -> None:
        root = people.find(ROOT.email)
        assert root
        for turn in range(10):
            other = Person(f"second{turn}@desk.example", "Second", "en", SiteRole.ADMIN)
            assert people.create(other)
            ends = [(root, replace(root, site_role=None)), (other, replace(other, active=False))]
            one, two = at_once(2, partial(one_of, ends))
            assert sorted((isinstance(one, LastAdmin), isinstance(two, LastAdmin))) == [False, True]
            if isinstance(one, LastAdmin):
                continue
            root = people.update(one, replace(one, site_role=SiteRole.ADMIN))
            assert root
            survivor = people.find(other.email)
            assert survivor
            assert people.update(survivor, replace(survivor, active=False))

    def test_of_ten_who_all_leave_at_once_the_last_stays(self) -> None:
        leaving = [Person(f"leaving{n}@desk.example", "Leaving", "en", SiteRole.ADMIN) for n in range(10)]
        for person in leaving:
            assert people.create(person)
        root = people.find(ROOT.email)
        assert root
        gone = people.update(root, replace(root, site_role=None))
        assert gone
        answers = at_once(10, lambda n: people.update(leaving[n], replace(leaving[n], site_role=None)))
        assert len([each for each in answers if isinstance(each, LastAdmin)]) == 1
        assert people.update(gone, replace(gone, site_role=SiteRole.ADMIN))

    def test_an_administrator_from_before_there_was_the_set_may_leave_while_another_is_in_it(self) -> None:
        elder = Person("elder@desk.example", "Elder", "en", SiteRole.ADMIN)
        people.row_of(elder).save()
        assert people.update(elder, replace(elder, active=False))

    def test_of_ten_changes_of_one_person_one_is_written(self) -> None:
        known = people.find(BOB.email)
        assert known
        answers = at_once(10, lambda n: people.update(known, replace(known, name=f"Bob {n}")))
        [written] = [each for each in answers if isinstance(each, Person)]
        assert people.find(BOB.email) == written

    def test_of_ten_organisations_of_one_name_one_is_made(self) -> None:
        assert sum(at_once(10, lambda n: organisations.create(Organisation(f"o{n}", "Souběh")))) == 1


@pytest.mark.usefixtures("engine")
class TestAfterTheEnd:
    def closed(self) -> Ticket:
        ticket = file_one()
        ticket = desk.move(ticket.number, MoveRequest("finish", ticket.version), signed_in(ALICE))
        return desk.move(ticket.number, MoveRequest("accept", ticket.version), signed_in(EVA))

    def test_of_six_ratings_at_once_one_counts(self) -> None:
        ticket = self.closed()
        answers = at_once(6, lambda position: desk.rate(ticket.number, position % 5 + 1, "", signed_in(EVA)))
        [rated] = [answer for answer in answers if isinstance(answer, Ticket)]
        assert {getattr(answer, "code", "") for answer in answers if answer is not rated} == {"conflict"}
        assert tickets.load(ticket.number) == rated
        assert [event.kind for event in history.of_ticket(ticket.number)].count(RATED) == 1

    def test_a_follow_up_sent_ten_times_at_once_is_filed_and_told_once(self) -> None:
        ticket = self.closed()
        order = SubmitOrder(WEB, "Znovu", "Text", follows=ticket.number)
        filed = at_once(10, lambda _: desk.submit(order, signed_in(EVA), stage.NETWORK, f"again {ticket.number}"))
        assert len({answer.number for answer in filed}) == 1, filed
        assert [event.kind for event in history.of_ticket(ticket.number)].count(FOLLOWED) == 1

    def test_five_follow_ups_at_once_are_all_told(self) -> None:
        ticket = self.closed()
        orders = [SubmitOrder(WEB, f"Znovu {position}", "Text", follows=ticket.number) for position in range(5)]
        filed = at_once(5, lambda position: desk.submit(orders[position], signed_in(EVA), stage.NETWORK))
        told = {event.changes["follow_up"][1] for event in history.of_ticket(ticket.number) if event.kind == FOLLOWED}
        assert told == {answer.number for answer in filed}


def test_the_engine_is_not_left_in_the_environment() -> None:
    assert "AWS_ENDPOINT_URL_DYNAMODB" not in os.environ
