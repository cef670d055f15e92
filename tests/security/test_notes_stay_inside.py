"""An internal note leaves no trace a customer could find: not as text, file, count, time, version, gap or mail."""

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import desk, digests, notifications
from chalicelib.desk import CommentOrder
from chalicelib.domain.notices import Audience, Notify, Topic
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import bulk, history, people, tickets
from tests.cast import ALICE, BOB, EVA, FRANK, STRANGER, WANDA, signed_in
from tests.stage import Clock, forget_mails, sent_mails, standing_at, uploaded
from tests.stage import stopped as stopped
from tests.web.api.door import by_link
from tests.web.client import Client
from tests.web.conftest import Browser
from tests.web.conftest import browser as browser

MARKER, FILE = "zlatokopové", "mapa-dolu.txt"
CUSTOMERS = (EVA, WANDA, FRANK, STRANGER)
OFFICE = "office@customer.example"
API = "/api/v1"
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/", {}),
    ("/my", {}),
    ("/t/WEB-1", {}),
    ("/t/WEB-1/files", {}),
    ("/desk", {}),
    ("/desk/WEB-1", {}),
    ("/desk/WEB-1/files", {}),
    ("/desk/WEB-1/recipients", {}),
    (f"{API}/me", {}),
    (f"{API}/tickets", {}),
    (f"{API}/tickets", {"sort": "updated_at"}),
    (f"{API}/tickets", {"q": "WEB-1"}),
    (f"{API}/tickets", {"q": MARKER}),
    (f"{API}/tickets/WEB-1", {}),
    (f"{API}/tickets/WEB-1/history", {}),
    (f"{API}/tickets/WEB-1/history", {"limit": 1}),
    (f"{API}/tickets/WEB-1/history", {"limit": 3}),
    (f"{API}/tickets/WEB-1/watchers", {}),
    (f"{API}/tickets/WEB-1/recipients", {"internal": "true"}),
    (f"{API}/projects/WEB", {}),
)


@pytest.fixture(autouse=True)
def ticket(stage: None, stopped: Clock) -> Ticket:
    """Eva's request that Wanda watches; everybody is to hear of everything, notes too, and the office as well."""
    found = standing_at(State.IN_PROGRESS)
    everything = Notify({each: tuple(Topic) for each in Audience}, (OFFICE,))
    bulk.write([tickets.row_of(replace(found, notify=everything))])
    return found


def write_a_note() -> str:
    """Bob leaves a note with a file; the id of the file."""
    upload = uploaded(signed_in(BOB), content=MARKER.encode(), filename=FILE)
    desk.comment("WEB-1", CommentOrder(f"Tajné: {MARKER}", internal=True, uploads=(upload.id,)), signed_in(BOB))
    return upload.id


def doors(browser: Browser, person: Person) -> list[Client]:
    """Signed in, and by a mailed link where they may have one."""
    found = [browser(person)]
    return [*found, by_link(browser(), tickets.load("WEB-1"), person)] if person in (EVA, WANDA) else found


def answers(client: Client) -> list[tuple[int, str | None, bytes]]:
    """What a reader gets from every address, with the tag; what each rendering draws anew is taken out."""
    found = []
    for path, query in ASKED:
        answer = client.get(path, **query)
        found.append((answer.status, answer.headers.get("etag"), _still(answer.content)))
    return found


def _still(content: bytes) -> bytes:
    return re.sub(rb'name="key" value="[^"]*"', b"", content)


@pytest.mark.parametrize("person", CUSTOMERS, ids=lambda person: person.name)
def test_every_answer_is_the_same_as_before(browser: Browser, person: Person) -> None:
    clients = doors(browser, person)
    before = [answers(client) for client in clients]
    write_a_note()
    assert [answers(client) for client in clients] == before


@pytest.mark.parametrize("person", CUSTOMERS, ids=lambda person: person.name)
def test_the_file_is_not_there(browser: Browser, person: Person) -> None:
    file = write_a_note()
    for client in doors(browser, person):
        noted, absent = (client.get(f"{API}/attachments/{each}") for each in (file, "0" * len(file)))
        assert (noted.status, noted.content) == (absent.status, absent.content)
        assert noted.status in (401, 404)


def test_staff_do_see_it(browser: Browser) -> None:
    """Lest all the others pass because there is nothing to see."""
    write_a_note()
    for path in ("/desk/WEB-1", f"{API}/tickets/WEB-1/history"):
        text = browser(ALICE).get(path).text
        assert MARKER in text
        assert FILE in text


@pytest.mark.parametrize("digest", [False, True], ids=["single mails", "the digest"])
def test_no_mail_of_it_leaves_the_house(stopped: Clock, digest: bool) -> None:
    for person in (EVA, FRANK, BOB, ALICE):
        known = people.find(person.email)
        assert known
        people.update(known, replace(known, digest=digest))
    desk.watch("WEB-1", FRANK.email, signed_in(BOB))
    forget_mails()
    write_a_note()
    note = history.of_ticket("WEB-1")[-1]
    assert note.internal
    assert notifications.deliver("WEB-1", note.id)
    stopped.forward(days=2)
    digests.run(lambda: 60_000)
    assert {mail.to for mail in sent_mails()} == {ALICE.email}
    assert any(MARKER in mail.text for mail in sent_mails())
