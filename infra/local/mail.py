"""The mail side of the local run: where the desk's SES client sends, and the page where a person reads it.

The engine has an SES too, but keeps only the subject and the bodies of a raw message, and those in memory: no header
could be shown, and a restart would lose the mail. So this stands in for SES's SendEmail and keeps the message itself.
"""

import base64
import binascii
import json
import re
import socket
from collections.abc import Callable
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jinja2

from infra.local import simulator
from infra.local.gateway import Answer, Request, problem
from infra.local.mailbox import Mail, Mailbox
from infra.local.server import Server

Report = Callable[[dict[str, Any]], None]

SEND_EMAIL = "/v2/email/outbound-emails"
SHOWN = 200
VIEWS = ("html", "text", "headers")
SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"
MAIL_POLICY = f"{SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'"


def mail_server(listener: socket.socket, base_url: str, mailbox: Mailbox, report: Report) -> Server:
    """A server that takes the desk's mail, shows it, and reports what becomes of mail to SES's own test addresses."""
    return Server(listener, base_url, lambda request: answer(request, mailbox, report))


def answer(request: Request, mailbox: Mailbox, report: Report) -> Answer:
    """The answer to one request, whether of the desk or of a reader."""
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    match request.method, request.path.strip("/").split("/"):
        case "POST", _ if request.path == SEND_EMAIL:
            return _send_email(request, mailbox, report)
        case (("GET" | "HEAD"), [""]):
            return _page(mailbox, query, None)
        case (("GET" | "HEAD"), ["messages.json"]):
            mails = mailbox.sent_to(query.get("to", ""))
            return _json(HTTPStatus.OK, [mail.as_json() for mail in mails])
        case (("GET" | "HEAD"), ["messages", mail_id, *rest]) if mail := mailbox.find(mail_id):
            return _message(mailbox, query, mail, rest)
    return problem(HTTPStatus.NOT_FOUND)


def _send_email(request: Request, mailbox: Mailbox, report: Report) -> Answer:
    """SES v2 SendEmail, for raw messages, which is all the desk sends."""
    try:
        order = json.loads(request.body)
        raw = base64.b64decode(order["Content"]["Raw"]["Data"], validate=True)
        to = order["Destination"]["ToAddresses"]
    except (ValueError, KeyError, TypeError, binascii.Error):
        return _json(HTTPStatus.BAD_REQUEST, {"__type": "BadRequestException", "message": "a raw message is expected"})
    mail = mailbox.receive(to, raw)
    for event in simulator.events(order, mail.id, mail.sent_at):
        report(event)
    return _json(HTTPStatus.OK, {"MessageId": mail.id})


def _message(mailbox: Mailbox, query: dict[str, str], mail: Mail, rest: list[str]) -> Answer:
    match rest:
        case []:
            return _page(mailbox, query, mail)
        case ["body.html"]:
            return _html(_with_links_in_a_new_tab(mail.html), MAIL_POLICY)
        case ["source.eml"]:
            return Answer(HTTPStatus.OK, [("Content-Type", "message/rfc822")], mail.source)
    return problem(HTTPStatus.NOT_FOUND)


def _page(mailbox: Mailbox, query: dict[str, str], mail: Mail | None) -> Answer:
    to = query.get("to", "")
    view = query.get("view", "")
    page = _template().render(
        mails=mailbox.sent_to(to)[:SHOWN],
        open=mail,
        to=to,
        view=view if view in VIEWS else "html" if mail and mail.html else "text",
        views=VIEWS,
        sandbox=SANDBOX.removeprefix("sandbox "),
    )
    return _html(page, PAGE_POLICY)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["local_time"] = _local_time
    return environment.get_template("mail.html")


def _local_time(sent_at: str) -> str:
    moment = datetime.fromisoformat(sent_at).astimezone()
    today = datetime.now().astimezone().date()
    return f"{moment:%H:%M}" if moment.date() == today else f"{moment:%d %b, %H:%M}"


def _with_links_in_a_new_tab(html: str) -> str:
    """The frame may open tabs but not navigate; a mail client would open a tab as well."""
    base = '<base target="_blank">'
    marked, count = re.subn(r"(<head\b[^>]*>)", rf"\1{base}", html, count=1, flags=re.IGNORECASE)
    return marked if count else base + html


def _html(page: str, policy: str) -> Answer:
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)]
    return Answer(
        HTTPStatus.OK, [*headers, ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")], page.encode()
    )


def _json(status: HTTPStatus, value: object) -> Answer:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return Answer(status, headers, json.dumps(value, ensure_ascii=False).encode())
