"""How often each hot address waits for AWS: calls that run side by side count once, as in production."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import pytest

from chalicelib import config
from chalicelib.desk import CommentOrder, comment
from chalicelib.storage import aws
from tests.cast import ALICE, BOB, EVA, ROOT, signed_in
from tests.stage import filed, moved, uploaded
from tests.web.api.door import by_link
from tests.web.client import Answer
from tests.web.conftest import Browser

T = TypeVar("T")
TICKET = "/api/v1/tickets/WEB-1"
READING: list[tuple[str, dict[str, Any], int]] = [
    ("/api/v1/tickets", {}, 3),
    ("/api/v1/tickets", {"project": "WEB", "state": ["new", "in_progress"], "assignee": "me"}, 3),
    ("/api/v1/tickets", {"q": "WEB-1"}, 2),
    ("/api/v1/tickets", {"q": "1"}, 3),
    (TICKET, {}, 2),
    (f"{TICKET}/history", {}, 2),
    (f"{TICKET}/watchers", {}, 2),
    ("/api/v1/projects", {}, 3),
    ("/api/v1/me", {}, 2),
]


class Waits:
    """A clock that every call to AWS moves on by one, and an executor that runs what is side by side at one time."""

    def __init__(self) -> None:
        self.now = 0
        self.calls = 0

    def tick(self, **_: Any) -> None:
        self.now += 1
        self.calls += 1

    def submit(self, call: Callable[[], T]) -> "Running":
        started = self.now
        running = Running(self, call(), self.now)
        self.now = started
        return running


class Running:
    """A call that was started earlier; asking for its answer waits until it is there."""

    def __init__(self, waits: Waits, answer: Any, ended: int) -> None:
        self._waits, self._answer, self._ended = waits, answer, ended

    def cancel(self) -> bool:
        """It has begun already."""
        return False

    def result(self) -> Any:
        self._waits.now = max(self._waits.now, self._ended)
        return self._answer


@pytest.fixture
def waits(stage: None, monkeypatch: pytest.MonkeyPatch) -> Waits:
    monkeypatch.setenv("READ_THREADS", "8")
    config.settings.cache_clear()
    waits = Waits()
    monkeypatch.setattr(aws, "_threads", lambda: waits)
    for client in (aws.dynamodb(), aws.s3(), aws.sqs()):
        client.meta.events.register_first("before-send", waits.tick)
    return waits


@pytest.fixture(autouse=True)
def ticket(stage: None) -> None:
    """Eva's request with a file, a reply and a note, in Bob's hands."""
    upload = uploaded(signed_in(EVA))
    number = moved(filed(uploads=(upload.id,)), "hand_over", ALICE, assignee=BOB.email).number
    comment(number, CommentOrder("Díváme se."), signed_in(BOB))
    comment(number, CommentOrder("Neplatí.", internal=True), signed_in(BOB))


def taken(waits: Waits, ask: Callable[[], Answer]) -> int:
    waits.now = 0
    answer = ask()
    assert answer.status < 300, answer
    return waits.now


@pytest.mark.parametrize("person", [ALICE, BOB, ROOT], ids=lambda person: person.name)
def test_reading(browser: Browser, waits: Waits, person: Any) -> None:
    client = browser(person)
    for path, query, most in READING:
        assert taken(waits, partial(client.get, path, **query)) <= most, (path, query)


def test_a_customer_reads_in_as_few(browser: Browser, waits: Waits) -> None:
    client = browser(EVA)
    assert taken(waits, lambda: client.get(TICKET)) == 2
    assert taken(waits, lambda: client.get(f"{TICKET}/history")) == 2
    assert taken(waits, lambda: client.get("/api/v1/tickets")) <= 3


def test_a_customer_with_a_link_too(browser: Browser, waits: Waits) -> None:
    client = by_link(browser(), filed(subject="Druhý"), EVA)
    assert taken(waits, lambda: client.get("/api/v1/tickets/WEB-2")) == 2


def test_a_program_with_a_token_waits_once_more(browser: Browser, waits: Waits) -> None:
    from tests.web.api.door import api_token

    client = browser(token=api_token(BOB), origin=None)
    assert taken(waits, lambda: client.get(TICKET)) == 3


def test_writing(browser: Browser, waits: Waits) -> None:
    bob, order = browser(BOB), {"project": "WEB", "subject": "Tisk", "text": "Nejde."}
    assert taken(waits, lambda: bob.post(f"{TICKET}/comments", {"text": "Ano."})) <= 4
    version = bob.get(TICKET).json()["version"]
    assert taken(waits, lambda: bob.post(f"{TICKET}/moves", {"action": "finish", "version": version})) <= 4
    assert taken(waits, lambda: bob.post("/api/v1/tickets", order)) <= 6
