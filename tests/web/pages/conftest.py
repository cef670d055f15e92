"""What the tests of the pages share: one cloud per module, mailed codes, and a meter of the round trips to AWS."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.endpoint import Endpoint
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from chalicelib import directory, notifications, reading
from chalicelib.config import settings
from chalicelib.domain.people import Person
from chalicelib.storage import aws as clients
from chalicelib.storage import files, limits, listings
from infra.local import resources
from tests.conftest import forget_clients
from tests.stage import forget_mails, mails_to

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def cloud() -> Iterator[None]:
    """Tables, bucket, queue and mail service for the tests of one module: making them is what takes the time."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        forget_clients()
        session = boto3.session.Session(region_name=REGION)
        for name, value in resources.create_all(session).items():
            environment.setenv(name, value)
        session.client("sesv2").create_email_identity(EmailIdentity="desk@desk.example")
        yield
    forget_clients()


@pytest.fixture
def aws(cloud: None) -> None:
    """The tables, the queue and the mail as empty as when they were made."""
    for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
        table.items.clear()
    for queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.values():
        queue._messages.clear()  # SQS itself purges a queue once a minute at most
    forget_mails()


def run_queue() -> None:
    """Does all that waits in the mail queue."""
    queue: Any = {"QueueUrl": settings().mail_queue_url}
    while messages := clients.sqs().receive_message(**queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            notifications.run_job(json.loads(message["Body"]))
            clients.sqs().delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])


def mailed_code(person: Person) -> str:
    """The code in the last mail to `person`."""
    run_queue()
    found = re.search(r"\b\d{6}\b", mails_to(person)[-1].subject)
    assert found
    return found[0]


@dataclass
class Meter:
    """Counts requests to AWS, and the longest chain of them of which each waits for the one before."""

    calls: int = 0
    depth: int = 0

    def together(self, reads: list[Callable[[], Any]]) -> list[Any]:
        """`aws.together` one after another, counted as if they had run side by side."""
        start, ends, found = self.depth, [self.depth], []
        for read in reads:
            self.depth = start
            found.append(read())
            ends.append(self.depth)
        self.depth = max(ends)
        return found


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Makes a meter for what happens inside a `with`."""

    @contextmanager
    def metered() -> Iterator[Meter]:
        counted, send = Meter(), Endpoint.make_request

        def make_request(self: Any, *given: Any) -> Any:
            counted.calls += 1
            counted.depth += 1
            return send(self, *given)

        with monkeypatch.context() as patch:
            patch.setattr(Endpoint, "make_request", make_request)
            for module in (clients, files, limits, listings, directory, reading):
                patch.setattr(module, "together", counted.together)
            yield counted

    return metered
