"""One's own requests."""

import pytest

from chalicelib.web.pages import my
from tests.cast import ALICE, EVA, FRANK
from tests.stage import filed
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
