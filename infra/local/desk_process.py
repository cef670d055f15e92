"""The serving process as the supervisor sees it: one at a time, replaced by a new one when the code changes."""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from infra.local.watching import ROOT

START_SECONDS = 30
STOP_SECONDS = 15


class DeskProcess:
    """Starts, replaces and ends `infra.local.serving`; what the app prints goes to a log, as to CloudWatch."""

    def __init__(self, listener: socket.socket, environment: Mapping[str, str], log: Path) -> None:
        self._listener = listener
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def replace(self) -> bool:
        """Start a process with the code as it is now, then end the one before.

        The listening socket is shared, so no request is refused in between. False when the new one did not come up:
        it has said why, and the one before goes on.
        """
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb", buffering=0) as ready:
            try:
                new = self._spawn(writer)
            finally:
                os.close(writer)
            if not _says_ready(ready):
                _end(new)
                return False
        before, self._process = self._process, new
        if before:
            _end(before)
        return True

    def stop(self) -> None:
        if self._process:
            _end(self._process)
            self._process = None

    def _spawn(self, ready: int) -> subprocess.Popen[bytes]:
        listener = self._listener.fileno()
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "infra.local.serving", str(listener), str(ready)],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                pass_fds=(listener, ready),
                start_new_session=True,
            )


def _says_ready(ready: IO[bytes]) -> bool:
    """Wait for the word, or for the end of the process that would have said it."""
    readable, _, _ = select.select([ready], [], [], START_SECONDS)
    return bool(readable) and ready.read(5) == b"ready"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
