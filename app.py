"""The index of the desk: what answers requests, and what the stream, the queue and the schedule call."""

import json
import logging
from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, Rate, SQSEvent

from chalicelib import addresses, closing, digests, notifications
from chalicelib.web import ROUTES
from chalicelib.web.routing import mount

log = logging.getLogger(__name__)

app = Chalice(app_name="helpdesk")
app.api.binary_types = [*app.api.default_binary_types, "multipart/form-data"]
ENDPOINTS = mount(app, ROUTES)


# The address of the stream is set in infra/resources.yaml, which knows the table; Chalice wants some text here.
@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:eu-central-1:123456789012:table/history/stream/latest")
def deliver_events(event: DynamoDBEvent) -> dict[str, Any]:
    """Delivers the mail of new events. What fails here the sweep tries again, so nothing is handed back."""
    for record in event:
        if record.event_name == "INSERT" and "outbox" in (record.new_image or {}):
            notifications.deliver(record.keys["ticket"]["S"], record.keys["id"]["S"])
    return {"batchItemFailures": []}


@app.on_sqs_message(queue="mail", batch_size=10)
def send_mail(event: SQSEvent) -> dict[str, Any]:
    """Sends one-time codes and lost links; a job that fails stays in the queue."""
    return _one_by_one(event, lambda body: notifications.run_job(json.loads(body)))


@app.on_sqs_message(queue="mail-events", batch_size=10)
def take_mail_events(event: SQSEvent) -> dict[str, Any]:
    """Takes what SES says of mail that bounced or was complained of; an event that fails stays in the queue."""
    return _one_by_one(event, addresses.take)


def _one_by_one(event: SQSEvent, work: Callable[[str], None]) -> dict[str, Any]:
    """Does `work` with the body of each message; those it fails on are handed back to the queue."""
    failures = []
    for record in event:
        try:
            work(record.body)
        except Exception:
            log.exception("a message of a queue could not be worked off")
            failures.append({"itemIdentifier": record.to_dict()["messageId"]})
    return {"batchItemFailures": failures}


@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> None:  # noqa: ARG001 - the schedule says nothing we need
    """Delivers what the stream missed."""
    notifications.sweep()


@app.schedule(Rate(1, unit=Rate.HOURS))
def hourly(event: CloudWatchEvent) -> None:
    """Does the day's work, each part as far as the time of this call goes; one that fails holds up no other."""
    context: Any = event.context
    failures: list[Exception] = []
    for part in (closing.run, digests.run):
        try:
            part(context.get_remaining_time_in_millis)
        except Exception as error:
            log.exception("a part of the day's work failed")
            failures.append(error)
    if failures:
        raise failures[0]
