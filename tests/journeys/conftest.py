"""Journeys run against the real local desk with its demo data, in Chromium, and read its mail as a person does."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.local_run import LocalRun

PATIENCE_SECONDS = 30
CHROMIUM = "/usr/bin/chromium"
# Without the background flags Chromium asks hosts of its own at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True, slots=True)
class Desk:
    """A running desk: where it is, and who may sign in."""

    url: str
    mail_url: str
    accounts: dict[str, dict[str, Any]]

    def token(self, email: str) -> str:
        return str(self.accounts[email]["api_token"])

    def api(self, email: str | None = None, **headers: str) -> httpx.Client:
        """The API as `email` sees it, or as nobody."""
        given = {"Authorization": f"Bearer {self.token(email)}"} if email else {}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers={**given, **headers}, timeout=30)

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails to `to`, newest first."""
        found: list[dict[str, Any]] = httpx.get(f"{self.mail_url}/messages.json", params={"to": to}).json()
        return found

    def mail(self, to: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest mail to `to` that is `wanted`, waited for until patience ends."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for mail in self.mails(to):
                if wanted(mail):
                    return mail
            if time.monotonic() > deadline:
                subjects = [mail["subject"] for mail in self.mails(to)]
                raise AssertionError(f"no such mail to {to} within {PATIENCE_SECONDS} s; there are {subjects}")
            time.sleep(0.1)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all journeys; each journey files requests of its own."""
    run = LocalRun(tmp_path_factory.mktemp("desk"), demo=True)
    with run.running():
        document = json.loads((run.data_dir / "demo.json").read_text(encoding="utf-8"))
        yield Desk(run.url, run.mail_url, {account["email"]: account for account in document["accounts"]})


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@dataclass
class Windows:
    """Opens windows, each of a browser of its own that has never been here."""

    browser: Browser
    desk: Desk
    opened: list[BrowserContext]
    faults: list[str]

    def new(self, language: str = "cs", javascript: bool = True, width: int = 1280, dark: bool = False) -> Page:
        """A page of a fresh visitor who prefers `language`."""
        context = self.browser.new_context(
            base_url=self.desk.url,
            locale="cs-CZ" if language == "cs" else "en-GB",
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        return page


@pytest.fixture
def windows(browser: Browser, desk: Desk) -> Iterator[Windows]:
    """Windows to open; whatever script of ours fails in one of them fails the test."""
    windows = Windows(browser, desk, [], [])
    yield windows
    for context in windows.opened:
        context.close()
    assert not windows.faults
