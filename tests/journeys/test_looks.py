"""Every page in both languages, wide and narrow, light and dark: nothing for axe-core to say, nothing in English."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, FilePayload, Page, Response, expect

from infra.local import demo_files
from tests.journeys.running import Desk, Windows
from tests.journeys.visitor import Visitor, state_of

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CATALOGUE = ROOT / "chalicelib" / "locale" / "cs" / "LC_MESSAGES" / "messages.po"
NOBODY, EVA, PETRA, ADMIN = "", "eva.cerna@zakaznik.example", "petra.novotna@example.com", "admin@example.com"
TOMAS, ONDREJ = "tomas.dvorak@example.com", "ondrej.novak@novak-strojirny.example"
LONG = "Nejneobhospodařovávatelnějšího" * 4
STATES = ("new", "in_progress", "returned", "done", "closed")


@dataclass(frozen=True)
class Place:
    """A page: who stands there, how they get there, and what it answers."""

    name: str
    who: str
    path: str
    act: Callable[[Visitor], None] = lambda visitor: None
    status: int = 200


def sends_it_empty(visitor: Visitor) -> None:
    visitor.page.locator("main form").evaluate("form => { form.noValidate = true }")
    visitor.page.locator("main form button.first").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()


def asks_for_a_code(visitor: Visitor) -> None:
    visitor.page.locator("#email").fill("nikdo@nikde.example")
    visitor.page.locator("main form button.first").click()
    expect(visitor.page.locator("#code")).to_be_visible()


def asks_for_links(visitor: Visitor) -> None:
    visitor.page.locator("#email").fill("nikdo@nikde.example")
    visitor.page.locator("main form button.first").click()
    expect(visitor.page.get_by_role("status")).to_be_visible()


def files_with_a_file(visitor: Visitor) -> None:
    attaches(visitor)
    visitor.page.locator("#email").fill(f"{visitor.language}@vzhled.example")
    visitor.page.locator("#name").fill("Vzhled")
    visitor.page.locator("#subject").fill(LONG)
    visitor.page.locator("#text").fill(LONG)
    visitor.page.locator("main form button.first").click()
    expect(visitor.page.locator(".big")).to_be_visible()


def attaches(visitor: Visitor) -> None:
    content: FilePayload = {"name": f"{LONG}.txt", "mimeType": "text/plain", "buffer": b"abc"}
    visitor.page.locator("input[type=file]").first.set_input_files(content)
    expect(visitor.page.locator(".sent-file.arrived")).to_be_visible()


def writes_by_link(visitor: Visitor) -> None:
    """Comes by a mailed link, writes, and is asked for a code."""
    email = f"odkaz-{visitor.language}@vzhled.example"
    order = {"project": "WEB", "subject": "Odkaz", "text": "Text", "email": email, "name": "Odkaz"}
    with visitor.desk.api(**{"Accept-Language": visitor.language}) as nobody:
        assert nobody.post("/tickets", json=order).status_code == 201
    visitor.page.goto(visitor.desk.letters_to(email, 1)[0].link)
    visitor.page.locator("#reply-text").fill(f"Odpověď\n\n{LONG}")
    visitor.page.locator("#reply button.first").click()
    expect(visitor.page.locator("#code")).to_be_visible()


def opens_the_first_move(visitor: Visitor) -> None:
    visitor.page.locator(".moves [popovertarget=move-return]").click()
    expect(visitor.page.locator("#move-return")).to_be_visible()


def writes_a_note(visitor: Visitor) -> None:
    visitor.page.locator("input[name=mode][value=note]").check()
    visitor.page.locator("aside summary").first.click()


def brings_a_table(visitor: Visitor) -> None:
    """A table with a row of each outcome, the longest names and many errors."""
    rows = (
        ("e-mail", "name", "organisation", "project", "role"),
        (f"nova-{visitor.language}@{'x' * 60}.example", LONG[:90], LONG[:90], "WEB", "customer"),
        (TOMAS, "", "", "", ""),
        (LONG, "", "", "NENI", "x"),
    )
    table = "\n".join(";".join(row) for row in rows)
    content: FilePayload = {"name": f"{LONG}.csv", "mimeType": "text/csv", "buffer": table.encode()}
    visitor.page.locator("#file").set_input_files(content)
    visitor.page.locator("main form button.first").click()
    expect(visitor.page.locator("table.import")).to_be_visible()


def leaves_out_what_is_wrong(visitor: Visitor) -> None:
    brings_a_table(visitor)
    visitor.page.locator("input[name=skip]").check()
    visitor.page.locator("main form button.first").click()
    expect(visitor.page.get_by_role("status")).to_be_visible()


def asks_before_deactivating(visitor: Visitor) -> None:
    visitor.page.locator("[popovertarget=deactivate]").first.click()
    expect(visitor.page.locator("#deactivate")).to_be_visible()


def meets_a_newer_version(visitor: Visitor) -> None:
    """Somebody else is quicker: the form comes back with what is new."""
    number = visitor.page.url.rpartition("/")[2]
    with visitor.desk.api(TOMAS) as tomas:
        assert tomas.post(f"/tickets/{number}/comments", json={"text": "Byl jsem rychlejší."}).status_code == 201
    visitor.page.locator(".moves [popovertarget=move-finish]").click()
    visitor.page.locator("#move-finish textarea").fill("Hotovo")
    visitor.page.locator("#move-finish button.first").click()
    expect(visitor.page.get_by_role("alert").first).to_be_visible()


def opens_who_hears(visitor: Visitor) -> None:
    visitor.page.locator("aside details:has(.matrix) summary").click()
    expect(visitor.page.locator("aside .matrix")).to_be_visible()


def follows_the_way_out(visitor: Visitor) -> None:
    """By the link at the foot of a mail, which changes nothing yet."""
    email = f"dost-{visitor.language}@vzhled.example"
    order = {"project": "WEB", "subject": "Dost", "text": "Text", "email": email, "name": "Dost"}
    with visitor.desk.api(**{"Accept-Language": visitor.language}) as nobody:
        assert nobody.post("/tickets", json=order).status_code == 201
    letter = visitor.desk.letters_to(email, 1)[0]
    visitor.page.goto(letter.headers["List-Unsubscribe"].strip("<>"))
    expect(visitor.page.locator("main form button")).to_be_visible()


def unsubscribes(visitor: Visitor) -> None:
    follows_the_way_out(visitor)
    visitor.page.locator("main form button").first.click()
    expect(visitor.page.get_by_role("status")).to_be_visible()


PLACES = (
    Place("home", NOBODY, "/"),
    Place("choice", NOBODY, "/new"),
    Place("form", NOBODY, "/new/WEB"),
    Place("form with a file", NOBODY, "/new/WEB", attaches),
    Place("form refused", NOBODY, "/new/WEB", sends_it_empty),
    Place("thanks", NOBODY, "/new/WEB", files_with_a_file),
    Place("sign-in", NOBODY, "/sign-in"),
    Place("sign-in, code", NOBODY, "/sign-in", asks_for_a_code),
    Place("find", NOBODY, "/find"),
    Place("find, sent", NOBODY, "/find", asks_for_links),
    Place("help", NOBODY, "/help"),
    Place("locked", NOBODY, "/t/WEB-1"),
    Place("no such page", NOBODY, "/nowhere", status=404),
    Place("is it you", NOBODY, "/", writes_by_link),
    Place("my", EVA, "/my"),
    Place("colleagues", ONDREJ, "/my?of=colleagues"),
    Place("rating", EVA, "/t/{unrated}?rating=4"),
    Place("follow-up", EVA, "/new/WEB?follows={closed}"),
    Place("home, customer", EVA, "/"),
    Place("form, customer", EVA, "/new/WEB"),
    Place("not for customers", EVA, "/desk", status=403),
    *(Place(f"customer, {state}", EVA, f"/t/{{{state}}}") for state in STATES),
    Place("list", PETRA, "/desk"),
    Place("list, filtered", PETRA, "/desk?project=WEB&assignee=none&requester=nikdo@nikde.example&state=new"),
    Place("form, staff", PETRA, "/new/WEB"),
    Place("help, staff", PETRA, "/help"),
    *(Place(f"desk, {state}", PETRA, f"/desk/{{{state}}}") for state in STATES),
    Place("files, customer", EVA, "/t/{in_progress}/files"),
    Place("files, desk", PETRA, "/desk/{in_progress}/files"),
    Place("move", PETRA, "/desk/{new}", opens_the_first_move),
    Place("note", PETRA, "/desk/{in_progress}", writes_a_note),
    Place("newer version", PETRA, "/desk/{in_progress}", meets_a_newer_version),
    Place("who hears", PETRA, "/desk/{in_progress}", opens_who_hears),
    Place("recipients", PETRA, "/desk/{in_progress}/recipients"),
    Place("my settings", PETRA, "/me"),
    Place("unsubscribe", NOBODY, "/", follows_the_way_out),
    Place("unsubscribed", NOBODY, "/", unsubscribes),
    Place("projects", ADMIN, "/admin/projects"),
    Place("new project", ADMIN, "/admin/projects/new"),
    Place("project", ADMIN, "/admin/projects/WEB"),
    Place("archive a project", ADMIN, "/admin/projects/WEB/archive"),
    Place("undelivered", ADMIN, "/admin/undelivered"),
    Place("addresses", ADMIN, "/admin/addresses"),
    Place("people", ADMIN, "/admin/people"),
    Place("people, nobody", ADMIN, "/admin/people?q=zzz"),
    Place("somebody new", ADMIN, "/admin/people/new"),
    Place("somebody new, refused", ADMIN, "/admin/people/new", sends_it_empty),
    Place("person", ADMIN, f"/admin/people/{TOMAS}"),
    Place("own account", ADMIN, f"/admin/people/{ADMIN}"),
    Place("deactivate", ADMIN, f"/admin/people/{TOMAS}", asks_before_deactivating),
    Place("organisations", ADMIN, "/admin/organisations"),
    Place("import", ADMIN, "/admin/people/import"),
    Place("import refused", ADMIN, "/admin/people/import", sends_it_empty),
    Place("import, dry run", ADMIN, "/admin/people/import", brings_a_table),
    Place("import, done", ADMIN, "/admin/people/import", leaves_out_what_is_wrong),
)


@pytest.fixture(scope="module")
def numbers(desk: Desk) -> Iterator[dict[str, str]]:
    """One request in each state, with long words, a note, and files of long names; afterwards all speak Czech again."""
    with desk.api(EVA) as eva, desk.api(PETRA) as petra, desk.api(ADMIN) as admin, desk.api(ONDREJ) as ondrej:
        found = {state: _filed(eva) for state in (*STATES, "unrated")}
        for state in (*STATES[1:], "unrated"):
            _comes_to(state, found[state], eva, petra)
        yield found
        for person in (eva, petra, admin, ondrej):
            person.patch("/me", json={"language": "cs"})


def _filed(eva: Any) -> str:
    """With all that a text can hold, each of it too wide."""
    file, picture = _uploaded(eva, f"{LONG}.txt", b""), _uploaded(eva, "obrazek.png", demo_files.content("obrazek.png"))
    quoted = "> řádek\n" * 7
    text = f"""Dobrý den,

