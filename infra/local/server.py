"""The HTTP server in front of the gateway: threads, kept connections, and an end that lets requests finish.

Two things keep a kept connection quick: no Nagle delay, and an answer that leaves in one write.
"""

import logging
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from typing_extensions import override

from infra.local.gateway import REQUEST_BYTES, Answer, Request, problem

access_log = logging.getLogger("infra.local.access")

IDLE_SECONDS = 60
LINGER_SECONDS = 2
"""How long a refused upload may go on before the connection is cut; cut at once, the browser would not see why."""


class Server:
    """Serves one gateway on a listening socket, until stopped."""

    def __init__(self, listener: socket.socket, base_url: str, respond: Callable[[Request], Answer]) -> None:
        self._http = _HTTPServer(listener, base_url, respond)
        self._thread = Thread(target=self._http.serve_forever, args=(0.1,), name="server")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Accept nothing more, let running requests finish, and return."""
        self._http.shutdown()
        self._http.end_idle_connections()
        self._http.server_close()
        self._thread.join()


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, listener: socket.socket, base_url: str, respond: Callable[[Request], Answer]) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.base_url = base_url
        self.respond = respond
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_idle_connections(self) -> None:
        """Let every connection read its end; what is being answered is still written."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:  # the browser was faster
                    continue

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        access_log.debug("a connection broke", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _HTTPServer
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def do(self) -> None:
        """Answer one request."""
        started = time.perf_counter()
        path, _, query = self.path.partition("?")
        if self._refused(path):
            return
        if self._on_localhost() and self.command in {"GET", "HEAD"}:
            self._send(Answer(HTTPStatus.TEMPORARY_REDIRECT, [("Location", self.server.base_url + self.path)], b""))
            return
        length = self._length() or 0
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        request = Request(self.command, path, query, self.headers.items(), body, self.client_address[0])
        answer = self.server.respond(request)
        self._send(answer)
        level = logging.ERROR if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
        milliseconds = (time.perf_counter() - started) * 1000
        access_log.log(level, "%s %s %d %.0f ms", self.command, path, answer.status, milliseconds)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do  # noqa: N815

    @override
    def handle_expect_100(self) -> bool:
        """Refuse what is too long before the client sends it."""
        return not self._refused(self.path.partition("?")[0]) and super().handle_expect_100()

    @override
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A request that http.server could not read: say so as the desk does, not in HTML."""
        self.close_connection = True
        self.request_version = self.protocol_version
        self._send(problem(HTTPStatus(code)))

    @override
    def version_string(self) -> str:
        return "helpdesk"

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the access log has a line of its own."""

    def _refused(self, path: str) -> bool:
        length = self._length()
        if not path.startswith("/") or length is None:
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif self.headers.get("Transfer-Encoding"):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif length > REQUEST_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self._let_it_read()
        else:
            return False
        return True

    def _length(self) -> int | None:
        value = self.headers.get("Content-Length", "0")
        return int(value) if value.isascii() and value.isdigit() else None

    def _on_localhost(self) -> bool:
        return self.headers.get("Host", "").partition(":")[0].lower() == "localhost"

    def _let_it_read(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_SECONDS)
        deadline = time.monotonic() + LINGER_SECONDS
        try:
            while time.monotonic() < deadline and self.connection.recv(65536):
                pass
        except OSError:
            return

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
