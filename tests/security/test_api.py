"""Attacks on the API. Where one was published against another help desk, the test bears its number."""

import pytest

from chalicelib.domain.people import Person
from tests.cast import ALICE, BOB, EVA, FRANK, signed_in
from tests.stage import filed, uploaded
from tests.web.api.door import api_token, refused
from tests.web.client import API, Answer, Client
from tests.web.conftest import Browser

PATH = f"{API}/tickets/WEB-1"
ON_A_TICKET: list[tuple[str, str, object]] = [
    ("GET", "", None),
    ("GET", "/history", None),
    ("GET", "/watchers", None),
    ("PATCH", "", {"version": 1, "subject": "x"}),
    ("PATCH", "", {"version": 9}),
    ("POST", "/comments", {"text": "x"}),
    ("POST", "/comments", {"internal": True, "uploads": ["0" * 20]}),
    ("POST", "/moves", {"action": "withdraw", "version": 1}),
    ("POST", "/moves", {"action": "nope", "version": 9, "assignee": "bob@desk.example"}),
    ("PUT", "/watchers/frank@customer.example", None),
    ("DELETE", "/watchers/eva@customer.example", None),
    ("DELETE", "/links/eva@customer.example", None),
]


class TestOtherSites:
    """A page of another site that makes a signed-in browser send something."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "https://desk.example.evil.example"},
            {"Origin": "http://desk.example"},
            {"Origin": "https://desk.example:8443"},
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
            {},
        ],
        ids=str,
    )
    def test_cve_2012_4732_an_unsafe_call_needs_the_desks_own_origin(
        self, browser: Browser, headers: dict[str, str]
    ) -> None:
        filed()
        eva = browser(EVA, origin=None)
        refused(eva.post(f"{PATH}/comments", {"text": "x"}, **headers), 403, "not_allowed")
        refused(eva.send("DELETE", f"{API}/session", **headers), 403, "not_allowed")

    def test_nobody_is_signed_in_to_an_attackers_account_by_another_site(self, browser: Browser) -> None:
        client = browser(origin="https://evil.example")
        refused(client.post(f"{API}/session", {"email": EVA.email, "code": "123456"}), 403, "not_allowed")
        refused(client.post(f"{API}/session/link", {"token": "WEB-1.x"}), 403, "not_allowed")

    def test_the_desks_own_pages_may(self, browser: Browser) -> None:
        filed()
        assert browser(EVA).post(f"{PATH}/comments", {"text": "x"}).status == 201
        eva = browser(EVA, origin=None)
        assert eva.post(f"{PATH}/comments", {"text": "x"}, Sec_Fetch_Site="same-origin").status == 201

    def test_a_program_with_a_token_sends_no_origin(self, browser: Browser) -> None:
        filed()
        program = browser(token=api_token(BOB), origin=None)
        assert program.post(f"{PATH}/comments", {"text": "x"}).status == 201

    def test_no_other_site_may_read_an_answer(self, browser: Browser) -> None:
        answer = browser(EVA).request("GET", f"{API}/me", headers={"Origin": "https://evil.example"})
        assert not any(name.startswith("access-control-") for name in answer.headers)


class TestHeaders:
    def test_every_answer_is_safe_to_open(self, browser: Browser) -> None:
        filed()
        eva = browser(EVA)
        for answer in (
            eva.get(PATH),
            eva.get(f"{API}/tickets/WEB-9"),
            eva.send("PUT", PATH),
            eva.get(f"{API}/tickets"),
        ):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"
            assert "max-age" in answer.headers["strict-transport-security"]

    @pytest.mark.parametrize("name", ['a"\r\nSet-Cookie: x=y', "a\x00b", "a\u2028b", "č\u202e", '"; filename="x.exe'])
    def test_cve_2013_3372_the_name_of_a_file_adds_no_header(self, browser: Browser, name: str) -> None:
        upload = uploaded(signed_in(EVA), filename=name)
        filed(uploads=(upload.id,))
        answer = browser(EVA).get(f"{API}/attachments/{upload.id}")
        assert answer.status == 302
        assert controls(answer) == []
        assert "%0D" not in answer.location
        assert "%0A" not in answer.location

    @pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/html\r\nX: y"])
    def test_cve_2022_25802_no_type_that_somebody_claimed_is_served(self, browser: Browser, kind: str) -> None:
        order = {"filename": "a.html", "content_type": kind, "size": 6, "project": "WEB"}
        fields = browser(EVA).post(f"{API}/uploads", order).json()["fields"]
        assert fields["Content-Type"] == "application/octet-stream"

    def test_nothing_that_comes_in_adds_a_header(self, browser: Browser) -> None:
        eva = browser(EVA)
        order = {"project": "WEB", "subject": "a\r\nSet-Cookie: x=y", "text": "b\r\n\r\nc"}
        for answer in (
            eva.post(f"{API}/tickets", order),
            eva.get(f"{PATH}%0d%0aX:y"),
            eva.get(PATH, **{"a\r\nb": "c"}),
        ):
            assert controls(answer) == []


class TestEnumeration:
    def test_cve_2021_38562_asking_for_a_code_tells_nobody_who_is_known(self, browser: Browser) -> None:
        answers = [browser().post(f"{API}/codes", {"email": email}) for email in (EVA.email, "who@nowhere.example")]
        assert answers[0] == answers[1]

    def test_a_wrong_code_reads_alike_for_the_known_and_the_unknown(self, browser: Browser) -> None:
        orders = [{"email": email, "code": "123456"} for email in (EVA.email, "who@nowhere.example")]
        answers = [browser().post(f"{API}/session", order) for order in orders]
        assert answers[0] == answers[1]

    @pytest.mark.parametrize("person", [FRANK, None], ids=lambda person: person.name if person else "stranger")
    def test_a_foreign_ticket_and_none_are_the_same_bytes(self, browser: Browser, person: Person | None) -> None:
        filed()
        client = browser(person)
        for method, path, body in ON_A_TICKET:
            foreign, none = (client.send(method, f"{API}/tickets/WEB-{n}{path}", body) for n in (1, 2))
            assert foreign == none
            assert foreign.status == (404 if person else 401)


class TestMassAssignment:
    @pytest.mark.parametrize("name", ["number", "state", "priority", "requester", "assignee", "version", "created_at"])
    def test_nobody_sets_what_is_not_theirs(self, browser: Browser, name: str) -> None:
        order = {"project": "WEB", "subject": "x", "text": "x", name: "x"}
        refused(browser(ALICE).post(f"{API}/tickets", order), 422, "invalid", name)


def controls(answer: Answer) -> list[str]:
    """The header parts with a control character."""
    return [part for pair in answer.raw_headers for part in pair if any(ord(char) < 32 for char in part)]


def test_a_session_cookie_of_another_key_opens_nothing(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from itsdangerous import URLSafeSerializer

    forged = URLSafeSerializer("another key", salt="session").dumps(["secret", ALICE.email])
    client: Client = browser(cookies={"__Host-session": str(forged)})
    refused(client.get(f"{API}/me"), 401, "not_signed_in")
