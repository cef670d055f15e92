"""The deployed desk over HTTP: API Gateway, its function, the stream's function, the queue's, and their roles."""

import json

import httpx
import pytest

from tests import ses_events
from tests.cast import WEB
from tests.deployed.deployment import SECONDS, Deployment, eventually


class TestHealth:
    def test_it_answers_through_api_gateway(self, desk: Deployment) -> None:
        answer = httpx.get(f"{desk.base_url}/health", timeout=SECONDS)
        assert answer.status_code == 200
        assert answer.json() == {"status": "ok"}

    def test_it_was_told_its_address(self, desk: Deployment) -> None:
        assert desk.settings("APIHandler")["BASE_URL"] == desk.base_url

    def test_its_signing_key_is_the_secret(self, desk: Deployment) -> None:
        secret = desk.client("secretsmanager").get_secret_value(SecretId=desk.resources["SigningKey"])
        assert desk.settings("APIHandler")["SIGNING_KEY"] == secret["SecretString"]


class TestStream:
    def test_a_new_event_wakes_its_function(self, desk: Deployment) -> None:
        desk.client("dynamodb").put_item(
            TableName=desk.resources["HistoryTable"], Item={"ticket": {"S": "WEB-0"}, "id": {"S": "0"}}
        )
        report = eventually(lambda: [line for line in desk.log("EventsLogs") if line.startswith("REPORT")])
        assert "Error" not in report[0]
        assert _waiting(desk, "EventsDeadLetters") == "0"


class TestQueue:
    def test_a_job_wakes_its_function(self, desk: Deployment) -> None:
        desk.client("sqs").send_message(QueueUrl=desk.resources["MailQueue"], MessageBody="{}")
        eventually(lambda: [line for line in desk.log("MailLogs") if line.startswith("REPORT")])


class TestMailEvents:
    def test_what_ses_publishes_marks_the_address(self, desk: Deployment) -> None:
        """From the topic into the queue as SES wrote it, to its function, whose role may write it down."""
        event = ses_events.bounce("gone@customer.example", ticket="WEB-99999")
        desk.client("sns").publish(TopicArn=desk.resources["MailEventsTopic"], Message=ses_events.body(event))
        row = eventually(lambda: _row(desk, "address#gone@customer.example"))
        assert row["kind"] == {"S": "address"}
        assert _waiting(desk, "MailEventsDeadLetters") == "0"

    def test_a_request_of_a_marked_address_says_so_in_the_name_of_the_stream(self, desk: Deployment) -> None:
        email = "away@customer.example"
        desk.client("sns").publish(
            TopicArn=desk.resources["MailEventsTopic"], Message=ses_events.body(ses_events.bounce(email))
        )
        eventually(lambda: _row(desk, f"address#{email}"))
        order = {"project": WEB, "subject": "Printing fails", "text": "Since then.", "email": email, "name": "Away"}
        answer = httpx.post(f"{desk.base_url}/api/v1/tickets", json=order, timeout=SECONDS)
        assert answer.status_code == 201, answer.text
        number = answer.json()["number"]
        eventually(lambda: [kind for kind in _kinds(desk, number) if kind == "mail.bounced"])
        assert desk.mails(email) == []


def _kinds(desk: Deployment, number: str) -> list[str]:
    """The kinds of event in the history of a request."""
    found = desk.client("dynamodb").query(
        TableName=desk.resources["HistoryTable"],
        KeyConditionExpression="ticket = :number",
        ExpressionAttributeValues={":number": {"S": number}},
    )
    return [json.loads(item["event"]["S"])["kind"] for item in found["Items"]]


def _row(desk: Deployment, pk: str) -> dict[str, dict[str, str]] | None:
    key = {"pk": {"S": pk}, "sk": {"S": "mail"}}
    found: dict[str, dict[str, dict[str, str]]] = desk.client("dynamodb").get_item(
        TableName=desk.resources["DirectoryTable"], Key=key
    )
    return found.get("Item")


@pytest.mark.parametrize("function", ["Sweep", "Hourly"])
class TestSchedules:
    def test_it_finds_its_work_as_its_role(self, desk: Deployment, function: str) -> None:
        schedule = {"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
        place = {"account": "1", "region": "eu-central-1", "time": "2026-01-01T00:00:00Z", "resources": []}
        answer = desk.client("lambda").invoke(
            FunctionName=desk.resources[function], Payload=json.dumps(schedule | place).encode()
        )
        assert "FunctionError" not in answer, answer["Payload"].read()


class TestRoles:
    @pytest.mark.parametrize("role", ["ApiHandlerRole", "DeliverEventsRole", "SendMailRole", "SweepRole", "HourlyRole"])
    @pytest.mark.parametrize("table", ["TicketsTable", "HistoryTable", "DirectoryTable", "ExpiringTable"])
    def test_every_function_may_query_and_none_may_scan(self, desk: Deployment, role: str, table: str) -> None:
        assert _may(desk, role, "dynamodb:Query", table)
        assert not _may(desk, role, "dynamodb:Scan", table)

    @pytest.mark.parametrize("role", ["ApiHandlerRole", "DeliverEventsRole", "SendMailRole", "SweepRole", "HourlyRole"])
    @pytest.mark.parametrize("table", ["TicketsTable", "HistoryTable"])
    def test_none_may_delete_a_ticket_or_an_event(self, desk: Deployment, role: str, table: str) -> None:
        assert not _may(desk, role, "dynamodb:DeleteItem", table)

    def test_the_takers_of_mail_events_may_do_nothing_else(self, desk: Deployment) -> None:
        for action in ("Query", "Scan", "DeleteItem", "UpdateItem"):
            for table in ("TicketsTable", "HistoryTable", "DirectoryTable", "ExpiringTable"):
                assert not _may(desk, "TakeMailEventsRole", f"dynamodb:{action}", table)
        assert not _may(desk, "TakeMailEventsRole", "dynamodb:PutItem", "TicketsTable")

    def test_pages_and_api_send_no_mail_themselves(self, desk: Deployment) -> None:
        roles = desk.client("iam").get_role_policy(RoleName=desk.resources["ApiHandlerRole"], PolicyName="desk")
        assert "ses:" not in str(roles["PolicyDocument"])


def _may(desk: Deployment, role: str, action: str, table: str) -> bool:
    iam = desk.client("iam")
    [result] = iam.simulate_principal_policy(
        PolicySourceArn=iam.get_role(RoleName=desk.resources[role])["Role"]["Arn"],
        ActionNames=[action],
        ResourceArns=[
            desk.client("dynamodb").describe_table(TableName=desk.resources[table])["Table"]["TableArn"],
        ],
    )["EvaluationResults"]
    return bool(result["EvalDecision"] == "allowed")


def _waiting(desk: Deployment, queue: str) -> str:
    name = "ApproximateNumberOfMessages"
    found = desk.client("sqs").get_queue_attributes(QueueUrl=desk.resources[queue], AttributeNames=[name])
    return str(found["Attributes"][name])
