"""POST /projects, PATCH /projects/{key}, and PUT and DELETE of its members."""

from typing import Any

import pytest

from chalicelib.domain.people import Person
from tests.cast import ALICE, BOB, DAVE, EVA, HANA, MARIE, ROOT, STRANGER, called
from tests.web.api.door import api_token, refused, wrong_method
from tests.web.conftest import Browser

PROJECTS = "/api/v1/projects"
WEB = f"{PROJECTS}/WEB"
SYSTEM = {"code": "system", "label": "Systém", "kind": "choice", "required": True, "choices": ["Linux", "macOS"]}
CAUSE = {"code": "cause", "label": "Příčina", "kind": "text", "for_customers": False, "filterable": True}
SHOP: dict[str, Any] = {
    "key": "SHOP",
    "name": "E-shop",
    "form": "open",
    "language": "en",
    "introduction": "Ask us.",
    "types": ["change", "question"],
    "fields": [SYSTEM, CAUSE],
    "manager": BOB.email,
    "auto_close_days": 7,
    "projector_code": "P-1",
    "hourly_rate": 1200.5,
    "currency": "EUR",
    "vat_rate": 0,
    "shares_requests": True,
}
AT_THE_DOOR = [
    (None, 401, "not_signed_in"),
    *((person, 403, "not_allowed") for person in (STRANGER, EVA, BOB, ALICE, MARIE, DAVE)),
]


class TestCreate:
    def test_a_project_is_answered_as_it_was_sent(self, browser: Browser) -> None:
        answer = browser(ROOT).post(PROJECTS, SHOP)
        assert answer.status == 201
        assert answer.headers["location"] == f"{PROJECTS}/SHOP"
        whole = {"required": False, "choices": [], "for_customers": True, "filterable": False, "exported": True}
        expected = SHOP | {
            "types": ["question", "change"],
            "fields": [whole | SYSTEM, whole | CAUSE],
            "notify": {"addresses": []},
            "archived": False,
            "version": 1,
        }
        assert answer.json() == expected == browser(ROOT).get(f"{PROJECTS}/SHOP").json()

    def test_a_name_and_a_key_are_enough(self, browser: Browser) -> None:
        made = browser(ROOT).post(PROJECTS, {"key": "min", "name": "Nejméně"}).json()
        assert (made["key"], made["form"], made["language"], made["manager"]) == ("MIN", "members", "en", None)

    def test_others_see_what_stands_on_the_form(self, browser: Browser) -> None:
        browser(ROOT).post(PROJECTS, SHOP)
        seen = browser().get(f"{PROJECTS}/SHOP").json()
        assert seen == {
            **{name: SHOP[name] for name in ("key", "name", "form", "language", "introduction")},
            "types": ["question", "change"],
            "fields": [SYSTEM],
        }

    def test_a_program_with_a_token(self, browser: Browser) -> None:
        assert browser(token=api_token(ROOT), origin=None).post(PROJECTS, SHOP).status == 201

    def test_a_key_that_is_taken(self, browser: Browser) -> None:
        refused(browser(ROOT).post(PROJECTS, SHOP | {"key": "WEB"}), 409, "conflict")

    def test_everything_wrong_at_once(self, browser: Browser) -> None:
        wrong = SHOP | {
            "key": "-",
            "name": "",
            "types": [],
            "fields": [SYSTEM, SYSTEM | {"label": ""}],
            "vat_rate": 101,
        }
        fields = ("key", "name", "types", "fields.1.label", "fields.1.code", "vat_rate")
        refused(browser(ROOT).post(PROJECTS, wrong), 422, "invalid", *fields)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"fields": [SYSTEM, {"code": "a", "label": 5, "kind": "text"}]}, "fields.1.label"),
            ({"fields": [{"code": "a", "label": "A", "kind": "colour"}]}, "fields.0.kind"),
            ({"fields": [{"code": "a", "kind": "text"}]}, "fields.0.label"),
            ({"fields": [SYSTEM | {"more": 1}]}, "fields.0.more"),
            ({"types": ["bug"]}, "types"),
            ({"form": "closed"}, "form"),
            ({"hourly_rate": "1200"}, "hourly_rate"),
            ({"hourly_rate": 1e300}, "hourly_rate"),
            ({"hourly_rate": -1}, "hourly_rate"),
            ({"vat_rate": None}, "vat_rate"),
            ({"auto_close_days": 1.5}, "auto_close_days"),
            ({"manager": "nobody@nowhere.example"}, "manager"),
            ({"name": None}, "name"),
            ({"name": "=1+1\ud800"}, "name"),
            ({"owner": "x"}, "owner"),
        ],
    )
    def test_what_no_project_can_be(self, browser: Browser, change: dict[str, Any], field: str) -> None:
        root = browser(ROOT)
        refused(root.post(PROJECTS, SHOP | change), 422, "invalid", field)
        refused(root.get(f"{PROJECTS}/SHOP"), 404, "not_found")

    @pytest.mark.parametrize(("person", "status", "code"), AT_THE_DOOR, ids=called)
    def test_only_administrators(self, browser: Browser, person: Person | None, status: int, code: str) -> None:
        refused(browser(person).post(PROJECTS, SHOP), status, code)


