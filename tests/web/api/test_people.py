"""GET and POST /people, one person, and the invitation once more: for administrators."""

import pytest

from chalicelib.domain.people import Person
from chalicelib.storage import people
from tests.cast import ALICE, BOB, CAST, EVA, MARIE, ROOT, called
from tests.stage import filed
from tests.web.api.door import api_token, by_link, refused, wrong_method
from tests.web.conftest import Browser

PEOPLE = "/api/v1/people"
NORA = {"email": "nora@customer.example", "name": "Nora Nová", "language": "cs", "projects": {"WEB": "customer"}}
ONE = f"{PEOPLE}/{EVA.email}"
ALL_OF_IT: dict[str, object] = {
    "email": EVA.email,
    "name": EVA.name,
    "language": "cs",
    "site_role": None,
    "projects": {"WEB": "customer"},
    "organisation": None,
    "reports_on": [],
    "active": True,
    "invited_at": None,
    "confirmed_at": None,
    "version": 1,
}
CALLS: list[tuple[str, str, object]] = [
    ("GET", PEOPLE, None),
    ("POST", PEOPLE, NORA),
    ("GET", ONE, None),
    ("GET", f"{PEOPLE}/nobody@elsewhere.example", None),
    ("PATCH", ONE, {"name": "X"}),
    ("POST", f"{ONE}/invitation", None),
]


class TestDoor:
    @pytest.mark.parametrize("person", [ALICE, BOB, EVA, MARIE], ids=called)
    def test_whoever_is_no_administrator_is_refused_whether_it_is_there_or_not(
        self, browser: Browser, person: Person
    ) -> None:
        client = browser(person)
        for method, path, body in CALLS:
            refused(client.send(method, path, body), 403, "not_allowed")
        assert people.find(EVA.email) == EVA
        assert people.find(str(NORA["email"])) is None

    def test_a_stranger_is_to_sign_in_and_a_link_is_not_enough(self, browser: Browser) -> None:
        for client in (browser(), by_link(browser(), filed(EVA), EVA)):
            for method, path, body in CALLS:
                refused(client.send(method, path, body), 401, "not_signed_in")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ROOT), "DELETE", PEOPLE, "GET, POST")
        wrong_method(browser(ROOT), "PUT", ONE, "GET, PATCH")

    def test_another_site(self, browser: Browser) -> None:
        root = browser(ROOT, origin="https://evil.example")
        refused(root.send("PATCH", ONE, {"site_role": "admin"}), 403, "not_allowed")


class TestList:
    def test_in_pages(self, browser: Browser) -> None:
        root = browser(ROOT)
        first = root.get(PEOPLE, limit=3).json()
        second = root.get(PEOPLE, limit=100, cursor=first["next"]).json()
        emails = [each["email"] for each in first["items"] + second["items"]]
        assert emails == sorted(person.email for person in CAST)
        assert second["next"] is None
        refused(root.get(PEOPLE, cursor=first["next"], q="a"), 422, "invalid", "cursor")

    def test_narrowed(self, browser: Browser) -> None:
        root = browser(ROOT)
        assert [each["email"] for each in root.get(PEOPLE, q="EVA").json()["items"]] == [EVA.email]
        assert len(root.get(PEOPLE, project="WEB").json()["items"]) == 5
        assert root.get(PEOPLE, organisation="nope").json() == {"items": [], "next": None}
        refused(root.get(PEOPLE, project="WEB", organisation="x"), 422, "invalid", "organisation")
        refused(root.get(PEOPLE, name="x"), 422, "invalid", "name")


class TestCreate:
    def test_with_what_the_interface_says(self, browser: Browser) -> None:
        answer = browser(token=api_token(ROOT), origin=None).post(PEOPLE, {**NORA, "site_role": None})
        assert answer.status == 201
        made = answer.json()
        assert set(made) == set(ALL_OF_IT)
        assert {name: made[name] for name in NORA} == NORA
        assert made["invited_at"]

    def test_without_a_mail(self, browser: Browser) -> None:
        assert browser(ROOT).post(PEOPLE, {**NORA, "invite": False}).json()["invited_at"] is None

    def test_the_least_that_is_needed(self, browser: Browser) -> None:
        made = browser(ROOT).post(PEOPLE, {"email": "n@b.cz", "name": "N"}).json()
        assert (made["language"], made["projects"], made["site_role"]) == ("en", {}, None)

    def test_an_address_that_is_taken(self, browser: Browser) -> None:
        refused(browser(ROOT).post(PEOPLE, {**NORA, "email": EVA.email.upper()}), 409, "conflict")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"email": "x"}, "email"),
            ({"name": ""}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"language": "de"}, "language"),
            ({"site_role": "root"}, "site_role"),
            ({"projects": {"WEB": "boss"}}, "projects"),
            ({"projects": {"NOPE": "solver"}}, "projects"),
            ({"organisation": "nope"}, "organisation"),
            ({"active": False}, "active"),
        ],
        ids=str,
    )
    def test_what_is_wrong(self, browser: Browser, wrong: dict[str, object], field: str) -> None:
        refused(browser(ROOT).post(PEOPLE, {**NORA, **wrong}), 422, "invalid", field)
        assert people.find(str(NORA["email"])) is None