# {LONG}

- {LONG}
- https://www.example/{LONG} a [www.example](https://jinde.example)

```
{LONG * 4}
```

| {LONG} | {LONG} |
|---|--:|
| 1 | 2 |

![{LONG}](file:{picture})

> {LONG}
{quoted}"""
    order = {"project": "WEB", "subject": f"Slovo {LONG}", "text": text, "uploads": [file, picture]}
    answer = eva.post("/tickets", json=order)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def _uploaded(eva: Any, name: str, content: bytes) -> str:
    order = {"filename": name, "content_type": "text/plain", "size": len(content), "project": "WEB"}
    place = eva.post("/uploads", json=order).json()
    eva.post(place["url"], data=place["fields"], files={"file": content}, headers={"Authorization": ""})
    return str(place["id"])


def _comes_to(state: str, number: str, eva: Any, petra: Any) -> None:
    moves: dict[str, list[tuple[Any, dict[str, Any]]]] = {
        "in_progress": [(petra, {"action": "hand_over", "assignee": TOMAS})],
        "returned": [(petra, {"action": "return", "text": f"Co znamená {LONG}?"})],
        "done": [(petra, {"action": "finish", "text": "Hotovo."})],
        "closed": [(petra, {"action": "finish"}), (eva, {"action": "accept", "rating": 4, "text": "Díky!"})],
        "unrated": [(petra, {"action": "finish"}), (petra, {"action": "accept"})],
    }
    petra.post(f"/tickets/{number}/comments", json={"text": f"Poznámka: {LONG}", "internal": True})
    petra.put(f"/tickets/{number}/watchers/{'w' * 50}@sledujici.example")
    petra.put(f"/tickets/{number}/watchers/bounce+{'w' * 50}@simulator.amazonses.com")
    for who, order in moves[state]:
        version = who.get(f"/tickets/{number}").json()["version"]
        answer = who.post(f"/tickets/{number}/moves", json={**order, "version": version})
        assert answer.status_code == 200, answer.text


@dataclass
class Gallery:
    """One window for each person and language, for it is opening them that takes the time."""

    windows: Windows
    open: dict[tuple[str, str], Page] = field(default_factory=dict)
    spoken: dict[str, str] = field(default_factory=dict)

    def page(self, who: str, language: str) -> Page:
        """The window of `who`, who reads in `language`, as wide as at first."""
        if who and self.spoken.get(who) != language:
            with self.windows.desk.api(who) as api:
                assert api.patch("/me", json={"language": language}).status_code == 200
            self.spoken[who] = language
        if (who, language) not in self.open:
            state = state_of(who, self.windows) if who else None
            self.open[who, language] = self.windows.new(language, state=state)
        page = self.open[who, language]
        page.set_viewport_size({"width": 1280, "height": 900})
        return page


@pytest.fixture(scope="module")
def gallery(browser: Browser, desk: Desk) -> Iterator[Gallery]:
    windows = Windows(browser, desk)
    yield Gallery(windows)
    for context in windows.opened:
        context.close()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
@pytest.mark.parametrize("language", ["cs", "en"])
def test_page(desk: Desk, gallery: Gallery, numbers: dict[str, str], place: Place, language: str) -> None:
    page = gallery.page(place.who, language)
    visitor = Visitor(page, desk, language)
    with broken_parts(page) as broken:
        answer = page.goto(place.path.format(**numbers))
        place.act(visitor)
    assert answer
    assert answer.status == place.status
    assert not broken
    visitor.reads_in_their_language()
    assert not left_in_the_other_language(page, language)

    # Each width in one scheme, and in the other language each in the other.
    holds_still(page)
    page.emulate_media(color_scheme="light" if language == "cs" else "dark")
    assert not violations(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if language == "cs" else "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not violations(page)

    page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    assert not gallery.windows.faults


@contextmanager
def broken_parts(page: Page) -> Iterator[list[str]]:
    """What the page needs and does not get: styles, scripts, icons."""
    broken: list[str] = []

    def look(answer: Response) -> None:
        if answer.status >= 400 and answer.request.resource_type != "document":
            broken.append(answer.url)

    page.on("response", look)
    yield broken
    page.remove_listener("response", look)


def holds_still(page: Page) -> None:
    """Without transitions: axe-core would measure colours half way."""
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("* { transition: none !important; animation: none !important }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )


@cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core has to say. Evaluated from outside, so that the page's own policy stays as it is."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(f"() => {{ {axe()} }}")
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)")
    return [f"{each['id']}: {node['html'][:200]} {node['any'][:1]}" for each in found for node in each["nodes"]]


SHOWN = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element.closest(".text, script, [lang]:not(html), bdi, option[value]:not([value=''])")) continue;
    texts.push(walker.currentNode.textContent);
  }
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder]"))
    if (!element.closest("[lang]:not(html)"))
      texts.push(element.title, element.getAttribute("aria-label"), element.getAttribute("placeholder"));
  texts.push(document.title.split(" · ")[0]);
  return texts.filter(Boolean).map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


def left_in_the_other_language(page: Page, language: str) -> list[str]:
    """The texts of the page that are a text of the catalogue in the other language."""
    plain, filled = foreign(language)
    return [text for text in set(page.evaluate(SHOWN)) if text in plain or filled.fullmatch(text)]


@cache
def foreign(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """The texts of the language that `language` is not, and do not read the same in both; those to be filled apart."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    texts: dict[str, set[str]] = {"en": set(), "cs": set()}
    for message in catalogue:
        texts["en"] |= set(_all(message.id))
        texts["cs"] |= set(_all(message.string))
    other = texts["en" if language == "cs" else "cs"] - texts[language]
    # Nothing but placeholders and signs would fit everything.
    said = [" ".join(text.split()) for text in other if len(re.sub(r"\{\w+\}|\W", "", text)) > 2]
    filled = (re.sub(r"\\\{\w+\\\}", ".+?", re.escape(text)) for text in said if "{" in text)
    return frozenset(text for text in said if "{" not in text), re.compile("|".join(filled))


