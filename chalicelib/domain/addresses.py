"""Addresses that mail does not reach or whose owners do not want it: what a report of SES means, and what follows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.events import MAIL_BOUNCED, MAIL_COMPLAINED, MAIL_FAILED, MAIL_RESUMED, Event, Stamp, event_of
from chalicelib.domain.people import SYSTEM, Actor, email_address
from chalicelib.domain.text import printable
from chalicelib.domain.tickets import Ticket, project_of
from chalicelib.domain.words import N_

PASSING_DAYS = 3
PASSING_WINDOW = timedelta(days=7)
"""Mail that fails for a passing reason stops once it did so on this many days of this span: a full mailbox, or five
mails to it in one hour, must not silence anybody."""

_MOST_RECIPIENTS = 50  # SES takes no more in one mail
_REMEMBERED_REPORTS = 20
_REMEMBERED_TICKETS = 90  # a clearing writes to each of them, in one transaction of at most a hundred items
_LONGEST_REASON = 200


class Mark(StrEnum):
    """Why nothing is mailed to an address."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Address:
    """What is known of the mail to one address; without a `mark` it is mailed as any other.

    `reason` is what the last mail server said, cleaned. `failures` counts all reports. `passing` are the days (UTC) on
    which mail failed for a passing reason, `tickets` the requests whose staff were told of the mark. A report from
    before `cleared_at` is old news; one that is in `reports` has been taken already. `version` grows with every change.
    """

    email: str
    mark: Mark | None = None
    reason: str = ""
    since: datetime | None = None
    failures: int = 0
    passing: tuple[date, ...] = ()
    tickets: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    cleared_at: datetime | None = None
    cleared_by: str = ""
    version: int = 0

    @property
    def troubled(self) -> bool:
        """True where mail to it is stopped, or failed of late."""
        return self.mark is not None or bool(self.passing)


class Finding(StrEnum):
    """What a report says of the address."""

    UNDELIVERABLE = "undeliverable"  # no mail will arrive there
    PASSING = "passing"  # this mail did not arrive, a later one may
    REFUSED = "refused"  # this mail was refused for what it is; it says nothing of the address
    COMPLAINT = "complaint"


# By bounceType and bounceSubType; "" stands for every other one. Source: "Bounce types" in the SES developer guide.
_BOUNCES: dict[tuple[str, str], Finding] = {
    ("Permanent", ""): Finding.UNDELIVERABLE,
    ("Transient", "MessageTooLarge"): Finding.REFUSED,
    ("Transient", "ContentRejected"): Finding.REFUSED,
    ("Transient", "AttachmentRejected"): Finding.REFUSED,
    ("Transient", ""): Finding.PASSING,
    ("Undetermined", ""): Finding.PASSING,
}

# What no mail server said, so that it has to be said here; remote words are shown as they came.
REASONS: dict[str, str] = {
    "abuse": N_("reported as unwanted mail"),
    "fraud": N_("reported as fraud"),
    "virus": N_("reported as carrying a virus"),
    "other": N_("reported as unwanted mail"),
    "Suppressed": N_("Amazon SES does not deliver to this address because its mail bounced before"),
    "OnAccountSuppressionList": N_("the address is on the suppression list of the Amazon SES account"),
    "MailboxFull": N_("the mailbox is full"),
    "MessageTooLarge": N_("the message is too large for the mailbox"),
    "ContentRejected": N_("the content was refused"),
    "AttachmentRejected": N_("an attachment was refused"),
    "": N_("the mail server gave no reason"),
}

_SES_ITSELF = frozenset({"Suppressed", "OnAccountSuppressionList"})

# Feedback that is no complaint of the owner: "this is not spam", and a report on the sender's authentication.
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})


class NotAReport(ValueError):
    """What came is no report on a mail of the desk, or not one that can be read; trying again would change nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that SES tells of the mail to one address. `reason` is a key of REASONS or the words of a server."""

    id: str
    email: str
    finding: Finding
    reason: str
    at: datetime
    ticket: str = ""


def reports(event: object) -> tuple[Report, ...]:
    """What an event of SES's event publishing says, address by address; nothing where it is no bad news.

    Only addresses that the mail was sent to are taken: a mailbox that forwards may bounce in the name of a stranger's.
    Raises NotAReport.
    """
    kind, mail = _text(event, "eventType"), _object(event, "mail")
    read = _KINDS.get(kind)
    if read is None:
        return ()
    sent_to = {each for each in map(_address, _list(mail, "destination")) if each}
    if not sent_to:
        raise NotAReport("the mail has no recipient that can be read")
    ticket = _ticket(mail)
    return tuple(replace(report, ticket=ticket) for report in read(event, mail) if report.email in sent_to)


def _bounces(event: object, _: object) -> Iterator[Report]:
    bounce = _object(event, "bounce")
    kind, detail = _text(bounce, "bounceType"), _text(bounce, "bounceSubType", "")
    finding = _BOUNCES.get((kind, detail)) or _BOUNCES.get((kind, "")) or Finding.PASSING
    for recipient in _list(bounce, "bouncedRecipients")[:_MOST_RECIPIENTS]:
        said = _text(recipient, "diagnosticCode", "")
        if finding is Finding.PASSING and detail == "General" and not (said or _text(recipient, "status", "")):
            continue  # an automatic answer such as "out of office", which SES passes on as a bounce of this kind
        address = _address(_field(recipient, "emailAddress"))
        if address:
            yield Report(_id_of(bounce), address, finding, _reason(said, detail), _time(bounce))


