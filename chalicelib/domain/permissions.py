"""Who stands how to a ticket, and what each standing may do: the table that guards, shows and documents access."""

from enum import StrEnum

from chalicelib.domain.errors import NotAllowed, NotFound
from chalicelib.domain.people import STAFF_ROLES, Actor, ProjectRole, Via
from chalicelib.domain.tickets import TicketCard


class Standing(StrEnum):
    """One way of being related to a ticket; an actor may have several at once."""

    REQUESTER = "requester"
    WATCHER = "watcher"
    ASSIGNEE = "assignee"
    PROJECT_MANAGER = "project_manager"
    SOLVER = "solver"
    COLLEAGUE = "colleague"  # of the requester, in a project whose customers see what their organisation asks for
    SYSTEM = "system"


TEAM = frozenset({Standing.ASSIGNEE, Standing.PROJECT_MANAGER, Standing.SOLVER})


class Act(StrEnum):
    """What may be done with a ticket beside the moves of its workflow."""

    READ = "read"
    READ_INTERNAL = "read_internal"
    REPLY = "reply"
    NOTE = "note"
    CHANGE = "change"
    WATCH = "watch"
    MANAGE_WATCHERS = "manage_watchers"
    RATE = "rate"
    CLOSE_UNANSWERED = "close_unanswered"  # and remind of it before


PERMISSIONS: dict[Act, frozenset[Standing]] = {
    Act.READ: TEAM | {Standing.REQUESTER, Standing.WATCHER, Standing.COLLEAGUE, Standing.SYSTEM},
    Act.READ_INTERNAL: TEAM | {Standing.SYSTEM},
    Act.REPLY: TEAM | {Standing.REQUESTER},
    Act.NOTE: TEAM,
    Act.CHANGE: frozenset({Standing.ASSIGNEE, Standing.PROJECT_MANAGER}),
    Act.WATCH: TEAM | {Standing.REQUESTER, Standing.WATCHER, Standing.COLLEAGUE},
    Act.MANAGE_WATCHERS: TEAM | {Standing.REQUESTER},
    Act.RATE: frozenset({Standing.REQUESTER}),
    Act.CLOSE_UNANSWERED: frozenset({Standing.SYSTEM}),
}


def standings(actor: Actor, ticket: TicketCard) -> frozenset[Standing]:
    """Every way in which `actor` is related to `ticket`. An administrator stands as a project manager everywhere.

    Someone who was the assignee and lost their role in the project is no assignee any more: access follows the role.
    An address typed into a form proves nothing, and a link opens its own ticket alone.
    """
    if actor.via is Via.SYSTEM:
        return frozenset({Standing.SYSTEM})
    believed = actor.is_known if actor.link_ticket is None else actor.link_ticket == ticket.number
    if not actor.email or not believed:
        return frozenset()
    found: set[Standing] = set()
    if ticket.requester.email == actor.email:
        found.add(Standing.REQUESTER)
    if ticket.watched_by(actor.email):
        found.add(Standing.WATCHER)
    if actor.is_known:
        found |= _staff_standings(actor, ticket)
        if _is_colleague(actor, ticket):
            found.add(Standing.COLLEAGUE)
    return frozenset(found)


def _is_colleague(actor: Actor, ticket: TicketCard) -> bool:
    """Tickets keep the organisation that their requester had; whoever has none is nobody's colleague."""
    same = bool(actor.organisation) and ticket.organisation == actor.organisation
    return same and ticket.project in actor.shared_projects and actor.role_in(ticket.project) is ProjectRole.CUSTOMER


def _staff_standings(actor: Actor, ticket: TicketCard) -> set[Standing]:
    role = actor.role_in(ticket.project)
    found: set[Standing] = set()
    if actor.is_admin or role is ProjectRole.PROJECT_MANAGER:
        found.add(Standing.PROJECT_MANAGER)
    if role is ProjectRole.SOLVER:
        found.add(Standing.SOLVER)
    if found and role in STAFF_ROLES | {None} and ticket.assignee is not None and ticket.assignee.email == actor.email:
        found.add(Standing.ASSIGNEE)
    return found


def may(actor: Actor, act: Act, ticket: TicketCard) -> bool:
    """True where one of the actor's standings allows `act`."""
    return bool(PERMISSIONS[act] & standings(actor, ticket))


def require(actor: Actor, act: Act, ticket: TicketCard) -> None:
    """Raises NotFound to whoever may not even read `ticket`, NotAllowed to whoever may read but not `act`."""
    if not may(actor, Act.READ, ticket):
        raise NotFound
    if not may(actor, act, ticket):
        raise NotAllowed
