"""All files of a request: the panel on its pages, and the list behind it where there are many."""

import pytest

from chalicelib import desk, urls
from chalicelib.desk import CommentOrder
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import access
from chalicelib.web.pages import files, views
from tests.cast import BOB, DAVE, EVA, FRANK, ROOT, STRANGER, signed_in
from tests.stage import filed, uploaded
from tests.web.api.door import by_link
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of


def with_files(*names: str, internal: bool = False, by: object = EVA) -> tuple[str, ...]:
    """The ids of uploads of those names."""
    return tuple(uploaded(signed_in(by), filename=name).id for name in names)  # type: ignore[arg-type]


@pytest.fixture
def ticket(stage: None) -> Ticket:
    """Eva's request with two files, her reply with one, and a note of Bob's with one that she never sees."""
    found = filed(uploads=with_files("smlouva.pdf", "foto.png"))
    desk.comment(found.number, CommentOrder("Ještě toto", uploads=with_files("dodatek.pdf")), signed_in(EVA))
    note = CommentOrder("Jen my", internal=True, uploads=with_files("marže.xlsx", by=BOB))
    desk.comment(found.number, note, signed_in(BOB))
    return found


PUBLIC = {"smlouva.pdf", "foto.png", "dodatek.pdf"}
INTERNAL = "marže.xlsx"


def named_in(text: str) -> set[str]:
    return {name for name in PUBLIC | {INTERNAL} if name in text}


class TestPanel:
    def test_staff_see_all_files_in_one_place(self, browser: Browser, ticket: Ticket) -> None:
        panel = browser(BOB).get(f"/desk/{ticket.number}").text.rpartition("<aside")[2]
        assert named_in(panel) == PUBLIC | {INTERNAL}

    def test_the_requester_too_but_none_of_internal_notes(self, browser: Browser, ticket: Ticket) -> None:
        for client in (browser(EVA), by_link(browser(), ticket, EVA)):
            text = client.get(f"/t/{ticket.number}").text
            assert named_in(text.partition('id="files"')[2]) == PUBLIC
            assert INTERNAL not in text

    def test_more_than_the_panel_holds_are_a_page_away(
        self, browser: Browser, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "FILES_IN_PANEL", 2)
        for client, address in (
            (browser(BOB), urls.desk_ticket(ticket.number)),
            (browser(EVA), urls.ticket(ticket.number)),
        ):
            assert f"{address}/files" in page_of(client.get(address)).links

    def test_files_of_entries_that_are_not_shown_are_in_it(
        self, browser: Browser, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chalicelib.reading._PAGE_EVENTS", 1)
        desk.comment(ticket.number, CommentOrder("Nové"), signed_in(EVA))
        text = browser(EVA).get(f"/t/{ticket.number}").text
        assert "Ještě toto" not in text
        assert "dodatek.pdf" in text


class TestPage:
    def test_newest_first_with_who_added_each(self, browser: Browser, ticket: Ticket) -> None:
        page = page_of(browser(BOB).get(f"/desk/{ticket.number}/files"))
        assert named_in(page.words) == PUBLIC | {INTERNAL}
        assert page.words.index("dodatek.pdf") < page.words.index("smlouva.pdf")
        assert {EVA.name, BOB.name} <= {name for name in (EVA.name, BOB.name) if name in page.words}

    def test_a_customer_sees_none_of_internal_notes(self, browser: Browser, ticket: Ticket) -> None:
        for client in (browser(EVA), by_link(browser(), ticket, EVA)):
            text = client.get(f"/t/{ticket.number}/files").text
            assert named_in(text) == PUBLIC
            assert BOB.name not in text

    def test_each_is_sent_to_their_own_page(self, browser: Browser, ticket: Ticket) -> None:
        own = filed(by=BOB, project="WEB")
        assert browser(BOB).get(f"/t/{own.number}/files").location == f"/desk/{own.number}/files"

    @pytest.mark.parametrize("person", [DAVE, FRANK, STRANGER], ids=lambda person: person.name)
    def test_foreign_is_as_absent(self, browser: Browser, ticket: Ticket, person: object) -> None:
        client = browser(person)
        for path in ("/t/{}/files", "/desk/{}/files"):
            foreign, absent = (client.get(path.format(number)) for number in (ticket.number, "WEB-999"))
            assert foreign.status == absent.status
            assert foreign.status in (403, 404)
            assert named_in(foreign.text) == set()

    def test_nobody_is_asked_to_sign_in(self, browser: Browser, ticket: Ticket) -> None:
        for number in (ticket.number, "WEB-999"):
            assert browser().get(f"/t/{number}/files").status == 303
            assert browser().get(f"/desk/{number}/files").status == 303

    def test_a_link_that_was_revoked_opens_nothing(self, browser: Browser, ticket: Ticket) -> None:
        client = by_link(browser(), ticket, EVA)
        access.revoke_links(ticket.number, EVA.email)
        assert named_in(client.get(f"/t/{ticket.number}/files").text) == set()

    def test_too_many_for_a_page_are_counted(
        self, browser: Browser, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "ROWS", 1)
        text = browser(ROOT).get(f"/desk/{ticket.number}/files").text
        assert named_in(text) == {INTERNAL}
        assert "3 older files are not listed here." in text
