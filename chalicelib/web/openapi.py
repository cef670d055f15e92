"""The OpenAPI 3.1 document, made from the endpoints as declared and the very types that validate what comes in."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chalicelib import urls
from chalicelib.domain.errors import DeskError
from chalicelib.web import problems
from chalicelib.web.problems import TITLES, Problem
from chalicelib.web.routing import Endpoint, Permission

VERSION = "1.0.0"
_PARAMETER = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"
_Schema = dict[str, Any]

DESCRIPTION = """\
Sign in by the cookie of `POST /session`, or with `Authorization: Bearer TOKEN`. Unsafe methods by cookie need the
desk's own `Origin`. Refusals are `application/problem+json` (RFC 9457). Lists answer `{items, next}`; `next` is the
`cursor` of the page after. Times are RFC 3339 in UTC."""

PATH_PARAMETERS: dict[str, _Schema] = {
    "number": {"type": "string", "examples": ["WEB-1042"]},
    "key": {"type": "string", "examples": ["WEB"]},
    "email": {"type": "string", "format": "email"},
    "id": {"type": "string"},
}

REQUEST_HEADERS: dict[str, str] = {
    "Idempotency-Key": "1 to 200 printable characters; the same order with the same key is carried out once a day.",
    "If-None-Match": "The ETag of the representation at hand.",
}

ANSWER_HEADERS: dict[str, str] = {
    "ETag": "The version of the ticket, in quotes.",
    "Location": "Where it is.",
    "Retry-After": "In how many seconds to try again.",
    "Set-Cookie": "The cookie of the session, or of one ticket.",
    "Allow": "The methods that the address has.",
}

_SUCCESS = {
    200: "As asked.",
    201: "It is made.",
    202: "It will be done.",
    204: "It is done.",
    302: "It is elsewhere.",
    304: "It has not changed.",
}


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The whole document for `endpoints`."""
    ordered = sorted(endpoints, key=lambda endpoint: (endpoint.path, endpoint.method))
    schemas, components = _schemas(ordered)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ordered:
        path = endpoint.path.removeprefix(urls.API)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pythagoras Helpdesk", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": urls.api("")}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {_problem_name(status): _problem(status, title) for status, title in TITLES.items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                "link": {"type": "apiKey", "in": "cookie", "name": "__Host-link-{number}"},
            },
        },
    }


def _schemas(endpoints: list[Endpoint]) -> tuple[dict[Any, _Schema], dict[str, Any]]:
    kinds = list(dict.fromkeys(kind for each in endpoints for kind in (each.body, each.answer) if kind is not None))
    found, components = msgspec.json.schema_components([*kinds, Problem], ref_template=_REF)
    renamed = {name: name.replace("_", "").removesuffix("View") for name in components}
    plain = msgspec.to_builtins((dict(zip(map(repr, kinds), found, strict=False)), components))
    schemas, components = _with_names(plain, renamed)
    return {kind: schemas[repr(kind)] for kind in kinds}, {renamed[name]: each for name, each in components.items()}


def _with_names(value: Any, renamed: dict[str, str]) -> Any:
    """`value` with every reference to a component under its new name: `Listing_Named_` is no name to show."""
    if isinstance(value, dict):
        return {key: _reference(each, renamed) if key == "$ref" else _with_names(each, renamed)
                for key, each in value.items()}  # fmt: skip
    return [_with_names(each, renamed) for each in value] if isinstance(value, list | tuple) else value


def _reference(target: str, renamed: dict[str, str]) -> str:
    return _REF.format(name=renamed[target.rpartition("/")[2]])


def _operation(endpoint: Endpoint, schemas: dict[Any, _Schema]) -> _Schema:
    operation: _Schema = {
        "operationId": endpoint.handler.__name__,
        "summary": _summary(endpoint),
        "tags": [endpoint.handler.__module__.rpartition(".")[2]],
        "security": SECURITY[endpoint.permission],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": {str(status): response for status, response in _responses(endpoint, schemas)},
    }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[endpoint.body]}},
        }
    return operation


