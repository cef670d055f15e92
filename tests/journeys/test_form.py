"""The hosted form under rough hands: pressed twice, sent again, cut off, reloaded, dropped on, and read in the mail."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, FilePayload, Page, Route, expect

from infra.local import demo_files
from tests.journeys.running import Desk, Windows
from tests.journeys.visitor import Visitor

PETRA = "petra.novotna@example.com"
PICTURE = demo_files.content("obrazek.png")


@pytest.fixture
def visitor(desk: Desk, windows: Windows) -> Visitor:
    """Somebody at the form, who has typed a request."""
    visitor = Visitor(windows.new("cs"), desk, "cs")
    visitor.page.goto("/new/WEB")
    return visitor


def types(visitor: Visitor, email: str, subject: str) -> None:
    visitor.field("Your e-mail").fill(email)
    visitor.field("Your name").fill("Radek Spěšný")
    visitor.field("Subject").fill(subject)
    visitor.field("What do you need?").fill("První řádek\n\nDruhý řádek")


def holds(visitor: Visitor, email: str, subject: str) -> None:
    """All that was typed is still there."""
    expect(visitor.field("Your e-mail")).to_have_value(email)
    expect(visitor.field("Your name")).to_have_value("Radek Spěšný")
    expect(visitor.field("Subject")).to_have_value(subject)
    expect(visitor.field("What do you need?")).to_have_value("První řádek\n\nDruhý řádek")


def filed(desk: Desk, subject: str) -> list[str]:
    """The numbers of the requests of that subject."""
    with desk.api(PETRA) as api:
        newest = api.get("/tickets", params={"project": "WEB", "limit": 100}).json()["items"]
    return [each["number"] for each in newest if each["subject"] == subject]


def is_thanked(visitor: Visitor) -> str:
    visitor.sees_heading("Thank you, your request is filed")
    return visitor.page.locator(".big").inner_text()


def test_a_double_click_is_one_request(desk: Desk, visitor: Visitor) -> None:
    types(visitor, "dvojklik@firma.example", "Dvojklik")
    visitor.button("Send the request").dblclick()
    assert [is_thanked(visitor)] == filed(desk, "Dvojklik")


def test_an_impatient_browser_without_script_files_one_request(desk: Desk, windows: Windows) -> None:
    """Nothing but the key of the form holds the second post back here."""
    visitor = Visitor(windows.new("cs", javascript=False), desk, "cs")
    visitor.page.goto("/new/WEB")
    types(visitor, "netrpelivy@firma.example", "Netrpělivost")
    visitor.button("Send the request").dblclick()
    assert [is_thanked(visitor)] == filed(desk, "Netrpělivost")


def test_back_after_the_thanks_is_an_empty_form(desk: Desk, visitor: Visitor) -> None:
    types(visitor, "zpet@firma.example", "Zpátky")
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    visitor.page.go_back()
    expect(visitor.field("Subject")).to_have_value("")
    visitor.page.go_forward()
    visitor.page.reload()
    assert is_thanked(visitor) == number
    assert filed(desk, "Zpátky") == [number]


def test_a_form_whose_answer_got_lost_is_sent_again_as_the_same_request(desk: Desk, visitor: Visitor) -> None:
    """The desk has filed it, but the connection broke before it could say so: whoever comes back sends it again."""

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.fallback()

    types(visitor, "vytah@firma.example", "Ve výtahu")
    visitor.page.route("**/new/WEB", lose_the_answer)
    with visitor.page.expect_event("requestfailed"):
        visitor.button("Send the request").click()
    visitor.page.unroute("**/new/WEB")
    (number,) = filed(desk, "Ve výtahu")
    visitor.page.goto("/new/WEB")
    holds(visitor, "vytah@firma.example", "Ve výtahu")
    visitor.button("Send the request").click()
    assert is_thanked(visitor) == number
    assert filed(desk, "Ve výtahu") == [number]


def test_what_was_typed_outlives_a_refusal_and_a_reload(desk: Desk, visitor: Visitor) -> None:
    types(visitor, "nula@firma.example", "Nic se neztratí")
    visitor.page.reload()
    holds(visitor, "nula@firma.example", "Nic se neztratí")
    visitor.page.get_by_role("radio", name=re.compile(visitor.says("Change"))).check()
    visitor.page.locator("input[type=file]").set_input_files(a_file("protokol.txt", b"abc"))
    expect(visitor.page.locator(".sent-file.arrived")).to_be_visible()
    visitor.field("Your e-mail").fill("nula@firma")  # good enough for a browser
    visitor.button("Send the request").click()
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text(visitor.says("Your e-mail"))
    holds(visitor, "nula@firma", "Nic se neztratí")
    expect(visitor.page.get_by_role("radio", name=re.compile(visitor.says("Change")))).to_be_checked()
    expect(visitor.page.get_by_role("checkbox", name=re.compile("protokol.txt"))).to_be_checked()
    expect(visitor.field("Your e-mail")).to_have_attribute("aria-invalid", "true")
    visitor.field("Your e-mail").fill("nula@firma.example")
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    with desk.api(PETRA) as api:
        ticket = api.get(f"/tickets/{number}").json()
    assert (ticket["type"], ticket["text"]) == ("change", "První řádek\n\nDruhý řádek")
    assert [each["filename"] for each in ticket["attachments"]] == ["protokol.txt"]
    visitor.page.goto("/new/WEB")
    expect(visitor.field("Subject")).to_have_value("")  # what was filed is no draft any more


def a_file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_an_upload_that_breaks_off_is_tried_again_by_itself(desk: Desk, visitor: Visitor) -> None:
    page, cut = visitor.page, []

    def break_off(route: Route) -> None:
        cut.append(route.request.url)
        route.abort("connectionreset")

    page.route(is_store(desk), break_off, times=1)
    types(visitor, "vypadek@firma.example", "Výpadek")
    page.locator("input[type=file]").set_input_files(a_file("dlouhý.txt", b"x" * 100_000))
    row = page.locator(".sent-file")
    expect(row).to_contain_text(visitor.says("connection lost, trying again"))
    expect(row).to_have_class(re.compile("arrived"))
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    assert len(cut) == 1
    with desk.api(PETRA) as api:
        (attachment,) = api.get(f"/tickets/{number}").json()["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("dlouhý.txt", 100_000)


def is_store(desk: Desk) -> Callable[[str], bool]:
    """Whether an address is the store's: the only other place the page speaks to."""
    return lambda url: not url.startswith(desk.url)


