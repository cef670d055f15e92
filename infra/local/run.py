"""`make run`: the engine, the mail page and the desk, started in order, watched, and ended together.

Standard output carries one line, when pages answer; everything else is said on standard error.
"""

import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import boto3

from infra.local import resources
from infra.local.desk_process import START_SECONDS, DeskProcess
from infra.local.engine import Engine, EngineFailed
from infra.local.mail import mail_server
from infra.local.mailbox import Mailbox
from infra.local.readiness import HOST, becomes_ready
from infra.local.resources import TableOutdated
from infra.local.starter import Starter
from infra.local.watching import ROOT, Watch

REGION = "eu-central-1"
LOOK_SECONDS = 0.5


class CannotRun(RuntimeError):
    """Something outside the code stands in the way; the message is for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the environment may say about a run."""

    port: int
    mail_port: int
    data_dir: Path
    demo: bool

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def mail_url(self) -> str:
        return f"http://{HOST}:{self.mail_port}"


def options(env: Mapping[str, str]) -> Options:
    """The options in `env`. Raises CannotRun."""
    return Options(
        port=_port(env, "PORT", 8000),
        mail_port=_port(env, "MAIL_PORT", 8025),
        data_dir=Path(env.get("DATA_DIR") or ROOT / ".local").resolve(),
        demo=env.get("DEMO", "1") != "0",
    )


def main() -> int:
    """Run until told to end. The exit status."""
    stopping = Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stopping.set())
    try:
        with ExitStack() as stack:
            _run(options(os.environ), stopping, stack)
    except (CannotRun, EngineFailed, TableOutdated) as problem:
        print(f"Helpdesk cannot run: {problem}", file=sys.stderr)
        return 1
    return 0


def _run(chosen: Options, stopping: Event, stack: ExitStack) -> None:
    """Start everything in order, each with its end on the stack, and watch it."""
    starter = Starter()
    listener = stack.enter_context(_listening(chosen.port, "PORT"))
    mail_listener = stack.enter_context(_listening(chosen.mail_port, "MAIL_PORT"))
    mail = mail_server(mail_listener, chosen.mail_url, Mailbox(chosen.data_dir / "mail"), _report)
    mail.start()
    stack.callback(mail.stop)
    engine = stack.enter_context(Engine(chosen.data_dir / "engine"))
    os.environ.update(_environment(chosen, engine))
    empty = resources.is_empty(boto3.client("dynamodb"))
    os.environ.update(resources.create_all(boto3.Session()))
    if empty and chosen.demo:
        _seed(chosen.data_dir)
    _readdress(chosen.data_dir / "demo.json", chosen)
    watch = Watch()  # before the code is read, so that no save falls in between
    desk = DeskProcess(listener, os.environ, chosen.data_dir / "desk.log")
    stack.callback(desk.stop)
    if not desk.replace() or not becomes_ready(chosen.port, "/health", lambda: desk.running, START_SECONDS):
        raise CannotRun("the desk did not start; what it said stands above")
    print(f"Helpdesk ready: {chosen.base_url} (mail: {chosen.mail_url})", flush=True)
    while not stopping.wait(LOOK_SECONDS) and not starter.has_ended:
        if not engine.running or not desk.running:
            raise CannotRun(
                f"a part of it ended by itself; {engine.log} and {chosen.data_dir / 'desk.log'} may say why"
            )
        if changes := watch.changes():
            _reload(desk, changes)


def _port(env: Mapping[str, str], name: str, usual: int) -> int:
    value = env.get(name) or str(usual)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise CannotRun(f"{name}={value} is not a port")
    return int(value)


@contextmanager
def _listening(port: int, name: str) -> Iterator[socket.socket]:
    """A listening socket that several processes may wait on, so an accept must never block."""
    try:
        listener = socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        raise CannotRun(f"port {port} is in use; choose another with {name}=…") from error
    with listener:
        listener.setblocking(False)
        yield listener


def _environment(chosen: Options, engine: Engine) -> dict[str, str]:
    """What the desk is told, beside the names of its tables; nothing of a real account is left within reach."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": engine.endpoint_url,
        "AWS_ENDPOINT_URL_SESV2": chosen.mail_url,
        "BASE_URL": chosen.base_url,
        "SIGNING_KEY": _signing_key(chosen.data_dir / "signing-key"),
        "MAIL_FROM": "Pythagoras Helpdesk <desk@helpdesk.example>",
        "ADMIN_EMAIL": "" if chosen.demo else "admin@example.com",
    }


def _report(event: dict[str, Any]) -> None:
    """Puts an event of the mail service where SES and SNS would; a mail can only come once the queue is there."""
    boto3.client("sqs").send_message(QueueUrl=os.environ["MAIL_EVENTS_QUEUE_URL"], MessageBody=json.dumps(event))


def _signing_key(file: Path) -> str:
    """The key of this folder's links and sessions, made at its first run and readable by its owner alone."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(48))
    return file.read_text()


def _seed(data_dir: Path) -> None:
    """Fill an empty desk with demo data; a desk once used keeps what it has."""
    if importlib.util.find_spec("infra.local.demo"):
        importlib.import_module("infra.local.demo").seed(data_dir)


def _readdress(demo: Path, chosen: Options) -> None:
    """The demo's accounts outlive a change of ports."""
    if demo.exists():
        written = json.loads(demo.read_text(encoding="utf-8"))
        written |= {"base_url": chosen.base_url, "mail_url": chosen.mail_url}
        demo.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _reload(desk: DeskProcess, changes: set[Path]) -> None:
    names = ", ".join(sorted(str(file.relative_to(ROOT)) for file in changes))
    if any(file.suffix == ".po" for file in changes):
        subprocess.run(["make", "--silent", "locale"], cwd=ROOT, check=False, stdout=sys.stderr)
    if desk.replace():
        print(f"Reloaded: {names}", file=sys.stderr)
    else:
        print(f"Not reloaded: {names}. The code before it goes on until the next save.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
