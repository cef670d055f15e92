"""Mail that was set aside: seen and tried again by administrators alone."""

import pytest

from chalicelib import clock
from chalicelib.storage import outbox
from tests.cast import ALICE, EVA, ROOT
from tests.stage import filed, last_event
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of


def park() -> str:
    """A request whose mail was given up; the id of its event."""
    event = last_event(filed())
    claimed = outbox.claim(event.ticket, event.id, "lease", clock.now())
    assert claimed
    outbox.put_back(claimed, "550 no such <user>", clock.now(), park=True)
    return event.id


class TestUndelivered:
    def test_an_administrator_sees_it_and_has_it_tried_again(self, browser: Browser) -> None:
        event_id, client = park(), browser(ROOT)
        page = page_of(client.get("/admin/undelivered"))
        assert "550 no such <user>" in page.words
        assert "Request filed" in page.words
        answer = client.form("/admin/undelivered", {"id": f"WEB-1/{event_id}"})
        assert answer.location == "/admin/undelivered?retried=1"
        assert "Everything was delivered" in page_of(client.follow(answer)).words
        assert outbox.due(clock.now()) == [("WEB-1", event_id)]

    @pytest.mark.parametrize("wanted", ["", "WEB-1", "WEB-1/none", "/", "a/b/c"])
    def test_what_is_not_there_is_not_tried(self, browser: Browser, wanted: str) -> None:
        assert browser(ROOT).form("/admin/undelivered", {"id": wanted}).location == "/admin/undelivered"

    @pytest.mark.parametrize("person", [ALICE, EVA])
    def test_nobody_else(self, browser: Browser, person: object) -> None:
        page_of(browser(person).get("/admin/undelivered"), 403)
        page_of(browser(person).form("/admin/undelivered", {"id": f"WEB-1/{park()}"}), 403)
        assert len(outbox.parked()) == 1
