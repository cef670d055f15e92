"""`make pictures`: the pictures of docs/pictures, taken in Chromium of a desk with fresh demo data.

The times on them are those of the day they are taken; everything else is the same each time.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from infra.local.demo_files import content
from infra.local.watching import ROOT

FOLDER = ROOT / "docs" / "pictures"
TOUR = FOLDER / "tour"
MOST_BYTES = 300_000
PATIENCE_SECONDS = 30
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CODE = r"\d{6}\b"
LOCALES = {"cs": "cs-CZ", "en": "en-GB"}
PETRA, EVA = "petra.novotna@example.com", "eva.cerna@zakaznik.example"
ADMIN, ONDREJ = "admin@example.com", "ondrej.novak@novak-strojirny.example"
VISITOR, NAME = "jitka.mala@kvetinarstvi.example", "Jitka Malá"


@dataclass(frozen=True, slots=True)
class Studio:
    """A desk to take pictures of, and the browser that does."""

    url: str
    mail_url: str
    tokens: dict[str, str]
    browser: Browser

    def page(self, language: str, width: int = 1280, height: int = 900, dark: bool = False, who: str = "") -> Page:
        """A window of a fresh browser; of `who`, signed in by a mailed code, where somebody is named."""
        context = self.browser.new_context(
            base_url=self.url,
            locale=LOCALES[language],
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        if who:
            known = len(self.mails_called(who, CODE))
            context.request.post("/api/v1/codes", data={"email": who})
            code = self.mails_called(who, CODE, known + 1)[0]["subject"][:6]
            context.request.post("/api/v1/session", data={"email": who, "code": code})
        page = context.new_page()
        if who:
            page.goto("/help")
            if page.locator("html").get_attribute("lang") != language:
                page.locator(f"header button[name=language][value={language}]").click()
                page.locator(f"html[lang={language}]").wait_for()
        return page

    def api(self, who: str, path: str) -> Any:
        """What the API answers to `who`."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return httpx.get(f"{self.url}/api/v1{path}", headers=headers).raise_for_status().json()

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails to one address, newest first."""
        found: list[dict[str, Any]] = httpx.get(f"{self.mail_url}/messages.json", params={"to": to}).json()
        return found

    def mails_called(self, to: str, subject: str, count: int = 0) -> list[dict[str, Any]]:
        """Those whose subject begins with the pattern `subject`, once there are `count` of them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := [mail for mail in self.mails(to) if re.match(subject, mail["subject"])]) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{count} mails called {subject} to {to} were expected")
            time.sleep(0.1)
        return found

    def richest(self, who: str, query: str, wanted: Callable[[dict[str, Any]], bool]) -> str:
        """The request with the most in its history among those `query` lists and `wanted` wants."""
        numbers = [each["number"] for each in self.api(who, f"/tickets?{query}")["items"]]
        heaviest: str = max(numbers, key=lambda number: self._weight(who, number, wanted))
        return heaviest

    def _weight(self, who: str, number: str, wanted: Callable[[dict[str, Any]], bool]) -> int:
        events = self.api(who, f"/tickets/{number}/history")["items"]
        return len(events) + 10 * any(map(wanted, events)) + 5 * any(event["attachments"] for event in events)


def _brings_a_table(page: Page) -> None:
    """The dry run of an import: the example that the page offers, with two rows that cannot be brought in."""
    example = page.request.get("/admin/people/import-example.csv").body().decode("utf-8-sig")
    between = ";" if ";" in example else ","
    wrong = (
        ("zaneta.novakova@", "Žaneta Nováková", "cs", "", "WEB", ""),
        ("jan.kral@firma.example", "", "xx", "", "NIC", "boss"),
    )
    lines = [between.join(row) for row in wrong]
    text = example + "\n".join(lines)
    table: FilePayload = {"name": "lide.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[type=file]", files=[table])
    page.locator("main form button.first").click()
    page.locator("table.grid").wait_for()


