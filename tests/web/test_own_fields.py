"""A project's own fields all the way: on the form, in the interface, on both pages of a request, in the list."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.people import Person
from chalicelib.domain.projects import FieldKind, OwnField
from chalicelib.domain.tickets import Type
from chalicelib.storage import tickets
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, ROOT, STRANGER, called
from tests.stage import OPEN_WEB, settle
from tests.web.api.door import by_link, refused
from tests.web.client import Client
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

API, PATH = "/api/v1/tickets", "/api/v1/tickets/WEB-1"
FIELDS = (
    OwnField("system", "Systém", FieldKind.CHOICE, required=True, choices=("Linux", "macOS"), filterable=True),
    OwnField("hours", "Motohodiny", FieldKind.NUMBER, filterable=True),
    OwnField("since", "Stojí od", FieldKind.DATE),
    OwnField("cause", "Příčina", FieldKind.TEXT, for_customers=False, filterable=True),
)
WEB = replace(OPEN_WEB, fields=FIELDS, types=(Type.INCIDENT, Type.CHANGE))
ORDER: dict[str, Any] = {"project": "WEB", "subject": "Tisk", "text": "Nejde."}
SYSTEM = {"system": "Linux"}


@pytest.fixture(autouse=True)
def project(stage: None) -> None:
    settle(WEB)


@pytest.fixture
def filed(browser: Browser) -> Client:
    """Eva, who has filed WEB-1 with what the form asks for; Alice has noted the cause, which is not for her."""
    eva = browser(EVA)
    fields = {"system": "Linux", "hours": "1 234,5", "since": "2027-02-28"}
    assert eva.post(API, ORDER | {"fields": fields}).status == 201
    patched = browser(ALICE).send("PATCH", PATH, {"version": 1, "fields": {"cause": "Kabel"}})
    assert patched.json()["fields"] == {"system": "Linux", "hours": "1234.5", "since": "2027-02-28", "cause": "Kabel"}
    return eva


class TestFiling:
    def test_values_are_put_in_order(self, browser: Browser) -> None:
        answer = browser(EVA).post(API, ORDER | {"fields": {"system": "macOS", "hours": 7}})
        assert (answer.json()["fields"], answer.json()["type"]) == ({"system": "macOS", "hours": "7"}, "incident")

    @pytest.mark.parametrize(
        ("change", "fields"),
        [
            ({}, ["fields.system"]),
            ({"fields": SYSTEM | {"cause": "x"}}, ["fields.cause"]),
            ({"fields": SYSTEM | {"colour": "x"}}, ["fields.colour"]),
            ({"fields": {"system": "?", "hours": "?"}, "subject": ""}, ["subject", "fields.system", "fields.hours"]),
            ({"fields": SYSTEM, "type": "question"}, ["type"]),
            ({"fields": SYSTEM | {"hours": True}}, ["fields"]),
            ({"fields": SYSTEM | {"since": "a\x00"}}, ["fields.since"]),
        ],
    )
    def test_what_is_wrong_is_named(self, browser: Browser, change: dict[str, Any], fields: list[str]) -> None:
        refused(browser(EVA).post(API, ORDER | change), 422, "invalid", *fields)

    def test_staff_may_fill_in_what_is_not_for_customers(self, browser: Browser) -> None:
        order = ORDER | {"fields": SYSTEM | {"cause": "Kabel"}, "email": EVA.email}
        assert browser(BOB).post(API, order).json()["fields"]["cause"] == "Kabel"
        assert "cause" not in browser(EVA).get(PATH).json()["fields"]
        assert "fields.cause" not in browser(EVA).get(f"{PATH}/history").json()["items"][0]["changes"]

    def test_the_form_asks_for_those_of_customers(self, browser: Browser) -> None:
        client = browser()
        form = page_of(client.get("/new/WEB")).form("/new/WEB")
        assert {name for name in form.fields if name.startswith("fields.")} == {
            "fields.system",
            "fields.hours",
            "fields.since",
        }
        assert form.offered["type"] == ["incident", "change"]
        typed = form.filled(email=STRANGER.email, name="S", subject="Tisk", text="Nejde.")
        page = page_of(client.form("/new/WEB", typed | {"fields.hours": "mnoho"}), 422)
        assert "fields.system-error" in page.ids
        assert page.form("/new/WEB").fields["fields.hours"] == ["mnoho"]
        assert client.form("/new/WEB", typed | {"fields.system": "Linux", "fields.since": "2027-01-31"}).status == 303
        assert tickets.load("WEB-1").fields == {"system": "Linux", "since": "2027-01-31"}

    def test_one_kind_of_request_is_not_asked_for(self, browser: Browser) -> None:
        settle(replace(WEB, types=(Type.CHANGE,), fields=()))
        form = page_of(browser().get("/new/WEB")).form("/new/WEB")
        assert form.fields["type"] == ["change"]

    def test_a_repeated_post_tells_a_stranger_what_they_typed_and_no_more(self, browser: Browser) -> None:
        client = browser(origin=None)
        order = ORDER | {"email": STRANGER.email, "name": "S", "fields": SYSTEM}
        assert client.post(API, order, Idempotency_Key="k").status == 201
        browser(ALICE).send("PATCH", PATH, {"version": 1, "fields": {"system": "macOS", "cause": "Kabel"}})
        assert client.post(API, order, Idempotency_Key="k").json()["fields"] == SYSTEM


class TestSeeing:
    def test_a_customer_sees_what_is_for_them_wherever_they_look(self, browser: Browser, filed: Client) -> None:
        theirs = {"system": "Linux", "hours": "1234.5", "since": "2027-02-28"}
        for client in (filed, by_link(browser(), tickets.load("WEB-1"), EVA)):
            assert client.get(PATH).json()["fields"] == theirs
            history = client.get(f"{PATH}/history").json()["items"]
            assert [each["kind"] for each in history] == ["ticket.submitted"]
            page = client.get("/t/WEB-1").text
            assert "1,234.5" in page or "1\u00a0234,5" in page
            assert "Kabel" not in page
            assert "Příčina" not in page
        assert filed.get(API).json()["items"][0]["fields"] == theirs
        assert filed.get(API, q="WEB-1").json()["items"][0]["fields"] == theirs
        comment = filed.post(f"{PATH}/moves", {"action": "withdraw", "version": 2})
        assert comment.json()["fields"] == theirs

    def test_what_customers_do_not_see_moves_nothing_that_they_do(self, browser: Browser, filed: Client) -> None:
        before = filed.get(PATH).json()
        browser(ALICE).send("PATCH", PATH, {"version": 2, "fields": {"cause": "Toner"}})
        after = filed.get(PATH).json()
        assert after == before | {"version": 3}

    def test_a_change_of_both_shows_the_half_that_is_for_them(self, browser: Browser, filed: Client) -> None:
        browser(ALICE).send("PATCH", PATH, {"version": 2, "fields": {"cause": "Toner", "system": "macOS"}})
        last = filed.get(f"{PATH}/history").json()["items"][-1]
        assert last["changes"] == {"fields.system": ["Linux", "macOS"]}
        page = filed.get("/t/WEB-1").text
        assert "Systém: Linux → macOS" in page
        assert "Toner" not in page

    def test_what_is_hidden_later_is_hidden_everywhere(self, browser: Browser, filed: Client) -> None:
        browser(ALICE).send("PATCH", PATH, {"version": 2, "fields": {"hours": 2}})
        assert "Motohodiny" in filed.get("/t/WEB-1").text
        settle(replace(WEB, fields=(FIELDS[0],)))
        assert filed.get(PATH).json()["fields"] == SYSTEM
        assert [each["kind"] for each in filed.get(f"{PATH}/history").json()["items"]] == ["ticket.submitted"]
        assert "hours" not in filed.get("/t/WEB-1").text

    def test_staff_see_everything_also_what_the_project_no_longer_asks_for(
        self, browser: Browser, filed: Client
    ) -> None:
        bob = browser(BOB)
        page = page_of(bob.get("/desk/WEB-1")).words
        assert "SystémLinux Motohodiny1,234.5 Stojí od28 Feb 2027 PříčinaKabel" in page
        assert "Příčina: – → Kabel" in page
        settle(replace(WEB, fields=(FIELDS[0],)))
        page = page_of(bob.get("/desk/WEB-1")).words
        assert "SystémLinux hours1234.5 since2027-02-28 causeKabel" in page
        assert bob.get(PATH).json()["fields"]["cause"] == "Kabel"


class TestChanging:
    def test_on_the_working_page(self, browser: Browser, filed: Client) -> None:
        alice = browser(ALICE)
        form = page_of(alice.get("/desk/WEB-1")).form("/desk/WEB-1/properties")
        assert (form.offered["type"], form.fields["fields.cause"]) == (["incident", "change"], ["Kabel"])
        typed = form.filled(**{"fields.hours": "2,5", "fields.since": "", "fields.cause": "Toner"})
        assert alice.form("/desk/WEB-1/properties", typed).status == 303
        assert tickets.load("WEB-1").fields == {"system": "Linux", "hours": "2.5", "cause": "Toner"}
        again = form.filled(version="3", **{"fields.hours": "x"})
        page = page_of(alice.form("/desk/WEB-1/properties", again), 422)
        assert "set-fields.hours-error" in page.ids

    @pytest.mark.parametrize(
        ("order", "field"),
        [
            ({"fields": {"system": None}}, "fields.system"),
            ({"fields": {"system": "BeOS"}}, "fields.system"),
            ({"fields": {"colour": "red"}}, "fields.colour"),
            ({"type": "question"}, "type"),
        ],
    )
    def test_what_cannot_be(self, browser: Browser, filed: Client, order: dict[str, Any], field: str) -> None:
        refused(browser(ALICE).send("PATCH", PATH, {"version": 2} | order), 422, "invalid", field)

    @pytest.mark.parametrize(
        ("person", "status", "code"),
        [
            (None, 401, "not_signed_in"),
            (EVA, 403, "not_allowed"),
            (CAROL, 403, "not_allowed"),
            (DAVE, 404, "not_found"),
        ],
        ids=called,
    )
    def test_others_may_not_and_learn_nothing(
        self, browser: Browser, filed: Client, person: Person | None, status: int, code: str
    ) -> None:
        client = browser(person)
        for fields in ({"cause": "x"}, {"nonsense": "x"}):
            refused(client.send("PATCH", PATH, {"version": 2, "fields": fields}), status, code)

    def test_a_stale_version(self, browser: Browser, filed: Client) -> None:
        refused(browser(ALICE).send("PATCH", PATH, {"version": 1, "fields": {"cause": "x"}}), 409, "stale")


class TestFiltering:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            (["system:linux"], ["WEB-1"]),
            (["system:macOS"], ["WEB-2"]),
            (["system:macOS", "system:Linux"], ["WEB-2", "WEB-1"]),
            (["hours:1 234,5", "system:Linux"], ["WEB-1"]),
            (["hours:1", "system:Linux"], []),
            (["cause:kabel"], ["WEB-1"]),
            (["nonsense:x"], []),
        ],
    )
    def test_the_staff_list_by_them(self, browser: Browser, filed: Client, asked: list[str], found: list[str]) -> None:
        filed.post(API, ORDER | {"fields": {"system": "macOS"}})
        answer = browser(BOB).get(API, field=asked, sort="-updated_at").json()
        assert [each["number"] for each in answer["items"]] == found
        assert answer["next"] is None

    def test_what_is_not_code_and_value(self, browser: Browser) -> None:
        for asked in ("system", ":x", ""):
            refused(browser(BOB).get(API, field=asked), 422, "invalid", "field")

    def test_a_customer_cannot_guess_at_what_they_do_not_see(self, browser: Browser, filed: Client) -> None:
        for query in ({"field": "cause:Kabel"}, {"field": "cause:Kabel", "q": "WEB-1"}, {"field": "system:Linux"}):
            assert filed.get(API, **query).json()["items"] == []

    def test_on_the_page_when_one_project_is_chosen(self, browser: Browser, filed: Client) -> None:
        filed.post(API, ORDER | {"subject": "Druhý", "fields": {"system": "macOS"}})
        root = browser(ROOT)
        assert "fields.system" not in root.get("/desk").text
        form = page_of(root.get("/desk", project="WEB")).form("/desk")
        assert set(form.fields) >= {"fields.system", "fields.hours", "fields.cause", "of"}
        assert "fields.since" not in form.fields
        page = page_of(root.get("/desk", **form.filled(**{"fields.system": "macOS"})))
        assert "Druhý" in page.words
        assert "Tisk" not in page.words
        assert "Systém: macOS" in page.words
        left = page_of(root.get("/desk", **{"project": "HR", "of": "WEB", "fields.system": "macOS"}))
        assert "Systém" not in left.words
