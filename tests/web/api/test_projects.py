"""GET /projects, one project and its members."""

import pytest

from chalicelib.domain.people import Person
from tests.cast import ALICE, BOB, DAVE, EVA, HANA, ROOT, STRANGER, called
from tests.web.api.door import refused, wrong_method
from tests.web.client import Answer
from tests.web.conftest import Browser

PROJECTS = "/api/v1/projects"
OUTSIDE = {"key", "name", "form", "language", "introduction", "types", "fields"}
INSIDE = OUTSIDE | {
    "manager", "auto_close_days", "projector_code", "hourly_rate", "currency", "vat_rate", "shares_requests", "notify",
    "archived", "version",
}  # fmt: skip


class TestList:
    @pytest.mark.parametrize(
        ("person", "keys"),
        [(None, ["WEB"]), (STRANGER, ["WEB"]), (EVA, ["WEB"]), (DAVE, ["HR", "WEB"]), (ROOT, ["HR", "OLD", "WEB"])],
        ids=called,
    )
    def test_what_one_may_use_or_works_on(self, browser: Browser, person: Person | None, keys: list[str]) -> None:
        answer = browser(person).get(PROJECTS).json()
        assert [project["key"] for project in answer["items"]] == keys
        assert answer["next"] is None

    def test_in_pages(self, browser: Browser) -> None:
        root = browser(ROOT)
        first = root.get(PROJECTS, limit=2).json()
        assert [each["key"] for each in first["items"]] == ["HR", "OLD"]
        second = root.get(PROJECTS, limit=2, cursor=first["next"]).json()
        assert [each["key"] for each in second["items"]] == ["WEB"]

    def test_staff_see_more_of_their_own(self, browser: Browser) -> None:
        hr, web = browser(DAVE).get(PROJECTS).json()["items"]
        assert set(hr) == INSIDE
        assert set(web) == OUTSIDE


class TestOne:
    def test_the_staff_see_all_of_it(self, browser: Browser) -> None:
        assert browser(BOB).get(f"{PROJECTS}/WEB").json() == {
            "key": "WEB",
            "name": "Web a e-shop",
            "form": "open",
            "language": "cs",
            "introduction": "",
            "types": ["question", "incident", "change"],
            "fields": [],
            "manager": ALICE.email,
            "auto_close_days": 14,
            "projector_code": "",
            "hourly_rate": None,
            "currency": "CZK",
            "vat_rate": 21,
            "shares_requests": False,
            "notify": {"addresses": []},
            "archived": False,
            "version": 1,
        }

    @pytest.mark.parametrize("person", [None, EVA, DAVE], ids=called)
    def test_others_see_the_form(self, browser: Browser, person: Person | None) -> None:
        assert set(browser(person).get(f"{PROJECTS}/WEB").json()) == OUTSIDE

    def test_a_foreign_project_looks_like_none(self, browser: Browser) -> None:
        bob = browser(BOB)
        answers = [bob.get(f"{PROJECTS}/{key}") for key in ("HR", "NOPE", "OLD", "a%00b", "x" * 3000, "%F0%9F")]
        assert len({answer.content for answer in answers}) == 1
        refused(answers[0], 404, "not_found")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ROOT), "DELETE", f"{PROJECTS}/WEB", "GET, PATCH")
        wrong_method(browser(ROOT), "PUT", PROJECTS, "GET, POST")


class TestMembers:
    def test_for_the_staff(self, browser: Browser) -> None:
        answer = browser(BOB).get(f"{PROJECTS}/WEB/members").json()
        assert {(each["email"], each["role"]) for each in answer["items"]} >= {
            (ALICE.email, "project_manager"),
            (BOB.email, "solver"),
            (EVA.email, "customer"),
        }
        assert set(answer["items"][0]) == {"email", "name", "role"}

    def test_for_nobody_else(self, browser: Browser) -> None:
        refused(browser().get(f"{PROJECTS}/WEB/members"), 401, "not_signed_in")
        refused(browser(EVA).get(f"{PROJECTS}/WEB/members"), 403, "not_allowed")
        refused(browser(HANA).get(f"{PROJECTS}/WEB/members"), 403, "not_allowed")
        foreign, none = (browser(BOB).get(f"{PROJECTS}/{key}/members") for key in ("HR", "NOPE"))
        assert refused(foreign, 404, "not_found").content == none.content

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ROOT), "POST", f"{PROJECTS}/WEB/members", "GET")


class TestNotify:
    def patched(self, browser: Browser, notify: object) -> Answer:
        return browser(ROOT).send("PATCH", f"{PROJECTS}/WEB", {"notify": notify})

    def test_what_is_set_is_shown_to_the_staff(self, browser: Browser) -> None:
        wanted = {"watchers": ["states", "replies"], "assignee": [], "addresses": ["A@x.example", "a@x.example"]}
        kept = {"watchers": ["replies", "states"], "assignee": [], "addresses": ["a@x.example"]}
        assert self.patched(browser, wanted).json()["notify"] == kept
        assert browser(BOB).get(f"{PROJECTS}/WEB").json()["notify"] == kept
        assert self.patched(browser, None).json()["notify"] == {"addresses": []}

    @pytest.mark.parametrize(
        ("notify", "field"),
        [
            ({"requester": ["notes"]}, "notify.requester"),
            ({"further_addresses": ["notes"]}, "notify.addresses"),
            ({"addresses": ["x"]}, "notify.addresses"),
            ({"addresses": [f"a{n}@x.example" for n in range(11)]}, "notify.addresses"),
            ({"watchers": ["gossip"]}, "notify.watchers"),
            ({"everybody": []}, "notify.everybody"),
        ],
    )
    def test_what_cannot_be_set(self, browser: Browser, notify: object, field: str) -> None:
        refused(self.patched(browser, notify), 422, "invalid", field)
        assert browser(BOB).get(f"{PROJECTS}/WEB").json()["notify"] == {"addresses": []}
