"""The whole story in a browser without JavaScript: plain forms, small files inside them, and codes instead of links."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

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

ADDRESSES = {"cs": "bohumil.stary@obec.example", "en": "arthur.plain@village.example"}
LOG = "".join(f"{second:05} the basket is empty\n" for second in range(50_000)).encode()


@pytest.mark.parametrize("language", ["cs", "en"])
def test_the_same_story_without_javascript(desk: Desk, windows: Windows, tmp_path: Path, language: str) -> None:
    words = replace(WORDS[language], email=ADDRESSES[language])
    paths = [tmp_path / name for name in words.files]
    paths[0].write_bytes(LOG)
    paths[1].write_bytes(b"")

    # The customer files it; the files travel inside the form.
    customer = Visitor(windows.new(language, javascript=False), desk, language)
    number = files_a_request(customer, words, paths)
    post = Post(desk, number)
    post.brings((words.email, language), (PETRA, "cs"))

    # The project manager filters by pressing the button, and hands it over.
    petra = Visitor(windows.new("cs", javascript=False), desk, "cs")
    petra.page.goto("/desk")
    petra.sign_in(PETRA)
    if language == "en":
        petra.switch_language()
        petra.language = "en"
    petra.field("Project").select_option("WEB")
    petra.field("Requester").fill(words.email)
    petra.button("Filter", "button").click()
    expect(petra.page.locator("[data-list] tbody tr")).to_have_count(1)
    petra.link(words.subject).click()
    hands_over(petra, "Tomáš Dvořák")
    to_tomas, _ = post.brings((TOMAS, "cs"), (words.email, language))

    # The solver works as ever.
    tomas = Visitor(windows.new("cs", javascript=False), desk, "cs")
    tomas.page.goto(to_tomas.link)
    tomas.sign_in(TOMAS)
    leaves_a_note(tomas, words.note)
    replies(tomas, words.reply)
    look_different(tomas, words.note, words.reply)
    post.brings((words.email, language))
    finishes(tomas, words.solution)
    (done,) = post.brings((words.email, language))

    # The secret of the mailed link never reaches a server, so the customer proves themselves by a code.
    customer = Visitor(windows.new(language, javascript=False), desk, language)
    customer.page.goto(done.link)
    customer.sees_heading("This request is not open to you")
    advice = (
        "The link from the e-mail needs JavaScript, which is off in this browser. "
        "Signing in by a code works without it."
    )
    assert customer.says(advice) in customer.page.locator("noscript").inner_text()
    customer.link("Sign in by a mailed code").click()
    customer.sign_in(words.email)
    customer.sees_heading(words.subject)
    assert words.note not in customer.page.content()
    assert downloaded(customer.page, words.files[0]) == LOG
    assert downloaded(customer.page, words.files[1]) == b""

    rejects(customer, words)
    post.brings((TOMAS, "cs"), (PETRA, petra.language))
    tomas.page.reload()
    finishes(tomas, words.solution_again)
    post.brings((words.email, language))
    customer.page.goto("/my")
    customer.link(words.subject).click()
    accepts(customer, words)
    post.brings((TOMAS, "cs"), (PETRA, petra.language))
    is_archived(customer, petra, number)
    reads_well(desk, post, words, language)
    if language == "en":
        petra.switch_language()


def test_lost_links_are_mailed(desk: Desk, windows: Windows) -> None:
    """To whoever has requests; the page says the same to whoever has none."""
    visitor = Visitor(windows.new("cs", javascript=False), desk, "cs")
    known, unknown = "alena.kucerova@obchod.example", "nikdo@nikde.example"
    answers = []
    for email in (unknown, known):
        visitor.page.goto("/find")
        visitor.field("E-mail").fill(email)
        visitor.button("Mail me the links").click()
        visitor.sees(
            "If there are requests under {email}, a message with links to them is on its way.", "", email=email
        )
        answers.append(visitor.main.inner_text().replace(email, ""))
    (letter,) = desk.letters_called(visitor.says("Links to your requests"), known)
    assert answers[0] == answers[1]
    links = re.findall(rf"{re.escape(desk.url)}/t/\S+#k=\S+", letter.text)
    assert len(links) > 1
    assert not desk.letters(unknown)

    reader = Visitor(windows.new("cs"), desk, "cs")
    reader.page.goto(links[0])
    expect(reader.page.locator(".thread")).to_be_visible()


def files_a_request(customer: Visitor, words: Words, paths: list[Path]) -> str:
    page = customer.page
    page.goto("/new/WEB")
    customer.sees("Up to {count} files, together up to {size}.", "", count=20, size="4 MB")
    customer.field("Your name").fill(words.name)
    customer.field("Your e-mail").fill(words.email)
    customer.field("Subject").fill(words.subject)
    customer.field("What do you need?").fill(words.text)
    page.locator("input[type=file]").set_input_files(paths)
    customer.button("Send the request").click()
    customer.sees_heading("Thank you, your request is filed")
    return page.locator(".big").inner_text()


def rejects(customer: Visitor, words: Words) -> None:
    customer.page.locator("summary", has_text=customer.says("Reject the solution")).click()
    customer.field("What is still wrong?").fill(words.complaint)
    customer.button("Reject the solution").click()
    customer.sees("Thank you, it is noted.")
    for line in words.complaint.splitlines():
        expect(customer.entry(line)).to_be_visible()
