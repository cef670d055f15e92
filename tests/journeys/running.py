"""The running desk, and browser windows to it."""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect

from tests.journeys.letters import Letter

PATIENCE_SECONDS = 30
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Without the background flags Chromium asks hosts of its own at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
LOCALES = {"cs": "cs-CZ", "en": "en-GB"}

# All of the loopback network is this machine's on Linux. Strangers from one address would soon be told that the network
# has filed enough for an hour: what limits are for, and not what most journeys are about.
_NETWORKS = (f"127.0.{number // 250}.{number % 250 + 2}" if sys.platform == "linux" else None for number in count(0))

expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@dataclass(frozen=True, slots=True)
class Desk:
    """A running desk: where it is, and who may sign in."""

    url: str
    mail_url: str
    accounts: dict[str, dict[str, Any]]
    sessions: dict[str, StorageState] = field(default_factory=dict)

    def token(self, email: str) -> str:
        return str(self.accounts[email]["api_token"])

    def api(self, email: str | None = None, **headers: str) -> httpx.Client:
        """The API as `email` sees it, or as a stranger who comes from a network of their own."""
        given = {"Authorization": f"Bearer {self.token(email)}"} if email else {}
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={**given, **headers},
            timeout=PATIENCE_SECONDS,
            transport=None if email else httpx.HTTPTransport(local_address=next(_NETWORKS)),
        )

    def letters(self, to: str = "") -> list[Letter]:
        """The mails to `to`, or to everybody, oldest first."""
        found = httpx.get(f"{self.mail_url}/messages.json", params={"to": to}).json()
        return [Letter.of(mail) for mail in reversed(found)]

    def letters_about(self, number: str, count: int) -> list[Letter]:
        """The mails about one request, oldest first, once there are `count` of them."""
        return self.awaited(lambda: [each for each in self.letters() if f"[{number}]" in each.subject], count)

    def letters_to(self, to: str, count: int) -> list[Letter]:
        """The mails to one address, oldest first, once there are `count` of them."""
        return self.awaited(lambda: self.letters(to), count)

    def letters_called(self, subject: str, to: str) -> list[Letter]:
        """The mails of that subject to one address, oldest first, once there is one."""
        return self.awaited(lambda: [each for each in self.letters(to) if each.subject == subject], 1)

    def codes(self, to: str, count: int = 0) -> list[str]:
        """The one-time codes mailed to one address, oldest first, once there are `count` of them."""
        letters = self.awaited(lambda: [each for each in self.letters(to) if each.code], count)
        return [letter.code for letter in letters]

    def awaited(self, look: Callable[[], list[Letter]], count: int) -> list[Letter]:
        """What `look` finds, once there are `count` of them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := look()) < count:
            if time.monotonic() > deadline:
                seen = [(each.to, each.subject) for each in found]
                raise AssertionError(f"{count} mails were expected within {PATIENCE_SECONDS} s; there are {seen}")
            time.sleep(0.1)
        return found


@dataclass
class Windows:
    """Opens windows, each of a browser of its own that has never been here."""

    browser: Browser
    desk: Desk
    opened: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def new(
        self,
        language: str = "cs",
        *,
        javascript: bool = True,
        state: StorageState | None = None,
        bypass_csp: bool = False,
        width: int = 1280,
        dark: bool = False,
    ) -> Page:
        """A page of a visitor who prefers `language`; `state` is what a browser knows that has been here."""
        context = self.browser.new_context(
            base_url=self.desk.url,
            locale=LOCALES[language],
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            storage_state=state,
            bypass_csp=bypass_csp,
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.opened.append(context)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        return context.new_page()

    def _listen(self, message: ConsoleMessage) -> None:
        # A refusal or a broken connection is part of some journeys, and Chromium calls each an error.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{message.page and message.page.url}: {message.text}")
