"""Files on bad lines and under bad names: what was sent arrives whole, and comes back as what it is."""

import hashlib
import os
import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.journeys.running import Desk, Windows
from tests.journeys.test_form import PICTURE, a_file, is_store, is_thanked, paste, types
from tests.journeys.visitor import Visitor, state_of
from tests.journeys.wire import Wire

PETRA = "petra.novotna@example.com"
MEGABYTE = 1024 * 1024


def writing(windows: Windows, desk: Desk, subject: str, *, bypass_csp: bool = False) -> Visitor:
    """Somebody at the form, who has typed a request."""
    visitor = Visitor(windows.new("cs", bypass_csp=bypass_csp), desk, "cs")
    visitor.page.goto("/new/WEB")
    types(visitor, "soubory@firma.example", subject)
    return visitor


def saved(page: Page, name: str, to: Path) -> tuple[str, str]:
    """The name that the browser suggests for the file `name`, and the digest of what it brings."""
    with page.expect_download() as waiting:
        page.get_by_role("main").get_by_role("link", name=name).first.click()
    waiting.value.save_as(to)
    return waiting.value.suggested_filename, digest(to)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def over(wire: Wire, page: Page) -> None:
    """Has the page post its files over `wire`, where the desk would send it straight to the store."""

    def lead_there(route: Route) -> None:
        answer = route.fetch()
        place = answer.json()
        route.fulfill(response=answer, json={**place, "url": place["url"].replace(wire.store, wire.url)})

    page.route("**/api/v1/uploads", lead_there)


def store_of(desk: Desk) -> str:
    """Where the store is, as the desk tells a browser."""
    order = {"filename": "x", "content_type": "text/plain", "size": 1, "project": "WEB"}
    with desk.api() as nobody:
        url: str = nobody.post("/uploads", json=order).json()["url"]
    return "/".join(url.split("/")[:3])


def test_100_mb_arrive_whole_over_a_line_that_breaks_twice(desk: Desk, windows: Windows, tmp_path: Path) -> None:
    big = tmp_path / "záloha.bin"
    big.write_bytes(os.urandom(100 * MEGABYTE))
    visitor = writing(windows, desk, "Po špatné lince", bypass_csp=True)
    with Wire(store_of(desk), cuts=[20 * MEGABYTE, 70 * MEGABYTE]).laid() as wire:
        over(wire, visitor.page)
        visitor.page.locator("input[type=file]").set_input_files(big)
        expect(visitor.page.locator(".sent-file.broken")).to_contain_text(visitor.says("connection lost, trying again"))
        visitor.button("Send the request").click()  # goes by itself once the file is there
        number = is_thanked(visitor)
        assert wire.made == [20 * MEGABYTE, 70 * MEGABYTE]
    petra = windows.new("cs", state=state_of(PETRA, windows))
    petra.goto(f"/desk/{number}")
    assert saved(petra, "záloha.bin", tmp_path / "zpět.bin") == ("záloha.bin", digest(big))


def test_a_browser_that_comes_online_again_sends_at_once(desk: Desk, windows: Windows) -> None:
    visitor = writing(windows, desk, "Bez signálu")
    page = visitor.page
    page.clock.install()  # no pause ever ends by itself
    page.context.set_offline(True)
    page.locator("input[type=file]").set_input_files(a_file("z vlaku.txt", b"tunel"))
    expect(page.locator(".sent-file.broken")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".sent-file.arrived")).to_be_visible()


def test_what_the_store_refuses_is_left_to_the_writer(desk: Desk, windows: Windows) -> None:
    visitor = writing(windows, desk, "Odmítnuto")
    page, asked = visitor.page, []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=403, headers=headers, body="<Error><Code>AccessDenied</Code></Error>")

    page.route(is_store(desk), refuse, times=1)
    page.locator("input[type=file]").set_input_files(a_file("odmítnutý.txt", b"x"))
    expect(page.locator(".sent-file.failed")).to_contain_text(visitor.says("did not arrive"))
    assert len(asked) == 1
    visitor.button("Send the request").click()
    visitor.sees("Some files did not arrive. Try them again or remove them, then send the form.")
    visitor.button("Try again").click()
    expect(page.locator(".sent-file.arrived")).to_be_visible()


