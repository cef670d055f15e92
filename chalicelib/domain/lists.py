"""What a list of tickets may be narrowed to, and where in it a page begins."""

from dataclasses import dataclass

from chalicelib.domain.people import Actor
from chalicelib.domain.tickets import Priority, State, Ticket, TicketCard, Type

NOBODY = "none"


@dataclass(frozen=True, slots=True)
class Filter:
    """Each field holds the values wanted, any of them; None leaves that side open. `archived` None means both.

    `assignees` may hold NOBODY for tickets that nobody has in hand.
    """

    projects: frozenset[str] | None = None
    states: frozenset[State] | None = None
    assignees: frozenset[str] | None = None
    requesters: frozenset[str] | None = None
    types: frozenset[Type] | None = None
    priorities: frozenset[Priority] | None = None
    archived: bool | None = None
    oldest_first: bool = False

    @property
    def is_empty(self) -> bool:
        """True where nothing can match, so that nothing need be read."""
        return any(
            side is not None and not side for side in (self.projects, self.states, self.assignees, self.requesters)
        )

    def matches(self, ticket: Ticket) -> bool:
        """True where every side that is not open names what `ticket` has there."""
        sides: tuple[tuple[frozenset[str] | None, str], ...] = (
            (self.projects, ticket.project),
            (self.states, ticket.state),
            (self.assignees, ticket.assignee.email if ticket.assignee else NOBODY),
            (self.requesters, ticket.requester.email),
            (self.types, ticket.type),
            (self.priorities, ticket.priority),
        )
        in_scope = self.archived is None or self.archived is ticket.archived
        return in_scope and all(wanted is None or value in wanted for wanted, value in sides)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the opaque cursor of the next one; None at the end."""

    items: tuple[TicketCard, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What an actor may list: everything, or the tickets of some projects and beside them their own."""

    everything: bool
    projects: frozenset[str]
    own: str


def reach_of(actor: Actor) -> Reach:
    """What `actor` may list."""
    return Reach(actor.is_admin, frozenset(actor.staff_projects), actor.email)
