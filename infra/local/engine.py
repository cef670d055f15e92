"""The local engine: ministack in an environment of its own, as one child process that keeps its state in a folder.

It writes tables and queues down only when it ends in order, so `stop` waits for that; files are kept as they come.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local import lifeline
from infra.local.readiness import HOST, POLL_SECONDS, becomes_ready

PYTHON = Path(__file__).resolve().parents[2] / ".venv-engine" / "bin" / "python"
START_SECONDS = 30
STOP_SECONDS = 20
LOCK_SECONDS = 10
"""How long to wait for an engine that is still writing its state down, because its starter was killed."""


class EngineFailed(RuntimeError):
    """The engine did not start; the message says where it wrote why."""


class Engine:
    """One engine over one folder; a context manager that starts and stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "engine.log"
        self.endpoint_url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the engine and wait until it answers. Raises EngineFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        port = _port_of(self.folder / "port")
        self.endpoint_url = f"http://{HOST}:{port}"
        with _sole_use_of(self.folder) as lock, self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PYTHON, "-P", lifeline.__file__, "ministack"],
                cwd=self.folder,
                env=self._environment(port),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C is for the one who started it, who then calls stop()
            )
        if not becomes_ready(port, "/_ministack/health", lambda: self.running, START_SECONDS):
            self.stop()
            raise EngineFailed(f"the engine did not start; {self.log} says why")

    def stop(self) -> None:
        """End the engine in order, so that it keeps its state; by force when it does not go."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"The engine did not end in {STOP_SECONDS} s and was killed.", file=sys.stderr)
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def _environment(self, port: int) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.folder / "files"),
        }


@contextmanager
def _sole_use_of(folder: Path) -> Iterator[int]:
    """The lock of a folder; a process that inherits it holds it to its end. Raises EngineFailed."""
    deadline = time.monotonic() + LOCK_SECONDS
    with (folder / "lock").open("w") as file:
        while not _locked(file.fileno()):
            if time.monotonic() > deadline:
                raise EngineFailed(f"another run uses {folder}; end it, or choose another folder")
            time.sleep(POLL_SECONDS)
        yield file.fileno()


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _port_of(file: Path) -> int:
    """The port the engine had last time if it is free: signed links carry it, and kept queues are known by it."""
    remembered = int(file.read_text()) if file.exists() else 0
    try:
        port = _free_port(remembered)
    except OSError:
        port = _free_port(0)
    file.write_text(str(port))
    return port


def _free_port(wanted: int) -> int:
    with socket.create_server((HOST, wanted)) as server:
        port: int = server.getsockname()[1]
        return port
