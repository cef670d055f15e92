"""The server on the wire: kept connections, refusals before the body, and an orderly end."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from threading import Event, Thread

import pytest

from infra.local.gateway import REQUEST_BYTES, Answer, Request
from infra.local.server import Server

HOST = "127.0.0.1"


def echo(request: Request) -> Answer:
    seen = {"path": request.path, "query": request.query, "bytes": len(request.body), "ip": request.client_ip}
    return Answer(200, [("Content-Type", "application/json")], json.dumps(seen).encode())


@pytest.fixture
def port() -> Iterator[int]:
    listener = socket.create_server((HOST, 0))
    server = Server(listener, "http://127.0.0.1:1", echo)
    server.start()
    yield listener.getsockname()[1]
    server.stop()


def raw(port: int, sent: bytes) -> HTTPResponse:
    connection = socket.create_connection((HOST, port), timeout=10)
    connection.sendall(sent)
    response = HTTPResponse(connection)
    response.begin()
    return response


def test_requests_on_a_kept_connection_are_answered_one_after_another(port: int) -> None:
    connection = HTTPConnection(HOST, port)
    for number in range(3):
        connection.request("POST", f"/a%2Fb?n={number}", b"\xff" * number)
        seen = json.loads(connection.getresponse().read())
        assert seen == {"path": "/a%2Fb", "query": f"n={number}", "bytes": number, "ip": HOST}


def test_head_says_the_length_and_sends_nothing(port: int) -> None:
    connection = HTTPConnection(HOST, port)
    connection.request("HEAD", "/")
    answer = connection.getresponse()
    assert int(answer.headers["Content-Length"]) > 0
    assert answer.read() == b""


def test_a_body_over_the_limit_is_refused_before_it_is_sent(port: int) -> None:
    answer = raw(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (REQUEST_BYTES + 1))
    assert answer.status == 413
    assert answer.headers["Connection"] == "close"
    assert json.loads(answer.read())["status"] == 413


def test_one_that_asks_first_is_refused_as_well(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    assert raw(port, head % (REQUEST_BYTES + 1)).status == 413


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/9\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    ],
)
def test_what_cannot_be_read_is_a_problem(port: int, head: bytes, status: int) -> None:
    answer = raw(port, head)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_page_asked_of_localhost_leads_to_the_address_of_the_links(port: int) -> None:
    answer = raw(port, b"GET /desk?state=new HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % port)
    assert (answer.status, answer.headers["Location"]) == (307, "http://127.0.0.1:1/desk?state=new")


def test_stopping_lets_a_running_request_finish_and_ends_idle_connections() -> None:
    asked, go_on = Event(), Event()

    def slow(_: Request) -> Answer:
        asked.set()
        go_on.wait(10)
        return Answer(200, [], b"done")

    listener = socket.create_server((HOST, 0))
    port = listener.getsockname()[1]
    server = Server(listener, "http://127.0.0.1:1", slow)
    server.start()
    idle = socket.create_connection((HOST, port), timeout=10)
    running = HTTPConnection(HOST, port, timeout=10)
    running.request("GET", "/")
    assert asked.wait(10)
    stopping = Thread(target=server.stop)
    stopping.start()
    assert idle.recv(1) == b""
    go_on.set()
    assert running.getresponse().read() == b"done"
    stopping.join(10)
    assert not stopping.is_alive()
