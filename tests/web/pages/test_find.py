"""A lost link is mailed anew."""

import pytest

from chalicelib import directory
from chalicelib.storage.limits import Limit
from tests.cast import EVA, FRANK
from tests.stage import filed, forget_mails, mails_to, sent_mails
from tests.web.conftest import Browser
from tests.web.pages.conftest import run_queue
from tests.web.pages.reading import page_of


class TestFind:
    def test_links_are_mailed_and_the_page_tells_nobody_whether(self, browser: Browser) -> None:
        filed()
        forget_mails()
        client = browser()
        form = page_of(client.get("/find")).form("/find")
        answers = [client.form("/find", form.filled(email=person.email)) for person in (EVA, FRANK)]
        assert answers[0].text.replace(EVA.email, "") == answers[1].text.replace(FRANK.email, "")
        run_queue()
        assert [mail.to for mail in sent_mails()] == [EVA.email]
        assert "/t/WEB-1#k=WEB-1." in mails_to(EVA)[0].text

    def test_what_is_no_address(self, browser: Browser) -> None:
        form = page_of(browser().form("/find", {"email": "eva"}), 422).form("/find")
        assert form.fields["email"] == ["eva"]

    def test_too_often(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(directory, "_CODES_PER_NETWORK", Limit("code-network", 0, 900))
        answer = browser().form("/find", {"email": EVA.email})
        assert "retry-after" in answer.headers
        page_of(answer, 429)
