"""What SES publishes, in the shape of the examples in its developer guide ("Event record examples")."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

SENT = datetime(2025, 3, 4, 9, 0, tzinfo=UTC)


def mail_to(*emails: str, ticket: str = "", sent: datetime = SENT) -> dict[str, Any]:
    """The part that every event has: which mail it was."""
    tags = {"ses:configuration-set": ["desk"], "ses:source-ip": ["192.0.2.0"], "kind": ["comment_added"]}
    return {
        "timestamp": _time(sent),
        "source": "Pythagoras Helpdesk <desk@desk.example>",
        "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/desk@desk.example",
        "sendingAccountId": "123456789012",
        "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
        "destination": list(emails),
        "headersTruncated": False,
        "headers": [{"name": "From", "value": "Pythagoras Helpdesk <desk@desk.example>"}],
        "commonHeaders": {"to": list(emails), "subject": "Message sent from Amazon SES"},
        "tags": tags | ({"ticket": [ticket]} if ticket else {}),
    }


def bounce(
    *emails: str,
    kind: str = "Permanent",
    detail: str = "General",
    said: str | None = "smtp; 550 5.1.1 user unknown",
    ticket: str = "",
    at: datetime = SENT + timedelta(minutes=1),
    feedback_id: str = "01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000",
) -> dict[str, Any]:
    """A bounce; without `said` one that carries no word of a mail server, as of an automatic answer."""
    words = {"action": "failed", "status": "5.1.1", "diagnosticCode": said} if said is not None else {}
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": detail,
            "bouncedRecipients": [{"emailAddress": email} | words for email in emails],
            "timestamp": _time(at),
            "feedbackId": feedback_id,
            "reportingMTA": "dsn; mta.example.com",
        },
        "mail": mail_to(*emails, ticket=ticket),
    }


def complaint(
    *emails: str,
    kind: str | None = "abuse",
    ticket: str = "",
    at: datetime = SENT + timedelta(hours=1),
    feedback_id: str = "01000157c44f053b-78ebc136-9236-11e6-8d67-1example-000000",
) -> dict[str, Any]:
    """A complaint; without `kind` as from a provider that says no more."""
    said = {"complaintFeedbackType": kind} if kind else {}
    return {
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": email} for email in emails],
            "timestamp": _time(at),
            "feedbackId": feedback_id,
            "complaintSubType": None,
            "userAgent": "Amazon SES Mailbox Simulator",
            "arrivalDate": _time(at),
        }
        | said,
        "mail": mail_to(*emails, ticket=ticket),
    }


def reject(*emails: str, ticket: str = "") -> dict[str, Any]:
    """SES found a virus in a mail."""
    return {"eventType": "Reject", "mail": mail_to(*emails, ticket=ticket), "reject": {"reason": "Bad content"}}


def body(event: dict[str, Any]) -> str:
    """`event` as the queue holds it."""
    return json.dumps(event)


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
