"""Set by an administrator over the API, seen by a colleague over the API: with the very next request, and no longer."""

from typing import Any

from tests.cast import EVA, FRANK, ROOT, STRANGER
from tests.stage import filed
from tests.web.api.door import api_token, refused
from tests.web.conftest import Browser

TICKETS, PROJECT = "/api/v1/tickets", "/api/v1/projects/WEB"


def joins(root: Any, organisation: str, email: str) -> None:
    version = root.get(f"/api/v1/people/{email}").json()["version"]
    change = {"version": version, "organisation": organisation}
    assert root.send("PATCH", f"/api/v1/people/{email}", change).status == 200


def shares(root: Any, yes: bool) -> None:
    version = root.get(PROJECT).json()["version"]
    assert root.send("PATCH", PROJECT, {"version": version, "shares_requests": yes}).status == 200


def test_from_the_switch_of_a_project_to_what_a_colleague_lists(browser: Browser) -> None:
    root = browser(ROOT)
    novak = root.post("/api/v1/organisations", {"name": "Novák Strojírny"}).json()["id"]
    for person in (EVA, FRANK, STRANGER):
        joins(root, novak, person.email)
    order = {"project": "WEB", "subject": "Tisk", "text": "Nejde.", "email": EVA.email}
    assert root.post(TICKETS, order).status == 201
    program = browser(token=api_token(FRANK), origin=None)
    for frank in (browser(FRANK), program):
        for yes in (True, False, True):
            shares(root, yes)
            assert [each["number"] for each in frank.get(TICKETS).json()["items"]] == (["WEB-1"] if yes else [])
            assert frank.get(f"{TICKETS}/WEB-1").status == (200 if yes else 404)
            assert frank.get(f"{TICKETS}/WEB-1/history").status == (200 if yes else 404)
    assert frank.get(f"{TICKETS}/WEB-1").json()["moves"] == []
    assert frank.get(TICKETS, state="closed").json()["items"] == []
    refused(frank.post(f"{TICKETS}/WEB-1/comments", {"text": "Slovo."}), 403, "not_allowed")
    refused(frank.post(f"{TICKETS}/WEB-1/comments", {"text": "Slovo.", "internal": True}), 403, "not_allowed")
    refused(browser(STRANGER).get(f"{TICKETS}/WEB-1"), 404, "not_found")  # of the firm, and no customer of the project


def test_the_lists_of_colleagues_have_cursors_of_their_own(browser: Browser) -> None:
    root = browser(ROOT)
    novak = root.post("/api/v1/organisations", {"name": "Novák"}).json()["id"]
    for person in (EVA, FRANK):
        joins(root, novak, person.email)
    shares(root, True)
    for number in range(3):
        order = {"project": "WEB", "subject": f"Tisk {number}", "text": "Nejde.", "email": EVA.email}
        assert root.post(TICKETS, order).status == 201
    filed(FRANK)
    frank = browser(FRANK)
    page: Any = frank.get(TICKETS, limit=1).json()
    seen = [each["number"] for each in page["items"]]
    while page["next"]:
        page = frank.get(TICKETS, limit=1, cursor=page["next"]).json()
        seen += [each["number"] for each in page["items"]]
    assert seen == ["WEB-4", "WEB-3", "WEB-2", "WEB-1"]
