"""What people write, as HTML: Markdown without HTML in it, the same on pages and in mails.

Built for texts that were never meant as Markdown: what was typed is shown, line by line, whatever it looks like.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from chalicelib import urls
from chalicelib.domain.text import BIDI_CONTROLS

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_DEEPEST = 40
_MOST_MARKS = 200  # `[` and `://`: the parser looks through the whole rest of the text for each
_MOST_GROWTH = 10  # HTML for text: a page holds half a megabyte of texts and may answer with six
_GROWTH_FREE = 2_000
_CELLS_FREE = 2_000
_DELIMITER = re.compile(r"[ \t|:-]*-[ \t|:-]*")
_FOLDED_LINES = 6  # a quotation longer than this is folded

# Left out of CommonMark: `escape` would eat the backslashes of Windows paths and `entity` change what was typed;
# `lheading` makes a heading of a line above the dashes of a signature, `reference` hides lines that look like one.
_RULES = ("table", "code", "fence", "blockquote", "hr", "list", "heading", "paragraph")
_INLINE_RULES = ("text", "linkify", "newline", "backticks", "strikethrough", "emphasis", "link", "image", "autolink")

_PASSES = ("normalize", "block", "inline", "balance_pairs", "text_join", "fragments_join")

_BLOCKS = frozenset({"p", "pre", "blockquote", "ul", "ol", "li", "hr", "details", "summary", "div"})
_INLINES = frozenset({"br", "strong", "em", "s", "code", "a", "img", "span"})
TAGS = _BLOCKS | _INLINES | {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "img": {"src", "alt", "loading"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "div": {"tabindex"},
}
CLASSES: dict[str, set[str]] = {
    "p": {"heading"},
    "details": {"quoted"},
    "div": {"sideways"},
    "span": {"language", "host"},
    "a": {"picture"},
    "th": {"end", "middle"},
    "td": {"end", "middle"},
}

_MONO = "ui-monospace,Menlo,Consolas,monospace"
_MAIL_STYLES: Mapping[str, str] = {
    "p": "margin:0 0 12px;",
    "blockquote": "margin:0 0 12px;padding:0 0 0 12px;border-left:2px solid #a5cfd8;",
    "pre": f"margin:0 0 12px;padding:8px 12px;background:#e9eced;color:#162023;white-space:pre-wrap;font:13px {_MONO};",
    "code": f"font-family:{_MONO};font-size:13px;",
    "ul": "margin:0 0 12px;padding:0 0 0 24px;",
    "ol": "margin:0 0 12px;padding:0 0 0 28px;",
    "table": "border-collapse:collapse;margin:0 0 12px;",
    "th": "padding:4px 8px;border:1px solid #c6ced0;text-align:left;",
    "td": "padding:4px 8px;border:1px solid #c6ced0;",
    "hr": "border:0;border-top:1px solid #c6ced0;margin:12px 0;",
}
_STYLED = re.compile(r"<(" + "|".join(_MAIL_STYLES) + r")(?=[ >])")

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
# Nothing may stand before the host: https://bank.example@elsewhere.example leads elsewhere.
_ALLOWED = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?|mailto:[^\s?]+|file:[0-9a-z]{1,40}", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w./-])(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[\w-]{2,})", re.IGNORECASE)
_DEEP = re.compile(rf"(?m)^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{{1,9}}[.)](?=[ \t]))){{{_DEEPEST},}}")
# The line with which a mail program begins what it quotes; some break it in two.
_WHEN = re.compile(r"\W*(?:Dne|On|Am|Le)\b")
_WROTE = re.compile(r"\b(?:napsal(?:a|\(a\))?|wrote|schrieb|écrit)\s?:\s*$")
_NO_TURNING = dict.fromkeys(map(ord, BIDI_CONTROLS))
# `5. 1. 2026` is a date, `+ 420 777 …` a telephone, and neither is a list.
_NO_LIST = re.compile(r"\d{1,2}\.[ \t]*\d{1,2}\.(?:\s|\d|$)|\+[ \t]+\d")


class Shown(Protocol):
    """A file that came with the text; `picture` where its content was recognised as one."""

    @property
    def id(self) -> str: ...
    @property
    def filename(self) -> str: ...


def to_html(
    text: str, quoted: str, files: Iterable[Shown] = (), *, mail: bool = False, request: str | None = None
) -> Markup:
    """`text` as HTML. `quoted` is the label of a folded quotation, in the reader's language.

    A picture of `files` that the text names by `file:<id>` is shown where it stands; in a mail it is a link to the
    `request`, for mails carry links to the desk alone. Nothing from anywhere else is ever loaded. Marks that turn the
    direction of writing are left out: with them a text can look like another.
    """
    import nh3

    text = text.translate(_NO_TURNING)
    if _DEEP.search(text) or text.count("[") > _MOST_MARKS or text.count("://") > _MOST_MARKS or _is_padded(text):
        return plain(text)
    given = {"files": {file.id: file for file in files}, "quoted": quoted, "mail": mail, "request": request}
    html = nh3.clean(
        _parser().render(text, given),
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    if len(html) > _MOST_GROWTH * len(text) + _GROWTH_FREE:
        return plain(text)
    # After the cleaning, so that no style but ours can be there; all text is escaped by then, so a `<` begins a tag.
    return Markup(_STYLED.sub(_with_style, html) if mail else html)  # noqa: S704


def _is_padded(text: str) -> bool:
    """True for a table of mostly absent cells: the parser would fill up each row to the width of the head."""
    lines = text.split("\n")
    widest = max((line.count("|") + 1 for line in lines if _DELIMITER.fullmatch(line)), default=0)
    return widest * len(lines) > 2 * text.count("|") + _CELLS_FREE


def _with_style(match: re.Match[str]) -> str:
    return f'<{match[1]} style="{_MAIL_STYLES[match[1]]}"'


def plain(text: str) -> Markup:
    """`text` as it is: blank lines part paragraphs, lines stay lines, addresses become links, nothing else does."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_lines(block)) for block in blocks)


