"""GET /addresses and DELETE of one: what is not mailed, for administrators; and what the API tells of it to others."""

import pytest

from chalicelib import addresses
from chalicelib.domain.people import Person
from chalicelib.storage import addresses as stored
from tests.cast import ALICE, BOB, EVA, FRANK, MARIE, ROOT, called
from tests.ses_events import SENT, body, bounce, complaint
from tests.stage import filed
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

ADDRESSES = "/api/v1/addresses"


@pytest.fixture
def told(stage: None) -> None:
    """Eva's mail about WEB-1 bounced, Frank complained."""
    addresses.take(body(bounce(EVA.email, ticket=filed().number)))
    addresses.take(body(complaint(FRANK.email)))


@pytest.mark.usefixtures("told")
class TestDoor:
    @pytest.mark.parametrize("person", [ALICE, BOB, EVA, MARIE], ids=called)
    def test_whoever_is_no_administrator_is_refused(self, browser: Browser, person: Person) -> None:
        client = browser(person)
        refused(client.get(ADDRESSES), 403, "not_allowed")
        for email in (EVA.email, "nobody@elsewhere.example"):
            refused(client.send("DELETE", f"{ADDRESSES}/{email}"), 403, "not_allowed")
        assert stored.load(EVA.email).mark

    def test_a_stranger_is_to_sign_in(self, browser: Browser) -> None:
        refused(browser().get(ADDRESSES), 401, "not_signed_in")

    def test_other_methods_are_not_taken(self, browser: Browser) -> None:
        wrong_method(browser(ROOT), "PUT", ADDRESSES, "GET")
        wrong_method(browser(ROOT), "GET", f"{ADDRESSES}/{EVA.email}", "DELETE")


@pytest.mark.usefixtures("told")
class TestAddresses:
    def test_the_list_says_why_and_since_when(self, browser: Browser) -> None:
        answer = browser(ROOT).get(ADDRESSES)
        assert answer.json()["next"] is None
        eva, frank = answer.json()["items"]
        assert eva == {
            "email": EVA.email,
            "mark": "bounced",
            "reason": "smtp; 550 5.1.1 user unknown",
            "since": SENT.replace(minute=1).isoformat().replace("+00:00", "Z"),
            "failures": 1,
            "tickets": ["WEB-1"],
        }
        assert (frank["email"], frank["mark"], frank["reason"]) == (FRANK.email, "complained", "abuse")

    def test_it_goes_on_over_pages(self, browser: Browser) -> None:
        client = browser(ROOT)
        first = client.get(f"{ADDRESSES}?limit=1").json()
        second = client.get(f"{ADDRESSES}?limit=1&cursor={first['next']}").json()
        assert [each["email"] for each in first["items"] + second["items"]] == [EVA.email, FRANK.email]
        assert second["next"] is None

    def test_one_is_mailed_again_once(self, browser: Browser) -> None:
        client = browser(ROOT)
        assert client.send("DELETE", f"{ADDRESSES}/{EVA.email.upper()}").status == 204
        assert stored.load(EVA.email).mark is None
        refused(client.send("DELETE", f"{ADDRESSES}/{EVA.email}"), 404, "not_found")

    @pytest.mark.parametrize("email", ["nobody", "%00", "%ED%A0%80@b.cz", "x" * 3000])
    def test_what_is_no_address_is_not_there(self, browser: Browser, email: str) -> None:
        refused(browser(ROOT).send("DELETE", f"{ADDRESSES}/{email}"), 404, "not_found")


class TestTicket:
    def test_staff_read_it_in_the_history_and_customers_see_nothing_move(self, browser: Browser) -> None:
        number = filed().number
        customer = browser(EVA)
        paths = (f"/api/v1/tickets/{number}", f"/api/v1/tickets/{number}/history", "/api/v1/tickets")
        before = [(answer.json(), answer.headers.get("etag")) for answer in map(customer.get, paths)]
        addresses.take(body(bounce(EVA.email, ticket=number)))
        assert [(answer.json(), answer.headers.get("etag")) for answer in map(customer.get, paths)] == before
        event = browser(ALICE).get(paths[1]).json()["items"][-1]
        assert (event["kind"], event["internal"]) == ("mail.bounced", True)
        assert event["changes"] == {
            "address": [None, EVA.email],
            "reason": [None, "smtp; 550 5.1.1 user unknown"],
        }
        assert event["actor"] == {"email": "", "name": ""}
