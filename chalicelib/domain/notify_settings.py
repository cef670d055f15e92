"""What may be set about who hears of a project or a request, and that as one line of its history."""

from collections.abc import Iterable, Mapping

from chalicelib.domain.errors import FieldError, Invalid
from chalicelib.domain.notices import NEVER, Audience, Notify, Topic
from chalicelib.domain.people import email_address
from chalicelib.domain.words import N_

MOST_ADDRESSES = 10
_NOTHING = "-"


def checked(notify: Notify, field: str = "notify") -> Notify:
    """`notify` in order: each topic and each address once. Raises Invalid with all that is wrong."""
    wrong = [
        FieldError(f"{field}.{audience}", N_("Internal notes are for staff only."))
        for audience, topics in notify.topics.items()
        if NEVER[audience] & set(topics)
    ]
    addresses, bad = _addresses(notify.addresses, f"{field}.addresses")
    if wrong or bad:
        raise Invalid(*wrong, *bad)
    topics = {each: in_order(notify.topics[each]) for each in Audience if each in notify.topics}
    return Notify(topics, addresses)


def in_order(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """`topics` as the enumeration has them, each once."""
    given = set(topics)
    return tuple(topic for topic in Topic if topic in given)


def _addresses(given: Iterable[str], field: str) -> tuple[tuple[str, ...], tuple[FieldError, ...]]:
    found: dict[str, None] = {}
    wrong: dict[FieldError, None] = {}
    for text in given:
        try:
            found[email_address(text, field)] = None
        except Invalid as refusal:
            wrong |= dict.fromkeys(refusal.errors)
    if len(found) > MOST_ADDRESSES:
        wrong[FieldError(field, N_("At most {most} further addresses, please."), (("most", MOST_ADDRESSES),))] = None
    return tuple(found), tuple(wrong)


def line_of(notify: Notify | None) -> str | None:
    """`notify` as history keeps it: `requester: new replies; watchers: -; addresses: a@x.example b@x.example`."""
    if notify is None:
        return None
    parts = [f"{audience}: {' '.join(topics) or _NOTHING}" for audience, topics in notify.topics.items()]
    return "; ".join([*parts, f"also: {' '.join(notify.addresses)}"] if notify.addresses else parts) or _NOTHING


def read_line(line: str) -> tuple[Mapping[Audience, tuple[Topic, ...]], tuple[str, ...]]:
    """What `line_of` wrote: the topics of each audience that it speaks of, and the further addresses."""
    topics: dict[Audience, tuple[Topic, ...]] = {}
    addresses: tuple[str, ...] = ()
    for part in line.split("; ") if line != _NOTHING else ():
        name, _, said = part.partition(": ")
        words = [] if said == _NOTHING else said.split(" ")
        if name == "also":
            addresses = tuple(words)
        else:
            topics[Audience(name)] = tuple(map(Topic, words))
    return topics, addresses
