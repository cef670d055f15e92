"""The words for states, types, priorities and roles, and what each state means to whom: for pages and mails."""

from dataclasses import dataclass

from chalicelib.domain.notices import Audience, Topic
from chalicelib.domain.people import ProjectRole, SiteRole
from chalicelib.domain.tickets import Priority, State, Turn, Type
from chalicelib.domain.words import N_


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state in words: its label, what it means, and what comes next for the requester and for the team."""

    label: str
    meaning: str
    for_requester: str
    for_team: str


STATES: dict[State, StateWords] = {
    State.NEW: StateWords(
        N_("New"),
        N_("Just filed; it stands with the project manager."),
        N_("We have your request. The project manager will look at it and hand it to somebody who can solve it."),
        N_("Look at the request and start it, hand it over, or return it if something is missing."),
    ),
    State.IN_PROGRESS: StateWords(
        N_("In progress"),
        N_("Somebody works on it."),
        N_("Somebody is working on your request. You need not do anything now; you may add a reply at any time."),
        N_("Solve the request and mark it as done, or return it if something is missing."),
    ),
    State.RETURNED: StateWords(
        N_("Returned"),
        N_("It cannot be solved as it stands: something is missing or unclear. It is the requester's turn."),
        N_("We cannot go on without you. Please add what is missing and send the request back to us."),
        N_("The requester is asked for what is missing; nothing is to be done until they answer."),
    ),
    State.DONE: StateWords(
        N_("Done"),
        N_("The assignee says it is solved; the requester now checks."),
        N_("We think it is solved. Please check and accept the solution, or tell us what is still wrong."),
        N_("The requester is asked to check the solution."),
    ),
    State.CLOSED: StateWords(
        N_("Closed"),
        N_("The requester accepted it; the request is archived and can only be read."),
        N_("The request is closed. If you need anything more, please file a new one."),
        N_("The request is closed and archived."),
    ),
}

TYPES: dict[Type, tuple[str, str]] = {
    Type.QUESTION: (N_("Question"), N_("You want to know something or need advice.")),
    Type.INCIDENT: (N_("Incident"), N_("Something that worked does not work now.")),
    Type.CHANGE: (N_("Change"), N_("You want something new or different.")),
}

PRIORITIES: dict[Priority, str] = {
    Priority.LOW: N_("Low"),
    Priority.NORMAL: N_("Normal"),
    Priority.HIGH: N_("High"),
    Priority.URGENT: N_("Urgent"),
}

TURNS: dict[Turn, tuple[str, str]] = {
    Turn.TEAM: (N_("It is our turn"), N_("The team's turn")),
    Turn.REQUESTER: (N_("It is your turn"), N_("The requester's turn")),
    Turn.NOBODY: (N_("Nothing more is to be done"), N_("Nothing more is to be done")),
}
"""Whose turn it is, as the requester reads it and as the team does."""

STANDINGS: dict[str, str] = {
    "requester": N_("the requester"),
    "project_manager": N_("the project manager"),
    "assignee": N_("the assignee"),
}

PROJECT_ROLES: dict[ProjectRole, str] = {
    ProjectRole.PROJECT_MANAGER: N_("Project manager"),
    ProjectRole.SOLVER: N_("Solver"),
    ProjectRole.CUSTOMER: N_("Customer"),
}

SITE_ROLES: dict[SiteRole, str] = {
    SiteRole.ADMIN: N_("Administrator"),
    SiteRole.MANAGER: N_("Manager"),
}

LANGUAGES: dict[str, str] = {"cs": N_("Czech"), "en": N_("English")}

FIELDS: dict[str, str] = {
    "state": N_("State"),
    "assignee": N_("Assignee"),
    "rating": N_("Rating"),
    "subject": N_("Subject"),
    "type": N_("Type"),
    "priority": N_("Priority"),
    "due": N_("Due"),
    "watcher": N_("Watcher"),
    "follows": N_("Goes on from"),
    "follow_up": N_("Follow-up"),
    "notify": N_("Who hears of it"),
}
"""The names of what a change of properties can touch."""

TOPICS: dict[Topic, tuple[str, str]] = {
    Topic.NEW: (N_("New requests"), N_("a request is filed")),
    Topic.REPLIES: (N_("Replies"), N_("somebody writes to the other side")),
    Topic.STATES: (
        N_("Progress"),
        N_("work starts, the request is handed over, returned, completed, done or withdrawn"),
    ),
    Topic.VERDICTS: (N_("Verdicts"), N_("the requester accepts or rejects the solution")),
    Topic.REMINDERS: (N_("Reminders"), N_("a solution waits to be checked and will soon count as accepted")),
    Topic.NOTES: (N_("Internal notes"), N_("somebody of the staff leaves a note for the others")),
    Topic.CHANGES: (N_("Properties"), N_("kind, priority, due date or the watchers change")),
}
"""What there is to hear of: a short name, and when that is."""

AUDIENCES: dict[Audience, str] = {
    Audience.REQUESTER: N_("Requester"),
    Audience.ASSIGNEE: N_("Assignee"),
    Audience.PROJECT_MANAGERS: N_("Project managers"),
    Audience.WATCHERS: N_("Watchers"),
    Audience.ADDRESSES: N_("Further addresses"),
}
"""The groups of people around a request."""
