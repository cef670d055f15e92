"""The story that the journeys tell: what people write, who is mailed at each step, and what the staff do."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from chalicelib import i18n
from tests.journeys.letters import Letter
from tests.journeys.running import Desk
from tests.journeys.visitor import Visitor

PETRA, TOMAS = "petra.novotna@example.com", "tomas.dvorak@example.com"


@dataclass(frozen=True)
class Words:
    """What people write in the story."""

    name: str
    email: str
    subject: str
    text: str
    note: str
    reply: str
    solution: str
    complaint: str
    solution_again: str
    praise: str
    files: tuple[str, str]


WORDS = {
    "cs": Words(
        name="Žofie Příhodová",
        email="zofie.prihodova@kvetinarstvi.example",
        subject="Košík se po přihlášení vyprázdní",
        text="Když si zákazník naplní košík\na pak se přihlásí, košík je **prázdný**.",
        note="Sezení se při přihlášení zakládá znovu, podívat se na starý požadavek.",
        reply="Děkuji, chybu jsem našel. Oprava bude dnes.",
        solution="Košík se teď při přihlášení převede.",
        complaint="V telefonu se pořád vyprázdní.\nZkoušela jsem to dvakrát.",
        solution_again="V telefonu zůstávala stará verze stránky, už je pryč.",
        praise="Všechno funguje, děkuji!",
        files=("záznam obrazovky č. 1.mov", "prázdný.log"),
    ),
    "en": Words(
        name="Zoe O'Hara",
        email="zoe.ohara@florist.example",
        subject="The basket is emptied by signing in",
        text="A customer fills the basket\nand then signs in: it is **empty**.",
        note="The session is made anew at sign-in, see the old request.",
        reply="Thank you, I have found the mistake. It will be mended today.",
        solution="The basket now stays through signing in.",
        complaint="It is still emptied on a telephone.\nI have tried it twice.",
        solution_again="The telephone kept an old page, which is gone now.",
        praise="Everything works, thank you!",
        files=("screen recording no. 1.mov", "empty.log"),
    ),
}


@dataclass
class Post:
    """The mail about one request, read step by step."""

    desk: Desk
    number: str
    read: list[Letter] = field(default_factory=list)

    def brings(self, *expected: tuple[str, str]) -> list[Letter]:
        """The letters since the last look: one to each of `expected`, an address and a language, and no others."""
        found = self.desk.letters_about(self.number, len(self.read) + len(expected))
        new = found[len(self.read) :]
        assert sorted((each.to, each.language) for each in new) == sorted(expected)
        self.read = found
        return sorted(new, key=lambda letter: [to for to, _ in expected].index(letter.to))


def hands_over(petra: Visitor, solver: str) -> None:
    petra.button("Hand over").click()
    dialog = petra.dialog("Hand over")
    petra.field("Hand over to", dialog).select_option(label=solver)
    petra.button("Hand over", within=dialog).click()
    expect(petra.page.locator(".props")).to_contain_text(solver)
    petra.sees("In progress")


def leaves_a_note(tomas: Visitor, note: str) -> None:
    tomas.page.get_by_role("radio", name=re.compile(tomas.says("Internal note"))).check()
    tomas.sees("Only the staff of this project can read it. The requester never sees it.")
    tomas.field("Internal note").fill(note)
    tomas.button("Save the internal note").click()
    expect(tomas.entry(note)).to_contain_text(tomas.says("Internal note – staff only"))


def replies(tomas: Visitor, reply: str) -> None:
    expect(tomas.page.get_by_role("radio", name=re.compile(tomas.says("Reply to the requester")))).to_be_checked()
    tomas.field("Reply to the requester").fill(reply)
    tomas.button("Send the reply").click()
    expect(tomas.entry(reply)).to_contain_text(tomas.says("Public reply"))


def look_different(tomas: Visitor, note: str, reply: str) -> None:
    """By ground, edge and name, so that neither colour nor a word alone tells them apart."""
    looks = [
        tomas.entry(text).evaluate(
            "each => [getComputedStyle(each).borderStyle, getComputedStyle(each).backgroundColor]"
        )
        for text in (note, reply)
    ]
    assert looks[0][0] != looks[1][0]
    assert looks[0][1] != looks[1][1]


def finishes(tomas: Visitor, solution: str) -> None:
    tomas.button("Mark as done").click()
    dialog = tomas.dialog("Mark as done")
    tomas.field("How was it solved?", dialog).fill(solution)
    tomas.button("Mark as done", within=dialog).click()
    expect(tomas.entry(solution)).to_be_visible()


def downloaded(page: Page, name: str) -> bytes:
    """The file as the browser saves it, under its own name."""
    with page.expect_download() as waiting:
        page.locator(".thread").get_by_role("link", name=name).click()
    assert waiting.value.suggested_filename == name
    return waiting.value.path().read_bytes()


def accepts(customer: Visitor, words: Words) -> None:
    customer.main.get_by_text(customer.says("Excellent", "rating")).click()
    customer.field("Anything you would like to say?").fill(words.praise)
    customer.button("Accept the solution").click()
    customer.sees("Thank you, it is noted.")
    expect(customer.entry(words.praise)).to_contain_text(customer.says("{value} of 5", value=5))


def is_archived(customer: Visitor, petra: Visitor, number: str) -> None:
    """Closed, in the archive, and nothing to write with for anybody."""
    petra.page.reload()
    for reader in (customer, petra):
        reader.sees("This request is closed and can only be read.")
        expect(reader.main.locator("textarea")).to_have_count(0)
        expect(reader.main.locator("form")).to_have_count(0)
    with petra.desk.api(PETRA) as api:
        archived = api.get("/tickets", params={"archived": "true", "limit": 1}).json()["items"]
        ticket = api.get(f"/tickets/{number}").json()
        assert [each["number"] for each in archived] == [number]
        assert (ticket["state"], ticket["whose_turn"], ticket["moves"]) == ("closed", "nobody", [])
        assert api.post(f"/tickets/{number}/comments", json={"text": "?", "internal": True}).status_code == 409


def reads_well(desk: Desk, post: Post, words: Words, language: str) -> None:
    """What holds for every mail of the story."""
    to_customer = [letter for letter in post.read if letter.to == words.email]
    assert desk.letters_about(post.number, len(post.read)) == post.read  # and nothing came late
    for letter in post.read:
        assert letter.headers["Auto-Submitted"] == "auto-generated"
        assert letter.text
        assert letter.html
        assert letter.link.startswith(desk.url)
        if letter.to == words.email:
            assert words.note not in letter.text + letter.html
            assert letter.language == language
            # Not before they have entered a code is it known that they wrote it, and not somebody else in their name.
            shown = words.subject if letter is to_customer[-1] else i18n.translated("Your request", language)
            assert letter.subject == f"[{post.number}] {shown}"
    assert len({letter.headers["References"] for letter in post.read}) == 1
    assert len({letter.headers["Message-ID"] for letter in post.read}) == len(post.read)
    assert len({letter.link for letter in to_customer}) == len(to_customer) == 5
