"""What every action is asked at the door: refusals that read alike, links for one ticket, programs with tokens."""

from datetime import timedelta

from chalicelib import clock
from chalicelib.domain.people import Person
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import access, people
from chalicelib.storage.access import Link, Token
from tests.web.client import Answer, Client

URN = "urn:pythagoras-helpdesk:"


def refused(answer: Answer, status: int, code: str, *fields: str) -> Answer:
    """Checks that `answer` is a problem of that status and code, which complains of `fields`."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["type"] == URN + code
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert [error["field"] for error in problem["errors"]] == list(fields)
    assert all(error["message"] for error in problem["errors"])
    return answer


def wrong_method(client: Client, method: str, path: str, allow: str) -> None:
    """Checks that `path` refuses `method` and says what it has instead."""
    answer = refused(client.send(method, path), 405, "method_not_allowed")
    assert answer.headers["allow"] == allow


def link_token(ticket: Ticket, person: Person, lasts: timedelta = timedelta(days=1)) -> str:
    """What stands in the link of a mail to `person` about `ticket`."""
    secret = clock.new_secret()
    access.save_link(secret, Link(ticket.number, person.email), clock.now() + lasts)
    return f"{ticket.number}.{secret}"


def by_link(client: Client, ticket: Ticket, person: Person) -> Client:
    """`client` after it opened the link in a mail to `person`."""
    assert client.post("/api/v1/session/link", {"token": link_token(ticket, person)}).status == 200
    return client


def api_token(person: Person, lasts: timedelta = timedelta(days=1)) -> str:
    """An API token of `person`."""
    secret, at = clock.new_secret(), clock.now()
    access.save_token(secret, Token(clock.new_id(), "test", at, at + lasts), people.find(person.email) or person)
    return secret
