"""POST /people/import: what rows would do, and doing it."""

import pytest

from chalicelib.domain.people import Person, ProjectRole
from chalicelib.storage import people
from tests.cast import ALICE, EVA, MARIE, ROOT, WEB, called
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

IMPORT = "/api/v1/people/import"
NORA = {"email": "nora@customer.example", "name": "Nora Nová", "language": "cs", "project": "WEB", "role": "customer"}


def test_a_dry_run_says_what_and_writes_nothing(browser: Browser) -> None:
    rows = [NORA, {"email": EVA.email, "site_role": "manager"}, {"email": "x"}, {"email": EVA.email}]
    answer = browser(ROOT).post(IMPORT, {"rows": rows}).json()
    assert answer["applied"] is False
    assert answer["totals"] == {"create": 1, "change": 1, "nothing": 1, "error": 1}
    nora, eva, wrong, nothing = answer["rows"]
    assert nora == {
        "row": 1,
        "email": NORA["email"],
        "outcome": "create",
        "changes": {"name": [None, "Nora Nová"], "language": [None, "cs"], "projects.WEB": [None, "customer"]},
        "errors": [],
        "failure": None,
    }
    assert eva["changes"] == {"site_role": [None, "manager"]}
    assert [error["field"] for error in wrong["errors"]] == ["email", "name"]
    assert all(error["message"] for error in wrong["errors"])
    assert (nothing["outcome"], nothing["changes"]) == ("nothing", {})
    assert people.find(NORA["email"]) is None
    assert people.find(EVA.email) == EVA


def test_done_and_done_again(browser: Browser) -> None:
    root = browser(ROOT)
    first = root.post(IMPORT, {"rows": [NORA], "dry_run": False}).json()
    assert (first["applied"], first["totals"]["create"]) == (True, 1)
    nora = people.find(NORA["email"])
    assert nora
    assert nora.roles == {WEB: ProjectRole.CUSTOMER}
    again = root.post(IMPORT, {"rows": [NORA], "dry_run": False}).json()
    assert again["totals"] == {"create": 0, "change": 0, "nothing": 1, "error": 0}


def test_errors_stop_all_of_it_unless_they_are_to_be_left_out(browser: Browser) -> None:
    root = browser(ROOT)
    rows = [NORA, {**NORA, "role": "boss"}, {"email": ROOT.email, "active": False}]
    answer = root.post(IMPORT, {"rows": rows, "dry_run": False})
    refused(answer, 422, "invalid", "rows.1.role", "rows.2.active")
    assert people.find(NORA["email"]) is None
    answer = root.post(IMPORT, {"rows": rows, "dry_run": False, "skip_errors": True})
    assert answer.json()["totals"]["error"] == 2
    assert people.find(NORA["email"])
    assert people.find(ROOT.email) == ROOT


def test_whoever_is_new_is_invited_where_that_is_wanted(browser: Browser) -> None:
    root = browser(ROOT)
    assert root.post(IMPORT, {"rows": [NORA], "dry_run": False, "invite": True}).status == 200
    nora = people.find(NORA["email"])
    assert nora
    assert nora.invited_at


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rows"),
        ({"rows": [NORA] * 1001}, "rows"),
        ({"rows": [{"mail": "x"}]}, "rows.0.mail"),
        ({"rows": [{"email": 5}]}, "rows.0.email"),
        ({"rows": "x"}, "rows"),
        ({"rows": [], "force": True}, "force"),
    ],
    ids=["none", "too many", "unknown field", "wrong kind", "no list", "unknown wish"],
)
def test_what_is_no_import(browser: Browser, body: object, field: str) -> None:
    refused(browser(ROOT).post(IMPORT, body), 422, "invalid", field)


def test_the_odd_characters_of_json(browser: Browser) -> None:
    rows = [{**NORA, "name": name} for name in ("a\0b", "\u202eN", "=1+1", "a\r\nb")]
    answer = browser(ROOT).post(IMPORT, {"rows": rows}).json()
    assert answer["totals"]["error"] == 4


@pytest.mark.parametrize("person", [None, ALICE, EVA, MARIE], ids=called)
def test_for_administrators_alone(browser: Browser, person: Person | None) -> None:
    refusal = (403, "not_allowed") if person else (401, "not_signed_in")
    for dry in (True, False):
        refused(browser(person).post(IMPORT, {"rows": [NORA], "dry_run": dry}), *refusal)
    assert people.find(NORA["email"]) is None


def test_the_wrong_method(browser: Browser) -> None:
    wrong_method(browser(ROOT), "GET", IMPORT, "POST")
