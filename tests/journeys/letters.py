"""Mails as a person and as a mail client read them."""

import re
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail the desk sent."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]

    @classmethod
    def of(cls, mail: dict[str, Any]) -> Self:
        """The letter as the mail page's messages.json gives it."""
        return cls(*(mail[name] for name in ("id", "to", "subject", "text", "html", "headers")))

    @property
    def language(self) -> str:
        """What the HTML says it is written in."""
        return _found(self.html, r'<html lang="(\w+)"')

    @property
    def headline(self) -> str:
        """The first line: who did what."""
        return self.text.partition("\n")[0]

    @property
    def link(self) -> str:
        """Where the button leads; the plain text has it too."""
        link = _found(self.text, r"(http\S+/(?:t|desk)/\S+)")
        assert f'href="{link}"' in self.html
        return link

    @property
    def code(self) -> str:
        """The one-time code, or nothing where the letter is about something else."""
        found = re.match(r"\d{6}\b", self.subject)
        return found[0] if found else ""


def _found(where: str, pattern: str) -> str:
    found = re.search(pattern, where)
    assert found, f"{pattern} is not in {where}"
    return found[1]
