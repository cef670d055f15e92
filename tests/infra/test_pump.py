"""Handlers are called as Lambda calls them: in order, again from the first failure, and never a pump the less."""

import uuid
from collections.abc import Iterator
from threading import Event
from typing import Any

import boto3
import pytest

from infra.local import pump
from infra.local.engine import Engine


class Recorder:
    """A handler that remembers what it was given, and fails as it is told."""

    def __init__(self, *answers: Any) -> None:
        self.calls: list[list[str]] = []
        self.events: list[Any] = []
        self.done = Event()
        self._answers = list(answers)

    def __call__(self, event: Any, context: Any) -> Any:
        assert context.aws_request_id
        self.events.append(event)
        records = event.get("Records", [])
        self.calls.append([_name(record) for record in records])
        answer = self._answers.pop(0) if self._answers else None
        if not self._answers:
            self.done.set()
        if isinstance(answer, Exception):
            raise answer
        failed = [record for record in records if answer and _name(record) == answer]
        return {"batchItemFailures": [{"itemIdentifier": pump._id(record)} for record in failed]}


def _name(record: dict[str, Any]) -> str:
    name: str = record["dynamodb"]["Keys"]["id"]["S"] if "dynamodb" in record else record["body"]
    return name


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(pump, "STREAM_POLL_SECONDS", 0.01)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture
def session(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint_url)
    return boto3.Session("test", "test", region_name="eu-central-1")


@pytest.fixture
def table(session: boto3.Session) -> str:
    """The name of a table with a stream."""
    name = f"events-{uuid.uuid4()}"
    session.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return name


@pytest.fixture
def url(session: boto3.Session) -> str:
    """The address of a queue."""
    return session.client("sqs").create_queue(QueueName=f"mail-{uuid.uuid4()}")["QueueUrl"]


def stream_arn(session: boto3.Session, table: str) -> str:
    return session.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]


class TestStream:
    def deliver(self, session: boto3.Session, table: str, handler: Recorder, *names: str) -> None:
        """Write rows and pump them until the handler has given its last answer."""
        stream = pump.Stream(session.client("dynamodbstreams"), stream_arn(session, table), handler)
        for name in names:
            session.client("dynamodb").put_item(TableName=table, Item={"id": {"S": name}, "blob": {"B": b"\x00"}})
        running = pump.Pump(stream)
        running.start()
        assert handler.done.wait(10)
        running.stop()

    def test_records_have_the_shape_of_lambdas_event(self, session: boto3.Session, table: str) -> None:
        handler = Recorder(None)
        self.deliver(session, table, handler, "a")
        [record] = handler.events[0]["Records"]
        assert record["eventName"] == "INSERT"
        assert record["eventSourceARN"] == stream_arn(session, table)
        assert record["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "blob": {"B": "AA=="}}
        assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)

    def test_a_batch_goes_on_from_the_first_record_that_failed(self, session: boto3.Session, table: str) -> None:
        handler = Recorder("b", None)
        self.deliver(session, table, handler, "a", "b", "c")
        assert handler.calls == [["a", "b", "c"], ["b", "c"]]

    def test_a_handler_that_raises_is_given_the_batch_again(self, session: boto3.Session, table: str) -> None:
        handler = Recorder(RuntimeError("down"), None)
        self.deliver(session, table, handler, "a", "b")
        assert handler.calls == [["a", "b"], ["a", "b"]]

    def test_a_record_that_always_fails_is_given_up(self, session: boto3.Session, table: str) -> None:
        handler = Recorder(*["a"] * pump.STREAM_TRIES)
        self.deliver(session, table, handler, "a")
        assert handler.calls == [["a"]] * pump.STREAM_TRIES

    def test_what_was_written_before_the_start_is_left_to_the_sweep(self, session: boto3.Session, table: str) -> None:
        session.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "before"}})
        handler = Recorder(None)
        self.deliver(session, table, handler, "after")
        assert handler.calls == [["after"]]


class TestQueue:
    def pump_one_batch(self, session: boto3.Session, url: str, handler: Recorder) -> None:
        running = pump.Pump(pump.Queue(session.client("sqs"), url, handler))
        running.start()
        assert handler.done.wait(10)
        running.stop()

    def test_only_what_did_not_fail_is_deleted(self, session: boto3.Session, url: str) -> None:
        client = session.client("sqs")
        for body in ("good", "bad"):
            client.send_message(QueueUrl=url, MessageBody=body)
        self.pump_one_batch(session, url, Recorder("bad"))
        left = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert left["ApproximateNumberOfMessages"] == "0"
        assert left["ApproximateNumberOfMessagesNotVisible"] == "1"

    def test_messages_have_the_shape_of_lambdas_event(self, session: boto3.Session, url: str) -> None:
        session.client("sqs").send_message(QueueUrl=url, MessageBody="code")
        handler = Recorder(None)
        self.pump_one_batch(session, url, handler)
        [record] = handler.events[0]["Records"]
        assert record["body"] == "code"
        assert record["eventSource"] == "aws:sqs"
        assert record["eventSourceARN"].startswith("arn:aws:sqs:eu-central-1:")
        assert record["attributes"]["ApproximateReceiveCount"] == "1"


class TestSchedule:
    def test_it_is_called_at_the_start_and_again_after_a_failure(self) -> None:
        handler = Recorder(RuntimeError("down"), None)
        running = pump.Pump(pump.Schedule(0.01, handler))
        running.start()
        assert handler.done.wait(10)
        running.stop()
        assert handler.events[0]["source"] == "aws.events"
