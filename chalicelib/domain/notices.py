"""Notices: what there is to hear of, who may hear of it, and what a project or a request sets in place of the usual."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Topic(StrEnum):
    """One kind of thing to hear of; each kind of event belongs to one."""

    NEW = "new"
    REPLIES = "replies"
    STATES = "states"
    VERDICTS = "verdicts"  # the requester accepts or rejects the solution
    REMINDERS = "reminders"  # to check a solution before the request closes by itself
    NOTES = "notes"  # for staff only, whatever is set
    CHANGES = "changes"  # properties and watchers


class Audience(StrEnum):
    """One group of people around a request."""

    REQUESTER = "requester"
    ASSIGNEE = "assignee"
    PROJECT_MANAGERS = "project_managers"
    WATCHERS = "watchers"
    ADDRESSES = "addresses"  # the further addresses of the project


USUAL: dict[Audience, frozenset[Topic]] = {
    Audience.REQUESTER: frozenset({Topic.NEW, Topic.REPLIES, Topic.STATES, Topic.VERDICTS, Topic.REMINDERS}),
    Audience.ASSIGNEE: frozenset({Topic.REPLIES, Topic.STATES, Topic.VERDICTS, Topic.NOTES}),
    Audience.PROJECT_MANAGERS: frozenset({Topic.NEW, Topic.VERDICTS}),
    Audience.WATCHERS: frozenset({Topic.NEW, Topic.REPLIES, Topic.STATES, Topic.VERDICTS, Topic.NOTES}),
    Audience.ADDRESSES: frozenset({Topic.NEW, Topic.REPLIES, Topic.STATES, Topic.VERDICTS}),
}
"""Who hears of what where nothing else is set. While nobody has a request in hand, its managers stand in for them."""

NEVER: dict[Audience, frozenset[Topic]] = {
    Audience.REQUESTER: frozenset({Topic.NOTES}),
    Audience.ASSIGNEE: frozenset(),
    Audience.PROJECT_MANAGERS: frozenset(),
    Audience.WATCHERS: frozenset(),  # of notes those among them who are staff
    Audience.ADDRESSES: frozenset({Topic.NOTES}),
}
"""What an audience does not hear of, whatever is set."""


@dataclass(frozen=True, slots=True)
class Notify:
    """What is set for a project or one request: an audience that is absent hears as usual."""

    topics: Mapping[Audience, tuple[Topic, ...]] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