def test_the_form_waits_for_its_files_and_warns_whoever_leaves(desk: Desk, visitor: Visitor) -> None:
    page = visitor.page
    held: list[Route] = []
    page.route(is_store(desk), lambda route: held.append(route), times=1)
    types(visitor, "cekani@firma.example", "Čekání")
    page.locator("input[type=file]").set_input_files(a_file("pomalý.txt", b"x" * 1000))
    expect(page.locator(".sent-file.sending")).to_be_visible()
    visitor.button("Send the request").click()
    visitor.sees("Files are still on their way. The form is sent by itself when they arrive.")

    def stay(dialog: Dialog) -> None:
        dialog.dismiss()

    page.once("dialog", stay)
    with page.expect_event("dialog") as asking:
        page.close(run_before_unload=True)
    assert asking.value.type == "beforeunload"
    holds(visitor, "cekani@firma.example", "Čekání")

    held[0].continue_()
    number = is_thanked(visitor)
    with desk.api(PETRA) as api:
        assert [each["filename"] for each in api.get(f"/tickets/{number}").json()["attachments"]] == ["pomalý.txt"]


def test_a_file_can_be_dropped_and_a_picture_pasted(desk: Desk, visitor: Visitor) -> None:
    page = visitor.page
    types(visitor, "mysi@firma.example", "Myší a schránkou")
    drop(page, "přetažený.txt", b"drop")
    expect(page.locator(".sent-file.arrived")).to_have_count(1)
    paste(page, PICTURE)
    expect(page.locator(".sent-file.arrived")).to_have_count(2)
    drop(page, "omylem.txt", b"oops")
    expect(page.locator(".sent-file.arrived")).to_have_count(3)
    page.get_by_role("button", name=visitor.says("Remove {name}", "", name="omylem.txt")).click()
    expect(page.locator(".sent-file")).to_have_count(2)
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    with desk.api(PETRA) as api:
        dropped, pasted = api.get(f"/tickets/{number}").json()["attachments"]
    assert (dropped["filename"], dropped["size"]) == ("přetažený.txt", 4)
    assert re.fullmatch(r"[\d-]+\.png", pasted["filename"])
    assert pasted["size"] == len(PICTURE)


