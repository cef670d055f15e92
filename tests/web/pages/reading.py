"""Reads a page as a person and a browser do: its words, its links, and the forms with what they would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from typing_extensions import override

from tests.web.client import Answer

_SILENT = {"script", "style", "svg", "title"}
_VOID = {"input", "meta", "link", "use", "wbr", "br", "hr", "img", "path"}


@dataclass
class Form:
    """A form: where it goes, and the fields as they stand."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    """What the selects and choices of the form have."""

    def filled(self, **typed: object) -> dict[str, object]:
        """What a browser posts when `typed` is entered."""
        return {**self.fields, **typed}


@dataclass
class Page:
    """A page, taken apart."""

    words: str
    links: list[str]
    forms: list[Form]
    ids: list[str]
    bold: list[str]

    def form(self, address: str, **holding: str) -> Form:
        """The form that posts to `address` and has these values."""
        found = [
            form
            for form in self.forms
            if form.action == address and all(form.fields.get(name) == [value] for name, value in holding.items())
        ]
        assert len(found) == 1, (address, [form.action for form in self.forms])
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page("", [], [], [], [])
        self._open: list[str] = []
        self._area: tuple[str, list[str]] | None = None
        self._select = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if "id" in given:
            self.page.ids.append(given["id"])
        if tag == "a":
            self.page.links.append(given.get("href", ""))
        if tag == "form":
            self.page.forms.append(Form(given["action"]))
        if tag == "input":
            self._input(given)
        if tag == "select":
            self._select = given["name"]
            self._form.fields[self._select] = [""]
        if tag == "option":
            self._form.offered.setdefault(self._select, []).append(given["value"])
            if "selected" in given:
                self._form.fields[self._select] = [given["value"]]
        if tag == "textarea":
            self._area = (given["name"], [])

    @property
    def _form(self) -> Form:
        return self.page.forms[-1]

    def _input(self, given: dict[str, str]) -> None:
        name, kind = given.get("name"), given.get("type", "text")
        if not name or not self.page.forms or kind == "file" or "form" not in self._open:
            return
        if kind in ("checkbox", "radio"):
            self._form.offered.setdefault(name, []).append(given["value"])
            if "checked" not in given:
                return
        self._form.fields.setdefault(name, []).append(given.get("value", ""))

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self._open, tag
        assert self._open.pop() == tag, tag
        if tag == "textarea" and self._area:
            name, parts = self._area
            self._form.fields[name] = ["".join(parts).removeprefix("\n")]
            self._area = None

    @override
    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)
        if not _SILENT & set(self._open):
            self.page.words += data
            if self._open[-1:] == ["b"]:
                self.page.bold.append(data)


def page_of(answer: Answer, status: int = 200) -> Page:
    """The page in `answer`, which must be well formed, of that status, and kept by nobody."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    reader = _Reader()
    reader.feed(answer.text)
    page = reader.page
    page.words = " ".join(page.words.split())
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    return page
