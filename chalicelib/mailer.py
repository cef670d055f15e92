"""Sends one mail through SES; tells apart what may be tried again from what never will go out."""

import re
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib import clock
from chalicelib.config import settings

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

# Answers of SES that no second attempt will change; everything else may pass.
_PERMANENT = frozenset({"MessageRejected", "BadRequestException", "InvalidParameterValue", "ValidationException"})


_ENCODED_WORD = "=?"


# Read by machines: an address that was encoded to fit a line of 78 would be none to them. A line may have 998.
_AS_IT_IS = frozenset({"List-Unsubscribe"})


class _Policy(EmailPolicy):
    """SMTP, with what is not ASCII encoded by the elder `email.header`.

    Python 3.11's own folding loses spaces between words that need encoding.
    """

    def fold(self, name: str, value: str) -> str:
        if name in _AS_IT_IS:
            return f"{name}: {value}{self.linesep}"
        if value.isascii() and _ENCODED_WORD not in value:
            return str(super().fold(name, value))
        text, address = str(value), ""
        for sender in getattr(value, "addresses", ()):  # of an address only the name may be encoded
            text, address = sender.display_name, f" <{sender.addr_spec}>"
        return f"{name}: {Header(text, 'utf-8', header_name=name).encode(linesep=self.linesep)}{address}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


# SES wants every part in seven bits: "Using MIME encoding" in the Amazon SES developer guide.
_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit")


class MailRefused(Exception):
    """SES will not take this mail, now or later."""


class MailDelayed(Exception):
    """SES did not take this mail now; another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient. `thread` is the Message-ID all mails of a ticket refer to, without angle brackets.

    `ticket` (a number) and `kind` go with the envelope: SES names them again when it reports what became of the mail.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    thread: str | None = None
    ticket: str = ""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def send(mail: Mail) -> None:
    """Hands `mail` to SES. Raises MailRefused or MailDelayed."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        _ses().send_email(
            FromEmailAddress=settings().mail_from,
            Destination={"ToAddresses": [mail.to]},
            Content={"Raw": {"Data": compose(mail).as_bytes()}},
            **_reported(mail),
        )
    except ClientError as error:
        refused = error.response["Error"]["Code"] in _PERMANENT
        raise (MailRefused if refused else MailDelayed)(str(error)) from error
    except BotoCoreError as error:
        raise MailDelayed(str(error)) from error


def _reported(mail: Mail) -> dict[str, Any]:
    """Has SES report on `mail`, where a configuration set says to whom. A tag holds letters, digits, - and _ alone."""
    named = {"ticket": mail.ticket, "kind": re.sub(r"[^A-Za-z0-9_-]", "_", mail.kind)}
    options: dict[str, Any] = {"EmailTags": [{"Name": name, "Value": value} for name, value in named.items() if value]}
    if settings().mail_configuration_set:
        options["ConfigurationSetName"] = settings().mail_configuration_set
    return options


def compose(mail: Mail) -> EmailMessage:
    """`mail` as a message: plain text with HTML beside it. Line breaks in a header are turned into spaces.

    SES replaces Message-ID with one of its own, so what holds a thread together is References, which it leaves alone
    (Amazon SES developer guide, "Email header fields").
    """
    message = EmailMessage(policy=_POLICY)
    name, address = parseaddr(settings().mail_from)
    message["From"] = Address(name or settings().desk_name, addr_spec=address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _literal(mail.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.message_id}>"
    if mail.thread:
        message["In-Reply-To"] = f"<{mail.thread}>"
        message["References"] = f"<{mail.thread}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    for header, value in mail.headers.items():
        message[header] = _literal(value)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _literal(text: str) -> str:
    """`text` for a header, meaning itself: what looks like an encoded word would be decoded, line breaks and all."""
    line = " ".join(text.split())
    return Header(line, "utf-8").encode(maxlinelen=0) if _ENCODED_WORD in line else line


@cache
def _ses() -> "SESV2Client":
    import boto3
    from botocore.config import Config

    limits: Any = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
    return boto3.session.Session(region_name=settings().region).client("sesv2", config=limits)
