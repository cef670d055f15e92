"""Signing in by a mailed code, and out again."""

import pytest

from chalicelib import directory
from chalicelib.storage import people
from chalicelib.storage.limits import Limit
from tests.cast import ALICE, EVA, STRANGER
from tests.stage import filed, sent_mails
from tests.web.api.door import by_link
from tests.web.conftest import Browser
from tests.web.pages.conftest import mailed_code, run_queue
from tests.web.pages.reading import page_of

EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/my\r\nSet-Cookie: x=1",
    "evil.example",
]


class TestSignIn:
    @pytest.mark.parametrize(("person", "first"), [(ALICE, "/desk"), (EVA, "/my")])
    def test_in_two_steps(self, browser: Browser, person: object, first: str) -> None:
        assert person in (ALICE, EVA)
        who = ALICE if person is ALICE else EVA
        client = browser()
        form = page_of(client.get("/sign-in")).form("/sign-in")
        form = page_of(client.form("/sign-in", form.filled(email=who.email.upper()))).form("/sign-in")
        answer = client.form("/sign-in", form.filled(code=mailed_code(who)))
        assert (answer.status, answer.location) == (303, first)
        assert "HttpOnly; SameSite=Lax; Secure" in answer.headers["set-cookie"]
        assert who.name in page_of(client.follow(answer)).words

    def test_back_to_where_one_came_from(self, browser: Browser) -> None:
        client = browser()
        form = page_of(client.get("/sign-in?next=/t/WEB-1%3Fsent=x")).form("/sign-in")
        form = page_of(client.form("/sign-in", form.filled(email=EVA.email))).form("/sign-in")
        assert client.form("/sign-in", form.filled(code=mailed_code(EVA))).location == "/t/WEB-1?sent=x"

    @pytest.mark.parametrize("address", EVIL)
    def test_never_to_another_site(self, browser: Browser, address: str) -> None:
        client = browser()
        assert page_of(client.get("/sign-in", next=address)).form("/sign-in").fields["next"] == [""]
        client.form("/sign-in", {"email": EVA.email, "next": address})
        sent = {"email": EVA.email, "next": address, "code": mailed_code(EVA)}
        assert client.form("/sign-in", sent).location == "/my"

    def test_a_wrong_code_and_another_one(self, browser: Browser) -> None:
        client = browser()
        client.form("/sign-in", {"email": EVA.email})
        form = page_of(client.form("/sign-in", {"email": EVA.email, "code": "12345"}), 422).form("/sign-in")
        assert form.fields["email"] == [EVA.email]
        form = page_of(client.form("/sign-in", form.filled(again="1"))).form("/sign-in")
        assert client.form("/sign-in", form.filled(code=mailed_code(EVA))).status == 303

    def test_what_is_no_address(self, browser: Browser) -> None:
        form = page_of(browser().form("/sign-in", {"email": "eva"}), 422).form("/sign-in")
        assert form.fields["email"] == ["eva"]

    def test_the_page_tells_nobody_who_is_known(self, browser: Browser) -> None:
        known, unknown = EVA.email, "nobody@nowhere.example"
        pages = [browser().form("/sign-in", {"email": email}).text.replace(email, "") for email in (known, unknown)]
        assert pages[0] == pages[1]
        run_queue()
        assert [mail.to for mail in sent_mails()] == [known]

    def test_too_many_tries(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(directory, "_TRIES_PER_ADDRESS", Limit("try-address", 0, 900))
        page_of(browser().form("/sign-in", {"email": EVA.email, "code": "123456"}), 429)

    def test_another_site_cannot_sign_anybody_in(self, browser: Browser) -> None:
        page_of(browser(origin="https://evil.example").form("/sign-in", {"email": EVA.email}), 403)


class TestSignOut:
    def test_the_session_is_over_and_links_are_forgotten(self, browser: Browser) -> None:
        ticket = filed()
        client = by_link(browser(EVA), ticket, EVA)
        before = dict(client.cookies)
        answer = client.form("/sign-out", {})
        assert (answer.status, answer.location) == (303, "/")
        assert not client.cookies
        client.cookies = {name: value for name, value in before.items() if "session" in name}
        assert client.get("/my").status == 303
        assert people.find(EVA.email)

    def test_asking_for_the_page_is_no_way_out(self, browser: Browser) -> None:
        client = browser(EVA)
        page_of(client.get("/sign-out"), 405)
        page_of(client.get("/my"))

    def test_whoever_is_not_in_can_go_out(self, browser: Browser) -> None:
        assert browser().form("/sign-out", {}).status == 303

    def test_a_session_that_is_none(self, browser: Browser) -> None:
        client = browser(STRANGER)
        client.cookies = {name: value + "x" for name, value in client.cookies.items()}
        assert "Sign in" in page_of(client.get("/")).words
