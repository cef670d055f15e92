"""Addresses that are not mailed: seen and mailed again by administrators, and on a request by whoever may change it."""

import pytest

from chalicelib import addresses
from chalicelib.domain.addresses import Mark
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import addresses as stored
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, MARIE, ROOT, WANDA, called
from tests.ses_events import body, bounce, complaint, reject
from tests.stage import filed, standing_at
from tests.web.api.door import by_link
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

STOPPED = "No mail goes to this address: smtp; 550 5.1.1 user unknown"


def bounced(ticket: Ticket, person: Person = EVA, said: str = "smtp; 550 5.1.1 user unknown") -> Ticket:
    addresses.take(body(bounce(person.email, ticket=ticket.number, said=said, feedback_id=person.email)))
    return ticket


class TestList:
    def test_an_administrator_sees_why_and_has_them_mailed_again(self, browser: Browser) -> None:
        bounced(filed())
        addresses.take(body(complaint(FRANK.email)))
        client = browser(ROOT)
        page = page_of(client.get("/admin/addresses"))
        for words in (EVA.email, "550 5.1.1 user unknown", "WEB-1", FRANK.email, "Complaint", "unwanted mail"):
            assert words in page.words
        assert "/desk/WEB-1" in page.links
        answer = client.form("/admin/addresses", {"email": EVA.email})
        assert answer.location == "/admin/addresses?resumed=1"
        assert "The address is mailed again." in (page := page_of(client.follow(answer))).words
        assert EVA.email not in page.words
        assert stored.load(EVA.email).cleared_by == ROOT.email

    @pytest.mark.parametrize("email", ["", "nobody", BOB.email, "a\x00@b.cz", "x" * 5000, "=1+1"])
    def test_what_is_mailed_stays_so(self, browser: Browser, email: str) -> None:
        assert browser(ROOT).form("/admin/addresses", {"email": email}).location == "/admin/addresses"

    def test_a_second_press_does_no_harm(self, browser: Browser) -> None:
        bounced(filed())
        client = browser(ROOT)
        for expected in ("/admin/addresses?resumed=1", "/admin/addresses"):
            assert client.form("/admin/addresses", {"email": EVA.email}).location == expected

    def test_it_goes_on_over_pages(self, browser: Browser) -> None:
        emails = [f"somebody{n:03}@customer.example" for n in range(60)]
        for start in (0, 30):
            addresses.take(body(bounce(*emails[start : start + 30])))
        client = browser(ROOT)
        page = page_of(client.get("/admin/addresses"))
        [following] = [link for link in page.links if "cursor=" in link]
        assert emails[49] in page.words
        assert emails[50] not in page.words
        rest = page_of(client.get(following))
        assert emails[50] in rest.words
        assert "/admin/addresses" in rest.links
        page_of(client.get("/admin/addresses?cursor=made-up"), 422)

    @pytest.mark.parametrize("person", [ALICE, BOB, EVA, MARIE], ids=called)
    def test_nobody_else(self, browser: Browser, person: Person) -> None:
        bounced(filed())
        page_of(browser(person).get("/admin/addresses"), 403)
        page_of(browser(person).form("/admin/addresses", {"email": EVA.email}), 403)
        assert stored.load(EVA.email).mark is Mark.BOUNCED

    def test_a_stranger_is_sent_to_sign_in(self, browser: Browser) -> None:
        assert browser().get("/admin/addresses").status in (303, 401)

    def test_what_a_mail_server_says_is_text(self, browser: Browser) -> None:
        bounced(filed(), said="<script>alert(1)</script> {0} {actor}")
        for path in ("/admin/addresses", "/desk/WEB-1"):
            answer = browser(ROOT).get(path)
            assert "<script>alert" not in answer.text
            assert "<script>alert(1)</script> {0} {actor}" in page_of(answer).words


