"""GET /tickets/{number}/watchers, PUT and DELETE of one."""

from chalicelib.domain.tickets import State
from tests.cast import ALICE, BOB, DAVE, EVA, WANDA
from tests.stage import filed, standing_at
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

WATCHERS = "/api/v1/tickets/WEB-1/watchers"


class TestWatchers:
    def test_added_listed_and_taken_away(self, browser: Browser) -> None:
        filed()
        eva = browser(EVA)
        answer = eva.send("PUT", f"{WATCHERS}/Boss%2Bdesk@customer.example")
        watcher = {"email": "boss+desk@customer.example", "name": "boss+desk"}
        assert (answer.status, answer.json()) == (200, watcher)
        assert eva.get(WATCHERS).json() == {"items": [watcher], "next": None}
        assert eva.send("DELETE", f"{WATCHERS}/boss+desk@customer.example").status == 204
        assert eva.get(WATCHERS).json()["items"] == []
        kinds = [event["kind"] for event in eva.get("/api/v1/tickets/WEB-1/history").json()["items"]]
        assert kinds == ["ticket.submitted", "watcher.added", "watcher.removed"]

    def test_twice_is_once(self, browser: Browser) -> None:
        filed()
        bob = browser(BOB)
        answers = [bob.send("PUT", f"{WATCHERS}/{BOB.email}") for _ in range(2)]
        assert answers[0] == answers[1]
        assert bob.get("/api/v1/tickets/WEB-1").json()["version"] == 2

    def test_in_pages(self, browser: Browser) -> None:
        filed(watchers=("b@x.example", "a@x.example", "c@x.example"))
        eva = browser(EVA)
        first = eva.get(WATCHERS, limit=2).json()
        second = eva.get(WATCHERS, limit=2, cursor=first["next"]).json()
        assert [each["name"] for each in first["items"] + second["items"]] == ["a", "b", "c"]

    def test_a_watcher_goes_but_brings_nobody(self, browser: Browser) -> None:
        filed(watchers=(WANDA.email,))
        wanda = browser(WANDA)
        refused(wanda.send("PUT", f"{WATCHERS}/{DAVE.email}"), 403, "not_allowed")
        assert wanda.send("DELETE", f"{WATCHERS}/{WANDA.email}").status == 204
        refused(wanda.get(WATCHERS), 404, "not_found")

    def test_a_stranger_learns_nothing(self, browser: Browser) -> None:
        filed()
        for method, path in (("GET", ""), ("PUT", f"/{DAVE.email}"), ("DELETE", f"/{DAVE.email}")):
            refused(browser().send(method, WATCHERS + path), 401, "not_signed_in")
            refused(browser(DAVE).send(method, WATCHERS + path), 404, "not_found")

    def test_only_an_address_can_watch(self, browser: Browser) -> None:
        filed()
        for email in ("nobody", "%00", "a%0D%0Ab@x.cz", "%ED%A0%80"):
            refused(browser(ALICE).send("PUT", f"{WATCHERS}/{email}"), 422, "invalid", "email")
        refused(browser(ALICE).send("DELETE", f"{WATCHERS}/not@there.example"), 404, "not_found")

    def test_a_closed_ticket_stays_as_it_is(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        refused(browser(ALICE).send("PUT", f"{WATCHERS}/{ALICE.email}"), 409, "conflict")

    def test_the_wrong_method(self, browser: Browser) -> None:
        filed()
        wrong_method(browser(ALICE), "POST", WATCHERS, "GET")
        wrong_method(browser(ALICE), "GET", f"{WATCHERS}/{EVA.email}", "DELETE, PUT")
