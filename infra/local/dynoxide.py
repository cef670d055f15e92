"""Starts dynoxide, a DynamoDB in one static binary (npm) that counts consumed capacity exactly and knows real races."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from infra.local.readiness import POLL_SECONDS
from infra.local.watching import ROOT

BINARY = ROOT / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide"
START_SECONDS = 20


class NotInstalled(RuntimeError):
    """The binary is not there; `npm ci` brings it."""


@contextmanager
def dynoxide(database: Path | None = None) -> Iterator[str]:
    """The address of a running dynoxide, in memory or in the file `database`. Raises NotInstalled."""
    if not BINARY.exists():
        raise NotInstalled("dynoxide is not installed; `npm ci` brings it")
    port = _free_port()
    command = [str(BINARY), "serve", "--port", str(port)]
    if database is not None:
        command += ["--db-path", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait(process, endpoint)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=10)


def imported(export: Path, schemas: list[dict[str, Any]], database: Path) -> None:
    """Makes the file `database` from an export of DynamoDB: some hundred times quicker than writing through the API.

    `schemas` are the tables as DescribeTable answers them.
    """
    schema = database.with_suffix(".schema.json")
    schema.write_text(json.dumps([{"Table": each} for each in schemas], default=str), encoding="utf-8")
    command = [str(BINARY), "import", "--source", str(export), "--schema", str(schema), "--output", str(database)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], endpoint: str) -> None:
    from botocore.config import Config
    from botocore.exceptions import EndpointConnectionError

    patient = Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=5)
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=patient,
    )
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client.list_tables()
            return
        except EndpointConnectionError:
            time.sleep(POLL_SECONDS)
    raise RuntimeError(f"dynoxide did not answer within {START_SECONDS} s")
