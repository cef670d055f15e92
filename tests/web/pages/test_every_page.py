"""What holds for all pages: both languages whole, few round trips, links that lead somewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from chalicelib import desk
from chalicelib.desk import CommentOrder
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import people
from tests.cast import ALICE, BOB, DAVE, EVA, ROOT, signed_in
from tests.stage import filed, standing_at, uploaded
from tests.web.api.door import by_link
from tests.web.client import matching_route
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

PAGES = [
    (None, ["/", "/new", "/new/WEB", "/sign-in", "/find", "/help", "/t/WEB-9"]),
    (EVA, ["/", "/new", "/new/WEB", "/my", "/my?of=colleagues", "/me", "/t/WEB-1", "/help", "/desk"]),
    (
        BOB,
        ["/", "/new/WEB", "/my", "/me", "/desk", "/desk?assignee=me&state=done", "/desk/WEB-1", "/help", "/desk/WEB-9"],
    ),
    (ROOT, ["/desk", "/desk/WEB-1", "/desk/WEB-1/files", "/admin/undelivered", "/admin/addresses"]),
    (ROOT, ["/admin/projects", "/admin/projects/new", "/admin/projects/WEB", "/admin/projects/WEB/archive"]),
    (ROOT, ["/admin/people", "/admin/people?q=zzz", "/admin/people/new", "/admin/organisations"]),
    (ROOT, ["/admin/people/import"]),
    (BOB, ["/desk/WEB-1/recipients"]),
    (ROOT, [f"/admin/people/{BOB.email}", f"/admin/people/{ROOT.email}"]),
]


def speaking(person: Person, language: str) -> Person:
    """`person`, who from now on reads `language`."""
    from dataclasses import replace

    known = people.find(person.email)
    assert known
    people.update(known, replace(known, language=language))
    return person


@pytest.fixture
def done(stage: None) -> Ticket:
    """A request with everything: files, a note, a solution."""
    ticket = standing_at(State.DONE)
    upload = uploaded(signed_in(EVA))
    desk.comment(ticket.number, CommentOrder("Děkuji", uploads=(upload.id,)), signed_in(EVA))
    desk.comment(ticket.number, CommentOrder("Tajné", internal=True), signed_in(BOB))
    return ticket


@pytest.fixture(scope="module")
def english() -> list[str]:
    """Sentences of the desk that are not to be seen on a Czech page."""
    path = Path(__file__).parents[3] / "chalicelib" / "locale" / "cs" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        texts = [message.id for message in read_po(file) if isinstance(message.id, str) and message.id]
    return [text for text in texts if len(text) > 8 and "{" not in text]


class TestLanguages:
    @pytest.mark.parametrize("language", ["en", "cs"])
    @pytest.mark.parametrize(("person", "paths"), PAGES)
    def test_each_page_is_whole_in_each_language(
        self, browser: Browser, done: Ticket, english: list[str], language: str, person: Person | None, paths: list[str]
    ) -> None:
        client = browser(speaking(person, language) if person else None, language=language)
        for path in paths:
            answer = client.get(path)
            page = page_of(answer, answer.status)
            assert answer.status == (404 if path == "/desk/WEB-9" else 403 if (person, path) == (EVA, "/desk") else 200)
            assert f'<html lang="{language}">' in answer.text
            if language == "cs":
                assert not [text for text in english if text in page.words], path

    def test_every_link_and_form_leads_to_a_route(self, browser: Browser, done: Ticket) -> None:
        for person, paths in PAGES:
            client = browser(person)
            for path in paths:
                answer = client.get(path)
                page = page_of(answer, answer.status)
                for link in [*page.links, *(form.action for form in page.forms)]:
                    where = link.partition("?")[0].partition("#")[0]
                    assert not where or matching_route(client.app, where), (path, link)


class TestRoundTrips:
    @pytest.mark.parametrize(
        ("person", "path", "calls", "depth"),
        [
            (None, "/new/WEB", 1, 1),
            (EVA, "/new/WEB", 2, 2),
            (EVA, "/t/WEB-1", 4, 2),
            (BOB, "/desk", 5, 2),
            (ROOT, "/desk", 7, 3),
            (ROOT, "/desk?project=WEB", 5, 3),
            (BOB, "/desk?state=new&state=done", 6, 2),
            (BOB, "/desk?assignee=me&state=done&requester=x@y.cz", 4, 2),
            (BOB, "/desk/WEB-1", 4, 2),
            (BOB, "/desk/WEB-1/files", 3, 2),
            (EVA, "/t/WEB-1/files", 3, 2),
            (EVA, "/my", 3, 2),
        ],
    )
    def test_at_most_three_one_after_another(
        self,
        browser: Browser,
        done: Ticket,
        meter: Callable[[], Any],
        person: Person | None,
        path: str,
        calls: int,
        depth: int,
    ) -> None:
        client = browser(person)
        with meter() as counted:
            assert client.get(path).status == 200
        assert (counted.calls, counted.depth) == (calls, depth)

    def test_by_link(self, browser: Browser, done: Ticket, meter: Callable[[], Any]) -> None:
        client = by_link(browser(), done, EVA)
        with meter() as counted:
            assert client.get(f"/t/{done.number}").status == 200
        assert (counted.calls, counted.depth) == (4, 2)

    def test_signed_in_as_another_with_a_link(self, browser: Browser, done: Ticket, meter: Callable[[], Any]) -> None:
        client = by_link(browser(DAVE), done, EVA)
        with meter() as counted:
            assert "Opraveno." in client.get(f"/t/{done.number}").text
        assert (counted.calls, counted.depth) == (5, 3)

    def test_a_long_list_costs_what_it_shows(self, browser: Browser, done: Ticket, meter: Callable[[], Any]) -> None:
        client = browser(ALICE)
        with meter() as few:
            client.get("/desk")
        for number in range(8):
            filed(subject=f"Další {number}")
        with meter() as many:
            client.get("/desk")
        assert (many.calls, many.depth) == (few.calls, few.depth)
