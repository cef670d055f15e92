"""What people write, as HTML: what is formatted, what stays as typed, and what can never come of any text."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from chalicelib import config, urls
from chalicelib.domain.files import Attachment
from chalicelib.markdown import ATTRIBUTES, CLASSES, TAGS, plain, to_html
from tests.test_urls import ENVIRONMENT

FILES = (Attachment("f1", "obrázek.png", "image/png", 3, picture=True), Attachment("f2", "výpis.txt", "text/plain", 3))
QUOTED = "Citovaný text"


@pytest.fixture(autouse=True, scope="module")
def at_the_root() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "settings", lambda: config.read(ENVIRONMENT))
        yield


REL = 'rel="nofollow noopener noreferrer"'


def shown(text: str, mail: bool = False) -> str:
    """The HTML of `text`, without the line ends between its tags."""
    return re.sub(r">\n+", ">", str(to_html(text, QUOTED, FILES, mail=mail))).strip()


ROWS = {
    "lines stay lines": ("Ahoj\nsvěte\n\nDíky", "<p>Ahoj<br>světe</p><p>Díky</p>"),
    "emphasis": ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
    "a list": ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
    "a numbered list": ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "a Czech date is no list": ("5. 1. 2026 přišla", "<p>5. 1. 2026 přišla</p>"),
    "nor is one without spaces": ("5.1. přišla", "<p>5.1. přišla</p>"),
    "a telephone is no list": ("+ 420 777 123 456", "<p>+ 420 777 123 456</p>"),
    "a ticket is no heading": ("#42 nejde", "<p>#42 nejde</p>"),
    "a heading is a bold line": ("# Pozor", '<p class="heading"><strong>Pozor</strong></p>'),
    "a signature makes no heading": ("Díky\n--\nEva", "<p>Díky<br>--<br>Eva</p>"),
    "dashes part": ("Díky\n\n---\n\nEva", "<p>Díky</p><hr><p>Eva</p>"),
    "HTML is text": ("<b>x</b> &amp; <!-- y -->", "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; &lt;!-- y --&gt;</p>"),
    "backslashes stay": (r"C:\_data \\server\*", r"<p>C:\_data \\server\*</p>"),
    "a definition is not hidden": (
        "[a]: https://b.cz/x",
        f'<p>[a]: <a href="https://b.cz/x" {REL}>https://b.cz/x</a></p>',
    ),
    "an address": ("viz https://a.cz/b.", f'<p>viz <a href="https://a.cz/b" {REL}>https://a.cz/b</a>.</p>'),
    "a mail address": ("eva@a.cz", f'<p><a href="mailto:eva@a.cz" {REL}>eva@a.cz</a></p>'),
    "file names are no addresses": ("readme.md a skript.py", "<p>readme.md a skript.py</p>"),
    "a link": ("[zde](https://a.cz)", f'<p><a href="https://a.cz" {REL}>zde</a></p>'),
    "a link that says it leads elsewhere": (
        "[www.banka.cz](https://zlo.cz/x)",
        f'<p><a href="https://zlo.cz/x" {REL}>www.banka.cz</a> <span class="host">(zlo.cz)</span></p>',
    ),
    "one whose path looks like it": (
        "[banka.cz](https://zlo.cz/banka.cz)",
        f'<p><a href="https://zlo.cz/banka.cz" {REL}>banka.cz</a> <span class="host">(zlo.cz)</span></p>',
    ),
    "one that names both": (
        "[zlo.cz – banka.cz](https://zlo.cz)",
        f'<p><a href="https://zlo.cz" {REL}>zlo.cz – banka.cz</a> <span class="host">(zlo.cz)</span></p>',
    ),
    "one that is what it says": (
        "[www.banka.cz](https://banka.cz/x)",
        f'<p><a href="https://banka.cz/x" {REL}>www.banka.cz</a></p>',
    ),
    "an address with a file's name": (
        "https://a.cz/b.pdf",
        f'<p><a href="https://a.cz/b.pdf" {REL}>https://a.cz/b.pdf</a></p>',
    ),
    "letters that look like others": (
        "https://аррӏе.com",
        f'<p><a href="https://xn--80ak6aa92e.com" {REL}>https://аррӏе.com</a>'
        ' <span class="host">(xn--80ak6aa92e.com)</span></p>',
    ),
    "nothing before the host": ("https://banka.cz@zlo.cz/x", "<p>https://banka.cz@zlo.cz/x</p>"),
    "no letter written by a link": (
        "[a](mailto:a@b.cz?bcc=x)",
        f'<p>[a](<a href="mailto:a@b.cz" {REL}>mailto:a@b.cz</a>?bcc=x)</p>',
    ),
    "no turning of the direction": ("faktura\u202efdp.exe `a\u2066b`", "<p>fakturafdp.exe <code>ab</code></p>"),
    "no script": ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
    "no data": ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>"),
    "no address of the desk": ("[a](/desk/WEB-1/move)", "<p>[a](/desk/WEB-1/move)</p>"),
    "no address without scheme": ("[a](//zlo.cz)", "<p>[a](//zlo.cz)</p>"),
    "a picture from elsewhere is a link": (
        "![a](https://zlo.cz/t.gif)",
        f'<p><a href="https://zlo.cz/t.gif" {REL}>a</a></p>',
    ),
    "a picture of the message": (
        "vidíte ![](file:f1)",
        f'<p>vidíte <a class="picture" href="/api/v1/attachments/f1" {REL}>'
        '<img src="/api/v1/attachments/f1" alt="obrázek.png" loading="lazy"></a></p>',
    ),
    "what is no picture by its content": ("![v](file:f2)", f'<p><a href="/api/v1/attachments/f2" {REL}>v</a></p>'),
    "a file of the message": ("[b](file:f2)", f'<p><a href="/api/v1/attachments/f2" {REL}>b</a></p>'),
    "a file of another message": ("![b](file:q9)", "<p>b</p>"),
    "a quotation": ("> a\n> b", "<blockquote><p>a<br>b</p></blockquote>"),
    "a long one is folded": (
        "Dne 1. 1. Jan napsal:\n" + "\n".join(f"> {n}" for n in range(7)),
        f'<p>Dne 1. 1. Jan napsal:</p><details class="quoted"><summary>{QUOTED}</summary>'
        "<blockquote><p>0<br>1<br>2<br>3<br>4<br>5<br>6</p></blockquote></details>",
    ),
    "so is what a mail program put below": (
        "Díky!\n\nDne 3. 3. 2025 v 9:12 odesílatel Bob\n<bob@a.cz> napsal:\n> ano",
        "<p>Díky!</p>"
        f'<p>Dne 3. 3. 2025 v 9:12 odesílatel Bob<br><a href="mailto:bob@a.cz" {REL}>bob@a.cz</a> napsal:</p>'
        f'<details class="quoted"><summary>{QUOTED}</summary><blockquote><p>ano</p></blockquote></details>',
    ),
    "code": ("```\na  <b>\n```", '<pre tabindex="0"><code>a  &lt;b&gt;\n</code></pre>'),
    "code with a word beside the fence": (
        "```sql\nx\n```",
        '<pre tabindex="0"><span class="language">sql</span><code>x\n</code></pre>',
    ),
    "indented code": ("    a\n      b", '<pre tabindex="0"><code>a\n  b\n</code></pre>'),
    "a table": (
        "|a|b|\n|-|-:|\n|1|2|",
        '<div class="sideways" tabindex="0"><table><thead><tr><th>a</th><th class="end">b</th></tr></thead>'
        '<tbody><tr><td>1</td><td class="end">2</td></tr></tbody></table></div>',
    ),
}


@pytest.mark.parametrize(("text", "html"), ROWS.values(), ids=ROWS)
def test_row(text: str, html: str) -> None:
    assert shown(text) == html


def test_a_mail_has_the_same_with_styles_of_its_own() -> None:
    text = "\n\n".join(text for text, _ in ROWS.values() if "file:" not in text)
    mailed = shown(text, mail=True)
    assert '<p style="margin' in mailed
    on_a_page = re.sub(r"<details.*?</summary>|</details>", "", shown(text))
    assert re.sub(r' style="[^"]*"', "", mailed) == on_a_page


def test_a_mail_has_no_pictures_and_links_to_the_request_in_place_of_files() -> None:
    text, request = "![a](file:f1) [b](file:f2) ![c](file:q9)", "https://desk.example/t/WEB-1#k=x"
    assert "attachments" not in shown(text, mail=True)
    mailed = parts_of(str(to_html(text, QUOTED, FILES, mail=True, request=request)))
    assert [attributes["href"] for tag, attributes in mailed.tags if tag == "a"] == [request, request]
    assert not [tag for tag, _ in mailed.tags if tag == "img"]


def test_a_file_of_another_message_is_not_even_linked_in_a_mail() -> None:
    mailed = str(to_html("[b](file:q9)", QUOTED, FILES, mail=True, request="https://desk.example/t/WEB-1"))
    assert "desk.example" not in mailed


class Parts(HTMLParser):
    """Notes what is in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    @override
    def handle_data(self, data: str) -> None:
        self.words += data