def _complaints(event: object, _: object) -> Iterator[Report]:
    complaint = _object(event, "complaint")
    kind = _text(complaint, "complaintFeedbackType", "") or "abuse"
    if kind in _NO_COMPLAINTS:
        return
    for recipient in _list(complaint, "complainedRecipients")[:_MOST_RECIPIENTS]:
        address = _address(_field(recipient, "emailAddress"))
        if address:
            reason = kind if kind in REASONS else "other"
            yield Report(_id_of(complaint), address, Finding.COMPLAINT, reason, _time(complaint))


def _rejects(event: object, mail: object) -> Iterator[Report]:
    """SES found a virus in a mail and sent it to nobody."""
    reason = printable(_text(_object(event, "reject"), "reason", ""), _LONGEST_REASON)
    identity = printable(_text(mail, "messageId"), _LONGEST_REASON)
    for recipient in _list(mail, "destination")[:_MOST_RECIPIENTS]:
        address = _address(recipient)
        if address:
            yield Report(f"reject {identity}", address, Finding.REFUSED, reason or "ContentRejected", _time(mail))


_KINDS = {"Bounce": _bounces, "Complaint": _complaints, "Reject": _rejects}


def _reason(said: str, detail: str) -> str:
    if detail in _SES_ITSELF:
        return detail  # what stands beside it is a paragraph of advice to developers
    return printable(said, _LONGEST_REASON) or (detail if detail in REASONS else "")


def _ticket(mail: object) -> str:
    """The request that the mail was about, as the desk tagged it; "" where it was about none."""
    tags = _field(mail, "tags")
    values = tags.get("ticket") if isinstance(tags, dict) else None
    number = values[0] if isinstance(values, list) and values else ""
    return number if isinstance(number, str) and project_of(number) else ""


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _object(value: object, name: str) -> object:
    found = _field(value, name)
    if not isinstance(found, dict):
        raise NotAReport(f"{name} is missing")
    return found


def _list(value: object, name: str) -> list[object]:
    found = _field(value, name)
    if not isinstance(found, list):
        raise NotAReport(f"{name} is no list")
    return found


def _text(value: object, name: str, absent: str | None = None) -> str:
    found = _field(value, name)
    if found is None and absent is not None:
        return absent
    if not isinstance(found, str):
        raise NotAReport(f"{name} is no text")
    return found


def _id_of(part: object) -> str:
    return printable(_text(part, "feedbackId"), _LONGEST_REASON)


def _time(part: object) -> datetime:
    try:
        at = datetime.fromisoformat(_text(part, "timestamp"))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise NotAReport("the timestamp cannot be read") from error


def _address(value: object) -> str:
    """`value` as the desk writes addresses, "" where it is none that the desk could have mailed."""
    try:
        return email_address(value) if isinstance(value, str) else ""
    except Invalid:
        return ""


def taken(known: Address, report: Report) -> tuple[Address, str] | None:
    """`known` after `report`, and the kind of event for its ticket, "" where its staff know; None where it is no news.

    A complaint is the owner's own word: no bounce covers it, and nothing but a clearing takes it away.
    """
    if report.id in known.reports or (known.cleared_at is not None and report.at <= known.cleared_at):
        return None
    seen = replace(
        known,
        failures=known.failures + 1,
        reports=(*known.reports, report.id)[-_REMEMBERED_REPORTS:],
        passing=_passing_days(known, report),
    )
    mark = _mark_after(seen, report)
    if mark is None:
        return seen, MAIL_FAILED
    fresh = mark is not known.mark
    marked = replace(seen, mark=mark, since=report.at, reason=report.reason) if fresh else seen
    if not report.ticket or (report.ticket in marked.tickets and not fresh):
        return marked, ""
    return told_on(marked, report.ticket), EVENT_OF[mark]


EVENT_OF = {Mark.BOUNCED: MAIL_BOUNCED, Mark.COMPLAINED: MAIL_COMPLAINED}
"""What stands in the history of a request when mail to one of its people stops."""


def told_on(marked: Address, ticket: str) -> Address:
    """`marked` once the staff of `ticket` are told of its mark."""
    others = tuple(each for each in marked.tickets if each != ticket)
    return replace(marked, tickets=(*others, ticket)[-_REMEMBERED_TICKETS:])


def _passing_days(known: Address, report: Report) -> tuple[date, ...]:
    if report.finding is not Finding.PASSING:
        return known.passing
    days = {*known.passing, report.at.date()}
    return tuple(sorted(day for day in days if max(days) - day < PASSING_WINDOW))


def _mark_after(seen: Address, report: Report) -> Mark | None:
    if report.finding is Finding.COMPLAINT or seen.mark is Mark.COMPLAINED:
        return Mark.COMPLAINED
    if report.finding is Finding.UNDELIVERABLE or len(seen.passing) >= PASSING_DAYS:
        return Mark.BOUNCED
    return seen.mark


def cleared(known: Address, by: str, at: datetime) -> Address:
    """`known` as an address that is mailed again, since `by` says so, or proved it by reading a mailed code."""
    return replace(
        known, mark=None, reason="", since=None, failures=0, passing=(), tickets=(), cleared_at=at, cleared_by=by
    )


def told(kind: str, email: str, reason: str, ticket: Ticket, stamp: Stamp) -> Event:
    """The line in the history of `ticket` that says how mail to `email` fares; the ticket itself stays as it is."""
    changes = {"address": (None, email), "reason": (None, reason)}
    return event_of(kind, ticket, SYSTEM, stamp, changes=changes)


def resumed(email: str, ticket: Ticket, by: Actor, stamp: Stamp) -> Event:
    """The line that says that mail goes to `email` again."""
    by_team = by.email != email
    return event_of(MAIL_RESUMED, ticket, by, stamp, changes={"address": (None, email)}, by_team=by_team)
