"""GET /tickets: the list."""

from typing import Any

import pytest

from chalicelib.domain.people import Person
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, HANA, MARIE, ROOT, STRANGER, WANDA, called
from tests.stage import filed, moved
from tests.web.api.door import refused, wrong_method
from tests.web.client import Client
from tests.web.conftest import Browser

TICKETS = "/api/v1/tickets"
CARD = {
    "number", "project", "subject", "type", "state", "priority", "requester", "assignee", "created_at",
    "updated_at", "waiting_since", "due", "whose_turn", "version", "watchers",
    "first_response_at", "returned_at", "done_at", "closed_at", "fields", "moves", "minutes",
}  # fmt: skip
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"project": "HR"}, ["HR-1"]),
    ({"project": ["HR", "web"]}, ["WEB-3", "HR-1", "WEB-2", "WEB-1"]),
    ({"project": "NOPE"}, []),
    ({"state": "new"}, ["WEB-1"]),
    ({"state": ["new", "closed"]}, ["WEB-3", "WEB-1"]),
    ({"assignee": "bob@desk.example"}, ["WEB-2"]),
    ({"assignee": "none"}, ["WEB-3", "WEB-1"]),
    ({"assignee": ["none", "BOB@desk.example"]}, ["WEB-3", "WEB-2", "WEB-1"]),
    ({"requester": EVA.email, "archived": "false"}, ["WEB-1"]),
    ({"requester": "me"}, []),
    ({"archived": "true"}, ["WEB-3"]),
    ({"type": "question", "project": "HR"}, ["HR-1"]),
    ({"type": "incident"}, []),
    ({"priority": ["normal", "high"], "state": "done"}, ["HR-1"]),
    ({"q": "web-2"}, ["WEB-2"]),
    ({"q": "1"}, ["HR-1", "WEB-1"]),
    ({"q": "1", "project": "WEB"}, ["WEB-1"]),
    ({"q": "1", "state": "done"}, ["HR-1"]),
    ({"q": "WEB-99"}, []),
    ({"q": "tisk"}, []),
    ({"q": ""}, []),
    ({"q": "0" * 3000}, []),
]

UNKNOWN = [
    ("limit", "0"), ("limit", "101"), ("limit", "x"), ("limit", "1.5"), ("limit", "9" * 400),
    ("state", "open"), ("type", "bug"), ("priority", "1"), ("archived", "maybe"), ("sort", "subject"),
    ("assignee", "bob"), ("requester", "none"), ("project", "w!"), ("cursor", "x"), ("text", "x"),
]  # fmt: skip


@pytest.fixture
def tickets(stage: None) -> None:
    """WEB-1 new, of Eva; WEB-2 with Bob, of Frank; HR-1 done by Dave, of Hana; WEB-3 withdrawn, of Eva."""
    filed(EVA, "První")
    moved(filed(FRANK, "Druhý"), "hand_over", ALICE, assignee=BOB.email)
    moved(filed(HANA, "Třetí", "HR"), "finish", HANA)
    moved(filed(EVA, "Čtvrtý", watchers=(WANDA.email,)), "withdraw", EVA)


def numbers(client: Client, **query: Any) -> list[str]:
    answer = client.get(TICKETS, **query)
    assert answer.status == 200, answer
    return [item["number"] for item in answer.json()["items"]]


@pytest.mark.usefixtures("tickets")
class TestList:
    def test_newest_change_first_as_cards(self, browser: Browser) -> None:
        answer = browser(ROOT).get(TICKETS).json()
        assert [item["number"] for item in answer["items"]] == ["WEB-3", "HR-1", "WEB-2", "WEB-1"]
        assert set(answer["items"][0]) == CARD
        assert answer["next"] is None
        assert numbers(browser(ROOT), sort="updated_at") == ["WEB-1", "WEB-2", "HR-1", "WEB-3"]

    @pytest.mark.parametrize(
        ("person", "seen"),
        [
            (ALICE, ["WEB-3", "WEB-2", "WEB-1"]),
            (EVA, ["WEB-3", "WEB-1"]),
            (FRANK, ["WEB-2"]),
            (DAVE, ["HR-1"]),
            (MARIE, []),
            (STRANGER, []),
        ],
        ids=called,
    )
    def test_everybody_sees_their_own(self, browser: Browser, person: Person, seen: list[str]) -> None:
        assert numbers(browser(person)) == seen

    def test_filters(self, browser: Browser) -> None:
        root = browser(ROOT)
        assert [(query, numbers(root, **query)) for query, _ in FILTERS] == FILTERS

    def test_me_is_whoever_asks(self, browser: Browser) -> None:
        assert numbers(browser(BOB), assignee="me") == ["WEB-2"]
        assert numbers(browser(EVA), requester="me") == ["WEB-3", "WEB-1"]

    def test_a_number_opens_nothing_foreign(self, browser: Browser) -> None:
        assert numbers(browser(DAVE), q="WEB-1") == []
        assert numbers(browser(FRANK), q="1") == []
        assert numbers(browser(WANDA), q="3") == ["WEB-3"]

    def test_pages_join_without_gap_or_overlap(self, browser: Browser) -> None:
        root, seen, cursor = browser(ROOT), [], ""
        for _ in range(4):
            page = root.get(TICKETS, limit=1, cursor=cursor).json()
            seen += [item["number"] for item in page["items"]]
            cursor = page["next"]
        assert seen == ["WEB-3", "HR-1", "WEB-2", "WEB-1"]
        assert cursor is None

    def test_a_cursor_is_good_for_its_own_list_and_reader(self, browser: Browser) -> None:
        cursor = browser(ROOT).get(TICKETS, limit=1).json()["next"]
        refused(browser(ROOT).get(TICKETS, limit=1, cursor=cursor, state="new"), 422, "invalid", "cursor")
        refused(browser(ALICE).get(TICKETS, limit=1, cursor=cursor), 422, "invalid", "cursor")
        refused(browser(ROOT).get(TICKETS, limit=1, cursor=f"x{cursor}"), 422, "invalid", "cursor")

    def test_what_no_list_knows_is_refused(self, browser: Browser) -> None:
        root = browser(ROOT)
        for field, value in UNKNOWN:
            refused(root.get(TICKETS, **{field: value}), 422, "invalid", field)

    def test_a_stranger_signs_in_first(self, browser: Browser) -> None:
        refused(browser().get(TICKETS), 401, "not_signed_in")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(ROOT), "PUT", TICKETS, "GET, POST")
