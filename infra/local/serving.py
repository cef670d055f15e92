"""The child process of the local run: app.py behind the server, and its other handlers on the pump.

Started anew by infra.local.run whenever the code changes, as `python -m infra.local.serving LISTENER READY`, both
numbers of inherited file descriptors: the listening socket, and a pipe that is told when requests are answered.
"""

import importlib
import logging
import os
import signal
import socket
import sys
from threading import Event
from typing import Any

import boto3

from infra.local import lifeline
from infra.local.gateway import Gateway
from infra.local.pump import HOUR_SECONDS, SWEEP_SECONDS, Pump, Queue, Schedule, Stream
from infra.local.server import Server


def main(listener: socket.socket, ready: int) -> None:
    """Serve until told to terminate."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    lifeline.hold()
    logging.basicConfig(format="%(message)s", level=os.environ.get("LOG_LEVEL", "WARNING"))
    app = importlib.import_module("app")
    not_found = importlib.import_module("chalicelib.web.problems").not_found_response
    server = Server(listener, os.environ["BASE_URL"], Gateway(app.app, not_found).answer)
    pump = _pump(app)
    server.start()
    pump.start()
    os.write(ready, b"ready")
    os.close(ready)
    stopping.wait()
    server.stop()
    pump.stop()


def _pump(app: Any) -> Pump:
    history = boto3.client("dynamodb").describe_table(TableName=os.environ["HISTORY_TABLE"])["Table"]
    return Pump(
        Stream(boto3.client("dynamodbstreams"), history["LatestStreamArn"], app.deliver_events),
        Queue(boto3.client("sqs"), os.environ["MAIL_QUEUE_URL"], app.send_mail),
        Queue(boto3.client("sqs"), os.environ["MAIL_EVENTS_QUEUE_URL"], app.take_mail_events),
        Schedule(SWEEP_SECONDS, app.sweep),
        Schedule(HOUR_SECONDS, app.hourly),
    )


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
