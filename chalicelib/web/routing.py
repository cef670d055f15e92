"""Routes with what they declare: who may call, what comes in, what goes out. Guard, validation and OpenAPI read it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast
from urllib.parse import unquote

import msgspec
from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib.domain.errors import MethodNotAllowed, NotAllowed, NotSignedIn
from chalicelib.domain.people import Actor
from chalicelib.urls import API
from chalicelib.web import bodies, problems
from chalicelib.web.calls import Call, call_of
from chalicelib.web.headers import with_safety

log = logging.getLogger(__name__)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Permission(StrEnum):
    """Who may call a route at all; what they may see or change there the verbs decide."""

    PUBLIC = "public"  # anybody, also without signing in
    LINK = "link"  # whoever is signed in or came by a mailed link
    SIGNED_IN = "signed_in"
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers where a bare record is not enough."""

    content: Any = None
    status: int = 200
    headers: dict[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address, as declared; `headers` and `answer_headers` name those that are its own.

    `is_followed` where links of pages lead to an address of the API: a browser then gets its refusals as a page.
    """

    method: str
    path: str
    permission: Permission
    handler: Callable[..., Any]
    body: Any = None
    query: Any = None
    answer: Any = None
    status: int = 200
    is_api: bool = True
    headers: tuple[str, ...] = ()
    answer_headers: tuple[str, ...] = ()
    is_followed: bool = False


class Routes:
    """The routes of one module. `prefix` stands before every path."""

    def __init__(self, name: str, is_api: bool) -> None:
        self.blueprint = Blueprint(name)
        self.endpoints: list[Endpoint] = []
        self._is_api = is_api
        self._prefix = API if is_api else ""

    def get(self, path: str, permission: Permission, **declared: Any) -> Callable[[Callable[..., Any]], Any]:
        return self._route("GET", path, permission, **declared)

    def post(self, path: str, permission: Permission, **declared: Any) -> Callable[[Callable[..., Any]], Any]:
        return self._route("POST", path, permission, **declared)

    def put(self, path: str, permission: Permission, **declared: Any) -> Callable[[Callable[..., Any]], Any]:
        return self._route("PUT", path, permission, **declared)

    def patch(self, path: str, permission: Permission, **declared: Any) -> Callable[[Callable[..., Any]], Any]:
        return self._route("PATCH", path, permission, **declared)

    def delete(self, path: str, permission: Permission, **declared: Any) -> Callable[[Callable[..., Any]], Any]:
        return self._route("DELETE", path, permission, **declared)

    def _route(self, method: str, path: str, permission: Permission, **declared: Any) -> Callable[..., Any]:
        def register(handler: Callable[..., Any]) -> Callable[..., Any]:
            endpoint = Endpoint(method, self._prefix + path, permission, handler, is_api=self._is_api, **declared)
            self.endpoints.append(endpoint)
            self._mount(endpoint)
            return handler

        return register

    def _mount(self, endpoint: Endpoint) -> None:
        def view(**parameters: str) -> Response:
            call = call_of(self.blueprint.current_request, endpoint.is_api)
            return answer(endpoint, call, parameters)

        view.__name__ = endpoint.handler.__name__
        view.__doc__ = endpoint.handler.__doc__
        self.blueprint.route(endpoint.path, methods=[endpoint.method], content_types=["*/*"])(view)


def answer(endpoint: Endpoint, call: Call, parameters: dict[str, str]) -> Response:
    """Guards, reads, lets the handler work and writes its answer; every refusal ends here."""
    try:
        call.refuse_other_sites()
        _guard(endpoint.permission, call)
        return _written(endpoint, _handled(endpoint, call, parameters))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, the caller gets an answer and we a log line
        refusal = problems.known(error)
        if endpoint.is_api and not (endpoint.is_followed and call.wants_page):
            return problems.api_answer(refusal, call.language)
        return problems.page_answer(refusal, call, _person(call))


def _guard(permission: Permission, call: Call) -> None:
    if permission in (Permission.PUBLIC, Permission.LINK):
        return
    actor = call.signed_in
    if (permission is Permission.STAFF and not actor.is_staff) or (
        permission is Permission.ADMIN and not actor.is_admin
    ):
        raise NotAllowed


def _handled(endpoint: Endpoint, call: Call, parameters: dict[str, str]) -> Any:
    given: dict[str, Any] = {name: unquote(value) for name, value in parameters.items()}
    if endpoint.body is not None:
        given["body"] = (
            bodies.form_body(call) if endpoint.body is bodies.Form else bodies.json_body(call, endpoint.body)
        )
    if endpoint.query is not None or endpoint.is_api:
        query = bodies.query(call, endpoint.query or bodies.Body)
        given |= {"query": query} if endpoint.query is not None else {}
    return endpoint.handler(call, **given)


def _written(endpoint: Endpoint, result: Any) -> Response:
    if isinstance(result, Response):
        result.headers = with_safety(result.headers)
        return result
    given = result if isinstance(result, Answer) else Answer(result, endpoint.status)
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if given.content is not None:
        headers["Content-Type"] = "application/json"
    body = "" if given.content is None else msgspec.json.encode(given.content).decode()
    return Response(body, with_safety({**headers, **given.headers}), given.status)


def _person(call: Call) -> Actor | None:
    try:
        return call.person
    except Exception as error:  # noqa: BLE001 - the page that reports a fault must not fail over who reads it
        if not isinstance(error, NotSignedIn):
            log.warning("the caller of a failed page is unknown: %s", error)
        return None


def mount(app: Chalice, modules: list[Routes]) -> list[Endpoint]:
    """Registers all routes, and on each address an answer 405 for every method that it does not have."""
    endpoints = [endpoint for routes in modules for endpoint in routes.endpoints]
    for routes in modules:
        app.register_blueprint(routes.blueprint)
    taken: dict[str, set[str]] = {}
    for endpoint in endpoints:
        taken.setdefault(endpoint.path, set()).add(endpoint.method)
    for path, methods in taken.items():
        missing = [method for method in METHODS if method not in methods]
        if missing:
            _refuse_methods(app, path, missing, allowed=sorted(methods))
    return endpoints


def _refuse_methods(app: Chalice, path: str, methods: list[str], allowed: list[str]) -> None:
    def refuse(**_: str) -> Response:
        call = call_of(cast(Request, app.current_request), path.startswith(API))
        refusal = MethodNotAllowed()
        response = (
            problems.api_answer(refusal, call.language) if call.is_api else problems.page_answer(refusal, call, None)
        )
        response.headers["Allow"] = ", ".join(allowed)
        return response

    app.route(path, methods=methods, content_types=["*/*"], name="method_not_allowed")(refuse)
