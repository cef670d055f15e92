"""The mail queue: mails that answer a stranger go through it, so that the answer takes as long whoever asks."""

import json

from chalicelib.config import settings
from chalicelib.storage.aws import sqs


def send(job: dict[str, str]) -> None:
    """Puts one job in the queue."""
    sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody=json.dumps(job))
