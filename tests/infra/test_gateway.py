"""Requests become events and answers come back, as at API Gateway."""

import base64
import json
from typing import Any

import pytest
from chalice.app import Chalice, Response

from infra.local.gateway import EVENT_BYTES, Gateway, Request


@pytest.fixture
def app() -> Chalice:
    app = Chalice(app_name="example")
    app.api.binary_types.append("multipart/form-data")

    @app.route("/")
    def home() -> dict[str, str]:
        return {"page": "home"}

    types = ["application/json", "text/plain", "application/octet-stream"]

    @app.route("/things/{name}", methods=["GET", "POST"], content_types=types)
    def thing(name: str) -> dict[str, Any]:
        request = app.current_request
        assert request
        assert isinstance(request.raw_body, bytes)
        return {
            "name": name,
            "query": dict(request.query_params or {}),
            "ip": request.context["identity"]["sourceIp"],
            "body": base64.b64encode(request.raw_body).decode(),
        }

    @app.route("/things/first")
    def first() -> dict[str, str]:
        return {"page": "first"}

    @app.route("/form", methods=["POST"], content_types=["multipart/form-data"])
    def form() -> dict[str, int]:
        assert app.current_request
        return {"bytes": len(app.current_request.raw_body)}

    @app.route("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG\xff", headers={"Content-Type": "image/png", "Set-Cookie": ["a=1", "b=2"]})

    @app.route("/split")
    def split() -> Response:
        return Response("", headers={"X-Name": "one\rtwo"})

    @app.route("/huge")
    def huge() -> Response:
        return Response("x" * (EVENT_BYTES + 1), headers={"Content-Type": "text/plain"})

    return app


def request(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Request:
    sent = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(method, path, query, sent, body, "203.0.113.9")


class TestRoutes:
    def test_a_fixed_part_wins_over_a_parameter(self, app: Chalice) -> None:
        assert json.loads(Gateway(app).answer(request("GET", "/things/first")).body) == {"page": "first"}

    def test_a_path_parameter_stays_percent_encoded(self, app: Chalice) -> None:
        assert json.loads(Gateway(app).answer(request("GET", "/things/a%2Fb")).body)["name"] == "a%2Fb"

    @pytest.mark.parametrize("path", ["/", "/things/first/"])
    def test_a_trailing_slash_is_ignored(self, app: Chalice, path: str) -> None:
        assert Gateway(app).answer(request("GET", path)).status == 200

    @pytest.mark.parametrize("path", ["/nothing", "/things", "/things/", "/things/a/b"])
    def test_a_path_without_a_route_is_a_problem_of_its_own(self, app: Chalice, path: str) -> None:
        answer = Gateway(app).answer(request("GET", path))
        assert answer.status == 404
        assert ("Content-Type", "application/problem+json") in answer.headers

    def test_a_path_without_a_route_can_be_answered_by_the_desk(self, app: Chalice) -> None:
        def not_found(headers: dict[str, str]) -> Response:
            return Response(f"nothing in {headers['accept-language']}", {"Content-Type": "text/html"}, 404)

        answer = Gateway(app, not_found).answer(request("GET", "/nothing", Accept_Language="cs"))
        assert (answer.status, answer.body) == (404, b"nothing in cs")

    def test_head_is_answered_by_the_view_for_get(self, app: Chalice) -> None:
        assert Gateway(app).answer(request("HEAD", "/")).status == 200

    def test_another_method_is_for_the_app_to_refuse(self, app: Chalice) -> None:
        assert Gateway(app).answer(request("PUT", "/")).status == 405


class TestRequests:
    def test_the_view_sees_query_and_address_of_the_caller(self, app: Chalice) -> None:
        seen = json.loads(Gateway(app).answer(request("GET", "/things/x", query="q=p%C5%99&empty=")).body)
        assert seen["query"] == {"q": "př", "empty": ""}
        assert seen["ip"] == "203.0.113.9"

    def test_text_arrives_as_text(self, app: Chalice) -> None:
        sent = request("POST", "/things/x", "žluť".encode(), Content_Type="text/plain")
        assert base64.b64decode(json.loads(Gateway(app).answer(sent).body)["body"]).decode() == "žluť"

    def test_binary_arrives_whole(self, app: Chalice) -> None:
        sent = request("POST", "/things/x", b"\x00\xff\xfe", Content_Type="application/octet-stream")
        assert base64.b64decode(json.loads(Gateway(app).answer(sent).body)["body"]) == b"\x00\xff\xfe"

    def test_a_type_with_a_parameter_is_still_binary(self, app: Chalice) -> None:
        sent = request("POST", "/form", b"\xff" * 10, Content_Type="multipart/form-data; boundary=x")
        assert json.loads(Gateway(app).answer(sent).body) == {"bytes": 10}

    def test_more_than_lambda_takes_is_refused(self, app: Chalice) -> None:
        body = b"x" * (EVENT_BYTES * 3 // 4 + 3)
        sent = request("POST", "/form", body, Content_Type="multipart/form-data; boundary=x")
        assert Gateway(app).answer(sent).status == 413


class TestAnswers:
    def test_binary_leaves_as_bytes_and_each_cookie_by_itself(self, app: Chalice) -> None:
        answer = Gateway(app).answer(request("GET", "/picture", Accept="image/png,*/*"))
        assert answer.body == b"\x89PNG\xff"
        assert [value for name, value in answer.headers if name == "Set-Cookie"] == ["a=1", "b=2"]

    def test_binary_is_not_decoded_when_another_type_is_accepted_first(self, app: Chalice) -> None:
        answer = Gateway(app).answer(request("GET", "/picture", Accept="image/avif,image/png"))
        assert answer.body != b"\x89PNG\xff"

    @pytest.mark.parametrize("path", ["/split", "/huge"])
    def test_what_the_gateway_would_not_pass_on_is_a_bad_gateway(self, app: Chalice, path: str) -> None:
        assert Gateway(app).answer(request("GET", path)).status == 502
