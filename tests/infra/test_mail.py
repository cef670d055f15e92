"""The mail page: what the desk hands to SES is kept, listed and shown, and a mail's HTML can do nothing."""

import json
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.addresses import Finding, reports
from infra.local.mail import mail_server
from infra.local.mailbox import Mailbox


@pytest.fixture
def reported() -> list[dict[str, Any]]:
    """What the mail page had to say of the mails, as SES would publish it."""
    return []


@pytest.fixture
def mail_url(tmp_path: Path, reported: list[dict[str, Any]]) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = mail_server(listener, url, Mailbox(tmp_path), reported.append)
    server.start()
    yield url
    server.stop()


@pytest.fixture
def ses(mail_url: str) -> Any:
    return boto3.Session("test", "test", region_name="eu-central-1").client("sesv2", endpoint_url=mail_url)


def send(ses: Any, to: str, subject: str = "Požadavek WEB-1042", html: str = "<p>Přijali jsme ho.</p>") -> str:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Pythagoras Helpdesk <desk@helpdesk.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<event@helpdesk.example>"
    message["References"] = "<ticket@helpdesk.example>"
    message.set_content("Přijali jsme ho.\n")
    message.add_alternative(html, subtype="html")
    answer = ses.send_email(
        FromEmailAddress="desk@helpdesk.example",
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": message.as_bytes()}},
        EmailTags=[{"Name": "ticket", "Value": "WEB-1042"}],
    )
    sent: str = answer["MessageId"]
    return sent


class TestSimulator:
    """Mail to the test addresses of SES, and what the desk would take from it."""

    @pytest.mark.parametrize(
        ("to", "finding"),
        [
            ("bounce@simulator.amazonses.com", Finding.UNDELIVERABLE),
            ("Bounce+Anna@simulator.amazonses.com", Finding.UNDELIVERABLE),
            ("suppressionlist@simulator.amazonses.com", Finding.UNDELIVERABLE),
            ("complaint+x@simulator.amazonses.com", Finding.COMPLAINT),
        ],
    )
    def test_it_bounces_and_complains(
        self, ses: Any, reported: list[dict[str, Any]], to: str, finding: Finding
    ) -> None:
        send(ses, to)
        [event] = reported
        [report] = reports(json.loads(json.dumps(event)))
        assert (report.email, report.finding, report.ticket) == (to.lower(), finding, "WEB-1042")

    def test_an_automatic_answer_says_nothing_of_the_address(self, ses: Any, reported: list[dict[str, Any]]) -> None:
        send(ses, "ooto@simulator.amazonses.com")
        [event] = reported
        assert event["bounce"]["bounceType"] == "Transient"
        assert reports(event) == ()

    @pytest.mark.parametrize("to", ["success@simulator.amazonses.com", "bounce@example.com", "jana@example.com"])
    def test_all_other_mail_arrives(self, ses: Any, reported: list[dict[str, Any]], to: str) -> None:
        send(ses, to)
        assert reported == []


class TestMessages:
    def test_they_are_what_was_sent_newest_first(self, ses: Any, mail_url: str) -> None:
        send(ses, "jana@example.com", "First")
        second = send(ses, "jana@example.com")
        [mail, first] = httpx.get(f"{mail_url}/messages.json").json()
        assert set(mail) == {"id", "to", "from", "subject", "text", "html", "headers", "sent_at"}
        assert (mail["id"], mail["to"], mail["subject"]) == (second, "jana@example.com", "Požadavek WEB-1042")
        assert mail["from"] == "Pythagoras Helpdesk <desk@helpdesk.example>"
        assert mail["text"] == "Přijali jsme ho.\n"
        assert mail["html"] == "<p>Přijali jsme ho.</p>\n"
        assert mail["headers"]["References"] == "<ticket@helpdesk.example>"
        assert mail["sent_at"].endswith("Z")
        assert first["subject"] == "First"

    def test_they_can_be_asked_for_by_recipient(self, ses: Any, mail_url: str) -> None:
        send(ses, "jana@example.com")
        send(ses, "petr@example.com")
        mails = httpx.get(f"{mail_url}/messages.json", params={"to": "Petr@example.com"}).json()
        assert [mail["to"] for mail in mails] == ["petr@example.com"]

    def test_they_are_kept_across_restarts(self, ses: Any, tmp_path: Path) -> None:
        sent = send(ses, "jana@example.com")
        again = Mailbox(tmp_path).find(sent)
        assert again
        assert again.subject == "Požadavek WEB-1042"

    def test_an_order_that_is_no_raw_message_is_refused_as_ses_would(self, ses: Any) -> None:
        with pytest.raises(ClientError) as refused:
            ses.send_email(Destination={"ToAddresses": ["a@example.com"]}, Content={"Template": {}})
        assert refused.value.response["Error"]["Code"] == "BadRequestException"


class TestPages:
    def test_the_list_names_recipient_and_subject_and_escapes_them(self, ses: Any, mail_url: str) -> None:
        send(ses, "jana@example.com", "<script>alert(1)</script>")
        page = httpx.get(mail_url).text
        assert "jana@example.com" in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>" not in page

    def test_a_mail_is_shown_in_a_frame_without_scripts(self, ses: Any, mail_url: str) -> None:
        sent = send(ses, "jana@example.com")
        page = httpx.get(f"{mail_url}/messages/{sent}").text
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page

    def test_its_html_opens_links_in_a_new_tab_and_runs_nothing(self, ses: Any, mail_url: str) -> None:
        sent = send(ses, "jana@example.com", html="<html><head><title>x</title></head><body>y</body></html>")
        answer = httpx.get(f"{mail_url}/messages/{sent}/body.html")
        assert '<head><base target="_blank">' in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox allow-popups")
        assert "allow-scripts" not in policy

    @pytest.mark.parametrize(
        ("view", "shown"), [("text", "Přijali jsme ho."), ("headers", "&lt;ticket@helpdesk.example&gt;")]
    )
    def test_text_and_headers_have_a_view_each(self, ses: Any, mail_url: str, view: str, shown: str) -> None:
        sent = send(ses, "jana@example.com")
        assert shown in httpx.get(f"{mail_url}/messages/{sent}", params={"view": view}).text

    def test_the_source_is_the_message_as_it_was_sent(self, ses: Any, mail_url: str) -> None:
        sent = send(ses, "jana@example.com")
        assert httpx.get(f"{mail_url}/messages/{sent}/source.eml").content.startswith(b"From: Pythagoras")

    @pytest.mark.parametrize("path", ["/messages/none", "/messages/none/body.html", "/other", "/messages.json/x"])
    def test_what_is_not_there_is_not_found(self, mail_url: str, path: str) -> None:
        assert httpx.get(mail_url + path).status_code == 404


def test_a_message_of_broken_bytes_is_still_listed(ses: Any, mail_url: str) -> None:
    ses.send_email(Destination={"ToAddresses": ["a@example.com"]}, Content={"Raw": {"Data": b"Subject: x\r\n\r\n\xff"}})
    [mail] = json.loads(httpx.get(f"{mail_url}/messages.json").text)
    assert mail["html"] == ""
