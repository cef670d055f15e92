"""A person in front of a browser window: finds things by what they are called, in their language."""

import re
from dataclasses import dataclass
from functools import cached_property

from playwright.sync_api import Locator, Page, StorageState, expect

from chalicelib import i18n
from tests.journeys.running import Desk, Windows


@dataclass
class Visitor:
    """Reads and presses what a page offers. Texts are given in English and looked for in the language of the page."""

    page: Page
    desk: Desk
    language: str

    def says(self, text: str, context: str = "", **values: object) -> str:
        """`text` as the page says it."""
        words = i18n.catalogue(self.language)
        return (words.pgettext(context, text) if context else words.gettext(text)).format(**values)

    @cached_property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def button(self, text: str, context: str = "", within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=self.says(text, context), exact=True)

    def link(self, text: str, context: str = "") -> Locator:
        return self.page.get_by_role("link", name=self.says(text, context), exact=True)

    def field(self, text: str, within: Locator | None = None) -> Locator:
        """The field with that label, which may go on with "(optional)"."""
        labelled = (within or self.main).get_by_label(re.compile(f"^{re.escape(self.says(text))}"))
        return labelled.and_(self.page.locator("input:not([type=radio]), textarea, select"))

    def link_to_file(self, name: str) -> Locator:
        return self.main.get_by_role("link", name=name)

    def dialog(self, text: str) -> Locator:
        return self.page.get_by_role("dialog", name=self.says(text))

    def entry(self, text: str) -> Locator:
        """The card of the thread that holds `text`."""
        return self.page.locator(".thread .entry", has_text=text)

    def sees(self, text: str, context: str = "", **values: object) -> None:
        """`text` is on the page."""
        expect(self.main).to_contain_text(self.says(text, context, **values))

    def sees_heading(self, text: str, **values: object) -> None:
        expect(self.page.get_by_role("heading", name=self.says(text, "", **values), exact=True)).to_be_visible()

    def reads_in_their_language(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def switch_language(self) -> None:
        """Presses the switch in the header."""
        wanted = {"cs": "en", "en": "cs"}[self.page.locator("html").get_attribute("lang") or ""]
        self.page.locator(f"header button[name=language][value={wanted}]").click()
        expect(self.page.locator("html")).to_have_attribute("lang", wanted)

    def sign_in(self, email: str) -> None:
        """Signs in by a mailed code, on whatever page offers it."""
        before = len(self.desk.codes(email))
        self.field("E-mail").fill(email)
        self.button("Mail me a code").click()
        self.field("Code").fill(self.desk.codes(email, before + 1)[-1])
        self.button("Sign in", within=self.main).click()
        expect(self.page.locator('header form[action$="/sign-out"]')).to_be_attached()  # in whatever language
        self.desk.sessions[email] = self.page.context.storage_state()


def state_of(email: str, windows: Windows) -> StorageState:
    """What the browser of `email` knows after signing in, which each of them does once."""
    desk = windows.desk
    if email not in desk.sessions:
        visitor = Visitor(windows.new("cs"), desk, "cs")
        visitor.page.goto("/sign-in")
        visitor.sign_in(email)
    return desk.sessions[email]
