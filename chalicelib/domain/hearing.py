"""Who hears of an event: each reason to be told is one row of RULES, each reason not to be one row of OBSTACLES.

Delivery, the digest and the page that says beforehand who will be told all ask the same function.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.addresses import Address
from chalicelib.domain.closing import is_reminded
from chalicelib.domain.events import REMINDED, SUBMITTED, Event
from chalicelib.domain.notices import NEVER, USUAL, Audience, Notify, Topic
from chalicelib.domain.people import Person, SiteRole
from chalicelib.domain.projects import Crew
from chalicelib.domain.tickets import State, Ticket
from chalicelib.domain.words import N_


class Reason(StrEnum):
    """Why somebody is told."""

    RECEIPT = "receipt"
    NEW_ASSIGNEE = "new_assignee"
    FORMER_ASSIGNEE = "former_assignee"
    REQUESTER = "requester"
    ASSIGNEE = "assignee"
    STAND_IN = "stand_in"
    PROJECT_MANAGER = "project_manager"
    WATCHER = "watcher"
    ADDRESS = "address"


class Silence(StrEnum):
    """Why somebody who would be told is not."""

    THEMSELVES = "themselves"
    INACTIVE = "inactive"
    NO_ACCESS = "no_access"
    STAFF_ONLY = "staff_only"
    MUTED = "muted"
    UNSUBSCRIBED = "unsubscribed"
    MARKED = "marked"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the addresses around a ticket: whose they are, which unsubscribed from it, which fail."""

    people: Mapping[str, Person] = field(default_factory=dict)
    unsubscribed: frozenset[str] = frozenset()
    marked: Mapping[str, Address] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """An event with all that decides who hears of it."""

    event: Event
    ticket: Ticket
    crew: Crew
    known: Known = Known()

    def works_here(self, email: str) -> bool:
        """True for the staff of the project, and for administrators."""
        person = self.known.people.get(email)
        return self.is_of_crew(email) or (person is not None and person.site_role is SiteRole.ADMIN)

    def may_read(self, email: str) -> bool:
        """True for the staff, the requester and the watchers: whoever may open the ticket."""
        return self.works_here(email) or self.ticket.requester.email == email or self.ticket.watched_by(email)

    @property
    def further_addresses(self) -> tuple[str, ...]:
        """Those of the project and those of this ticket, neither of which need be anybody's who may read it."""
        own = self.ticket.notify.addresses if self.ticket.notify else ()
        return (*self.crew.project.notify.addresses, *own)

    @property
    def is_in_nobody_s_hands(self) -> bool:
        """True while nobody on the project's staff has it, also where the assignee left the project."""
        assignee = self.ticket.assignee
        return assignee is None or not self.is_of_crew(assignee.email)

    def is_of_crew(self, email: str) -> bool:
        """True for project managers and solvers of the project."""
        return any(member.email == email for member in self.crew.staff)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: who they are, the audience whose settings may leave them out, and the words for page and mail.

    Without an `audience` no setting of project or ticket leaves them out.
    """

    reason: Reason
    who: Callable[[Scene], Iterable[str]]
    audience: Audience | None
    label: str
    words: str


def _receipt(scene: Scene) -> Iterable[str]:
    return [scene.ticket.requester.email] if scene.event.kind == SUBMITTED else []


def _assigned(scene: Scene, side: int) -> Iterable[str]:
    email = scene.event.changes.get("assignee", (None, None))[side]
    return [email] if email else []


RULES: tuple[Rule, ...] = (
    Rule(
        Reason.RECEIPT,
        _receipt,
        None,
        N_("Requester"),
        N_("You get this mail because request {number} was filed with this address."),
    ),
    Rule(
        Reason.NEW_ASSIGNEE,
        lambda scene: _assigned(scene, 1),
        None,
        N_("Assignee"),
        N_("You get this mail because request {number} was handed over to you."),
    ),
    Rule(
        Reason.FORMER_ASSIGNEE,
        lambda scene: [email for email in _assigned(scene, 0) if scene.is_of_crew(email)],
        None,
        N_("Former assignee"),
        N_("You get this mail because you had request {number} in hand."),
    ),
    Rule(
        Reason.REQUESTER,
        lambda scene: [scene.ticket.requester.email],
        Audience.REQUESTER,
        N_("Requester"),
        N_("You get this mail because request {number} was filed with this address."),
    ),
    Rule(
        Reason.ASSIGNEE,
        lambda scene: [scene.ticket.assignee.email] if scene.ticket.assignee else [],
        Audience.ASSIGNEE,
        N_("Assignee"),
        N_("You get this mail because you have request {number} in hand."),
    ),
    Rule(
        Reason.STAND_IN,
        lambda scene: [each.email for each in scene.crew.project_managers] if scene.is_in_nobody_s_hands else [],
        Audience.ASSIGNEE,
        N_("Project manager, as nobody has it in hand"),
        N_("You get this mail because you manage the project, and nobody has request {number} in hand."),
    ),
    Rule(
        Reason.PROJECT_MANAGER,
        lambda scene: [each.email for each in scene.crew.project_managers],
        Audience.PROJECT_MANAGERS,
        N_("Project manager"),
        N_("You get this mail because you manage the project of request {number}."),
    ),
    Rule(
        Reason.WATCHER,
        lambda scene: [watcher.email for watcher in scene.ticket.watchers],
        Audience.WATCHERS,
        N_("Watcher"),
        N_("You get this mail because you watch request {number}."),
    ),
    Rule(
        Reason.ADDRESS,
        lambda scene: scene.further_addresses,
        Audience.ADDRESSES,
        N_("Further address"),
        N_("You get this mail because this address is told of the requests of this project, here of {number}."),
    ),
)
"""In order of rank: of several reasons to tell somebody the first one counts."""

RULE_OF: dict[Reason, Rule] = {rule.reason: rule for rule in RULES}

# What is told in spite of somebody having unsubscribed from the ticket: they filed it, or the work is theirs now.
_IN_SPITE = frozenset({Reason.RECEIPT, Reason.NEW_ASSIGNEE})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One row: what keeps a mail from somebody; `holds` is asked for the scene, their address and the reason."""

    silence: Silence
    holds: Callable[[Scene, str, Reason], bool]
    label: str


