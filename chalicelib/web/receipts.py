"""Receipts: what lets a browser see the thank-you page of the request it has just filed, and nothing more.

A link to the request would be too much, for the address in the form may be somebody else's. The receipt names the
request alone, so that no address and no subject stands in browser histories and access logs.
"""

from itsdangerous import BadData, URLSafeTimedSerializer

from chalicelib.config import settings

LASTS_SECONDS = 3600


def of(number: str) -> str:
    """The receipt of the request `number`."""
    return str(_serializer().dumps(number))


def is_good(receipt: str, number: str) -> bool:
    """True where `receipt` is that of `number`, and not old."""
    try:
        return bool(_serializer().loads(receipt, max_age=LASTS_SECONDS) == number)
    except BadData:
        return False


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().signing_key, salt="receipt")
