"""The staff's list: what is on it, its filters, its tabs and its pages."""

import pytest

from chalicelib import desk
from chalicelib.desk import CommentOrder
from chalicelib.domain.tickets import State
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, HR, MARIE, ROOT, STRANGER, WANDA, signed_in
from tests.stage import filed, moved, standing_at
from tests.web.client import Client
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of


def numbers(client: Client, query: str = "") -> list[str]:
    """The requests on the list, from the top."""
    return [link.removeprefix("/desk/") for link in page_of(client.get(f"/desk{query}")).links if "/desk/" in link]


@pytest.fixture
def four(stage: None) -> None:
    """WEB-1 new, WEB-2 with Bob, WEB-3 closed, HR-1 new and of Hana."""
    filed(subject="Nový")
    moved(filed(subject="U Boba", by=FRANK), "hand_over", ALICE, assignee=BOB.email)
    moved(filed(subject="Stažený"), "withdraw", EVA)
    filed(by=HANA, project=HR, subject="Personální")


@pytest.mark.usefixtures("four")
class TestList:
    def test_staff_see_what_they_work_on_newest_change_first(self, browser: Browser) -> None:
        assert numbers(browser(ALICE)) == ["WEB-2", "WEB-1"]
        assert numbers(browser(DAVE)) == ["HR-1"]
        assert numbers(browser(ROOT)) == ["HR-1", "WEB-2", "WEB-1"]

    @pytest.mark.parametrize("side", ["project", "assignee", "requester"])
    @pytest.mark.parametrize("value", ["x" * 3000, "%F0%9F%98%80" * 600, "a%00b"])
    def test_a_filter_that_cannot_be_looked_up_finds_nothing(self, browser: Browser, side: str, value: str) -> None:
        assert numbers(browser(ROOT), f"?{side}={value}") == []

    def test_a_request_of_ones_own_elsewhere_is_not_work(self, browser: Browser) -> None:
        filed(by=HANA, subject="Hanin")
        assert numbers(browser(HANA)) == ["HR-1"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?state=new", ["WEB-1"]),
            ("?state=closed", ["WEB-3"]),
            ("?state=closed&state=new", ["WEB-3", "WEB-1"]),
            ("?assignee=bob@desk.example", ["WEB-2"]),
            ("?assignee=none", ["WEB-1"]),
            ("?assignee=me", []),
            ("?assignee=none&assignee=BOB@desk.example", ["WEB-2", "WEB-1"]),
            ("?requester=frank@customer.example", ["WEB-2"]),
            ("?requester=nobody", []),
            ("?project=WEB&assignee=&requester=", ["WEB-2", "WEB-1"]),
            ("?project=web", ["WEB-2", "WEB-1"]),
            ("?project=HR", []),
            ("?project=ABSENT", []),
            ("?project=%00", []),
        ],
    )
    def test_filters(self, browser: Browser, query: str, found: list[str]) -> None:
        assert numbers(browser(ALICE), query) == found

    def test_me_is_whoever_looks(self, browser: Browser) -> None:
        assert numbers(browser(BOB), "?assignee=me") == ["WEB-2"]

    def test_each_tab_counts_what_it_shows(self, browser: Browser) -> None:
        words = page_of(browser(ALICE, language="en").get("/desk")).words
        assert "Otevřené2 Nové1 Řešené1 Vrácené0 Hotové0 Ukončené1" in words
        words = page_of(browser(BOB).get("/desk?assignee=me&state=new")).words
        assert "Open1 New0 In progress1 Returned0 Done0 Closed0" in words
        words = page_of(browser(ROOT).get("/desk")).words
        assert "Open3 New2" in words

    def test_what_is_not_counted_shows_no_count(self, browser: Browser) -> None:
        assert "Open New In progress" in page_of(browser(BOB).get(f"/desk?requester={EVA.email}")).words

    def test_a_chip_takes_one_filter_away_and_leaves_the_others(self, browser: Browser) -> None:
        query = f"/desk?project=WEB&assignee={BOB.email}&assignee=none&requester={EVA.email}&state=new"
        page = page_of(browser(BOB).get(query))
        assert page.bold == ["Web a e-shop", "Bob Brown", "Nobody yet", EVA.email]
        assert f"/desk?assignee=bob%40desk.example&assignee=none&requester={_(EVA.email)}&state=new" in page.links
        assert f"/desk?project=WEB&assignee=none&requester={_(EVA.email)}&state=new" in page.links
        assert "/desk?project=WEB&assignee=bob%40desk.example&assignee=none&state=new" in page.links

    def test_the_form_keeps_what_is_set(self, browser: Browser) -> None:
        form = page_of(browser(BOB).get("/desk?project=WEB&assignee=me&state=new&state=done")).form("/desk")
        assert form.fields == {"project": ["WEB"], "assignee": ["me"], "requester": [""], "state": ["new", "done"]}

    def test_people_to_choose_are_the_staff_of_ones_projects_by_the_alphabet(self, browser: Browser) -> None:
        form = page_of(browser(ALICE).get("/desk")).form("/desk")
        assert form.offered["assignee"] == ["", "me", "none", ALICE.email, BOB.email, CAROL.email]
        assert form.offered["project"] == ["", "WEB"]
        form = page_of(browser(ROOT).get("/desk?project=HR")).form("/desk")
        assert form.offered["assignee"] == ["", "me", "none", DAVE.email, HANA.email]
        assert set(form.offered["project"]) == {"", "WEB", "HR", "OLD"}

    def test_a_filter_that_there_is_not(self, browser: Browser) -> None:
        page_of(browser(ALICE).get("/desk?state=lost"), 422)

    def test_an_edited_cursor_and_one_of_another_list(self, browser: Browser) -> None:
        page_of(browser(ALICE).get("/desk?cursor=nonsense"), 422)

    def test_a_filter_named_like_markup_is_text(self, browser: Browser) -> None:
        assert "<script>x" not in browser(ALICE).get("/desk?requester=%3Cscript%3Ex").text

    @pytest.mark.parametrize("person", [EVA, MARIE, STRANGER, WANDA])
    def test_nobody_else_has_it(self, browser: Browser, person: object) -> None:
        page_of(browser(person).get("/desk"), 403)

    def test_a_stranger_signs_in_first_and_comes_back(self, browser: Browser) -> None:
        answer = browser().get("/desk?state=new&assignee=me")
        assert (answer.status, answer.location) == (303, "/sign-in?next=%2Fdesk%3Fstate%3Dnew%26assignee%3Dme")


class TestPages:
    def test_a_long_list_goes_on(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        from chalicelib.web.pages import desk_list

        monkeypatch.setattr(desk_list, "ROWS", 2)
        for number in range(5):
            filed(subject=f"Požadavek {number}")
        client, seen, href = browser(ALICE), list[str](), "?project=WEB"
        for _ in range(3):
            page = page_of(client.get(f"/desk{href}"))
            seen += [link for link in page.links if "/desk/" in link]
            older = [link for link in page.links if "cursor=" in link]
            href = older[0].removeprefix("/desk") if older else ""
        assert seen == [f"/desk/WEB-{number}" for number in (5, 4, 3, 2, 1)]
        assert not href
        assert "/desk?project=WEB" in page.links

    def test_an_internal_note_moves_nothing(self, browser: Browser) -> None:
        ticket, client = standing_at(State.IN_PROGRESS), browser(ALICE)
        filed()
        before = numbers(client)
        desk.comment(ticket.number, CommentOrder("tajné", internal=True), signed_in(BOB))
        assert numbers(client) == before


def _(text: str) -> str:
    return text.replace("@", "%40")
