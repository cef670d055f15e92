"""SES's mailbox simulator: what SES would publish of mail to its test addresses.

A label behind a plus sign makes as many of each kind as a try needs: bounce+anna@simulator.amazonses.com.
Source: "Using the mailbox simulator" in the Amazon SES developer guide.
"""

from collections.abc import Callable, Iterator
from typing import Any

_DOMAIN = "simulator.amazonses.com"


def events(order: dict[str, Any], message_id: str, at: str) -> Iterator[dict[str, Any]]:
    """The events that follow an `order` of SES v2 SendEmail which was taken `at` (RFC 3339, UTC) as `message_id`."""
    to = order["Destination"]["ToAddresses"]
    mail = {
        "timestamp": at,
        "source": order.get("FromEmailAddress", ""),
        "messageId": message_id,
        "destination": to,
        "tags": {tag["Name"]: [tag["Value"]] for tag in order.get("EmailTags", [])},
    }
    for address in to:
        local, _, domain = address.lower().partition("@")
        happens = _HAPPENS.get(local.partition("+")[0]) if domain == _DOMAIN else None
        if happens:
            yield happens(address, message_id, at) | {"mail": mail}


def _bounce(address: str, message_id: str, at: str) -> dict[str, Any]:
    said = {"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    return _bounced("Permanent", "General", {"emailAddress": address} | said, message_id, at)


def _out_of_office(address: str, message_id: str, at: str) -> dict[str, Any]:
    """An automatic answer, which SES passes on as a bounce that no mail server speaks of."""
    return _bounced("Transient", "General", {"emailAddress": address}, message_id, at)


def _suppressed(address: str, message_id: str, at: str) -> dict[str, Any]:
    said = {"action": "failed", "status": "5.1.1", "diagnosticCode": "Amazon SES has suppressed sending"}
    return _bounced("Permanent", "Suppressed", {"emailAddress": address} | said, message_id, at)


def _bounced(kind: str, detail: str, recipient: dict[str, str], message_id: str, at: str) -> dict[str, Any]:
    bounce = {
        "bounceType": kind,
        "bounceSubType": detail,
        "bouncedRecipients": [recipient],
        "timestamp": at,
        "feedbackId": f"{message_id}-bounce",
        "reportingMTA": f"dns; {_DOMAIN}",
    }
    return {"eventType": "Bounce", "bounce": bounce}


def _complaint(address: str, message_id: str, at: str) -> dict[str, Any]:
    complaint = {
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": at,
        "feedbackId": f"{message_id}-complaint",
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
    }
    return {"eventType": "Complaint", "complaint": complaint}


_HAPPENS: dict[str, Callable[[str, str, str], dict[str, Any]]] = {
    "bounce": _bounce,
    "complaint": _complaint,
    "ooto": _out_of_office,
    "suppressionlist": _suppressed,
}