class TestOne:
    def test_all_of_it(self, browser: Browser) -> None:
        assert browser(ROOT).get(ONE).json() == ALL_OF_IT
        assert browser(ROOT).get(f"{PEOPLE}/eva%40customer.example").json() == ALL_OF_IT

    def test_nobody(self, browser: Browser) -> None:
        root = browser(ROOT)
        for email in ("nobody@elsewhere.example", "nobody", "a%00b@c.cz", "x" * 3000, "%F0%9F"):
            refused(root.get(f"{PEOPLE}/{email}"), 404, "not_found")
            refused(root.send("PATCH", f"{PEOPLE}/{email}", {"name": "X"}), 404, "not_found")


class TestChange:
    def test_only_what_is_given(self, browser: Browser) -> None:
        root = browser(ROOT)
        assert root.send("PATCH", ONE, {"site_role": "manager", "reports_on": ["WEB"]}).json() == {
            **ALL_OF_IT,
            "site_role": "manager",
            "reports_on": ["WEB"],
            "version": 2,
        }
        assert root.send("PATCH", ONE, {"site_role": None}).json() == {**ALL_OF_IT, "version": 3}

    def test_an_organisation_comes_and_goes(self, browser: Browser) -> None:
        root = browser(ROOT)
        acme = root.post("/api/v1/organisations", {"name": "Acme"}).json()
        assert root.send("PATCH", ONE, {"organisation": acme["id"]}).json()["organisation"] == acme["id"]
        assert [each["email"] for each in root.get(PEOPLE, organisation=acme["id"]).json()["items"]] == [EVA.email]
        assert root.send("PATCH", ONE, {"organisation": None}).json()["organisation"] is None

    def test_an_old_version(self, browser: Browser) -> None:
        root = browser(ROOT)
        assert root.send("PATCH", ONE, {"version": 1, "name": "Eva Nová"}).status == 200
        refused(root.send("PATCH", ONE, {"version": 1, "name": "X"}), 409, "stale")

    def test_the_last_administrator(self, browser: Browser) -> None:
        root = browser(ROOT)
        for change in ({"site_role": None}, {"site_role": "manager"}, {"active": False}):
            refused(root.send("PATCH", f"{PEOPLE}/{ROOT.email}", change), 409, "conflict")
        assert people.find(ROOT.email) == ROOT

    def test_the_address_stays(self, browser: Browser) -> None:
        refused(browser(ROOT).send("PATCH", ONE, {"email": "x@y.cz"}), 422, "invalid", "email")

    def test_whoever_is_deactivated_is_out_at_once(self, browser: Browser) -> None:
        eva, program = browser(EVA), browser(token=api_token(EVA), origin=None)
        assert eva.get("/api/v1/me").status == program.get("/api/v1/me").status == 200
        root = browser(ROOT)
        assert root.send("PATCH", ONE, {"active": False}).json()["active"] is False
        for client in (eva, program):
            refused(client.get("/api/v1/me"), 401, "not_signed_in")
        assert root.send("PATCH", ONE, {"active": True}).json()["active"] is True
        for client in (eva, program):
            refused(client.get("/api/v1/me"), 401, "not_signed_in")

    def test_a_new_right_counts_from_the_next_sign_in(self, browser: Browser) -> None:
        bob = browser(BOB)
        assert browser(ROOT).send("PATCH", f"{PEOPLE}/{BOB.email}", {"projects": {}}).status == 200
        refused(bob.get("/api/v1/tickets"), 401, "not_signed_in")


class TestInvite:
    def test_once_more(self, browser: Browser) -> None:
        root = browser(ROOT)
        root.post(PEOPLE, NORA)
        answer = root.post(f"{PEOPLE}/{NORA['email']}/invitation")
        assert answer.status == 202
        assert answer.json()["version"] == 2

    def test_too_often(self, browser: Browser) -> None:
        root = browser(ROOT)
        answers = [root.post(f"{ONE}/invitation") for _ in range(4)]
        assert [answer.status for answer in answers] == [202, 202, 202, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
