"""One's own requests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.storage import people, tickets
from chalicelib.web.pages import my
from tests.cast import ALICE, EVA, FRANK, WEB
from tests.stage import filed, share
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of


class TestMy:
    def test_ones_own_and_nobody_elses_page_by_page(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(my, "ROWS", 2)
        for number in range(3):
            filed(subject=f"Můj {number}")
        filed(by=FRANK, subject="Cizí")
        client = browser(EVA)
        page = page_of(client.get("/my"))
        assert [link for link in page.links if link.startswith("/t/")] == ["/t/WEB-3", "/t/WEB-2"]
        older = next(link for link in page.links if "cursor=" in link)
        page = page_of(client.get(older))
        assert [link for link in page.links if link.startswith("/t/")] == ["/t/WEB-1"]
        assert not [link for link in page.links if "cursor=" in link]

    def test_of_staff_too_only_their_own(self, browser: Browser) -> None:
        filed()
        assert (
            "No requests yet" in page_of(browser(ALICE).get("/my")).words or "Zatím" in browser(ALICE).get("/my").text
        )
        assert "/t/WEB-1" not in browser(ALICE).get("/my").text

    def test_the_cursor_of_another_is_refused(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(my, "ROWS", 1)
        filed()
        filed()
        older = next(link for link in page_of(browser(EVA).get("/my")).links if "cursor=" in link)
        page_of(browser(FRANK).get(older), 422)


class TestColleagues:
    """Eva and Frank are of one organisation, and WEB shares requests."""

    @pytest.fixture(autouse=True)
    def organisation(self, stage: None) -> None:
        share(WEB)
        for person in (EVA, FRANK):
            known = people.find(person.email)
            assert known
            people.update(known, replace(known, organisation="novak"))

    def theirs(self, subject: str = "Kolegyně žádá") -> None:
        filed(replace(EVA, organisation="novak"), subject)

    def test_mine_and_theirs_stand_apart(self, browser: Browser) -> None:
        self.theirs()
        filed(replace(FRANK, organisation="novak"), "Můj vlastní")
        frank = browser(FRANK)
        mine = page_of(frank.get("/my"))
        assert "Můj vlastní" in mine.words
        assert "Kolegyně žádá" not in mine.words
        [other] = [link for link in mine.links if link.startswith("/my?of=")]
        colleagues = page_of(frank.get(other))
        assert "Kolegyně žádá" in colleagues.words
        assert EVA.name in colleagues.words
        assert "Můj vlastní" not in colleagues.words
        assert "Kolegyně žádá" in page_of(frank.get("/t/WEB-1")).words

    def test_a_colleague_may_read_and_watch_and_nothing_else(self, browser: Browser) -> None:
        self.theirs()
        page = page_of(browser(FRANK).get("/t/WEB-1"))
        assert {form.action for form in page.forms} == {"/language", "/sign-out", "/t/WEB-1/watch"}
        page_of(browser(FRANK).form("/t/WEB-1/reply", {"text": "Slovo", "key": "k"}), 403)
        assert browser(FRANK).form("/t/WEB-1/watch", {"do": "add"}).status == 303
        assert tickets.load("WEB-1").watched_by(FRANK.email)

    def test_page_by_page(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(my, "ROWS", 1)
        for subject in ("První", "Druhý"):
            self.theirs(subject)
            filed(replace(FRANK, organisation="novak"), "Můj")
        frank = browser(FRANK)
        first = page_of(frank.get("/my", of="colleagues"))
        [older] = [link for link in first.links if "cursor=" in link]
        second = page_of(frank.get(older))
        assert ("Druhý" in first.words, "První" in second.words) == (True, True)
        assert not [link for link in second.links if "cursor=" in link]
        page_of(browser(EVA).get(older), 422)

    def test_without_an_organisation_or_a_project_that_shares_there_is_one_list(self, browser: Browser) -> None:
        self.theirs()
        assert not [link for link in page_of(browser(ALICE).get("/my", of="colleagues")).links if "of=" in link]
        share(WEB, False)
        page = page_of(browser(FRANK).get("/my", of="colleagues"))
        assert not [link for link in page.links if "of=" in link]
        assert "Kolegyně" not in page.words

    def test_it_waits_for_aws_as_often_as_one_s_own(self, browser: Browser, meter: Callable[[], Any]) -> None:
        self.theirs()
        frank = browser(FRANK)
        for address in ("/my", "/my?of=colleagues", "/t/WEB-1"):
            with meter() as counted:
                assert frank.get(address).status == 200
            assert counted.depth == 2, address