class TestChange:
    def test_what_is_left_out_stays(self, browser: Browser) -> None:
        root = browser(ROOT)
        before = root.get(WEB).json()
        after = root.send("PATCH", WEB, {"version": 1, "projector_code": "P-9", "hourly_rate": 0.1}).json()
        assert after == before | {"projector_code": "P-9", "hourly_rate": 0.1, "version": 2}
        assert root.send("PATCH", WEB, {"hourly_rate": None}).json()["hourly_rate"] is None

    def test_another_manager(self, browser: Browser) -> None:
        root = browser(ROOT)
        assert root.send("PATCH", WEB, {"manager": BOB.email}).json()["manager"] == BOB.email
        roles = {each["email"]: each["role"] for each in root.get(f"{WEB}/members").json()["items"]}
        assert (roles[BOB.email], roles[ALICE.email]) == ("project_manager", "solver")
        refused(root.send("PATCH", WEB, {"manager": None}), 422, "invalid", "manager")

    def test_archived_and_restored(self, browser: Browser) -> None:
        root = browser(ROOT)
        assert root.send("PATCH", WEB, {"archived": True}).json()["archived"] is True
        order = {"project": "WEB", "subject": "s", "text": "t"}
        refused(browser(EVA).post("/api/v1/tickets", order), 422, "invalid", "project")
        assert root.send("PATCH", WEB, {"archived": False}).json()["version"] == 3
        assert browser(EVA).post("/api/v1/tickets", order).status == 201

    def test_a_stale_version_changes_nothing(self, browser: Browser) -> None:
        root = browser(ROOT)
        root.send("PATCH", WEB, {"version": 1, "name": "Jinak"})
        refused(root.send("PATCH", WEB, {"version": 1, "name": "Později"}), 409, "stale")
        assert root.get(WEB).json()["name"] == "Jinak"

    def test_the_key_is_not_to_be_changed(self, browser: Browser) -> None:
        refused(browser(ROOT).send("PATCH", WEB, {"key": "NEW"}), 422, "invalid", "key")

    def test_there_is_none(self, browser: Browser) -> None:
        refused(browser(ROOT).send("PATCH", f"{PROJECTS}/NOPE", {"name": "x"}), 404, "not_found")
        refused(browser(ROOT).send("PATCH", f"{PROJECTS}/a%00b", {"name": "x"}), 404, "not_found")

    @pytest.mark.parametrize(("person", "status", "code"), AT_THE_DOOR, ids=called)
    def test_only_administrators(self, browser: Browser, person: Person | None, status: int, code: str) -> None:
        client = browser(person)
        answers = [client.send("PATCH", f"{PROJECTS}/{key}", {"name": "x"}) for key in ("WEB", "HR", "OLD", "NOPE")]
        assert len({refused(answer, status, code).content for answer in answers}) == 1


class TestMembers:
    def test_in_and_out(self, browser: Browser) -> None:
        root, path = browser(ROOT), f"{WEB}/members/hana%40desk.example"
        answer = root.send("PUT", path, {"role": "solver"})
        assert answer.json() == {"email": HANA.email, "name": HANA.name, "role": "solver"}
        assert root.send("PUT", path, {"role": "solver"}).status == 200
        assert browser(HANA).get(f"{WEB}/members").status == 200
        assert root.send("DELETE", path).status == 204
        refused(root.send("DELETE", path), 404, "not_found")

    def test_the_manager_stays(self, browser: Browser) -> None:
        root, path = browser(ROOT), f"{WEB}/members/{ALICE.email}"
        refused(root.send("PUT", path, {"role": "customer"}), 409, "conflict")
        refused(root.send("DELETE", path), 409, "conflict")

    @pytest.mark.parametrize(
        ("email", "order", "field"),
        [
            ("nobody@nowhere.example", {"role": "solver"}, "email"),
            ("x", {"role": "solver"}, "email"),
            (BOB.email, {"role": "admin"}, "role"),
            (BOB.email, {}, "role"),
            (BOB.email, {"role": "solver", "name": "x"}, "name"),
        ],
    )
    def test_who_cannot_be_put_in(self, browser: Browser, email: str, order: dict[str, Any], field: str) -> None:
        refused(browser(ROOT).send("PUT", f"{WEB}/members/{email}", order), 422, "invalid", field)

    @pytest.mark.parametrize(("person", "status", "code"), AT_THE_DOOR, ids=called)
    def test_only_administrators(self, browser: Browser, person: Person | None, status: int, code: str) -> None:
        client = browser(person)
        for key in ("WEB", "HR", "NOPE"):
            path = f"{PROJECTS}/{key}/members/{BOB.email}"
            refused(client.send("PUT", path, {"role": "solver"}), status, code)
            refused(client.send("DELETE", path), status, code)

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ROOT), "POST", f"{WEB}/members/{BOB.email}", "DELETE, PUT")
