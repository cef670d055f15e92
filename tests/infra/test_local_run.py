"""The whole local run, as a person starts and ends it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from infra.local.watching import ROOT
from tests.local_run import PATIENCE_SECONDS, READY, LocalRun


@pytest.fixture
def local_run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path / "data")


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether `condition` comes true before patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def processes_of(folder: Path) -> list[str]:
    """The processes that were told of `folder` in their environment."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if os.fsencode(folder) in environment.read_bytes() and environment.parent.name != str(os.getpid()):
                found.append(environment.parent.name)
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            continue
    return found


def test_one_line_says_where_pages_and_mail_are(local_run: LocalRun) -> None:
    with local_run.running():
        assert httpx.get(f"{local_run.url}/health").json() == {"status": "ok"}
        assert httpx.get(f"{local_run.mail_url}/messages.json").json() == []
        assert httpx.get(f"{local_run.url}/no/such/page").status_code == 404


def test_data_is_kept_across_restarts(local_run: LocalRun) -> None:
    row = {"id": {"S": "kept"}}
    with local_run.running():
        local_run.engine("dynamodb").put_item(TableName="helpdesk-counters-table", Item=row)
        local_run.engine("s3").put_object(Bucket="helpdesk-files-bucket", Key="kept", Body=b"bytes")
        engine_url, key = local_run.engine_url, (local_run.data_dir / "signing-key").read_text()
    with local_run.running():
        found = local_run.engine("dynamodb").get_item(TableName="helpdesk-counters-table", Key=row)
        assert found["Item"] == row
        assert local_run.engine("s3").get_object(Bucket="helpdesk-files-bucket", Key="kept")["Body"].read() == b"bytes"
        assert (local_run.engine_url, (local_run.data_dir / "signing-key").read_text()) == (engine_url, key)
    assert (local_run.data_dir / "signing-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_in_order_and_leaves_nothing_behind(local_run: LocalRun, end: signal.Signals) -> None:
    with local_run.running() as process:
        process.send_signal(end)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert processes_of(local_run.data_dir) == []
        assert is_free(local_run.port)
        assert is_free(local_run.mail_port)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_it_ends_when_make_alone_is_told_to(local_run: LocalRun, tmp_path: Path, end: signal.Signals) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@{sys.executable} -m infra.local.run\n", encoding="utf-8")
    options = {"PORT": str(local_run.port), "MAIL_PORT": str(local_run.mail_port), "DATA_DIR": str(local_run.data_dir)}
    # Under `make test` these would make it a part of that make, which announces the folders it enters.
    outer = {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    with subprocess.Popen(
        ["make", "--file", makefile, "run"],
        cwd=ROOT,
        env=outer | options | {"DEMO": "0"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert READY.fullmatch(process.stdout.readline())
        process.send_signal(end)
        process.wait(PATIENCE_SECONDS)
        assert eventually(lambda: processes_of(local_run.data_dir) == [])


def test_its_parts_end_even_when_it_is_killed_and_nothing_is_lost(local_run: LocalRun) -> None:
    row = {"id": {"S": "kept"}}
    with local_run.running() as process:
        local_run.engine("dynamodb").put_item(TableName="helpdesk-counters-table", Item=row)
        process.kill()
        process.wait(PATIENCE_SECONDS)
    assert eventually(lambda: is_free(local_run.port))
    with local_run.running():
        assert "Item" in local_run.engine("dynamodb").get_item(TableName="helpdesk-counters-table", Key=row)
    assert eventually(lambda: processes_of(local_run.data_dir) == [])


@pytest.mark.parametrize("name", ["port", "mail_port"])
def test_a_port_in_use_is_said_plainly(local_run: LocalRun, name: str) -> None:
    with socket.create_server(("127.0.0.1", getattr(local_run, name))), local_run.spawn() as process:
        said = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 1
        assert said[0] == ""
        assert f"port {getattr(local_run, name)} is in use" in said[1]
        assert "Traceback" not in said[1]


def test_nobody_outside_this_machine_can_reach_it(local_run: LocalRun) -> None:
    with local_run.running():
        engine_port = int(local_run.engine_url.rpartition(":")[2])
        listening = {
            line.split()[1]
            for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
            if line.split()[3] == "0A"
            and int(line.split()[1].partition(":")[2], 16) in {local_run.port, local_run.mail_port, engine_port}
        }
        assert len(listening) == 3
        assert all(address.startswith("0100007F:") for address in listening)


def test_saving_a_file_reloads_and_a_mistake_leaves_the_code_before_it_running(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    for name in ("chalicelib", "templates", "infra"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "app.py", root / "app.py")
    (root / ".venv-engine").symlink_to(ROOT / ".venv-engine")
    run = LocalRun(tmp_path / "data", root=root)
    code = (root / "app.py").read_text(encoding="utf-8")

    def save(text: str) -> None:
        (root / "app.py").write_text(text, encoding="utf-8")

    def answers(path: str) -> bool:
        return httpx.get(run.url + path).status_code == 200

    with run.running() as process:
        assert process.stderr
        save(code + '\n\n@app.route("/added")\ndef added() -> dict[str, str]:\n    return {}\n')
        assert any(line.startswith("Reloaded: app.py") for line in process.stderr)
        assert answers("/added")
        save(code + "\n\nthis is no Python\n")
        assert any(line.startswith("Not reloaded: app.py") for line in process.stderr)
        assert answers("/added")
        save(code)
        assert any(line.startswith("Reloaded: app.py") for line in process.stderr)
        assert not answers("/added")