def _all(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const drawn = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const around = [element, element.closest("label"), element.closest("tr")].filter(Boolean);
  const seen = around.some((each) => drawn(getComputedStyle(each)) || drawn(getComputedStyle(each, "::after")));
  return [element.outerHTML.slice(0, 120), seen];
}"""


@pytest.mark.parametrize(
    ("who", "path"),
    [(NOBODY, "/new/WEB"), (EVA, "/t/{done}"), (PETRA, "/desk?state=done"), (PETRA, "/desk/{in_progress}")],
    ids=["form", "customer", "list", "desk"],
)
def test_the_keyboard_goes_everywhere_and_is_seen(
    desk: Desk, windows: Windows, numbers: dict[str, str], who: str, path: str
) -> None:
    page = windows.new("cs", state=state_of(who, windows) if who else None)
    page.goto(path.format(**numbers))
    reached: list[str] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUS)
        if focused is None or (reached and focused[0] == reached[0]):
            break
        html, seen = focused
        assert seen, f"no focus to be seen on {html}"
        reached.append(html)
    assert "skip" in reached[0]
    assert len(reached) > 12
    page.keyboard.press("Shift+Tab")


def test_the_menu_of_a_narrow_window_opens(desk: Desk, windows: Windows) -> None:
    visitor = Visitor(windows.new("cs", width=390), desk, "cs")
    visitor.page.goto("/")
    visitor.button("Menu").click()
    expect(visitor.link("Sign in").first).to_be_visible()
    holds_still(visitor.page)
    assert not violations(visitor.page)
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#nav")).to_be_hidden()


def test_colours_are_chosen_and_kept(desk: Desk, windows: Windows) -> None:
    page = windows.new("cs")
    page.goto("/")
    switch = page.locator("[data-theme-switch]")
    for theme in ("light", "dark"):
        switch.click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.goto("/help")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
