"""What a report of SES means, and what becomes of an address by a row of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.addresses import (
    REASONS,
    Address,
    Finding,
    Mark,
    NotAReport,
    Report,
    cleared,
    reports,
    taken,
    told_on,
)
from chalicelib.domain.events import MAIL_BOUNCED, MAIL_COMPLAINED, MAIL_FAILED
from tests.cast import EVA, FRANK, NUMBER, OTHER_NUMBER
from tests.ses_events import SENT, bounce, complaint, mail_to, reject

EVE = EVA.email
UNDELIVERABLE, PASSING, REFUSED, COMPLAINT = Finding

# Each type and subtype of the developer guide, and what it means.
BOUNCES = [
    ("Permanent", "General", UNDELIVERABLE, "smtp; 550 5.1.1 user unknown"),
    ("Permanent", "NoEmail", UNDELIVERABLE, "smtp; 550 5.1.1 user unknown"),
    ("Permanent", "Suppressed", UNDELIVERABLE, "Suppressed"),
    ("Permanent", "OnAccountSuppressionList", UNDELIVERABLE, "OnAccountSuppressionList"),
    ("Transient", "General", PASSING, "smtp; 550 5.1.1 user unknown"),
    ("Transient", "MailboxFull", PASSING, "smtp; 550 5.1.1 user unknown"),
    ("Transient", "CustomTimeoutExceeded", PASSING, "smtp; 550 5.1.1 user unknown"),
    ("Transient", "MessageTooLarge", REFUSED, "smtp; 550 5.1.1 user unknown"),
    ("Transient", "ContentRejected", REFUSED, "smtp; 550 5.1.1 user unknown"),
    ("Transient", "AttachmentRejected", REFUSED, "smtp; 550 5.1.1 user unknown"),
    ("Undetermined", "Undetermined", PASSING, "smtp; 550 5.1.1 user unknown"),
    ("Something new", "Of 2031", PASSING, "smtp; 550 5.1.1 user unknown"),
]


class TestReading:
    @pytest.mark.parametrize(("kind", "detail", "finding", "reason"), BOUNCES)
    def test_a_bounce(self, kind: str, detail: str, finding: Finding, reason: str) -> None:
        [report] = reports(bounce(EVE, kind=kind, detail=detail, ticket=NUMBER))
        assert (report.email, report.finding, report.reason, report.ticket) == (EVE, finding, reason, NUMBER)
        assert report.at == SENT + timedelta(minutes=1)

    @pytest.mark.parametrize("detail", [detail for _, detail, _, _ in BOUNCES])
    def test_a_bounce_of_which_no_server_says_anything_has_a_reason_all_the_same(self, detail: str) -> None:
        [report] = reports(bounce(EVE, detail=detail, said=""))
        assert report.reason in REASONS

    def test_an_automatic_answer_is_no_bounce(self) -> None:
        """SES passes "out of office" on as a transient, general bounce; the mail has arrived."""
        assert reports(bounce(EVE, kind="Transient", said=None)) == ()
        assert len(reports(bounce(EVE, kind="Transient", detail="MailboxFull", said=None))) == 1

    @pytest.mark.parametrize(
        ("kind", "reason"),
        [("abuse", "abuse"), ("fraud", "fraud"), ("virus", "virus"), (None, "abuse"), ("<b>", "other")],
    )
    def test_a_complaint(self, kind: str | None, reason: str) -> None:
        [report] = reports(complaint(EVE, kind=kind))
        assert (report.finding, report.reason, report.ticket) == (COMPLAINT, reason, "")
        assert report.reason in REASONS

    @pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
    def test_not_all_feedback_is_a_complaint(self, kind: str) -> None:
        assert reports(complaint(EVE, kind=kind)) == ()

    def test_a_mail_that_ses_refused_says_nothing_of_the_address(self) -> None:
        [report] = reports(reject(EVE, ticket=NUMBER))
        assert (report.finding, report.reason) == (REFUSED, "Bad content")

    @pytest.mark.parametrize("kind", ["Send", "Delivery", "Open", "Click", "DeliveryDelay", "Subscription", "Of 2031"])
    def test_other_events_say_nothing(self, kind: str) -> None:
        assert reports({"eventType": kind, "mail": mail_to(EVE)}) == ()

    def test_an_address_in_capitals_is_the_same_address(self) -> None:
        event = bounce(EVE.upper())
        event["mail"]["destination"] = [EVE]
        assert [report.email for report in reports(event)] == [EVE]

    def test_an_address_the_mail_was_not_sent_to_is_left_alone(self) -> None:
        """A mailbox that forwards bounces in the name of wherever it forwards to."""
        event = bounce(EVE, FRANK.email)
        event["mail"]["destination"] = [EVE]
        assert [report.email for report in reports(event)] == [EVE]

    def test_fifty_recipients_are_fifty_reports_and_no_more_are_read(self) -> None:
        emails = [f"somebody{n}@customer.example" for n in range(60)]
        assert len(reports(bounce(*emails))) == 50

    @pytest.mark.parametrize(
        "tags", [None, [], {}, {"ticket": "WEB-1"}, {"ticket": []}, {"ticket": [1]}, {"ticket": ["../x"]}]
    )
    def test_tags_that_name_no_request_do_no_harm(self, tags: Any) -> None:
        event = bounce(EVE)
        event["mail"]["tags"] = tags
        assert [report.ticket for report in reports(event)] == [""]


class TestHostile:
    @pytest.mark.parametrize(
        "said",
        [
            "550 no\r\nBcc: victim@elsewhere.example",
            "550 \x00\x1b[31m\ud800 \u202egnp.exe\u200b\ufffe",
            "x" * 10_000_000,
            "\n" * 10_000_000 + "x",
        ],
    )
    def test_what_a_server_says_becomes_one_short_line(self, said: str) -> None:
        [report] = reports(bounce(EVE, said=said))
        assert report.reason.isprintable()
        assert len(report.reason) <= 200
        report.reason.encode()

    def test_markup_stays_what_it_is_and_braces_fill_nothing(self) -> None:
        said = "<script>alert(1)</script> {actor!r} {0}"
        assert reports(bounce(EVE, said=said))[0].reason == said

    @pytest.mark.parametrize(
        "event",
        [
            None,
            [],
            "Bounce",
            7,
            {},
            {"eventType": ["Bounce"]},
            {"eventType": "Bounce"},
            {"eventType": "Bounce", "mail": []},
            {"eventType": "Bounce", "mail": {}},
            {"eventType": "Bounce", "mail": mail_to()},
            {"eventType": "Bounce", "mail": mail_to("nobody")},
            {"eventType": "Bounce", "mail": mail_to(EVE)},
            {"eventType": "Bounce", "mail": mail_to(EVE), "bounce": {"bounceType": "Permanent"}},
            bounce(EVE) | {"bounce": {**bounce(EVE)["bounce"], "timestamp": "yesterday"}},
            bounce(EVE) | {"bounce": {**bounce(EVE)["bounce"], "timestamp": 5}},
            bounce(EVE) | {"bounce": {**bounce(EVE)["bounce"], "feedbackId": None}},
            {"notificationType": "Bounce", "mail": mail_to(EVE)},
        ],
    )
    def test_what_is_no_event_is_refused_by_name(self, event: object) -> None:
        with pytest.raises(NotAReport):
            reports(event)

    @pytest.mark.parametrize("recipient", [None, 7, "x", {}, {"emailAddress": None}, {"emailAddress": "a\r\n@b.cz"}])
    def test_a_recipient_that_is_none_is_passed_over(self, recipient: object) -> None:
        event = bounce(EVE)
        event["bounce"]["bouncedRecipients"].insert(0, recipient)
        assert [report.email for report in reports(event)] == [EVE]


def a_report(finding: Finding, day: float = 0, number: str = NUMBER, name: str = "") -> Report:
    at = datetime(2025, 3, 4, 12, tzinfo=UTC) + timedelta(days=day)
    return Report(name or f"{finding} {day} {number}", EVE, finding, "550 said so", at, number)


def after(*given: Report, known: Address | None = None) -> tuple[Address, list[str]]:
    """The address after some reports, and the kinds of event that they left in requests."""
    address, kinds = known or Address(EVE), []
    for report in given:
        news = taken(address, report)
        if news is not None:
            address = news[0]
            kinds.append(news[1])
    return address, [kind for kind in kinds if kind]


class TestTaking:
    def test_a_permanent_bounce_stops_mail_at_once(self) -> None:
        report = a_report(UNDELIVERABLE)
        address, kinds = after(report)
        assert (address.mark, address.reason, address.since) == (Mark.BOUNCED, "550 said so", report.at)
        assert kinds == [MAIL_BOUNCED]

    def test_a_complaint_stops_mail_at_once_and_no_bounce_covers_it(self) -> None:
        address, kinds = after(a_report(COMPLAINT), a_report(UNDELIVERABLE, 1))
        assert address.mark is Mark.COMPLAINED
        assert kinds == [MAIL_COMPLAINED]

    def test_a_complaint_about_a_bounced_address_is_told_again(self) -> None:
        address, kinds = after(a_report(UNDELIVERABLE), a_report(COMPLAINT, 1))
        assert (address.mark, address.tickets) == (Mark.COMPLAINED, (NUMBER,))
        assert kinds == [MAIL_BOUNCED, MAIL_COMPLAINED]

    @pytest.mark.parametrize(
        ("days", "mark"),
        [
            ((0,), None),
            ((0, 0.01, 0.02, 0.03, 0.04, 0.05), None),  # six mails in an hour to a full mailbox
            ((0, 1), None),
            ((0, 1, 2), Mark.BOUNCED),
            ((0, 3, 6), Mark.BOUNCED),
            ((0, 3, 7), None),
            ((2, 0, 1), Mark.BOUNCED),  # out of order
            ((0, 7, 14, 21), None),
        ],
    )
    def test_a_passing_trouble_stops_mail_on_the_third_day_of_a_week(
        self, days: tuple[float, ...], mark: Mark | None
    ) -> None:
        address, kinds = after(*(a_report(PASSING, day) for day in days))
        assert address.mark is mark
        assert kinds[0] == MAIL_FAILED
        assert address.failures == len(days)

    def test_a_mail_refused_for_what_it_is_never_stops_the_next(self) -> None:
        address, kinds = after(*(a_report(REFUSED, day) for day in range(7)))
        assert address.mark is None
        assert kinds == [MAIL_FAILED] * 7

    def test_a_report_that_comes_twice_is_taken_once(self) -> None:
        once, _ = after(a_report(PASSING))
        twice, kinds = after(a_report(PASSING), a_report(PASSING))
        assert twice == once
        assert kinds == [MAIL_FAILED]

    def test_each_request_is_told_once(self) -> None:
        address, kinds = after(
            a_report(UNDELIVERABLE, 0), a_report(UNDELIVERABLE, 1), a_report(UNDELIVERABLE, 2, OTHER_NUMBER)
        )
        assert kinds == [MAIL_BOUNCED, MAIL_BOUNCED]
        assert address.tickets == (NUMBER, OTHER_NUMBER)
        assert address.since == a_report(UNDELIVERABLE, 0).at

    def test_a_mail_that_was_about_no_request_is_told_nowhere(self) -> None:
        address, kinds = after(replace(a_report(UNDELIVERABLE), ticket=""))
        assert (address.mark, address.tickets, kinds) == (Mark.BOUNCED, (), [])

    def test_it_does_not_grow_without_end(self) -> None:
        address, _ = after(*(a_report(UNDELIVERABLE, n / 100, f"WEB-{n + 1}") for n in range(100)))
        assert (len(address.tickets), len(address.reports), address.failures) == (90, 20, 100)
        assert address.tickets[-1] == "WEB-100"


class TestClearing:
    def test_it_forgets_the_mark_and_keeps_who_took_it_away(self) -> None:
        marked, _ = after(a_report(PASSING, 0), a_report(PASSING, 1), a_report(PASSING, 2))
        at = datetime(2025, 3, 8, tzinfo=UTC)
        address = cleared(marked, "root@desk.example", at)
        assert (address.mark, address.passing, address.tickets, address.failures) == (None, (), (), 0)
        assert (address.cleared_by, address.cleared_at) == ("root@desk.example", at)

    def test_what_comes_late_from_before_it_is_old_news(self) -> None:
        clear = cleared(Address(EVE, Mark.BOUNCED), EVE, a_report(PASSING, 1).at)
        assert taken(clear, a_report(UNDELIVERABLE, 0.5)) is None
        assert taken(clear, a_report(COMPLAINT, 1)) is None

    def test_what_comes_after_it_counts_anew(self) -> None:
        clear = cleared(Address(EVE, Mark.BOUNCED, tickets=(NUMBER,)), EVE, a_report(PASSING, 1).at)
        address, kinds = after(a_report(UNDELIVERABLE, 2), known=clear)
        assert (address.mark, kinds) == (Mark.BOUNCED, [MAIL_BOUNCED])

    def test_a_report_taken_before_it_is_not_taken_again(self) -> None:
        """Also where the clock of SES goes before ours."""
        report = a_report(UNDELIVERABLE, 2)
        marked, _ = after(report)
        assert taken(cleared(marked, EVE, a_report(PASSING, 1).at), report) is None


def test_a_request_may_be_told_of_a_mark_from_elsewhere() -> None:
    assert told_on(Address(EVE, Mark.BOUNCED, tickets=(NUMBER,)), OTHER_NUMBER).tickets == (NUMBER, OTHER_NUMBER)
