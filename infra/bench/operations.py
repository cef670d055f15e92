"""What is measured: each operation as the request a browser or a program would send."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib import clock
from chalicelib.domain.people import Person
from chalicelib.storage import access, tickets
from chalicelib.web import cookies
from infra.bench.load import ADMIN, SOLVERS, TEXT
from infra.local.gateway import Gateway, Request


@dataclass
class Visitor:
    """Somebody signed in by cookie, or nobody."""

    gateway: Gateway
    cookie: str = ""

    def get(self, path: str) -> str:
        """The page at `path`. Raises RuntimeError where it is not 200."""
        return self._ask("GET", path, b"", {}, 200)

    def post(self, path: str, content: dict[str, object], status: int, **headers: str) -> str:
        """The answer to a JSON post. Raises RuntimeError where it has another status."""
        return self._ask("POST", path, json.dumps(content).encode(), headers, status)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str], status: int) -> str:
        given = {"Accept-Language": "cs", "Sec-Fetch-Site": "same-origin", **headers}
        if body:
            given["Content-Type"] = "application/json"
        if self.cookie:
            given["Cookie"] = self.cookie
        address, _, query = path.partition("?")
        answer = self.gateway.answer(Request(method, address, query, list(given.items()), body, "127.0.0.1"))
        if answer.status != status:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {answer.body[:500]!r}")
        return answer.body.decode()


def signed_in(gateway: Gateway, person: Person) -> Visitor:
    """`person` with an open session."""
    from chalicelib.directory import SESSION_LASTS

    secret = clock.new_secret()
    access.save_session(secret, person, clock.now() + SESSION_LASTS)
    return Visitor(gateway, cookies.session(secret, person.email).partition(";")[0])


@dataclass(frozen=True, slots=True)
class Operation:
    """A named request; `prepare` does what must come before it and is not measured. CPU goals in milliseconds."""

    name: str
    run: Callable[[int], object]
    prepare: Callable[[int], object] | None = None
    goal: float | None = None


def operations(gateway: Gateway, solver: Person, sample: list[str]) -> list[Operation]:
    """All operations. `sample` are the numbers of open requests that nothing else touches."""
    admin, nobody = signed_in(gateway, ADMIN), Visitor(gateway)
    mover = Mover(admin, sample)
    lists = {
        "list of 50": "/desk",
        "list by project": "/desk?project=WEB",
        "list by state": "/desk?state=in_progress",
        "list by assignee": f"/desk?assignee={solver.email}",
        "list by all three": f"/desk?project=WEB&state=in_progress&assignee={solver.email}",
    }
    return [
        Operation("form", lambda _: nobody.get("/new/WEB")),
        *(Operation(name, lambda _, path=path: admin.get(path), goal=30) for name, path in lists.items()),  # type: ignore[misc]
        Operation("request page", lambda turn: admin.get(f"/desk/{sample[turn % len(sample)]}"), goal=15),
        Operation("create", lambda _: _create(admin), goal=15),
        Operation("reply", lambda turn: _reply(admin, sample[turn % len(sample)])),
        Operation("move", lambda turn: mover.move(turn), goal=15, prepare=lambda turn: mover.look(turn)),
    ]


def _create(admin: Visitor) -> str:
    order: dict[str, object] = {
        "project": "WEB",
        "subject": "Nejde odeslat objednávka",
        "text": TEXT,
        "type": "incident",
    }
    return admin.post("/api/v1/tickets", order, 201, **{"Idempotency-Key": clock.new_id()})


def _reply(admin: Visitor, number: str) -> str:
    return admin.post(f"/api/v1/tickets/{number}/comments", {"text": TEXT[:300]}, 201)


@dataclass
class Mover:
    """Hands requests from one solver to another; it looks up the version first, as a page has it already."""

    visitor: Visitor
    sample: list[str]
    version: int = 0

    def look(self, turn: int) -> None:
        self.version = tickets.load(self.sample[turn % len(self.sample)]).version

    def move(self, turn: int) -> str:
        assignee = f"solver{turn % SOLVERS}@example.com"
        order: dict[str, object] = {"action": "hand_over", "version": self.version, "assignee": assignee}
        return self.visitor.post(f"/api/v1/tickets/{self.sample[turn % len(self.sample)]}/moves", order, 200)
