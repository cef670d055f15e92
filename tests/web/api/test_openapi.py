"""GET /openapi.json: the description of the API is right, and whole."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from app import ENDPOINTS
from chalicelib.web import problems
from tests.web.api.door import wrong_method
from tests.web.client import API
from tests.web.conftest import Browser

PATH = "/api/v1/openapi.json"


@pytest.fixture
def document(browser: Browser) -> dict[str, Any]:
    answer = browser().get(PATH)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/api/v1"}]


def test_every_endpoint_is_in_it_and_nothing_else(document: dict[str, Any]) -> None:
    described = {(method.upper(), API + path) for path, item in document["paths"].items() for method in item}
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS if endpoint.is_api}


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert all(operation["summary"].endswith(".") for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all("500" in operation["responses"] and "503" in operation["responses"] for operation in operations)


def test_every_refusal_is_described(document: dict[str, Any]) -> None:
    described = document["components"]["responses"]
    assert {f"Problem{status}" for status in problems.TITLES} == set(described)
    assert "confirmation_needed" in described["Problem403"]["description"]
    assert "key_reused" in described["Problem409"]["description"]


def test_bodies_take_nothing_that_is_not_declared(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    ]
    assert bodies
    assert all(schemas[name]["additionalProperties"] is False for name in bodies)


def test_names_are_fit_to_be_read(document: dict[str, Any]) -> None:
    assert all(name.isalnum() for name in document["components"]["schemas"])
    assert {"Ticket", "Event", "Problem", "ListingTicketCard"} <= set(document["components"]["schemas"])


def test_the_wrong_method(browser: Browser) -> None:
    wrong_method(browser(), "POST", PATH, "GET")
