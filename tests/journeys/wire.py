"""A line between browser and store that a test can cut: real bytes over real sockets, up to a chosen one of them."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 256 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST, as a connection that breaks does


@dataclass
class Wire:
    """Passes every connection on to `store`, and cuts the one that carries more bytes up than the first of `cuts`."""

    store: str
    cuts: list[int]
    made: list[int] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def laid(self) -> Iterator["Wire"]:
        """The line is up until the test is over."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.url = f"http://127.0.0.1:{server.getsockname()[1]}"
            threading.Thread(target=self._accept, args=(server,), daemon=True).start()
            yield self

    def _accept(self, server: socket.socket) -> None:
        with suppress(OSError):  # the server is closed when the test is over
            while True:
                near, _ = server.accept()
                far = socket.create_connection((urlsplit(self.store).hostname, urlsplit(self.store).port))
                for carry, ends in ((self._up, (near, far)), (self._down, (far, near))):
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        carried = 0
        with suppress(OSError):
            while chunk := near.recv(_CHUNK):
                carried += len(chunk)
                if self.cuts and carried > self.cuts[0]:
                    self.made.append(self.cuts.pop(0))
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    break
                far.sendall(chunk)
        _close(near, far)

    def _down(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while chunk := far.recv(_CHUNK):
                near.sendall(chunk)
        _close(near, far)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            if not end.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
                end.shutdown(socket.SHUT_RDWR)
        end.close()
