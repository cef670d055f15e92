"""The table of who hears of what, as forms of a project and of a request show it and send it back."""

from collections.abc import Collection
from dataclasses import dataclass

from chalicelib import i18n
from chalicelib.domain.guidance import AUDIENCES, TOPICS
from chalicelib.domain.hearing import topics_of
from chalicelib.domain.notices import NEVER, Audience, Notify, Topic
from chalicelib.domain.notify_settings import in_order
from chalicelib.web.bodies import Form

OF_PROJECT = tuple(Topic)
OF_REQUEST = tuple(topic for topic in Topic if topic is not Topic.NEW)
"""Once it is filed a request is not new any more."""

# The receipt carries the link to the request: nobody can have it left out.
_ALWAYS = frozenset({(Audience.REQUESTER, Topic.NEW)})


@dataclass(frozen=True, slots=True)
class Cell:
    """One tick: `fixed` where nobody can change it."""

    value: str
    label: str
    ticked: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One audience with its ticks. `usual` is what it hears where nothing is set, as codes with spaces between."""

    audience: Audience
    label: str
    cells: tuple[Cell, ...]
    usual: str


def table(
    topics: tuple[Topic, ...],
    settings: Notify | None,
    base: Notify | None,
    language: str,
    typed: Collection[str] | None,
) -> tuple[Row, ...]:
    """Who hears of which of `topics`, by `settings` and where they say nothing by `base`; as it was `typed` instead."""
    return tuple(_row(audience, topics, settings, base, language, typed) for audience in Audience)


def _row(
    audience: Audience,
    topics: tuple[Topic, ...],
    settings: Notify | None,
    base: Notify | None,
    language: str,
    typed: Collection[str] | None,
) -> Row:
    heard = topics_of(audience, settings, base)
    cells = tuple(_cell(audience, topic, heard, language, typed) for topic in topics)
    usual = " ".join(in_order(topics_of(audience, base)))
    return Row(audience, i18n.translated(AUDIENCES[audience], language), cells, usual)


def _cell(
    audience: Audience, topic: Topic, heard: Collection[Topic], language: str, typed: Collection[str] | None
) -> Cell:
    value, always = f"{audience}.{topic}", (audience, topic) in _ALWAYS
    ticked = topic in heard if typed is None else value in typed
    label = i18n.translated(TOPICS[topic][0], language)
    return Cell(value, label, ticked or always, always or topic in NEVER[audience])


def settings_of(body: Form, topics: tuple[Topic, ...]) -> Notify:
    """What the form sets: the audiences whose ticks are not as usual, and the further addresses, one on a line."""
    ticked = body.all("hears")
    found: dict[Audience, tuple[Topic, ...]] = {}
    for audience in Audience:
        usual = {topic for topic in Topic if topic in body.one(f"usual.{audience}").split()}
        offered = {topic for topic in topics if topic not in NEVER[audience] and (audience, topic) not in _ALWAYS}
        heard = {topic for topic in offered if f"{audience}.{topic}" in ticked} | (usual - offered)
        if heard != usual:
            found[audience] = in_order(heard)
    return Notify(found, tuple(body.one("addresses").replace(",", " ").replace(";", " ").split()))