class TestWorkingPage:
    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT], ids=called)
    def test_staff_see_it_in_the_thread_and_beside_the_requester(self, browser: Browser, person: Person) -> None:
        bounced(standing_at(State.IN_PROGRESS))
        client = browser(person)
        words = page_of(client.get("/desk/WEB-1")).words
        assert "for it does not arrive: smtp; 550 5.1.1 user unknown" in words or "nedocházejí" in words
        assert STOPPED in words or "Na tuto adresu se nic neposílá" in words

    def test_a_reply_warns_that_nobody_is_mailed(self, browser: Browser) -> None:
        bounced(standing_at(State.IN_PROGRESS))
        assert "The requester gets no mail about this reply" in page_of(browser(BOB).get("/desk/WEB-1")).words

    def test_a_single_failure_is_told_and_stops_nothing(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        addresses.take(body(reject(EVA.email, ticket=ticket.number)))
        words = page_of(browser(BOB).get("/desk/WEB-1")).words
        assert f"A mail to {EVA.email} did not arrive: Bad content" in words
        assert "No mail goes to this address" not in words

    @pytest.mark.parametrize("person", [EVA, WANDA, ROOT])
    def test_of_a_watcher_or_of_anybody_else(self, browser: Browser, person: Person) -> None:
        bounced(standing_at(State.IN_PROGRESS), person)
        assert (STOPPED in page_of(browser(BOB).get("/desk/WEB-1")).words) is (person in (EVA, WANDA))

    @pytest.mark.parametrize("person", [ALICE, BOB, ROOT], ids=called)
    def test_whoever_may_change_the_request_has_them_mailed_again(self, browser: Browser, person: Person) -> None:
        ticket = bounced(standing_at(State.IN_PROGRESS))
        client = browser(person)
        [form] = [each for each in page_of(client.get("/desk/WEB-1")).forms if each.action.endswith("/address")]
        answer = client.form(form.action, {"email": EVA.email})
        assert answer.location == f"/desk/{ticket.number}"
        words = page_of(client.follow(answer)).words
        assert f"Mail goes to {EVA.email} again" in words or f"Na adresu {EVA.email} se zase" in words
        assert STOPPED not in words
        assert stored.load(EVA.email).cleared_by == person.email

    def test_a_solver_who_does_not_have_it_in_hand_may_not(self, browser: Browser) -> None:
        bounced(standing_at(State.IN_PROGRESS))
        client = browser(CAROL)
        assert not [each for each in page_of(client.get("/desk/WEB-1")).forms if each.action.endswith("/address")]
        page_of(client.form("/desk/WEB-1/address", {"email": EVA.email}), 403)
        assert stored.load(EVA.email).mark is Mark.BOUNCED

    def test_nobody_of_another_project_learns_that_the_request_is_there(self, browser: Browser) -> None:
        bounced(standing_at(State.IN_PROGRESS))
        client = browser(DAVE)
        for path in ("/desk/WEB-1/address", "/desk/WEB-99/address"):
            page_of(client.form(path, {"email": EVA.email}), 404)
        assert stored.load(EVA.email).mark is Mark.BOUNCED

    @pytest.mark.parametrize("email", ["", FRANK.email, BOB.email, "a\x00@b.cz", "x" * 5000])
    def test_only_an_address_that_this_request_says_is_stopped(self, browser: Browser, email: str) -> None:
        """Marked elsewhere or not at all, it looks the same."""
        bounced(standing_at(State.IN_PROGRESS))
        addresses.take(body(complaint(FRANK.email)))
        assert browser(ALICE).form("/desk/WEB-1/address", {"email": email}).location == "/desk/WEB-1"
        assert stored.load(EVA.email).mark is Mark.BOUNCED
        assert stored.load(FRANK.email).mark is Mark.COMPLAINED

    def test_also_of_a_closed_request(self, browser: Browser) -> None:
        bounced(standing_at(State.CLOSED))
        client = browser(ALICE)
        assert client.form("/desk/WEB-1/address", {"email": EVA.email}).location == "/desk/WEB-1"
        assert stored.load(EVA.email).mark is None


@pytest.mark.usefixtures("stopped")
class TestOfCustomers:
    def test_they_see_nothing_of_it(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        clients = [browser(EVA), browser(WANDA), by_link(browser(), ticket, EVA)]
        before = [client.get("/t/WEB-1").text.split("<main")[1] for client in clients]
        bounced(ticket)
        addresses.take(body(complaint(EVA.email, ticket=ticket.number)))
        for client, text in zip(clients, before, strict=True):
            after = client.get("/t/WEB-1").text.split("<main")[1]
            assert _without_keys(after) == _without_keys(text)
            assert "user unknown" not in after

    def test_they_may_not_write_there(self, browser: Browser) -> None:
        bounced(standing_at(State.IN_PROGRESS))
        page_of(browser(EVA).form("/desk/WEB-1/address", {"email": EVA.email}), 403)
        assert stored.load(EVA.email).mark is Mark.BOUNCED


def _without_keys(text: str) -> list[str]:
    """The page without what differs at each opening: the marks of its forms."""
    return [line for line in text.splitlines() if 'name="key"' not in line]