def _is_muted(scene: Scene, email: str, _: Reason) -> bool:
    person = scene.known.people.get(email)
    return person is not None and scene.event.row.topic in person.muted


def _is_inactive(scene: Scene, email: str, _: Reason) -> bool:
    person = scene.known.people.get(email)
    return person is not None and not person.active


def _is_overtaken(scene: Scene, _: str, __: Reason) -> bool:
    """True for a reminder that somebody was quicker than: the day it names is no longer the one."""
    if scene.event.kind != REMINDED:
        return False
    ticket = scene.ticket
    return ticket.state is not State.DONE or not is_reminded(ticket) or ticket.reminded_at != scene.event.at


OBSTACLES: tuple[Obstacle, ...] = (
    Obstacle(
        Silence.THEMSELVES,
        lambda scene, email, reason: email == scene.event.actor.email and reason is not Reason.RECEIPT,
        N_("does it themselves"),
    ),
    Obstacle(Silence.INACTIVE, _is_inactive, N_("is deactivated")),
    Obstacle(
        Silence.NO_ACCESS,
        lambda scene, email, reason: not (scene.may_read(email) or email in scene.further_addresses),
        N_("may no longer read the request"),
    ),
    Obstacle(
        Silence.STAFF_ONLY,
        lambda scene, email, reason: scene.event.for_staff_only and not scene.works_here(email),
        N_("is not of the staff"),
    ),
    Obstacle(Silence.MUTED, _is_muted, N_("has turned this kind of mail off")),
    Obstacle(
        Silence.UNSUBSCRIBED,
        lambda scene, email, reason: email in scene.known.unsubscribed and reason not in _IN_SPITE,
        N_("has unsubscribed from this request"),
    ),
    Obstacle(
        Silence.MARKED,
        lambda scene, email, reason: email in scene.known.marked,
        N_("mail to this address bounced or was complained of"),
    ),
    Obstacle(Silence.OVERTAKEN, _is_overtaken, N_("it no longer holds")),
)
"""The first that holds is the one that is named."""

OBSTACLE_OF: dict[Silence, Obstacle] = {obstacle.silence: obstacle for obstacle in OBSTACLES}


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody around a ticket who would hear of an event: why, and where they are not told, why not."""

    email: str
    reason: Reason
    staff: bool
    reader: bool
    digest: bool
    silence: Silence | None

    @property
    def told(self) -> bool:
        return self.silence is None


def topics_of(audience: Audience, *settings: Notify | None) -> frozenset[Topic]:
    """What `audience` hears of: as the first of `settings` that speaks of it says, else as usual."""
    said = (each.topics[audience] for each in settings if each is not None and audience in each.topics)
    return frozenset(next(said, USUAL[audience])) - NEVER[audience]


def candidates(scene: Scene) -> dict[str, Reason]:
    """Every address that a rule names and the settings let hear, with the reason that ranks first."""
    found: dict[str, Reason] = {}
    for rule in RULES:
        if _lets_hear(rule, scene):
            for email in rule.who(scene):
                found.setdefault(email, rule.reason)
    return found


def _lets_hear(rule: Rule, scene: Scene) -> bool:
    row = scene.event.row
    if rule.audience is None:
        return row.topic is not None
    settings = (scene.ticket.notify, scene.crew.project.notify)
    return rule.audience in row.heard_by and row.topic in topics_of(rule.audience, *settings)


def hearers(scene: Scene) -> list[Hearer]:
    """Everybody who would hear of the event, each address once, with what keeps it from them where something does."""
    return [hearer(scene, email, reason) for email, reason in candidates(scene).items()]


def hearer(scene: Scene, email: str, reason: Reason) -> Hearer:
    """Whether `email`, who would hear of the event for `reason`, is to be told of it as things are now."""
    person = scene.known.people.get(email)
    return Hearer(
        email=email,
        reason=reason,
        staff=scene.works_here(email),
        reader=scene.may_read(email),
        digest=person is not None and person.digest and reason is not Reason.RECEIPT,
        silence=next((each.silence for each in OBSTACLES if each.holds(scene, email, reason)), None),
    )
