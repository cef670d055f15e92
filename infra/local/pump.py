"""Calls the handlers of app.py as Lambda would: for the stream of the history table, the mail queue and the schedule.

The stream is read from its end at each start, and the sweep is called first: what was written while nobody read is
what the sweep is for, so a position kept on disk would only add a second truth. A handler that fails is logged and
called again as Lambda would call it; nothing it does ends the pump.
"""

import base64
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from infra.local.gateway import context

log = logging.getLogger(__name__)

Handler = Callable[[Any, Any], Any]

STREAM_POLL_SECONDS = 0.2
STREAM_TRIES = 4
"""The first call and three more; Lambda would then hand the records to the function's failure destination."""
RETRY_SECONDS = 1.0
QUEUE_WAIT_SECONDS = 1
SWEEP_SECONDS = 300.0
HOUR_SECONDS = 3600.0
TIMEOUT_MS = 60_000


class Pump:
    """Several loops, each in its thread, that stop together."""

    def __init__(self, *loops: Callable[[Event], None]) -> None:
        self._stopping = Event()
        self._threads = [
            Thread(target=self._keep_going, args=(loop,), name=getattr(loop, "__qualname__", ""), daemon=True)
            for loop in loops
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each handler finish what it has, and return."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _keep_going(self, loop: Callable[[Event], None]) -> None:
        while not self._stopping.is_set():
            try:
                loop(self._stopping)
            except Exception:
                if not self._stopping.is_set():
                    log.exception("%s broke off and starts again", loop)
                self._stopping.wait(RETRY_SECONDS)


class Stream:
    """The records of a table's stream, in batches, in order."""

    def __init__(self, client: Any, stream_arn: str, handler: Handler) -> None:
        self._client = client
        self._arn = stream_arn
        self._handler = handler
        self._iterators = dict(self._ends())

    def __call__(self, stopping: Event) -> None:
        while not stopping.is_set():
            for shard, iterator in list(self._iterators.items()):
                found = self._client.get_records(ShardIterator=iterator, Limit=100)
                self._deliver([self._as_lambda(record) for record in found["Records"]], stopping)
                self._iterators[shard] = found["NextShardIterator"]
            stopping.wait(STREAM_POLL_SECONDS)

    def _ends(self) -> Iterator[tuple[str, str]]:
        for shard in self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]:
            found = self._client.get_shard_iterator(
                StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
            )
            yield shard["ShardId"], found["ShardIterator"]

    def _deliver(self, records: list[dict[str, Any]], stopping: Event) -> None:
        """Call the handler until it has taken every record, from the first it failed on."""
        for _ in range(STREAM_TRIES):
            if not records:
                return
            records = records[_first_failed(self._handler, records) :]
            if records and stopping.wait(RETRY_SECONDS):
                return
        if records:
            log.error("given up after %d tries, left to the sweep: %s", STREAM_TRIES, [_id(each) for each in records])

    def _as_lambda(self, record: dict[str, Any]) -> dict[str, Any]:
        event: dict[str, Any] = _as_json(record)
        return {**event, "eventSourceARN": self._arn}


class Queue:
    """The messages of a queue; those the handler did not fail on are deleted, the others come again by themselves."""

    def __init__(self, client: Any, url: str, handler: Handler) -> None:
        self._client = client
        self._url = url
        self._handler = handler
        self._arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def __call__(self, stopping: Event) -> None:
        while not stopping.is_set():
            found = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=QUEUE_WAIT_SECONDS,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            if messages := found.get("Messages"):
                self._deliver(messages)

    def _deliver(self, messages: list[dict[str, Any]]) -> None:
        failed = _failed(self._handler, [self._as_lambda(message) for message in messages])
        for message in messages:
            if message["MessageId"] not in failed:
                self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def _as_lambda(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": message.get("MessageAttributes", {}),
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": self._arn.split(":")[3],
        }


class Schedule:
    """A handler called at the start and then at a fixed rate."""

    def __init__(self, seconds: float, handler: Handler) -> None:
        self._seconds = seconds
        self._handler = handler

    def __call__(self, stopping: Event) -> None:
        while not stopping.is_set():
            due = time.monotonic() + self._seconds
            self._call()
            stopping.wait(max(0.0, due - time.monotonic()))

    def _call(self) -> None:
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": "eu-central-1",
            "resources": [],
            "detail": {},
        }
        try:
            self._handler(event, context("schedule", TIMEOUT_MS))
        except Exception:
            log.exception("the scheduled handler failed")


def _failed(handler: Handler, records: list[dict[str, Any]]) -> set[str]:
    """The ids of the records that the handler did not take; all of them when it raised."""
    try:
        answer = handler({"Records": records}, context("pump", TIMEOUT_MS)) or {}
        return {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
    except Exception:
        log.exception("a handler failed on %d records", len(records))
        return {_id(record) for record in records}


def _first_failed(handler: Handler, records: list[dict[str, Any]]) -> int:
    """How many records, from the first, are done with; as Lambda, what follows a failed one counts as failed."""
    failed = _failed(handler, records)
    return next((index for index, record in enumerate(records) if _id(record) in failed), len(records))


def _id(record: dict[str, Any]) -> str:
    """What a partial-batch answer calls a record."""
    identifier: str = record["messageId"] if "messageId" in record else record["dynamodb"]["SequenceNumber"]
    return identifier


def _as_json(value: Any) -> Any:
    """boto3's reading of a record, as JSON has it in the event: times in seconds, binary in base64."""
    match value:
        case dict():
            return {key: _as_json(each) for key, each in value.items()}
        case list():
            return [_as_json(each) for each in value]
        case datetime():
            return value.timestamp()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
