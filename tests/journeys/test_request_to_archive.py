"""The whole story in the browser: a request with files from the hosted form to its archive, and all its mail."""

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Desk, Windows
from tests.journeys.story import (
    PETRA,
    TOMAS,
    WORDS,
    Post,
    Words,
    accepts,
    downloaded,
    finishes,
    hands_over,
    is_archived,
    leaves_a_note,
    look_different,
    reads_well,
    replies,
)
from tests.journeys.visitor import Visitor

THIRTY_MEGABYTES = 30 * 1024 * 1024


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return random.Random(30).randbytes(THIRTY_MEGABYTES)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_a_request_travels_from_the_form_to_its_archive(
    desk: Desk, windows: Windows, tmp_path: Path, big_file: bytes, language: str
) -> None:
    words = WORDS[language]
    paths = [tmp_path / name for name in words.files]
    paths[0].write_bytes(big_file)
    paths[1].write_bytes(b"")

    # The customer files it.
    customer = Visitor(windows.new(language), desk, language)
    number = files_a_request(customer, words, paths)
    post = Post(desk, number)
    receipt, to_petra = post.brings((words.email, language), (PETRA, "cs"))
    assert words.text.partition("\n")[0] not in receipt.text + receipt.html  # nobody has confirmed that address
    assert words.text.partition("\n")[0] in to_petra.text

    # The project manager finds it in the list and hands it over.
    petra = Visitor(windows.new("en"), desk, "en")
    petra.page.goto("/sign-in")
    petra.sign_in(PETRA)
    petra.language = "cs"  # her own, whatever the browser prefers
    petra.reads_in_their_language()
    if language == "en":
        petra.switch_language()
        petra.language = "en"
    finds_in_the_list(petra, number, words)
    hands_over(petra, "Tomáš Dvořák")
    to_tomas, _ = post.brings((TOMAS, "cs"), (words.email, language))

    # The solver follows the mail, leaves a note, answers and finishes.
    tomas = Visitor(windows.new("cs"), desk, "cs")
    tomas.page.goto(to_tomas.link)
    tomas.sign_in(TOMAS)
    expect(tomas.page).to_have_url(to_tomas.link)
    leaves_a_note(tomas, words.note)
    replies(tomas, words.reply)
    look_different(tomas, words.note, words.reply)
    (reply,) = post.brings((words.email, language))
    assert words.reply in reply.text
    finishes(tomas, words.solution)
    (done,) = post.brings((words.email, language))

    # The customer opens the mailed link in another browser, reads all but the note, and gets the files back.
    customer = Visitor(windows.new(language), desk, language)
    customer.page.goto(done.link)
    customer.sees_heading(words.subject)
    expect(customer.page).to_have_url(f"{desk.url}/t/{number}")  # the secret is gone from the address
    for said in (words.reply, words.solution):
        expect(customer.entry(said)).to_be_visible()
    assert words.note not in customer.page.content()
    assert downloaded(customer.page, words.files[0]) == big_file
    assert downloaded(customer.page, words.files[1]) == b""

    # The customer is not content; writing takes a mailed code, and what was typed waits for it.
    rejects(customer, words)
    post.brings((TOMAS, "cs"), (PETRA, petra.language))

    tomas.page.reload()
    expect(tomas.entry(words.complaint.partition("\n")[0])).to_be_visible()
    finishes(tomas, words.solution_again)
    (done,) = post.brings((words.email, language))
    assert words.solution_again in done.text

    # Now the customer is, and the request is closed for good.
    customer.page.goto(done.link)
    accepts(customer, words)
    post.brings((TOMAS, "cs"), (PETRA, petra.language))
    is_archived(customer, petra, number)
    reads_well(desk, post, words, language)
    if language == "en":
        petra.switch_language()


def files_a_request(customer: Visitor, words: Words, paths: list[Path]) -> str:
    page = customer.page
    page.goto("/new/WEB")
    customer.reads_in_their_language()
    customer.field("Your e-mail").fill(words.email)
    customer.field("Your name").fill(words.name)
    page.get_by_role("radio", name=re.compile(customer.says("Incident"))).check()
    customer.field("Subject").fill(words.subject)
    customer.field("What do you need?").fill(words.text)
    watch_progress(page)
    send_slowly(page)
    page.locator("input[type=file]").set_input_files(paths)
    expect(page.locator(".sent-file.arrived")).to_have_count(2)
    shares = [int(share) for share in re.findall(customer.says("sending") + r" (\d+) %", progress_seen(page))]
    assert any(0 < share < 100 for share in shares), shares
    customer.button("Send the request").click()
    customer.sees_heading("Thank you, your request is filed")
    number = page.locator(".big").inner_text()
    assert re.fullmatch(r"WEB-\d+", number)
    customer.sees(
        "We have sent a message to {email}. The link in it opens your request; keep it to yourself.", email=words.email
    )
    return number


def watch_progress(page: Page) -> None:
    """Notes what the first file's row says while it is on its way."""
    page.evaluate(
        """() => {
          window.progressSeen = [];
          new MutationObserver(() => {
            const state = document.querySelector("[data-files] .state");
            if (state) window.progressSeen.push(state.textContent);
          }).observe(document.querySelector("[data-files]"), { subtree: true, childList: true, characterData: true });
        }"""
    )


def send_slowly(page: Page) -> None:
    """As over a good line: three seconds for the thirty megabytes."""
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": THIRTY_MEGABYTES // 3}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


def progress_seen(page: Page) -> str:
    return "\n".join(page.evaluate("window.progressSeen"))


def finds_in_the_list(petra: Visitor, number: str, words: Words) -> None:
    page = petra.page
    petra.link("Requests").click()
    petra.field("Project").select_option("WEB")
    expect(page).to_have_url(re.compile(r"/desk\?project=WEB"))
    petra.field("Assignee").select_option("none")
    expect(page).to_have_url(re.compile(r"assignee=none"))
    tabs = page.get_by_role("navigation", name=petra.says("By state"))
    tabs.get_by_role("link", name=petra.says("New", "requests")).click()
    expect(page).to_have_url(re.compile(r"project=WEB&assignee=none&state=new"))
    first = page.locator("[data-list] tbody tr").first
    expect(first).to_contain_text(number)
    petra.link(words.subject).click()
    petra.sees(words.text.partition("\n")[0])
    for name in words.files:
        expect(petra.link_to_file(name)).to_have_count(2)  # where it was sent, and among all files


def rejects(customer: Visitor, words: Words) -> None:
    customer.sees(
        "You came by a link. When you send something for the first time, we mail you a code to make sure it is you. "
        "What you wrote is kept."
    )
    before = len(customer.desk.codes(words.email))
    customer.page.locator("summary", has_text=customer.says("Reject the solution")).click()
    customer.field("What is still wrong?").fill(words.complaint)
    customer.button("Reject the solution").click()
    customer.sees_heading("Is it you?")
    for line in words.complaint.splitlines():
        customer.sees(line)
    code = customer.desk.codes(words.email, before + 1)[-1]
    customer.field("Code").fill(f"{(int(code) + 1) % 1_000_000:06}")
    customer.button("Confirm and send").click()
    expect(customer.page.get_by_role("alert")).to_be_visible()
    customer.sees(words.complaint.splitlines()[-1])
    customer.field("Code").fill(f"{code[:3]} {code[3:]}")
    customer.button("Confirm and send").click()
    customer.sees("Thank you, it is noted.")
    for line in words.complaint.splitlines():
        expect(customer.entry(line)).to_be_visible()