def _lines(block: str) -> Markup:
    return Markup("<br>").join(_linked(line) for line in block.split("\n"))


def _linked(line: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(line):
        parts.append(escape(line[end : match.start()]))
        parts.append(Markup('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>').format(match.group()))
        end = match.end()
    return Markup("").join([*parts, escape(line[end:])])


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    made = MarkdownIt("zero", {"html": False, "breaks": True, "linkify": True, "maxNesting": 2 * _DEEPEST + 20})
    made.enable(
        [*_RULES, *_INLINE_RULES, "normalize", "block", "inline", "balance_pairs", "text_join", "fragments_join"]
    )
    made.linkify.set({"fuzzy_link": False, "fuzzy_ip": False, "fuzzy_email": True})  # type: ignore[union-attr]
    made.validateLink = lambda url: bool(_ALLOWED.fullmatch(url))  # type: ignore[method-assign]
    made.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    _teach_dates(made)
    made.core.ruler.push("quotations", _fold_quotations)
    made.core.ruler.push("hosts", _show_hosts)
    for name, rule in _RENDER.items():
        made.add_render_rule(name, rule)
    return made


def _teach_dates(made: "MarkdownIt") -> None:
    """Keeps the rule of lists from what only looks like one."""
    from markdown_it.rules_block import list_block

    def rule(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
        begin = state.bMarks[start] + state.tShift[start]
        return not _NO_LIST.match(state.src[begin : state.eMarks[start]]) and list_block(state, start, end, silent)

    made.block.ruler.at("list", rule, {"alt": ["paragraph", "reference", "blockquote"]})


def _fold_quotations(state: "StateCore") -> None:
    """Marks those of the outermost quotations that are long, or that a mail program put below an answer."""
    stack: list[Token] = []
    said = ""
    for token in state.tokens:
        if token.type == "blockquote_open":
            first, last = token.map or (0, 0)
            token.meta["folded"] = not stack and (last - first > _FOLDED_LINES or _introduces_a_mail(said))
            stack.append(token)
        elif token.type == "blockquote_close":
            token.meta["folded"] = stack.pop().meta["folded"]
        said = token.content if token.type == "inline" else said if token.type == "paragraph_close" else ""


def _introduces_a_mail(said: str) -> bool:
    lines = said.rsplit("\n", 2)[-2:]
    return bool(_WROTE.search(lines[-1])) and any(_WHEN.match(line) for line in lines)


def _show_hosts(state: "StateCore") -> None:
    """Says where a link leads whose own text names another place."""
    from markdown_it.token import Token

    for block in state.tokens:
        children = block.children or []
        opened: Token | None = None
        said, rewritten = "", []
        for token in children:
            rewritten.append(token)
            if token.type == "link_open":
                opened, said = token, ""
            elif token.type == "link_close" and opened is not None:
                host = urlsplit(str(opened.attrGet("href"))).hostname or ""
                if host and {found.lower() for found in _HOST.findall(said)} - {host.removeprefix("www.")}:
                    rewritten.append(Token("host", "", 0, content=host))
                opened = None
            else:
                said += token.content
        block.children = rewritten if children else block.children


def _heading(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:  # noqa: ARG001
    """A heading inside a reply is a bold line: the outline of the page is the page's own."""
    return '<p class="heading"><strong>' if tokens[at].nesting == 1 else "</strong></p>\n"


def _image(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    source, name = str(token.attrGet("src")), self.renderInlineAsText(token.children, options, env)
    file = env["files"].get(source.removeprefix("file:"))
    if file is None:
        return _elsewhere(source, name)
    address, label = escape(env["request"] or urls.attachment(file.id)), escape(name or file.filename)
    if env["mail"]:
        return f'<a href="{address}">{label}</a>' if env["request"] else str(label)
    if not getattr(file, "picture", False):
        return f'<a href="{address}">{label}</a>'
    return f'<a class="picture" href="{address}"><img src="{address}" alt="{label}" loading="lazy"></a>'


def _elsewhere(source: str, name: str) -> str:
    """A picture of some other place is not loaded, for that would tell it who reads this and when."""
    if source.startswith("file:"):
        return str(escape(name))
    return f'<a href="{escape(source)}">{escape(name or source)}</a>'


def _link(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    source = str(token.attrGet("href"))
    if source.startswith("file:"):
        file = env["files"].get(source.removeprefix("file:"))
        address = env["request"] if env["mail"] else file and urls.attachment(file.id)
        token.attrs = {"href": address} if file and address else {}
    return self.renderToken(tokens, at, options, env)


def _host(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:  # noqa: ARG001
    return f' <span class="host">({escape(tokens[at].content)})</span>'


def _code(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:  # noqa: ARG001
    """Code, as it was typed; whoever has no mouse can scroll it as well."""
    token = tokens[at]
    info = token.info.strip()
    said = f'<span class="language">{escape(info)}</span>\n' if info else ""
    return f'<pre tabindex="0">{said}<code>{escape(token.content)}</code></pre>\n'


def _table(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:  # noqa: ARG001
    return '<div class="sideways" tabindex="0"><table>' if tokens[at].nesting == 1 else "</table></div>\n"


_ALIGNED = {"text-align:right": "end", "text-align:center": "middle"}


def _cell(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:  # noqa: ARG001
    named = _ALIGNED.get(str(tokens[at].attrGet("style")))
    return f'<{tokens[at].tag} class="{named}">' if named else f"<{tokens[at].tag}>"


def _quotation(self: "RendererHTML", tokens: Sequence["Token"], at: int, options: Any, env: Any) -> str:  # noqa: ARG001
    token = tokens[at]
    opening = token.nesting == 1
    if env["mail"] or not token.meta["folded"]:  # half of the mail programs could not unfold it
        return "<blockquote>\n" if opening else "</blockquote>\n"
    fold = f'<details class="quoted"><summary>{escape(env["quoted"])}</summary>'
    return f"{fold}<blockquote>\n" if opening else "</blockquote></details>\n"


_RENDER = {
    "heading_open": _heading,
    "heading_close": _heading,
    "image": _image,
    "link_open": _link,
    "host": _host,
    "fence": _code,
    "code_block": _code,
    "table_open": _table,
    "table_close": _table,
    "th_open": _cell,
    "td_open": _cell,
    "blockquote_open": _quotation,
    "blockquote_close": _quotation,
}
