"""The local run as tests start and end it: a folder, two free ports, and `make run`'s own command."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from infra.local.watching import ROOT

READY = re.compile(r"Helpdesk ready: (http://127\.0\.0\.1:\d+) \(mail: (http://127\.0\.0\.1:\d+)\)\n")
PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@dataclass
class LocalRun:
    """`make run` over one folder and two ports, started as often as a test likes."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    mail_port: int = field(default_factory=free_port)
    root: Path = ROOT
    demo: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mail_url(self) -> str:
        return f"http://127.0.0.1:{self.mail_port}"

    @property
    def engine_url(self) -> str:
        return f"http://127.0.0.1:{(self.data_dir / 'engine' / 'port').read_text()}"

    def spawn(self) -> subprocess.Popen[str]:
        options = {
            "PORT": str(self.port),
            "MAIL_PORT": str(self.mail_port),
            "DATA_DIR": str(self.data_dir),
            "DEMO": "1" if self.demo else "0",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "infra.local.run"],
            cwd=self.root,
            env=os.environ | options,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        with self.spawn() as process:
            assert process.stdout
            line = process.stdout.readline()
            try:
                assert READY.fullmatch(line), process.stderr and process.stderr.read()
                yield process
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(PATIENCE_SECONDS)

    def engine(self, service: str) -> Any:
        """A client of one of the engine's services."""
        session = boto3.Session("test", "test", region_name="eu-central-1")
        return session.client(service, endpoint_url=self.engine_url)  # type: ignore[call-overload]
