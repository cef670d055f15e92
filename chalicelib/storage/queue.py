"""The mail queue: mails that answer a stranger go through it, so that the answer takes as long whoever asks."""

import json

from chalicelib.config import settings
from chalicelib.domain.people import Actor, Person
from chalicelib.storage.aws import sqs


def send(job: dict[str, str], delay_seconds: int = 0) -> None:
    """Puts one job in the queue, to be done at once or after some seconds."""
    body = json.dumps(job)
    sqs().send_message(QueueUrl=settings().mail_queue_url, MessageBody=body, DelaySeconds=delay_seconds)


def send_invitation(invited: Person, by: Actor) -> None:
    """Puts the mail in the queue that tells `invited` of their place on the desk, given to them by `by`."""
    send({"kind": "invite", "email": invited.email, "language": invited.language, "by": by.name or by.email})
