"""What each kind of bad input gets: what it is, the call, the status, and the field that is complained of."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.domain.errors import Unreadable
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import State
from chalicelib.web.bodies import Body, json_body
from chalicelib.web.calls import Call
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA
from tests.stage import standing_at
from tests.web.client import Client
from tests.web.conftest import Browser

TICKETS, ONE = "/api/v1/tickets", "/api/v1/tickets/WEB-1"
ORDER = {"project": "WEB", "subject": "Tisk", "text": "Nejde.", "email": "nova@customer.example", "name": "Nová"}
FILE = {"filename": "a.txt", "content_type": "text/plain", "size": 1, "project": "WEB"}
EVIL_HOST = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
BY_PROGRAM = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Row:
    """One row of the table. `body` is JSON unless it is bytes."""

    what: str
    method: str
    path: str
    body: Any
    status: int
    fields: tuple[str, ...] = ()
    by: Person | None = None
    headers: dict[str, str] = field(default_factory=dict)


def deep(levels: int) -> bytes:
    return b'{"project": ' + b"[" * levels + b"]" * levels + b"}"


ROWS = (
    # content
    Row("unknown project", "POST", TICKETS, ORDER | {"project": "NOPE"}, 422, ("project",)),
    Row("members project", "POST", TICKETS, ORDER | {"project": "HR"}, 422, ("project",)),
    Row("archived project", "POST", TICKETS, ORDER | {"project": "OLD"}, 422, ("project",)),
    Row("bad e-mail", "POST", TICKETS, ORDER | {"email": "nova@"}, 422, ("email",)),
    Row("e-mail with a line end", "POST", TICKETS, ORDER | {"email": "a@b.cz\r\nBcc: c@d.cz"}, 422, ("email",)),
    Row("no e-mail", "POST", TICKETS, {k: v for k, v in ORDER.items() if k != "email"}, 422, ("email",)),
    Row("no name", "POST", TICKETS, ORDER | {"name": " "}, 422, ("name",)),
    Row("name with a line end", "POST", TICKETS, ORDER | {"name": "A\x0bB"}, 422, ("name",)),
    Row("no subject", "POST", TICKETS, ORDER | {"subject": " \n "}, 422, ("subject",)),
    Row("oversized subject", "POST", TICKETS, ORDER | {"subject": "x" * 201}, 422, ("subject",)),
    Row("oversized text", "POST", TICKETS, ORDER | {"text": "x" * 20_001}, 422, ("text",)),
    Row("NUL", "POST", TICKETS, ORDER | {"text": "a\x00b"}, 422, ("text",)),
    Row("lone surrogate", "POST", TICKETS, ORDER | {"subject": "a\ud800b"}, 422, ("subject",)),
    Row("lone surrogate in a list", "POST", TICKETS, ORDER | {"uploads": ["\udfff"]}, 422, ("uploads",)),
    Row("lone surrogate as a name", "POST", TICKETS, ORDER | {"\udc00": 1}, 422, ("",)),
    Row("unknown type", "POST", TICKETS, ORDER | {"type": "bug"}, 422, ("type",)),
    Row("unknown field", "POST", TICKETS, ORDER | {"state": "done"}, 422, ("state",)),
    Row("unknown field of the project", "POST", TICKETS, ORDER | {"fields": {"os": "x"}}, 422, ("fields.os",)),
    Row("wrong kind of value", "POST", TICKETS, ORDER | {"subject": 5}, 422, ("subject",)),
    Row("watchers of a stranger", "POST", TICKETS, ORDER | {"watchers": ["a@b.cz"]}, 422, ("watchers",)),
    Row("bad watcher", "POST", TICKETS, ORDER | {"email": "", "watchers": ["a"]}, 422, ("watchers",), EVA),
    Row("unknown upload", "POST", TICKETS, ORDER | {"uploads": ["0" * 20]}, 422, ("uploads",)),
    Row("impossible upload", "POST", TICKETS, ORDER | {"uploads": ["", "x" * 5000]}, 422, ("uploads",)),
    Row("too many uploads", "POST", TICKETS, ORDER | {"uploads": [f"{n}" for n in range(21)]}, 422, ("uploads",)),
    Row("not an object", "POST", TICKETS, ["x"], 422, ("",)),
    Row("oversized file", "POST", "/api/v1/uploads", FILE | {"size": 104_857_601}, 422, ("size",)),
    Row("negative file", "POST", "/api/v1/uploads", FILE | {"size": -1}, 422, ("size",)),
    Row("huge integer", "POST", "/api/v1/uploads", FILE | {"size": 10**100}, 422, ("size",)),
    Row("float for an integer", "POST", "/api/v1/uploads", FILE | {"size": 1.0}, 422, ("size",)),
    Row("float beyond all", "POST", "/api/v1/uploads", b'{"size": 1e999}', 422, ("size",)),
    # encoding
    Row("NaN", "POST", TICKETS, b'{"project": NaN}', 400),
    Row("Infinity", "POST", TICKETS, b'{"project": -Infinity}', 400),
    Row("duplicate key", "POST", TICKETS, b'{"project": "WEB", "project": "HR"}', 400),
    Row("deep nesting", "POST", TICKETS, deep(33), 400),
    Row("very deep nesting", "POST", TICKETS, deep(100_000), 400),
    Row("integer of 5,000 digits", "POST", TICKETS, b'{"project": ' + b"9" * 5000 + b"}", 400),
    Row("byte order mark", "POST", TICKETS, b"\xef\xbb\xbf{}", 400),
    Row("not JSON", "POST", TICKETS, b"project=WEB", 400),
    Row("half of it", "POST", TICKETS, b'{"project": "WEB"', 400),
    Row("two values", "POST", TICKETS, b"{}{}", 400),
    Row("empty body", "POST", TICKETS, b"", 422, ("project",)),
    Row("wrong content type", "POST", TICKETS, b"<x/>", 415, (), None, {"Content-Type": "text/xml"}),
    Row("form for JSON", "POST", TICKETS, b"a=b", 415, (), None, {"Content-Type": "application/x-www-form-urlencoded"}),
    Row("10 MB", "POST", TICKETS, b'{"text": "' + b"x" * 10_000_000 + b'"}', 413),
    # state and standing
    Row("stale version", "POST", f"{ONE}/moves", {"action": "finish", "version": 1}, 409, (), BOB),
    Row("version of the future", "POST", f"{ONE}/moves", {"action": "finish", "version": 10**30}, 409, (), BOB),
    Row("wrong role", "POST", f"{ONE}/moves", {"action": "finish", "version": 2}, 403, (), CAROL),
    Row("wrong project", "POST", f"{ONE}/moves", {"action": "finish", "version": 2}, 404, (), DAVE),
    Row("wrong state", "POST", f"{ONE}/moves", {"action": "start", "version": 2}, 409, (), BOB),
    Row("nobody", "POST", f"{ONE}/moves", {"action": "finish", "version": 2}, 401),
    Row("number longer than a key", "GET", f"{TICKETS}/{'W' * 3000}", None, 404, (), ALICE),
    Row("history of such a number", "GET", f"{TICKETS}/{'W' * 3000}/history", None, 404, (), ALICE),
    Row("no such ticket", "POST", "/api/v1/tickets/WEB-9/comments", {"text": "x"}, 404, (), ALICE),
    # around the call
    Row("forged Origin", "POST", f"{ONE}/comments", {"text": "x"}, 403, (), EVA, {"Origin": "https://evil.example"}),
    Row("Origin null", "POST", f"{ONE}/comments", {"text": "x"}, 403, (), EVA, {"Origin": "null"}),
    Row("forged Origin of a stranger", "POST", TICKETS, ORDER, 403, (), None, {"Origin": "https://evil.example"}),
    Row("evil Host", "POST", TICKETS, ORDER, 201, (), None, EVIL_HOST),
    Row("edited cursor", "GET", f"{TICKETS}?cursor=x", None, 422, ("cursor",), EVA),
    Row("unknown parameter", "GET", f"{TICKETS}?sort=subject", None, 422, ("sort",), EVA),
    Row("parameter where none is", "GET", f"{ONE}?verbose=1", None, 422, ("verbose",), EVA),
    Row("edited session", "GET", "/api/v1/me", None, 401, (), None, {"Cookie": "__Host-session=x.y.z"}),
    Row("cookie that is none", "GET", "/api/v1/me", None, 401, (), None, {"Cookie": '\x00"; =;;\x7f'}),
    Row("unknown token", "GET", "/api/v1/me", None, 401, (), None, {"Authorization": "Bearer " + "é" * 9000}),
    Row("other scheme", "GET", "/api/v1/me", None, 401, (), None, {"Authorization": "Basic YTpi"}),
    Row("long key", "POST", TICKETS, ORDER, 422, ("Idempotency-Key",), None, {"Idempotency-Key": "x" * 201}),
    Row("key with a line end", "POST", TICKETS, ORDER, 422, ("Idempotency-Key",), None, {"Idempotency-Key": "a\r\nb"}),
)  # fmt: skip


def ask(client: Client, row: Row) -> Any:
    if row.body is None or isinstance(row.body, bytes):
        kind = BY_PROGRAM if row.body else {}
        return client.request(row.method, row.path, row.body or b"", headers=kind | row.headers)
    return client.send(row.method, row.path, row.body, **row.headers)


@pytest.mark.parametrize("group", range(4))
def test_what_each_kind_of_bad_input_gets(browser: Browser, group: int) -> None:
    assert standing_at(State.IN_PROGRESS).version == 2
    for number, row in enumerate(ROWS[group::4]):
        client = browser(row.by, network=f"198.51.100.{number}")
        answer = ask(client, row)
        assert answer.status == row.status, (row.what, answer)
        if row.status >= 400:
            assert answer.headers["content-type"] == "application/problem+json", row.what
            assert tuple(answer.fields) == row.fields, (row.what, answer)
        assert "evil" not in str(answer.raw_headers), row.what


class Anything(Body, frozen=True):
    """Any one field."""

    text: str = ""


@pytest.mark.parametrize(
    "raw", [b'{"text": "\xff"}', b'{"text": "\xc0\x80"}', b'{"text": "\xed\xa0\x80"}', b"\xfe\xff\0{\0}"]
)
def test_bytes_that_are_no_utf_8_are_refused(raw: bytes) -> None:
    """The gateway mends such bytes in text before we see them; whatever hands us the bytes themselves is told."""
    call = Call("POST", "/", {"content-type": "application/json"}, {}, raw, "", is_api=True)
    with pytest.raises(Unreadable):
        json_body(call, Anything)


def test_a_replayed_key_with_another_body(browser: Browser) -> None:
    assert browser().post(TICKETS, ORDER, Idempotency_Key="k").status == 201
    assert browser().post(TICKETS, ORDER | {"text": "Jiné."}, Idempotency_Key="k").status == 409


@pytest.mark.parametrize(("language", "title"), [("cs", "Nelze přijmout"), ("en-GB, cs;q=0.5", "Not acceptable")])
def test_refusals_speak_the_language_that_is_asked_for(browser: Browser, language: str, title: str) -> None:
    answer = browser(language=language).post(TICKETS, ORDER | {"project": "NOPE"})
    assert answer.json()["title"] == title
