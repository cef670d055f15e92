"""Cursors: where the next page begins, signed so that nobody can make one up or use one with other filters."""

import hashlib

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer

from chalicelib.config import settings
from chalicelib.domain.errors import Invalid
from chalicelib.domain.words import N_


def seal(position: str, question: object) -> str:
    """An opaque cursor for `position` in the answer to `question`."""
    return str(_serializer().dumps([position, _fingerprint(question)]))


def unseal(cursor: str, question: object) -> str:
    """The position inside `cursor`. Raises Invalid where it was edited or belongs to another question."""
    try:
        position, fingerprint = _serializer().loads(cursor)
    except (BadSignature, ValueError, TypeError) as error:
        raise Invalid.of("cursor", N_("This page link is not valid any more.")) from error
    if fingerprint != _fingerprint(question):
        raise Invalid.of("cursor", N_("This page link belongs to another list."))
    return str(position)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_key, salt="cursor")


def _fingerprint(question: object) -> str:
    return hashlib.sha256(msgspec.json.encode(question, order="deterministic")).hexdigest()[:16]
