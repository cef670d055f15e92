"""One's own settings: name, language, which mail one gets and how."""

from chalicelib.domain.notices import Topic
from chalicelib.domain.people import Person
from chalicelib.storage import people
from tests.cast import BOB, EVA
from tests.web.conftest import Browser
from tests.web.pages.reading import Form, page_of

ME = "/me"


def known(person: Person) -> Person:
    found = people.find(person.email)
    assert found
    return found


def form(browser: Browser, person: Person) -> Form:
    return page_of(browser(person).get(ME)).form(ME)


class TestReading:
    def test_it_shows_what_is_set(self, browser: Browser) -> None:
        fields = form(browser, EVA).fields
        assert (fields["name"], fields["language"], fields["digest"]) == ([EVA.name], ["cs"], [""])
        assert set(fields["hears"]) == set(Topic) - {Topic.NOTES}

    def test_staff_may_choose_about_notes_too(self, browser: Browser) -> None:
        assert set(form(browser, BOB).offered["hears"]) == set(Topic)

    def test_the_name_in_the_header_leads_there(self, browser: Browser) -> None:
        assert ME in page_of(browser(EVA).get("/my")).links

    def test_a_stranger_is_asked_to_sign_in(self, browser: Browser) -> None:
        answer = browser().get(ME)
        assert (answer.status, answer.location) == (303, "/sign-in?next=%2Fme")


class TestSaving:
    def test_all_of_it_is_kept_and_said(self, browser: Browser) -> None:
        client = browser(EVA)
        answer = client.form(ME, {"name": "Eva  Nová", "language": "en", "hears": ["replies"], "digest": "1"})
        assert (answer.status, answer.location) == (303, "/me?saved=1")
        page = page_of(client.follow(answer))
        assert "Your settings are saved." in page.words
        fields = page.form(ME).fields
        assert (fields["name"], fields["hears"], fields["digest"]) == (["Eva Nová"], ["replies"], ["1"])
        saved = known(EVA)
        assert saved.digest
        assert set(saved.muted) == set(Topic) - {Topic.REPLIES, Topic.NOTES}

    def test_nothing_ticked_is_no_mail_at_all(self, browser: Browser) -> None:
        client = browser(BOB)
        client.form(ME, form(browser, BOB).filled(hears=[]))
        assert set(known(BOB).muted) == set(Topic)
        assert client.get(ME).status == 200

    def test_saved_as_it_is_it_stays(self, browser: Browser) -> None:
        before = known(EVA)
        assert browser(EVA).form(ME, form(browser, EVA).fields).status == 303
        assert known(EVA) == before

    def test_what_is_refused_is_shown_again_and_nothing_changed(self, browser: Browser) -> None:
        before = known(EVA)
        typed = {"name": " ", "language": "de", "hears": ["new"], "digest": "1"}
        page = page_of(browser(EVA).form(ME, typed), 422)
        fields = page.form(ME).fields
        assert (fields["name"], fields["hears"], fields["digest"]) == ([" "], ["new"], ["1"])
        page_of(browser(EVA).form(ME, typed | {"language": "cs"}), 422)
        page_of(browser(EVA).form(ME, typed | {"name": "E\x00va", "language": "cs"}), 422)
        assert known(EVA) == before

    def test_a_kind_that_is_not_there_is_nothing(self, browser: Browser) -> None:
        browser(EVA).form(ME, form(browser, EVA).filled(hears=["weather", "new"]))
        assert set(known(EVA).muted) == set(Topic) - {Topic.NEW, Topic.NOTES}

    def test_a_stranger_and_another_site_are_refused(self, browser: Browser) -> None:
        assert browser().form(ME, {"name": "X"}).status == 401
        assert browser(EVA, origin="https://evil.example").form(ME, {"name": "X", "language": "cs"}).status == 403
        assert known(EVA).name == EVA.name
