"""A solution that nobody checks: the reminder, the end, a rating by the link alone, and a follow-up."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from playwright.sync_api import expect

from chalicelib import clock, closing
from chalicelib.config import settings
from chalicelib.domain.tickets import State
from chalicelib.storage import bulk, tickets
from chalicelib.storage.models import ExpiringRow
from infra.local import resources
from tests.conftest import forget_clients
from tests.journeys.letters import Letter
from tests.journeys.running import Desk, Windows
from tests.journeys.story import PETRA
from tests.journeys.visitor import Visitor, state_of
from tests.local_run import LocalRun


@pytest.fixture
def store(run: LocalRun, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process works on the store of the running desk, by whose clock it is noon."""
    forget_clients()
    monkeypatch.setenv("AWS_ENDPOINT_URL", run.engine_url)
    for name, value in resources.create_all(boto3.Session("test", "test", region_name="eu-central-1")).items():
        monkeypatch.setenv(name, value)
    noon = clock.now().astimezone(settings().zone).replace(hour=12, minute=0).astimezone(clock.now().tzinfo)
    monkeypatch.setattr(clock, "now", lambda: noon)
    yield
    forget_clients()


def days_pass(number: str, days: int) -> None:
    """What happened to the request lies further back, by so many days; then the day's work is done."""
    ticket, past = tickets.load(number), timedelta(days=days)
    moments = {name: getattr(ticket, name) for name in ("updated_at", "done_at", "waiting_since", "reminded_at")}
    earlier: dict[str, Any] = {name: at and at - past for name, at in moments.items()}
    bulk.write([tickets.row_of(replace(ticket, **earlier))])
    row = ExpiringRow(f"claim#closing#WEB#{clock.now().astimezone(settings().zone).date()}", "claim")
    row.delete()  # so far the day's work was that of the day before
    closing.run(lambda: 60_000)


def solved_for(desk: Desk, email: str, language: str) -> str:
    """A request that a stranger filed on the open form and the team has solved; its number."""
    order = {"project": "WEB", "subject": "Tisk", "text": "Nejde.", "email": email, "name": "Kontrola"}
    with desk.api(**{"Accept-Language": language}) as nobody, desk.api(PETRA) as petra:
        number = str(nobody.post("/tickets", json=order).json()["number"])
        move = {"action": "finish", "version": 1, "text": "Opraveno."}
        assert petra.post(f"/tickets/{number}/moves", json=move).status_code == 200
    return number


def ready_in(letter: Letter, asked: str) -> str:
    """The link of `letter` that has something ready, as `rating=4`."""
    found = re.search(rf"http\S+\?{asked}#k=\S+", letter.text)
    assert found, letter.text
    return found[0]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("language", ["cs", "en"])
def test_what_nobody_checks_is_reminded_of_closed_rated_and_followed(
    desk: Desk, windows: Windows, language: str
) -> None:
    email = f"nikdo-nekontroluje-{language}@zakaznik.example"
    number = solved_for(desk, email, language)
    desk.letters_to(email, 2)

    # Eleven days later the reminder comes; its link opens the answer it offers and decides nothing by itself.
    days_pass(number, 11)
    reminder = desk.letters_to(email, 3)[-1]
    visitor = Visitor(windows.new(language), desk, language)
    visitor.page.goto(ready_in(reminder, "move=reject"))
    expect(visitor.page.locator("details[open] #reject-text")).to_be_visible()
    expect(visitor.page.locator(".standing time").last).to_be_visible()
    assert tickets.load(number).state is State.DONE

    # Nobody answers; four days on it closes.
    days_pass(number, 4)
    closed = desk.letters_to(email, 4)[-1]
    assert tickets.load(number).state is State.CLOSED

    # The link of the mail alone is enough to rate it; opening the link is not.
    visitor.page.goto(ready_in(closed, "rating=4"))
    expect(visitor.page.locator("#rate input[name=rating][value='4']")).to_be_checked()
    assert tickets.load(number).rating is None
    visitor.button("Send the rating").click()
    visitor.sees("Thank you, it is noted.")
    assert tickets.load(number).rating == 4

    # There is more to it: a follow-up, and the two lead to each other.
    visitor.link("File a follow-up").click()
    expect(visitor.page.locator("#subject")).to_have_value("Tisk")
    visitor.field("Your e-mail").fill(email)
    visitor.field("Your name").fill("Kontrola")
    visitor.field("What do you need?").fill("Už zase.")
    visitor.button("Send the request").click()
    visitor.sees("Its number is")
    follow_up = visitor.page.locator(".big").inner_text()
    visitor.page.goto(desk.letters_to(email, 5)[-1].link)
    visitor.main.get_by_role("link", name=number, exact=True).click()
    expect(visitor.main.get_by_role("link", name=follow_up, exact=True)).to_be_visible()
    petra = Visitor(windows.new("cs", state=state_of(PETRA, windows)), desk, "cs")
    petra.page.goto(f"/desk/{follow_up}")
    petra.main.get_by_role("link", name=number, exact=True).click()
    expect(petra.main.get_by_role("link", name=follow_up, exact=True)).to_be_visible()


def test_the_store_is_not_left_in_the_environment() -> None:
    assert "AWS_ENDPOINT_URL" not in os.environ
