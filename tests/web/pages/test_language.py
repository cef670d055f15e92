"""The switch of the language."""

import pytest

from chalicelib.storage import people
from tests.cast import BOB
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of
from tests.web.pages.test_sign_in import EVIL


class TestLanguage:
    def test_the_browser_remembers_it(self, browser: Browser) -> None:
        client = browser(language="en")
        form = page_of(client.get("/help?x=1")).form("/language")
        answer = client.form("/language", form.filled(language="cs"))
        assert (answer.status, answer.location) == (303, "/help?x=1")
        assert 'lang="cs"' in client.follow(answer).text

    def test_whoever_is_signed_in_is_written_to_in_it(self, browser: Browser) -> None:
        client = browser(BOB)
        client.form("/language", {"language": "cs", "next": "/my"})
        person = people.find(BOB.email)
        assert person
        assert person.language == "cs"
        assert 'lang="cs"' in client.get("/my").text

    def test_a_refused_form_leads_back_to_the_page_it_is_on(self, browser: Browser) -> None:
        page = page_of(browser().form("/find", {"email": "x"}), 422)
        assert page.form("/language").fields["next"] == ["/find"]

    @pytest.mark.parametrize("address", EVIL)
    def test_never_to_another_site(self, browser: Browser, address: str) -> None:
        assert browser().form("/language", {"language": "cs", "next": address}).location == "/"

    def test_one_that_there_is_not(self, browser: Browser) -> None:
        answer = browser().form("/language", {"language": "de\r\nx: y", "next": "/"})
        page_of(answer, 422)
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize(
        ("accept", "language"), [("cs", "cs"), ("de, cs;q=0.5, en;q=0.4", "cs"), ("fr", "en"), ("cs;q=x, en", "en")]
    )
    def test_without_a_choice_the_browser_decides(self, browser: Browser, accept: str, language: str) -> None:
        assert f'<html lang="{language}">' in browser(language=accept).get("/").text