def _stays(_: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the tour, in docs/tour.md: who stands there, and what they do first."""

    name: str
    who: str
    path: str
    act: Callable[[Page], None] = _stays


STOPS = (
    Stop("projects", ADMIN, "/admin/projects"),
    Stop("project-new", ADMIN, "/admin/projects/new"),
    Stop("project", ADMIN, "/admin/projects/WEB"),
    Stop("project-archive", ADMIN, "/admin/projects/WEB/archive"),
    Stop("form", EVA, "/new/WEB"),
    Stop("people", ADMIN, "/admin/people"),
    Stop("person-new", ADMIN, "/admin/people/new"),
    Stop("person", ADMIN, "/admin/people/tomas.dvorak@example.com"),
    Stop("import", ADMIN, "/admin/people/import"),
    Stop("import-dry-run", ADMIN, "/admin/people/import", _brings_a_table),
    Stop("organisations", ADMIN, "/admin/organisations"),
    Stop("addresses", ADMIN, "/admin/addresses"),
    Stop("mine-and-ours", ONDREJ, "/my?of=ours"),
    Stop("my-settings", PETRA, "/me"),
    Stop("desk", PETRA, "/desk?project=WEB"),
    Stop("request", PETRA, "/desk/WEB-70"),
    Stop("recipients", PETRA, "/desk/WEB-70/recipients"),
)


def _tour(studio: Studio) -> None:
    """Every stop in both languages; whoever has several has one window, for codes are mailed a few times only."""
    TOUR.mkdir(exist_ok=True)
    for language in LOCALES:
        windows = {who: studio.page(language, who=who) for who in {stop.who: None for stop in STOPS}}
        for stop in STOPS:
            page = windows[stop.who]
            page.goto(stop.path)
            stop.act(page)
            page.evaluate("document.activeElement?.blur()")
            page.screenshot(path=TOUR / f"{stop.name}-{language}.jpg", full_page=True, type="jpeg", quality=55)


def main() -> int:
    """Takes them all. The exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _studio() as studio:
        for take in (
            _form_and_thanks,
            _mail,
            _form_small,
            _customer,
            _customer_small,
            _list_dark,
            _list_and_ticket,
            _tour,
        ):
            take(studio)
    taken = [*FOLDER.glob("*.png"), *TOUR.glob("*.jpg")]
    heavy = [file.name for file in taken if file.stat().st_size > MOST_BYTES]
    print(f"Too heavy: {heavy}" if heavy else f"{len(taken)} pictures in {FOLDER.relative_to(ROOT)}")
    return 1 if heavy else 0


def _form_and_thanks(studio: Studio) -> None:
    page = studio.page("cs")
    page.goto("/new/WEB")
    page.fill("#email", VISITOR)
    page.fill("#name", NAME)
    page.check("input[name=type][value=incident]")
    page.fill("#subject", "Na stránce s kyticemi se nezobrazují ceny")
    page.fill(
        "#text",
        "Dobrý den,\n\nod rána chybějí u kytic ceny, u ostatního zboží jsou. Přikládám snímek obrazovky.\n\nDěkuji",
    )
    picture: FilePayload = {"name": "kytice-bez-cen.png", "mimeType": "image/png", "buffer": content("kytice.png")}
    page.set_input_files("input[type=file]", files=[picture])
    page.locator(".sent-file.arrived").wait_for()
    _take(page, "form-cs", whole=True)
    page.locator("main form button.first").click()
    page.locator(".big").wait_for()
    _take(page, "thanks-cs")


def _mail(studio: Studio) -> None:
    """What the project manager is mailed about the request just filed."""
    number = studio.api(PETRA, "/tickets?project=WEB&limit=1")["items"][0]["number"]
    (letter,) = studio.mails_called(PETRA, rf"\[{number}\]", 1)
    page = studio.page("cs")
    page.goto(f"{studio.mail_url}/messages/{letter['id']}")
    page.frame_locator("iframe").locator("a.button").wait_for()
    _take(page, "mail-cs")


def _form_small(studio: Studio) -> None:
    page = studio.page("en", width=390, height=844)
    page.goto("/new/WEB")
    _take(page, "form-390-en", whole=True)


def _customer(studio: Studio) -> None:
    page = studio.page("cs", who=EVA)
    page.goto(f"/t/{_to_be_checked(studio)}")
    _take(page, "customer-cs", whole=True)


def _customer_small(studio: Studio) -> None:
    page = studio.page("cs", width=390, height=844, who=EVA)
    page.goto(f"/t/{_to_be_checked(studio)}")
    _take(page, "customer-390-cs", whole=True)


def _to_be_checked(studio: Studio) -> str:
    return studio.richest(EVA, "state=done", lambda event: event["kind"] == "comment.added")


def _list_dark(studio: Studio) -> None:
    page = studio.page("cs", height=800, dark=True, who=PETRA)
    page.goto("/desk")
    _take(page, "list-dark-cs")


def _list_and_ticket(studio: Studio) -> None:
    page = studio.page("en", height=800, who=PETRA)
    page.goto("/desk")
    _take(page, "list-en")
    query = "project=IT&state=in_progress&state=done"
    number = studio.richest(PETRA, query, lambda event: bool(event["internal"]))
    page.goto(f"/desk/{number}")
    _take(page, "ticket-en", whole=True)


def _take(page: Page, name: str, whole: bool = False) -> None:
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)


@contextmanager
def _studio() -> Iterator[Studio]:
    with tempfile.TemporaryDirectory() as folder, _desk(Path(folder)), sync_playwright() as playwright:
        demo = json.loads((Path(folder) / "demo.json").read_text(encoding="utf-8"))
        tokens = {account["email"]: account["api_token"] for account in demo["accounts"]}
        flags = ["--no-sandbox", "--disable-background-networking", "--disable-sync"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield Studio(demo["base_url"], demo["mail_url"], tokens, browser)
        browser.close()


@contextmanager
def _desk(folder: Path) -> Iterator[None]:
    ports = {"PORT": str(_free_port(8000)), "MAIL_PORT": str(_free_port(8025))}
    command = [sys.executable, "-m", "infra.local.run"]
    environment = os.environ | ports | {"DATA_DIR": str(folder), "DEMO": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            if not (process.stdout and process.stdout.readline().startswith("Helpdesk ready")):
                raise RuntimeError("the desk did not start")
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _free_port(usual: int) -> int:
    """The port of `make run`, which pictures may show; any other where somebody runs one."""
    try:
        server = socket.create_server(("127.0.0.1", usual))
    except OSError:
        server = socket.create_server(("127.0.0.1", 0))
    with server:
        port: int = server.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
