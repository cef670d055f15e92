"""What API Gateway does between a browser and the Lambda function, as far as the desk can notice.

Requests become the events of a REST API's proxy integration, and answers go back the same way: base64 both ways for
the app's binary types, the limits on size, one error for every failure. chalice.local has a gateway too, but it drops
repeated headers, reads types with a parameter (`multipart/form-data; boundary=…`) as text and gives bytes for text.
"""

import base64
import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from chalice.app import CaseInsensitiveMapping, Chalice, Response
from chalice.local import CustomLocalChalice, LambdaContext, LocalChalice

REQUEST_BYTES = 10 * 1024 * 1024
"""API Gateway refuses a longer body."""
EVENT_BYTES = 6 * 1024 * 1024
"""Lambda takes and gives no more in one call."""
TIMEOUT_MS = 29_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came over the wire; the path is still percent-encoded."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    client_ip: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer ready for the wire, without the headers that belong to the connection."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def problem(status: HTTPStatus) -> Answer:
    """What the gateway itself says when the app is not asked, or cannot answer."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value}
    return Answer(status, [("Content-Type", "application/problem+json")], json.dumps(body).encode())


class Gateway:
    """Calls one Chalice app, from as many threads as there are requests.

    `not_found` answers, given the headers in lower case, where no route matches; the deployed gateway says it for us.
    """

    def __init__(self, app: Chalice, not_found: Callable[[dict[str, str]], Response] | None = None) -> None:
        self._app = _with_a_request_per_thread(app)
        self._not_found = not_found
        self._routes = sorted(app.routes)  # a fixed part sorts before a `{parameter}`, and wins at the gateway too

    def answer(self, request: Request) -> Answer:
        """The app's answer, or the gateway's own."""
        try:
            found = self._route(request.path)
            if found is None:
                return self._nothing_here(request)
            event = self._event(request, *found)
            if len(event["body"] or "") > EVENT_BYTES:
                return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return self._answer(request, self._app(event, context("app", TIMEOUT_MS)))
        except Exception:
            log.exception("%s %s failed outside any view", request.method, request.path)
            return problem(HTTPStatus.BAD_GATEWAY)

    def _nothing_here(self, request: Request) -> Answer:
        if self._not_found is None:
            return problem(HTTPStatus.NOT_FOUND)
        response = self._not_found({name.lower(): value for name, value in request.headers})
        return self._answer(request, response.to_dict(self._app.api.binary_types))

    def _route(self, path: str) -> tuple[str, dict[str, str]] | None:
        parts = (path if path == "/" else path.removesuffix("/")).split("/")
        for route in self._routes:
            names = route.split("/")
            if len(names) == len(parts):
                pairs = list(zip(names, parts, strict=True))
                captured = {name[1:-1]: part for name, part in pairs if name.startswith("{") and part}
                if all(name == part or name[1:-1] in captured for name, part in pairs):
                    return route, captured
        return None

    def _event(self, request: Request, route: str, parameters: dict[str, str]) -> dict[str, Any]:
        headers = CaseInsensitiveMapping(dict(request.headers))
        method = self._method(request.method, route)
        repeated: dict[str, list[str]] = {}
        for name, value in request.headers:
            repeated.setdefault(name, []).append(value)
        query = parse_qs(request.query, keep_blank_values=True)
        encoded = self._is_binary(headers.get("content-type", ""))
        text = base64.b64encode(request.body).decode() if encoded else request.body.decode(errors="replace")
        return {
            "resource": route,
            "path": request.path,
            "httpMethod": method,
            "headers": dict(request.headers),
            "multiValueHeaders": repeated,
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": parameters or None,
            "stageVariables": None,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "stage": "local",
                "requestId": str(uuid.uuid4()),
                "requestTimeEpoch": round(time.time() * 1000),
                "protocol": "HTTP/1.1",
                "httpMethod": method,
                "path": request.path,
                "resourcePath": route,
                "identity": {"sourceIp": request.client_ip, "userAgent": headers.get("user-agent")},
            },
            "body": text or None,
            "isBase64Encoded": encoded and bool(text),
        }

    def _method(self, method: str, route: str) -> str:
        """HEAD is answered by the view for GET; the server leaves the body out."""
        return "GET" if method == "HEAD" and "HEAD" not in self._app.routes[route] else method

    def _answer(self, request: Request, response: Mapping[str, Any]) -> Answer:
        headers = [(name, str(value)) for name, value in (response.get("headers") or {}).items()]
        for name, values in (response.get("multiValueHeaders") or {}).items():
            headers += [(name, str(value)) for value in values]
        if any(control in part for pair in headers for part in pair for control in "\r\n\0"):
            raise ValueError("a header with a control character")
        text = response.get("body") or ""
        if len(text) > EVENT_BYTES:
            raise ValueError("a body that Lambda would not hand over")
        binary = response.get("isBase64Encoded") and self._is_binary(_first_accepted(request))
        return Answer(response["statusCode"], headers, base64.b64decode(text) if binary else text.encode())

    def _is_binary(self, content_type: str) -> bool:
        types = self._app.api.binary_types
        return "*/*" in types or content_type.partition(";")[0].strip().lower() in types


def context(function_name: str, timeout_ms: int) -> LambdaContext:
    """The second argument of a handler."""
    return LambdaContext(function_name, memory_size=512, max_runtime_ms=timeout_ms)


def _first_accepted(request: Request) -> str:
    """API Gateway looks at the first type of Accept, and at none that follows, to decide on a binary answer."""
    accept: str = CaseInsensitiveMapping(dict(request.headers)).get("accept", "")
    return accept.partition(",")[0]


def _with_a_request_per_thread(app: Chalice) -> Chalice:
    """Chalice keeps the current request on the app, as Lambda has one at a time; `chalice local` cures it like this."""
    CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
    app.__class__ = CustomLocalChalice
    return app
