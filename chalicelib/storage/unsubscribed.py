"""Who unsubscribed from a ticket: rows of their own, which no change of the ticket conflicts with, and the link to it.

The token in the link is a signature over number and address. It says who is to hear no more of what and opens nothing.
"""

from collections.abc import Iterable

from itsdangerous import BadData, URLSafeSerializer

from chalicelib.config import settings
from chalicelib.domain.tickets import project_of
from chalicelib.storage.models import DirectoryRow

EVERYTHING = "*"
"""In place of a number: what comes in the daily digest."""

_LONGEST_TOKEN = 1000


def of_ticket(number: str) -> frozenset[str]:
    """The addresses that want to hear no more of ticket `number`."""
    return frozenset(row.sk for row in DirectoryRow.query(_pk(number), consistent_read=True))


def is_one(number: str, email: str) -> bool:
    """True where `email` wants to hear no more of ticket `number`."""
    try:
        DirectoryRow.get(_pk(number), email, consistent_read=True)
    except DirectoryRow.DoesNotExist:
        return False
    return True


def among(numbers: Iterable[str], email: str) -> frozenset[str]:
    """Those of `numbers` of which `email` wants to hear no more."""
    keys = {(_pk(number), email): number for number in numbers}
    return frozenset(keys[row.pk, row.sk] for row in DirectoryRow.batch_get(list(keys))) if keys else frozenset()


def add(number: str, email: str) -> None:
    """Writes down that `email` wants to hear no more of ticket `number`; as often as one likes."""
    DirectoryRow(_pk(number), email).save()


def remove(number: str, email: str) -> None:
    """Forgets that again."""
    DirectoryRow(_pk(number), email).delete()


def seal(number: str, email: str) -> str:
    """The token that unsubscribes `email` from ticket `number`, or from EVERYTHING; it does not end."""
    return str(_serializer().dumps([number, email]))


def unseal(token: str) -> tuple[str, str] | None:
    """Number and address inside `token`, or None for what is none of ours."""
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        return None
    try:
        number, email = _serializer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    return (number, email) if number == EVERYTHING or project_of(number) else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_key, salt="unsubscribe")


def _pk(number: str) -> str:
    return f"unsubscribed#{number}"
