"""The story over HTTP alone, as an integration would do it, with files that really travel to the store."""

import hashlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chalicelib import i18n
from tests.journeys.running import PATIENCE_SECONDS, Desk

EVA, PETRA, TOMAS = "eva.cerna@zakaznik.example", "petra.novotna@example.com", "tomas.dvorak@example.com"
OTHER_SOLVER = "martin.hruska@example.com"
ORDER = {"project": "WEB", "subject": "Přes API", "text": "Vyfoťte prosím nový sklad.", "type": "change"}


@pytest.fixture
def eva(desk: Desk) -> Iterator[httpx.Client]:
    with desk.api(EVA) as client:
        yield client


@pytest.fixture
def petra(desk: Desk) -> Iterator[httpx.Client]:
    with desk.api(PETRA) as client:
        yield client


@pytest.fixture
def tomas(desk: Desk) -> Iterator[httpx.Client]:
    with desk.api(TOMAS) as client:
        yield client


def promised(client: httpx.Client, filename: str, size: int) -> dict[str, Any]:
    order = {"filename": filename, "content_type": "image/tiff", "size": size, "project": "WEB"}
    answer = client.post("/uploads", json=order)
    assert answer.status_code == 201, answer.text
    place: dict[str, Any] = answer.json()
    return place


def sent(place: dict[str, Any], content: bytes) -> httpx.Response:
    return httpx.post(place["url"], data=place["fields"], files={"file": content}, timeout=PATIENCE_SECONDS)


def filed(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.post("/tickets", json={**ORDER, **changes})
    assert answer.status_code == 201, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


def moved(client: httpx.Client, ticket: dict[str, Any], action: str, **given: Any) -> dict[str, Any]:
    answer = client.post(
        f"/tickets/{ticket['number']}/moves", json={"action": action, "version": ticket["version"], **given}
    )
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def test_a_request_travels_from_its_filing_to_its_archive(
    desk: Desk, eva: httpx.Client, petra: httpx.Client, tomas: httpx.Client
) -> None:
    picture = random.Random(31).randbytes(30 * 1024 * 1024)
    big, empty = promised(eva, "sklad č. 2.tiff", len(picture)), promised(eva, "prázdný.txt", 0)
    assert sent(big, picture).is_success
    assert sent(empty, b"").is_success
    ticket = filed(eva, uploads=[big["id"], empty["id"]])
    number = ticket["number"]
    assert ticket["state"] == "new"
    assert [(each["filename"], each["size"]) for each in ticket["attachments"]] == [
        ("sklad č. 2.tiff", len(picture)),
        ("prázdný.txt", 0),
    ]

    ticket = moved(petra, ticket, "hand_over", assignee=TOMAS)
    assert ticket["assignee"]["email"] == TOMAS
    note = tomas.post(f"/tickets/{number}/comments", json={"text": "Zajedu tam ve středu.", "internal": True})
    reply = tomas.post(f"/tickets/{number}/comments", json={"text": "Fotky budou ve čtvrtek.", "internal": False})
    assert (note.status_code, reply.status_code) == (201, 201)
    ticket = tomas.get(f"/tickets/{number}").json()
    ticket = moved(tomas, ticket, "finish", text="Fotky jsou na webu.")
    ticket = moved(eva, ticket, "reject", text="Chybí ta se vraty.")
    ticket = moved(tomas, ticket, "finish", text="Doplněno.")
    ticket = moved(eva, ticket, "accept", rating=5)
    assert (ticket["state"], ticket["whose_turn"], ticket["moves"]) == ("closed", "nobody", [])

    public = [
        "ticket.submitted",
        "ticket.handed_over",
        "comment.added",
        "ticket.finished",
        "ticket.rejected",
        "ticket.finished",
        "ticket.accepted",
    ]
    seen = {
        client: [event["kind"] for event in client.get(f"/tickets/{number}/history").json()["items"]]
        for client in (eva, petra)
    }
    assert seen[eva] == public
    assert seen[petra] == [*public[:2], "note.added", *public[2:]]
    assert eva.post(f"/tickets/{number}/comments", json={"text": "Ještě něco."}).status_code == 409

    contents = [downloaded(eva, each["id"]) for each in ticket["attachments"]]
    assert [hashlib.sha256(content).digest() for content in contents] == [
        hashlib.sha256(content).digest() for content in (picture, b"")
    ]
    with desk.api(OTHER_SOLVER) as stranger:
        assert stranger.get(f"/tickets/{number}").status_code == 404
        assert stranger.get(f"/attachments/{ticket['attachments'][0]['id']}").status_code == 404


def downloaded(client: httpx.Client, file: str) -> bytes:
    """By way of the desk, which looks who asks, and of a link that lasts for minutes."""
    answer = client.get(f"/attachments/{file}")
    assert answer.status_code == 302
    content = httpx.get(answer.headers["Location"], timeout=PATIENCE_SECONDS)
    assert content.headers["Content-Disposition"].startswith("attachment")
    return content.content


@pytest.mark.parametrize("content", [b"too long by far", b"less"], ids=["longer", "shorter"])
def test_what_is_not_the_promised_size_is_never_attached(eva: httpx.Client, content: bytes) -> None:
    """The store refuses it, or the desk does when it looks at what has come."""
    place = promised(eva, "podpis.txt", 10)
    refused_by_store = sent(place, content).status_code == 400
    answer = eva.post("/tickets", json={**ORDER, "uploads": [place["id"]]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "uploads"
    assert refused_by_store, "the engine no longer enforces the conditions of a presigned post; S3 does"


def test_an_upload_that_is_not_ones_own_cannot_be_attached(desk: Desk, eva: httpx.Client, petra: httpx.Client) -> None:
    place = promised(petra, "mzdy.txt", 4)
    assert sent(place, b"tajn").is_success
    assert eva.post("/tickets", json={**ORDER, "uploads": [place["id"]]}).status_code == 422


def test_five_at_once_with_one_key_are_one_ticket(eva: httpx.Client, petra: httpx.Client) -> None:
    subject = "Pětkrát, a přece jednou"

    def file(_: int) -> httpx.Response:
        return eva.post("/tickets", json={**ORDER, "subject": subject}, headers={"Idempotency-Key": "five at once"})

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(file, range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    listed = petra.get("/tickets", params={"project": "WEB", "requester": EVA, "state": "new"}).json()["items"]
    assert [each["subject"] for each in listed].count(subject) == 1


def test_one_key_for_two_orders_is_refused(eva: httpx.Client) -> None:
    key = {"Idempotency-Key": "used twice"}
    assert eva.post("/tickets", json=ORDER, headers=key).status_code == 201
    assert eva.post("/tickets", json={**ORDER, "text": "Něco jiného."}, headers=key).status_code == 409


@pytest.mark.parametrize("language", ["cs", "en"])
def test_problems_speak_the_language_of_the_caller(desk: Desk, language: str) -> None:
    with desk.api(EVA, **{"Accept-Language": f"{language};q=0.9"}) as eva:
        answer = eva.get("/tickets/WEB-99999")
    detail = i18n.translated("There is nothing here, or it is not yours to see.", language)
    assert (answer.status_code, answer.json()["detail"]) == (404, detail)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_person_without_accept_language_is_answered_in_their_own(desk: Desk, eva: httpx.Client) -> None:
    with desk.api("olivia.brown@example.com") as olivia:
        details = [
            client.post("/tickets", json={**ORDER, "subject": ""}).json()["errors"][0]["message"]
            for client in (eva, olivia)
        ]
    assert details[0] != details[1]
