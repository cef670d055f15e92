"""What a list of tickets may be narrowed to, and where in it a page begins."""

from dataclasses import dataclass

from chalicelib.domain import own_fields
from chalicelib.domain.people import Actor
from chalicelib.domain.tickets import Priority, State, TicketCard, Type

NOBODY = "none"


@dataclass(frozen=True, slots=True)
class Filter:
    """Each field holds the values wanted, any of them; None leaves that side open. `archived` None means both.

    `not_requester` is an address whose own tickets are left out. `assignees` may hold NOBODY for tickets that nobody
    has in hand. `fields` are the project's own, by code, any of whose values is wanted; only who works on a request
    finds it by them.
    """

    projects: frozenset[str] | None = None
    states: frozenset[State] | None = None
    assignees: frozenset[str] | None = None
    requesters: frozenset[str] | None = None
    types: frozenset[Type] | None = None
    priorities: frozenset[Priority] | None = None
    fields: tuple[tuple[str, frozenset[str]], ...] = ()
    archived: bool | None = None
    not_requester: str = ""
    oldest_first: bool = False

    @property
    def is_thin(self) -> bool:
        """True where it asks for what no index holds, so that rows are read which it does not let through."""
        return self.types is not None or self.priorities is not None or bool(self.fields)

    @property
    def is_empty(self) -> bool:
        """True where nothing can match, so that nothing need be read."""
        return any(
            side is not None and not side for side in (self.projects, self.states, self.assignees, self.requesters)
        )

    def matches(self, ticket: TicketCard) -> bool:
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
        in_scope = in_scope and ticket.requester.email != self.not_requester
        sided = all(wanted is None or value in wanted for wanted, value in sides)
        return in_scope and sided and self._lets_fields(ticket)

    def _lets_fields(self, ticket: TicketCard) -> bool:
        return all(
            any(own_fields.answers(ticket.fields.get(code, ""), value) for value in wanted)
            for code, wanted in self.fields
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the opaque cursor of the next one; None at the end."""

    items: tuple[TicketCard, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What an actor may list: everything, or the tickets of some projects, beside them their own, and in the `shared`
    projects those of their organisation.
    """

    everything: bool
    projects: frozenset[str]
    own: str
    organisation: str = ""
    shared: frozenset[str] = frozenset()

    def works_on(self, ticket: TicketCard) -> bool:
        """True for a ticket that is listed because the actor works on it, not because it is their own."""
        return self.everything or ticket.project in self.projects


def reach_of(actor: Actor) -> Reach:
    """What `actor` may list."""
    staffed = frozenset(actor.staff_projects)
    return Reach(actor.is_admin, staffed, actor.email, actor.organisation, actor.shared_projects)


def worked_on(actor: Actor) -> Reach:
    """What `actor` works on, without what they only ask for."""
    return Reach(actor.is_admin, frozenset(actor.staff_projects), "")


def of_colleagues(actor: Actor) -> Reach:
    """What the organisation of `actor` asks for where it is shared."""
    return Reach(False, frozenset(), "", actor.organisation, actor.shared_projects)
