"""Mail that comes back, the whole way: SES's test address, the queue, the mark, the staff's pages, and mail again."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.running import PATIENCE_SECONDS, Desk, Windows
from tests.journeys.visitor import Visitor, state_of

PETRA, ADMIN = "petra.novotna@example.com", "admin@example.com"
WARNING = (
    "The requester gets no mail about this reply, since none goes to their address. "
    "They read it on the page of the request."
)


@pytest.fixture
def staff(desk: Desk, windows: Windows) -> Callable[[str], Visitor]:
    """Opens the window of somebody who is signed in."""
    return lambda email: Visitor(windows.new("en", state=state_of(email, windows)), desk, _language(desk, email))


def _language(desk: Desk, email: str) -> str:
    with desk.api(email) as api:
        return str(api.get("/me").json()["language"])


def filed(desk: Desk, windows: Windows, email: str) -> str:
    """The number of a request that somebody filed on the open form."""
    visitor = Visitor(windows.new("cs"), desk, "cs")
    visitor.page.goto("/new/WEB")
    visitor.field("Your e-mail").fill(email)
    visitor.field("Your name").fill("Vratislav Vrácený")
    visitor.field("Subject").fill("Nechodí mi pošta")
    visitor.field("What do you need?").fill("Napište mi.")
    visitor.button("Send the request").click()
    visitor.sees_heading("Thank you, your request is filed")
    return visitor.page.locator(".big").inner_text()


def history(desk: Desk, number: str, kind: str, count: int) -> None:
    """Waits until the history, as staff read it, holds so many events of `kind`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with desk.api(PETRA) as api:
        while (kinds := _kinds(api.get(f"/tickets/{number}/history").json())).count(kind) < count:
            assert time.monotonic() < deadline, kinds
            time.sleep(0.1)


def _kinds(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return [event["kind"] for event in found["items"]]


def replies(visitor: Visitor, text: str) -> None:
    visitor.page.locator("#reply-text").fill(text)
    visitor.button("Send the reply").click()
    expect(visitor.entry(text)).to_be_visible()


def test_mail_that_comes_back_stops_is_seen_and_begins_again(
    desk: Desk, windows: Windows, staff: Callable[[str], Visitor]
) -> None:
    address = "bounce+vratislav@simulator.amazonses.com"
    number = filed(desk, windows, address)
    history(desk, number, "mail.bounced", 1)

    petra = staff(PETRA)
    petra.page.goto(f"/desk/{number}")
    petra.sees("No mail goes to this address: {reason}", reason="smtp; 550 5.1.1 user unknown")
    petra.sees(WARNING)
    replies(petra, "Tohle nikomu nepřijde.")
    assert len(desk.letters_to(address, 1)) == 1  # the receipt, and nothing since

    admin = staff(ADMIN)
    admin.page.goto("/admin/addresses")
    expect(admin.page.get_by_role("row", name=address)).to_contain_text(number)

    petra.button("Mail there again").click()
    petra.sees("Mail goes to {address} again", address=address)
    expect(petra.button("Mail there again")).to_have_count(0)
    admin.page.reload()
    expect(admin.page.get_by_role("row", name=address)).to_have_count(0)

    replies(petra, "A tohle ano.")
    assert "A tohle ano." in desk.letters_to(address, 2)[1].text
    history(desk, number, "mail.bounced", 2)  # which bounces again, as the test address does


def test_a_complaint_stops_it_too_and_its_owner_sees_nothing_of_all_this(desk: Desk, windows: Windows) -> None:
    address = "complaint+vratislav@simulator.amazonses.com"
    number = filed(desk, windows, address)
    history(desk, number, "mail.complained", 1)
    customer = Visitor(windows.new("cs"), desk, "cs")
    customer.page.goto(desk.letters_to(address, 1)[0].link)
    expect(customer.page.get_by_role("heading", name="Nechodí mi pošta")).to_be_visible()
    for words in (address + ":", "stížnost", "neposílá"):
        expect(customer.main).not_to_contain_text(words)


def test_out_of_office_stops_nothing(desk: Desk, windows: Windows, staff: Callable[[str], Visitor]) -> None:
    address = "ooto+vratislav@simulator.amazonses.com"
    number = filed(desk, windows, address)
    desk.letters_to(address, 1)
    petra = staff(PETRA)
    petra.page.goto(f"/desk/{number}")
    replies(petra, "Nespěchá to.")
    assert "Nespěchá to." in desk.letters_to(address, 2)[1].text
