"""Whether a server on this machine answers already."""

import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

HOST = "127.0.0.1"
POLL_SECONDS = 0.02


def becomes_ready(port: int, path: str, alive: Callable[[], bool], seconds: float) -> bool:
    """Wait until `path` is answered with 200. False when `alive` says there is nothing to wait for, or time is up."""
    deadline = time.monotonic() + seconds
    while alive() and time.monotonic() < deadline:
        if _answers(port, path):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