TRANSFER = """([kind, name, type, content]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type }));
  const field = document.querySelector("textarea");
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  return field.dispatchEvent(event);
}"""


def drop(page: Page, name: str, content: bytes) -> None:
    """Drops a file anywhere on the form."""
    assert not page.evaluate(TRANSFER, ["drop", name, "text/plain", base64.b64encode(content).decode()])


def paste(page: Page, content: bytes) -> None:
    """Pastes a picture while writing, as a screenshot comes from the clipboard."""
    assert not page.evaluate(TRANSFER, ["paste", "image.png", "image/png", base64.b64encode(content).decode()])


def test_a_program_that_fills_in_everything_files_nothing(desk: Desk, visitor: Visitor) -> None:
    expect(visitor.page.locator("#website")).not_to_be_in_viewport()
    types(visitor, "robot@firma.example", "Levné hodinky")
    visitor.page.locator("#website").evaluate("field => { field.value = 'https://spam.example' }")
    visitor.button("Send the request").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text(
        visitor.says("This looks as if a program had filled the form in. If you are a person, send it once more.")
    )
    assert filed(desk, "Levné hodinky") == []
    holds(visitor, "robot@firma.example", "Levné hodinky")
    visitor.button("Send the request").click()  # a person, whose browser had filled in too much
    assert [is_thanked(visitor)] == filed(desk, "Levné hodinky")


def test_whoever_files_too_much_is_told_so_and_loses_nothing(desk: Desk, visitor: Visitor) -> None:
    email = "pilny@firma.example"
    order = {"project": "WEB", "subject": "Dokola", "text": "Totéž", "email": email, "name": "Pilný"}
    with desk.api() as nobody:
        answers = [nobody.post("/tickets", json=order) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    types(visitor, email, "O jeden víc")
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        visitor.button("Send the request").click()
    assert waiting.value.status == 429
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    holds(visitor, email, "O jeden víc")


def test_limits_are_said_before_and_kept(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sees("Up to {count} files, each up to {size}.", "", count=20, size="100 MB")
    many = [tmp_path / f"{count}.txt" for count in range(21)]
    for path in many:
        path.write_text("x")
    visitor.page.locator("input[type=file]").set_input_files(many)
    expect(visitor.page.locator(".sent-file.arrived")).to_have_count(20)
    visitor.sees("At most {count} files can be attached at once.", "", count=20)
    big = tmp_path / "velký.iso"
    with big.open("wb") as file:
        file.truncate(100 * 1024 * 1024 + 1)
    visitor.page.reload()
    visitor.page.locator("input[type=file]").set_input_files(big)
    visitor.sees("{name} is larger than {size}.", "", name="velký.iso", size="100 MB")
    expect(visitor.page.locator(".sent-file")).to_have_count(0)


def test_the_mail_is_read_as_a_person_reads_it(desk: Desk, visitor: Visitor) -> None:
    """In the mail page: find the message, look at it, follow its button into the request."""
    email = "ctenar@firma.example"
    types(visitor, email, "Čtenář")
    visitor.button("Send the request").click()
    number = is_thanked(visitor)
    desk.letters_to(email, 1)

    page = visitor.page.context.new_page()
    page.goto(desk.mail_url)
    page.get_by_role("searchbox").fill(email)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("navigation", name="Messages").get_by_role("link").click()
    letter = page.frame_locator("iframe[title=Message]")
    expect(letter.get_by_role("heading")).to_have_text(
        visitor.says("We have received your request {number}", "", number=number)
    )
    page.get_by_role("link", name="Plain text").click()
    expect(page.locator("pre")).to_contain_text(f"/t/{number}#k=")
    page.get_by_role("link", name="Headers").click()
    expect(page.get_by_role("row", name="Auto-Submitted")).to_contain_text("auto-generated")
    page.get_by_role("link", name="Message", exact=True).click()
    with page.context.expect_page() as opening:
        letter.get_by_role("link", name=visitor.says("Open the request")).click()
    reader = Visitor(opening.value, desk, "cs")
    reader.sees_heading("Čtenář")
    expect(reader.page).to_have_url(f"{desk.url}/t/{number}")
