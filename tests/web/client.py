"""A client in this process: it hands the app what API Gateway would hand it, and keeps cookies as a browser does."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from chalice.app import Chalice
from chalice.local import LambdaContext

from chalicelib import clock, directory, urls
from chalicelib.domain.people import Person
from chalicelib.storage import access, people
from chalicelib.web import cookies

API = urls.API
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` has the last value of each, by lower-case name; `raw_headers` all of them in order."""

    status: int
    raw_headers: list[tuple[str, str]]
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.raw_headers}

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def location(self) -> str:
        return self.headers["location"]

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def fields(self) -> list[str]:
        """The fields that a problem answer complains of."""
        return [error["field"] for error in self.json()["errors"]]


@dataclass
class Client:
    """One browser, or with `token` one program. Cookies are kept from answer to answer."""

    app: Chalice
    network: str = "192.0.2.1"
    token: str | None = None
    language: str | None = None
    origin: str | None = ""
    """Sent with unsafe methods; empty stands for the desk's own, None for a program that sends none."""
    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self, person: Person) -> "Client":
        """Opens a session for `person`, who is written to the directory where they are not there yet."""
        if people.find(person.email) is None:
            people.create(person)
        secret = clock.new_secret()
        access.save_session(secret, people.find(person.email) or person, clock.now() + directory.SESSION_LASTS)
        self._keep(cookies.session(secret, person.email))
        return self

    def get(self, path: str, **query: Any) -> Answer:
        """GET `path` with `query`; a list is sent as repeated parameters."""
        return self.request("GET", path, query=query)

    def post(self, path: str, content: Any = None, **headers: str) -> Answer:
        """POST `content` as JSON. Header names are given with underscores."""
        return self.send("POST", path, content, **headers)

    def send(self, method: str, path: str, content: Any = None, **headers: str) -> Answer:
        """Any method, with `content` as JSON where there is some."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is None:
            return self.request(method, path, headers=given)
        body = json.dumps(content).encode()
        return self.request(method, path, body, headers={"Content-Type": "application/json"} | given)

    def form(self, path: str, fields: dict[str, Any], files: list[tuple[str, str, bytes]] | None = None) -> Answer:
        """Posts a form as a browser without JavaScript does; `files` are (filename, content type, content)."""
        if files is None:
            body, kind = urlencode(fields, doseq=True).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(fields, files)
        return self.request("POST", path, body, headers={"Content-Type": kind, "Accept": "text/html"})

    def follow(self, answer: Answer) -> Answer:
        """What the page that `answer` sends on to says."""
        assert answer.status in (302, 303), answer
        parts = urlsplit(answer.location)
        return self.request("GET", parts.path, query=parse_qs(parts.query))

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request. `path` may carry a query of its own, and is percent-encoded by the caller."""
        path, _, own_query = path.partition("?")
        asked = parse_qs(own_query, keep_blank_values=True)
        for name, value in (query or {}).items():
            asked[name] = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
        event = self._event(method, path, asked, self._headers(method) | (headers or {}), body)
        if event is None:
            return Answer(404, [], b"the gateway has no such route")
        answer = _answer_of(self.app(event, LambdaContext("app", 512)))
        for name, value in answer.raw_headers:
            if name.lower() == "set-cookie":
                self._keep(value)
        return answer

    def _keep(self, set_cookie: str) -> None:
        for name, morsel in SimpleCookie(set_cookie).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    def _headers(self, method: str) -> dict[str, str]:
        found = {"Host": "desk.example", "User-Agent": "test"}
        if self.token:
            found["Authorization"] = f"Bearer {self.token}"
        if self.language:
            found["Accept-Language"] = self.language
        if self.cookies:
            found["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method in UNSAFE and self.origin is not None and not self.token:
            found["Origin"] = self.origin or urls.origin()
        return found

    def _event(
        self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: bytes
    ) -> dict[str, Any] | None:
        found = matching_route(self.app, path)
        if found is None:
            return None
        route, parameters = found
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        binary = kind.partition(";")[0].strip().lower() in self.app.api.binary_types
        text = base64.b64encode(body).decode() if binary else body.decode(errors="replace")
        return {
            "resource": route,
            "path": path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": parameters or None,
            "stageVariables": None,
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "httpMethod": method,
                "path": path,
                "resourcePath": route,
                "identity": {"sourceIp": self.network},
            },
            "body": text or None,
            "isBase64Encoded": binary and bool(text),
        }


def matching_route(app: Chalice, path: str) -> tuple[str, dict[str, str]] | None:
    """The route that `path` leads to and its parameters, still percent-encoded; a fixed part wins over a parameter."""
    parts = path.split("/")
    for route in sorted(app.routes):
        names = route.split("/")
        if len(names) == len(parts):
            pairs = list(zip(names, parts, strict=True))
            captured = {name[1:-1]: part for name, part in pairs if name.startswith("{") and part}
            if all(name == part or name[1:-1] in captured for name, part in pairs):
                return route, captured
    return None


def _answer_of(response: dict[str, Any]) -> Answer:
    headers = [(name, str(value)) for name, value in response["headers"].items()]
    headers += [(name, str(value)) for name, values in response["multiValueHeaders"].items() for value in values]
    text = response["body"]
    content = base64.b64decode(text) if response.get("isBase64Encoded") else text.encode()
    return Answer(response["statusCode"], headers, content)


def _multipart(fields: dict[str, Any], files: list[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{each}'.encode()
        for name, value in fields.items()
        for each in (value if isinstance(value, list | tuple) else [value])
    ]
    for filename, kind, content in files:
        head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
        parts.append(head.encode() + content)
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + b"--" + boundary.encode() + b"--\r\n", f"multipart/form-data; boundary={boundary}"
