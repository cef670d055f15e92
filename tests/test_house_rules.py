"""The rules of the house that no other test would notice broken."""

from collections.abc import Iterator

import msgspec
import pytest

from app import ENDPOINTS, app
from chalicelib.domain.errors import DeskError
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.web import problems
from chalicelib.web.api.tickets import Move
from chalicelib.web.bodies import Body
from chalicelib.web.routing import METHODS, Endpoint, Permission
from tests.web.client import API, Client

API_ENDPOINTS = [endpoint for endpoint in ENDPOINTS if endpoint.is_api]


def refusals(kind: type[DeskError] = DeskError) -> Iterator[type[DeskError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from refusals(narrower)


def place(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=place)
def test_every_route_declares_who_may_call(endpoint: Endpoint) -> None:
    assert isinstance(endpoint.permission, Permission)
    assert endpoint.handler.__doc__


@pytest.mark.parametrize("endpoint", API_ENDPOINTS, ids=place)
def test_every_api_route_takes_and_gives_declared_types(endpoint: Endpoint) -> None:
    assert endpoint.path.startswith(API)
    assert endpoint.answer is not None or endpoint.status in (204, 302)
    for kind in (endpoint.body, endpoint.query):
        assert kind is None or issubclass(kind, Body)
        assert kind is None or kind.__struct_config__.forbid_unknown_fields


def test_every_route_of_the_app_is_declared() -> None:
    declared = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert len(declared) == len(ENDPOINTS)
    mounted = {
        (method, path)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
        if entry.view_name != "method_not_allowed"
    }
    assert mounted == declared


@pytest.mark.usefixtures("aws")
def test_every_address_refuses_other_methods_by_name() -> None:
    for path in {endpoint.path for endpoint in API_ENDPOINTS}:
        has = {endpoint.method for endpoint in ENDPOINTS if endpoint.path == path}
        assert set(app.routes[path]) == set(METHODS)
        for method in set(METHODS) - has:
            answer = Client(app).send(method, path.replace("{", "").replace("}", ""))
            assert answer.status == 405
            assert answer.headers["allow"] == ", ".join(sorted(has))
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", list(refusals()))
def test_every_refusal_has_a_status_a_title_and_a_code_of_its_own(kind: type[DeskError]) -> None:
    status = next(problems.STATUS[each] for each in kind.__mro__ if each in problems.STATUS)
    assert status in problems.TITLES
    assert kind is DeskError or problems.STATUS[DeskError] != status
    assert [each for each in refusals() if each.code == kind.code] == [kind]


def test_every_move_is_known_to_the_api() -> None:
    action = msgspec.json.schema(Move)["$defs"]["Move"]["properties"]["action"]
    assert action["enum"] == list(TRANSITIONS)