_ANY_WAY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
SECURITY: dict[Permission, list[dict[str, list[str]]]] = {
    Permission.PUBLIC: [{}, *_ANY_WAY],
    Permission.LINK: [*_ANY_WAY, {"link": []}],
    Permission.SIGNED_IN: _ANY_WAY,
    Permission.STAFF: _ANY_WAY,
    Permission.ADMIN: _ANY_WAY,
}


def _summary(endpoint: Endpoint) -> str:
    return " ".join((endpoint.handler.__doc__ or "").split())


def _path_parameters(endpoint: Endpoint) -> Iterator[_Schema]:
    for name in _PARAMETER.findall(endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": PATH_PARAMETERS[name]}


def _query_parameters(endpoint: Endpoint) -> Iterator[_Schema]:
    if endpoint.query is None:
        return
    schema = msgspec.json.schema(endpoint.query, ref_template=_REF)
    shared = schema["$defs"]
    for name, inner in shared[endpoint.query.__name__]["properties"].items():
        plain = _inlined(inner, shared)
        described = {"description": plain.pop("description")} if "description" in plain else {}
        yield {"name": name, "in": "query", "schema": msgspec.to_builtins(plain), **described}


def _inlined(schema: Any, shared: dict[str, Any]) -> Any:
    """`schema` with the enumerations it refers to written out, and without null, which no query can say."""
    if isinstance(schema, list):
        return [_inlined(each, shared) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {**_inlined(shared[schema["$ref"].rpartition("/")[2]], shared)}
    kept = {name: _inlined(each, shared) for name, each in schema.items() if not (name == "default" and each is None)}
    choices = [each for each in kept.get("anyOf", ()) if each.get("type") != "null"]
    return {**{name: each for name, each in kept.items() if name != "anyOf"}, **choices[0]} if choices else kept


def _header_parameters(endpoint: Endpoint) -> Iterator[_Schema]:
    for name in endpoint.headers:
        yield {"name": name, "in": "header", "description": REQUEST_HEADERS[name], "schema": {"type": "string"}}


def _responses(endpoint: Endpoint, schemas: dict[Any, _Schema]) -> Iterator[tuple[int | str, _Schema]]:
    success: _Schema = {"description": _SUCCESS[endpoint.status]}
    if endpoint.answer_headers:
        success["headers"] = {name: _answer_header(name) for name in endpoint.answer_headers}
    if endpoint.answer is not None:
        success["content"] = {"application/json": {"schema": schemas[endpoint.answer]}}
    yield endpoint.status, success
    if "If-None-Match" in endpoint.headers:
        yield 304, {"description": _SUCCESS[304], "headers": {"ETag": _answer_header("ETag")}}
    for status in _refusals(endpoint):
        yield status, {"$ref": f"#/components/responses/{_problem_name(status)}"}


def _refusals(endpoint: Endpoint) -> list[int]:
    """The refusals that a caller of `endpoint` has to reckon with."""
    unsafe = endpoint.method != "GET"
    when = {
        400: endpoint.body is not None,
        401: True,
        403: unsafe or endpoint.permission is not Permission.PUBLIC,
        404: "{" in endpoint.path or endpoint.path.endswith("/link"),
        409: unsafe,
        413: endpoint.body is not None,
        415: endpoint.body is not None,
        422: True,
        429: endpoint.method == "POST",
        500: True,
        503: True,
    }
    return [status for status, possible in when.items() if possible]


def _answer_header(name: str) -> _Schema:
    kind = "integer" if name == "Retry-After" else "string"
    return {"description": ANSWER_HEADERS[name], "schema": {"type": kind}}


def _problem_name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int, title: str) -> _Schema:
    headers = {405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    return {
        "description": f"{title}. Types: {', '.join(_codes(status))}.",
        "headers": {name: _answer_header(name) for name in headers},
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
    }


def _codes(status: int) -> list[str]:
    return sorted(f"`{kind.code}`" for kind in _kinds(DeskError) if problems.STATUS[_ranked(kind)] == status)


def _kinds(kind: type[DeskError]) -> Iterator[type[DeskError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def _ranked(kind: type[DeskError]) -> type[DeskError]:
    return next(each for each in kind.__mro__ if each in problems.STATUS)
