"""Fills an empty desk with a given number of requests whose shape does not depend on that number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from chalicelib import clock
from chalicelib.domain import workflow
from chalicelib.domain.events import Event
from chalicelib.domain.people import Actor, Person, ProjectRole, SiteRole, Via, actor_of
from chalicelib.domain.projects import Form, Project
from chalicelib.domain.tickets import Priority, State, Ticket, Type
from chalicelib.domain.workflow import MoveOrder
from chalicelib.storage import bulk

PROJECTS = tuple(Project(key, f"Project {key}", Form.OPEN, "cs") for key in ("WEB", "SERVIS", "IT"))
ADMIN = Person("admin@example.com", "Adam Vrána", "cs", SiteRole.ADMIN)
SOLVERS = 20
CUSTOMERS = 200
# One solver has so many of all requests that a page filtered by them is full at the smaller size too.
MEASURED_SHARE = 0.6
TEXT = "Od rána nejde odeslat objednávka, při platbě se objeví chyba. Prosíme o rychlou opravu. " * 6
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def people() -> list[Person]:
    """One administrator, one manager per project, and solvers that work in all of them."""
    manager, solver = ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER
    keys = [project.key for project in PROJECTS]
    managers = [
        Person(f"manager.{key.lower()}@example.com", f"Manager {key}", "cs", roles={key: manager}) for key in keys
    ]
    solvers = [
        Person(f"solver{number}@example.com", f"Řešitel Č. {number}", "cs", roles=dict.fromkeys(keys, solver))
        for number in range(SOLVERS)
    ]
    return [ADMIN, *managers, *solvers]


def export(size: int, folder: Path) -> None:
    """Leaves `size` requests with their events, spread over projects, people and states, in `folder` for import."""
    random = Random(7)
    persons = people()
    tickets, events = [], []
    for number in range(size):
        ticket, history = _request(random, number, persons)
        tickets.append(ticket)
        events += history
    rows = bulk.ticket_rows(tickets, events, pending=lambda _: False)
    bulk.export([*bulk.directory_rows(PROJECTS, persons), *rows], folder)


def _request(random: Random, number: int, persons: list[Person]) -> tuple[Ticket, list[Event]]:
    project = PROJECTS[number % len(PROJECTS)]
    at = START + timedelta(minutes=number)
    customer = random.randrange(CUSTOMERS)
    requester = Actor(f"customer{customer}@example.com", f"Zákazník {customer}", "cs", Via.SESSION)
    ticket = _filed(project.key, number // len(PROJECTS) + 1, requester, at)
    events = [workflow.submit(ticket, (), requester, clock.stamp_at(at))]
    admin = actor_of(ADMIN, Via.SESSION)
    solver = persons[-SOLVERS] if random.random() < MEASURED_SHARE else random.choice(persons[-SOLVERS:])
    for action, by in _moves(random, admin, requester):
        at += timedelta(seconds=7)
        order = MoveOrder(action, ticket.version, solver.contact if action == "hand_over" else None, _text(action))
        ticket, event = workflow.move(ticket, order, by, clock.stamp_at(at))
        events.append(event)
    return ticket, events


def _moves(random: Random, admin: Actor, requester: Actor) -> Iterator[tuple[str, Actor]]:
    end = random.choices(list(State), weights=(1, 3, 1, 2, 3))[0]
    if end is State.RETURNED:
        yield from (("hand_over", admin), ("return", admin))
    elif end is not State.NEW:
        yield "hand_over", admin
    if end in (State.DONE, State.CLOSED):
        yield "finish", admin
    if end is State.CLOSED:
        yield "accept", requester


def _text(action: str) -> str:
    return TEXT[:200] if action in ("return", "finish") else ""


def _filed(project: str, number: int, requester: Actor, at: datetime) -> Ticket:
    return Ticket(
        number=f"{project}-{number}",
        project=project,
        subject="Nejde odeslat objednávka v e-shopu",
        text=TEXT,
        type=Type.INCIDENT,
        state=State.NEW,
        priority=Priority.NORMAL,
        requester=requester.contact,
        created_at=at,
        updated_at=at,
        waiting_since=at,
        version=1,
        language="cs",
        confirmed=True,
    )