def parts_of(html: str) -> Parts:
    parts = Parts()
    parts.feed(html)
    return parts


MARKS = st.sampled_from(
    [*"*_`~[]()!<>#-+|\\\"'&;:/ \n\t.0189", "> ", "- ", "1. ", "```", "    ", "javascript:", "file:f1"]
)
HOSTILE = st.lists(
    st.one_of(MARKS, st.text(max_size=6), st.sampled_from(["<script>", "https://a.cz", "![x](", "on=1"]))
)


@given(HOSTILE.map("".join))
def test_nothing_outside_the_list_ever_comes_out(text: str) -> None:
    for tag, attributes in parts_of(shown(text)).tags:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set()) | {"rel", "class"}
        assert set(attributes.get("class", "").split()) <= CLASSES.get(tag, set())
        for name in ("href", "src"):
            assert re.match(r"(https?://|mailto:|/api/v1/attachments/f\d$)", attributes.get(name, "mailto:")), text


WORD = st.text(alphabet=st.characters(categories=["Ll", "Lu"], max_codepoint=0x17F), min_size=1, max_size=8)


@given(st.lists(st.one_of(MARKS, WORD), max_size=40).map("".join))
def test_no_word_is_lost(text: str) -> None:
    parts = parts_of(shown(text))
    said = parts.words + " ".join(value for _, attributes in parts.tags for value in attributes.values())
    for word in re.findall(r"[^\W\d_]+", text):
        assert word in said or word.lower() in said.lower(), word


