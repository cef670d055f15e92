"""The verbs of the link at the foot of a mail: it ends the mails about one request, or all of them, and begins anew.

Whoever holds its token need not be signed in: it speaks for one address and one request, and opens neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.notices import Topic
from chalicelib.domain.words import N_
from chalicelib.storage import people, unsubscribed
from chalicelib.storage.unsubscribed import EVERYTHING

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an address is mailed about: one request, or all where `number` is None; `ended` where it no longer is."""

    number: str | None
    email: str
    ended: bool


def of(token: str) -> Subscription:
    """What `token` speaks of. Raises NotFound."""
    number, email = _opened(token)
    if number != EVERYTHING:
        return Subscription(number, email, unsubscribed.is_one(number, email))
    person = people.find(email)
    return Subscription(None, email, person is None or set(person.muted) == set(Topic))


def end(token: str) -> None:
    """Ends the mails that `token` speaks of; as often as one likes. Raises NotFound."""
    number, email = _opened(token)
    if number != EVERYTHING:
        unsubscribed.add(number, email)
    else:
        _mute(email, Topic)


def resume(token: str) -> None:
    """Begins them anew; as often as one likes. Raises NotFound."""
    number, email = _opened(token)
    if number != EVERYTHING:
        unsubscribed.remove(number, email)
    else:
        _mute(email, ())


def _opened(token: str) -> tuple[str, str]:
    found = unsubscribed.unseal(token)
    if found is None:
        raise NotFound(N_("This link is not complete. Please copy the whole of it from the message."))
    return found


def _mute(email: str, topics: Iterable[Topic]) -> None:
    """A person whom somebody else changes at this moment is changed right after."""
    muted = tuple(topics)
    for _ in range(_TRIES):
        person = people.find(email)
        if person is None or person.muted == muted or people.update(person, replace(person, muted=muted)):
            return
    raise Unavailable
