"""The mails the desk sent in this local run, kept as files as they were handed over, newest first."""

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Mail:
    """One mail: the envelope, and the message as it was written."""

    id: str
    to: str
    sent_at: str
    raw: str

    @cached_property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.source, policy=SMTP)
        assert isinstance(message, EmailMessage)  # noqa: S101 - what the policy makes
        return message

    @property
    def source(self) -> bytes:
        return base64.b64decode(self.raw)

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def headers(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.message.items()}

    def as_json(self) -> dict[str, Any]:
        """The mail as /messages.json gives it."""
        return {
            "id": self.id,
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": self.headers,
            "sent_at": self.sent_at,
        }

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class Mailbox:
    """All mails of one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = Lock()
        self._mails = [Mail(**json.loads(file.read_text())) for file in sorted(folder.glob("*.json"))]

    def receive(self, to: Sequence[str], raw: bytes) -> Mail:
        """Keep one mail more."""
        at = datetime.now(UTC)
        mail = Mail(
            id=str(uuid.uuid4()),
            to=", ".join(to),
            sent_at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            raw=base64.b64encode(raw).decode(),
        )
        with self._lock:
            (self._folder / f"{at:%Y%m%dT%H%M%S.%f}-{mail.id}.json").write_text(json.dumps(asdict(mail)))
            self._mails.append(mail)
        return mail

    def sent_to(self, address: str = "") -> list[Mail]:
        """The mails to one address, or to all, newest first."""
        wanted = address.strip().lower()
        with self._lock:
            return [mail for mail in reversed(self._mails) if not wanted or wanted in mail.to.lower().split(", ")]

    def find(self, mail_id: str) -> Mail | None:
        with self._lock:
            return next((mail for mail in self._mails if mail.id == mail_id), None)
