"""GET and POST /organisations, and another name: for administrators."""

import pytest

from chalicelib.domain.people import Person
from tests.cast import ALICE, EVA, MARIE, ROOT, called
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

ORGANISATIONS = "/api/v1/organisations"


def test_made_listed_and_renamed(browser: Browser) -> None:
    root = browser(ROOT)
    answer = root.post(ORGANISATIONS, {"name": " Řezník  a syn "})
    assert answer.status == 201
    made = answer.json()
    assert made == {"id": made["id"], "name": "Řezník a syn", "version": 1}
    renamed = root.send("PATCH", f"{ORGANISATIONS}/{made['id']}", {"name": "Řezník a dcera", "version": 1}).json()
    assert renamed == {"id": made["id"], "name": "Řezník a dcera", "version": 2}
    assert root.get(ORGANISATIONS).json() == {"items": [renamed], "next": None}


def test_in_pages(browser: Browser) -> None:
    root = browser(ROOT)
    ids = {root.post(ORGANISATIONS, {"name": f"Firma {n}"}).json()["id"] for n in range(3)}
    first = root.get(ORGANISATIONS, limit=2).json()
    second = root.get(ORGANISATIONS, limit=2, cursor=first["next"]).json()
    assert {each["id"] for each in first["items"] + second["items"]} == ids


def test_a_taken_name_an_old_version_and_none_such(browser: Browser) -> None:
    root = browser(ROOT)
    one, other = (root.post(ORGANISATIONS, {"name": name}).json() for name in ("Jedna", "Druhá"))
    refused(root.post(ORGANISATIONS, {"name": "JEDNA"}), 409, "conflict")
    refused(root.send("PATCH", f"{ORGANISATIONS}/{other['id']}", {"name": "jedna"}), 409, "conflict")
    path = f"{ORGANISATIONS}/{one['id']}"
    assert root.send("PATCH", path, {"name": "JEDNA"}).status == 200
    refused(root.send("PATCH", path, {"name": "Třetí", "version": 1}), 409, "stale")
    for nowhere in ("nope", "a%00b", "x" * 3000):
        refused(root.send("PATCH", f"{ORGANISATIONS}/{nowhere}", {"name": "X"}), 404, "not_found")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b"])
def test_what_is_no_name(browser: Browser, name: str) -> None:
    refused(browser(ROOT).post(ORGANISATIONS, {"name": name}), 422, "invalid", "name")


@pytest.mark.parametrize("person", [None, EVA, ALICE, MARIE], ids=called)
def test_for_nobody_else(browser: Browser, person: Person | None) -> None:
    client = browser(person)
    refusal = (403, "not_allowed") if person else (401, "not_signed_in")
    refused(client.get(ORGANISATIONS), *refusal)
    refused(client.post(ORGANISATIONS, {"name": "X"}), *refusal)
    refused(client.send("PATCH", f"{ORGANISATIONS}/x", {"name": "X"}), *refusal)


def test_the_wrong_method(browser: Browser) -> None:
    wrong_method(browser(ROOT), "DELETE", ORGANISATIONS, "GET, POST")
    wrong_method(browser(ROOT), "GET", f"{ORGANISATIONS}/x", "PATCH")