@pytest.mark.parametrize(
    "text",
    [
        ">" * 20_000,
        "[" * 20_000,
        "![" * 10_000,
        "a" + "\n" * 19_998 + "b",
        "\nDne napsal:" * 1_500,
        "Dne napsal:\n> a\n\n" * 1_000,
        "- " * 10_000,
        "**a " * 5_000,
        "".join("`" * length + "a" for length in range(1, 190)),
        "http://a" * 2_500,
        "|a" * 10_000,
    ],
    ids=lambda text: text[:6],
)
def test_what_is_built_to_take_long_is_shown_in_time(text: str) -> None:
    began = process_time()
    html = shown(text)
    assert process_time() - began < 2  # a quarter of it where nothing else runs; what is quadratic takes five
    said = parts_of(html).words.replace(QUOTED, "")
    assert re.sub(r"[\s>]", "", said) == re.sub(r"[\s>]", "", text)


def test_too_many_marks_are_shown_as_they_are() -> None:
    text = "[a](https://b.cz) " * 201
    assert to_html(text, QUOTED) == plain(text)


HEAD = "a|b|c|d|e|f|g\n-|-|-|-|-|-|-\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "|\n" * 9_900,
        "|".join("a" * 3_300) + "\n" + "|".join("-" * 3_300) + "\n" + "|\n" * 3_000,
        "#\n" * 10_000,
        "*\n-\n" * 5_000,
        ">\n\n" * 6_600,
        "a@b.cz\n\n" * 2_500,
        '"' * 20_000,
    ],
    ids=lambda text: text[:6],
)
def test_no_text_blows_up_the_page_or_the_mail_it_stands_in(text: str) -> None:
    assert len(shown(text)) <= 10 * len(text) + 2_000
    assert text.count("a") <= parts_of(shown(text)).words.count("a")


def test_a_table_that_people_make_is_one() -> None:
    assert shown(HEAD + "1|2|3|4|5|6|7\n" * 100).count("<td>") == 700
    assert shown(HEAD + "1|2\n" * 20).count("<td>") == 140