def test_a_promise_that_is_over_is_asked_for_anew(desk: Desk, windows: Windows) -> None:
    visitor = writing(windows, desk, "Druhý den")
    page = visitor.page

    def refuse(route: Route) -> None:
        said = "<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"
        route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"}, body=said)

    page.route(is_store(desk), refuse, times=1)
    promises: list[str] = []
    page.on("request", lambda request: promises.append(request.url) if request.url.endswith("/uploads") else None)
    page.locator("input[type=file]").set_input_files(a_file("včerejší.txt", b"x"))
    expect(page.locator(".sent-file.arrived")).to_be_visible()
    assert len(promises) == 2
    visitor.button("Send the request").click()
    is_thanked(visitor)


def test_a_pasted_picture_stands_in_the_text(desk: Desk, windows: Windows) -> None:
    visitor = writing(windows, desk, "Snímek obrazovky")
    page, text = visitor.page, visitor.field("What do you need?")
    text.fill("Vypadá to takto: , a to je vše.")
    text.evaluate("field => field.setSelectionRange(17, 17)")
    paste(page, PICTURE)
    expect(text).to_have_value(re.compile(r"^Vypadá to takto: !\[[\d-]+\.png\]\(file:[0-9a-z]+\), a to je vše\.$"))
    page.reload()  # what was put in by a script is a draft as well, but the file has to be added again
    text.fill("Vypadá to takto: ")
    paste(page, PICTURE)
    expect(page.locator(".sent-file.arrived")).to_be_visible()
    visitor.button("Send the request").click()
    number = is_thanked(visitor)

    letter, *_ = desk.letters_about(number, 2)
    assert "<img" not in letter.html
    petra = windows.new("cs", state=state_of(PETRA, windows))
    petra.goto(f"/desk/{number}")
    picture = petra.locator(".entry .text img")
    expect(picture).to_be_visible()
    assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") > 0
    with petra.expect_download() as waiting:  # a file by itself is never opened, whatever it is
        picture.click()
    assert re.fullmatch(r"[\d-]+\.png", waiting.value.suggested_filename)


def test_what_only_calls_itself_a_picture_is_a_link(desk: Desk, windows: Windows) -> None:
    visitor = writing(windows, desk, "Není obrázek")
    page, text = visitor.page, visitor.field("What do you need?")
    text.fill("")
    paste(page, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    expect(page.locator(".sent-file.arrived")).to_be_visible()
    paste(page, PICTURE)
    expect(page.locator(".sent-file.arrived")).to_have_count(2)
    page.locator(".sent-file [data-remove]").last.click()
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    petra = windows.new("cs", state=state_of(PETRA, windows))
    petra.goto(f"/desk/{number}")
    words = petra.locator(".entry .text")
    expect(words.get_by_role("link")).to_have_count(1)
    expect(words).to_contain_text(re.compile(r"\.png.*\.png"))  # of what was removed, its name
    expect(words.locator("img")).to_have_count(0)


NAMES = {
    "../../etc/passwd": "passwd",
    "faktura č. 5.pdf": "faktura č. 5.pdf",
    "účet\u202efdp.exe": "účetfdp.exe",
    '"; x=".txt': "_; x=_.txt",
    "řeka" * 75 + ".txt": "řeka" * 39 + ".txt",
}


def test_names_come_back_safe_and_readable(desk: Desk, windows: Windows, tmp_path: Path) -> None:
    visitor = writing(windows, desk, "Jména")
    visitor.page.evaluate(ATTACH, list(NAMES))  # what a browser would not take from a disk, a program can send
    expect(visitor.page.locator(".sent-file.arrived")).to_have_count(len(NAMES))
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    petra = windows.new("cs", state=state_of(PETRA, windows))
    petra.goto(f"/desk/{number}")
    for sent, back in NAMES.items():
        suggested, content = saved(petra, back, tmp_path / "zpět")
        assert (suggested, content) == (back, hashlib.sha256(sent.encode()).hexdigest())


ATTACH = """(names) => {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File([name], name, { type: "text/html" }));
  const field = document.querySelector("input[type=file]");
  field.files = transfer.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}"""
