"""The API against what a machine makes up: whatever comes in, no answer is a fault of ours."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from app import ENDPOINTS
from chalicelib.domain.tickets import State
from chalicelib.web.api.openapi import _document
from tests.cast import ALICE, EVA, ROOT
from tests.stage import standing_at
from tests.web.api.door import api_token
from tests.web.client import API, Client
from tests.web.conftest import Browser

KNOWN = {200, 201, 202, 204, 302, 304, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429}
FUZZ = settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
REAL = {"number": "WEB-1", "key": "WEB", "email": EVA.email}


@pytest.fixture
def programs(browser: Browser) -> Iterator[list[Client]]:
    """A stranger, a customer, a project manager and an administrator, in front of a ticket."""
    standing_at(State.IN_PROGRESS)
    yield [browser(origin=None), *(browser(token=api_token(person), origin=None) for person in (EVA, ALICE, ROOT))]


def test_nothing_made_up_from_the_description_is_a_fault(programs: list[Client]) -> None:
    schema: Any = schemathesis.openapi.from_dict(json.loads(bytes(_document())))
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    assert len(operations) == sum(endpoint.is_api for endpoint in ENDPOINTS)
    for operation in operations:
        fuzz(operation, programs)


def fuzz(operation: Any, programs: list[Client]) -> None:
    @settings(FUZZ, max_examples=15)
    @given(case=operation.as_strategy(), who=st.integers(0, 3), real=st.booleans(), network=st.integers(1, 250))
    def run(case: Any, who: int, real: bool, network: int) -> None:
        client = programs[who]
        client.network = f"198.51.100.{network}"
        given = {name: str(REAL.get(name, value) if real else value) for name, value in case.path_parameters.items()}
        if not all(given.values()):
            return
        path = operation.path.format(**{name: quote(value, safe="") for name, value in given.items()})
        query = urlencode(case.query or {}, doseq=True, errors="replace")
        headers = {name.replace("-", "_"): str(value) for name, value in (case.headers or {}).items()}
        body = case.body if isinstance(case.body, dict | list) else None
        answer = client.send(case.method, f"{API}{path}?{query}", body, **headers)
        described = operation.definition.raw["responses"].get(str(answer.status))
        assert described and answer.status < 500, (case.method, path, query, headers, body, answer)
        kind = answer.headers.get("content-type")
        assert kind is None or "$ref" in described or kind in described["content"]

    run()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LIKELY = st.sampled_from(["WEB", "WEB-1", "nova@customer.example", "Nová", 2, [], {}, "x" * 30_000, "0" * 20])
BODIES = {
    ("POST", "/codes"): ["email"],
    ("POST", "/session"): ["email", "code"],
    ("POST", "/session/link"): ["token"],
    ("PATCH", "/me"): ["name", "language"],
    ("POST", "/tokens"): ["name", "expires_in_days"],
    ("POST", "/people"): ["email", "name", "language", "site_role", "projects", "organisation", "reports_on", "invite"],
    ("PATCH", f"/people/{EVA.email}"): ["version", "name", "language", "site_role", "projects", "organisation"],
    ("POST", "/organisations"): ["name"],
    ("POST", "/uploads"): ["filename", "content_type", "size", "project"],
    ("POST", "/tickets"): ["project", "subject", "text", "type", "email", "name", "uploads", "watchers", "fields"],
    ("PATCH", "/tickets/WEB-1"): ["version", "subject", "type", "priority", "due"],
    ("POST", "/tickets/WEB-1/comments"): ["text", "internal", "uploads"],
    ("POST", "/tickets/WEB-1/moves"): ["action", "version", "assignee", "text", "uploads", "rating"],
}


def test_nothing_made_up_against_the_description_is_a_fault(programs: list[Client]) -> None:
    @FUZZ
    @given(place=st.sampled_from(sorted(BODIES)), who=st.integers(0, 3), network=st.integers(1, 250), data=st.data())
    def run(place: tuple[str, str], who: int, network: int, data: st.DataObject) -> None:
        client, (method, path) = programs[who], place
        client.network = f"203.0.113.{network}"
        texts = st.lists(st.text(st.characters(), max_size=5), max_size=2)
        body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(BODIES[place], LIKELY | texts | ANYTHING)))
        answer = client.send(method, API + path, body)
        assert answer.status in KNOWN, (method, path, body, answer)

    run()
