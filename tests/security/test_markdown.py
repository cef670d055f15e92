"""Published holes of renderers of Markdown, of linkifiers and of help desks that show what strangers write."""

import re
from time import process_time

import pytest

from tests.test_markdown import at_the_root, parts_of, shown

__all__ = ["at_the_root"]

# Each runs a script, loads something or leaves its place where a renderer lets it through.
HOLES = {
    "script in a link, in entities (CVE-2016-10531, marked)": "[x](&#106;avascript:alert(1))",
    "script in a link, cut by a line end (marked #844)": "[x](java\nscript:alert(1))",
    "script in a link, behind controls": "[x](\x01javascript:alert(1))",
    "script in a link, in capitals": "[x](JaVaScRiPt:alert(1))",
    "script as an autolink": "<javascript:alert(1)>",
    "script behind a data address (CVE-2017-16006, remarkable)": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "script as a picture": "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "vbscript": "[x](vbscript:msgbox(1))",
    "quotes out of an address": '[x](https://a.cz"onmouseover="alert(1))',
    "quotes out of a title": '[x](https://a.cz "a" onmouseover=alert(1) b")',
    "quotes out of the text of a picture": '![x" onerror="alert(1)](file:f1)',
    "quotes out of an address found in text (CVE-2020-35730, Roundcube)": 'https://a.cz/"onmouseover="alert(1)',
    "a tag in the word beside a fence": '```"><img src=x onerror=alert(1)>\nx\n```',
    "a tag in a table": "|<script>alert(1)</script>|b|\n|-|-|\n|<img src=x onerror=alert(1)>|2|",
    "a tag that cleaners read in another way (CVE-2020-26870, DOMPurify)": (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>"
    ),
    "a comment that ends early": "<!--><img src=x onerror=alert(1)>-->",
    "a tag within a link within a picture": "[![<img src=x onerror=alert(1)>](file:f1)](https://a.cz)",
    "a file's id that is a path": "![x](file:f1/../../../sign-out)",
    "a file's id with another address behind": "![x](file:f1?x=https://zlo.cz)",
    "a picture that tells who reads (tracking pixel)": "![](https://zlo.cz/pixel.gif)",
    "a style that hides or covers": '<div style="position:fixed;inset:0">x</div>',
    "a form that asks for a password": '<form action="https://zlo.cz"><input name="password"></form>',
    "a base for all links": '<base href="https://zlo.cz/">',
}


@pytest.mark.parametrize("mail", [False, True], ids=["page", "mail"])
@pytest.mark.parametrize("text", HOLES.values(), ids=HOLES)
def test_stays_text(text: str, mail: bool) -> None:
    html = shown(text, mail=mail)
    for tag, attributes in parts_of(html).tags:
        assert tag != "img" or (not mail and attributes["src"] == "/api/v1/attachments/f1"), html
        assert tag not in {"script", "style", "form", "input", "base", "math", "svg"}
        assert not [name for name in attributes if name.startswith("on")]
        assert re.match(r"https?://|mailto:|/api/v1/attachments/f1$|$", attributes.get("href", "")), html
        assert mail or "style" not in attributes


# Each took a parser seconds to minutes (CVE-2022-21670 markdown-it, CVE-2022-21680 marked, CVE-2023-26303 a crash).
SLOW = {
    "spaces before a line end (CVE-2022-21670)": "x" + " " * 19_000 + "x\nx",
    "brackets (CVE-2022-21681)": "[x]: \n" + "\\[\\" * 6_000,
    "definitions (CVE-2022-21680)": "[" * 9_000 + "]" * 9_000,
    "emphasis that never closes (commonmark.js)": "*a **a " * 2_800,
    "links in links (cmark-gfm, CVE-2022-24724)": "|" * 9_000 + "\n" + "-|" * 5_000,
    "autolinks (CVE-2022-39209, cmark-gfm)": "www." + "a." * 9_000,
    "addresses of mail (linkify-it)": "a@" * 9_900,
    "a line end alone (CVE-2023-26303)": "\n",
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_is_shown_in_time(text: str) -> None:
    began = process_time()
    shown(text)
    assert process_time() - began < 2
