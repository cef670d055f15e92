"""The template's tables, bucket and queues, made at an endpoint as CloudFormation would make them."""

import json
from collections.abc import Iterator
from dataclasses import fields

import boto3
import pytest
from moto import mock_aws

from chalicelib.config import Settings
from infra.local import resources

REGION = "eu-central-1"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.Session("test", "test", region_name=REGION)


def test_intrinsics_are_written_out() -> None:
    queue = resources.parsed_template()["Resources"]["MailQueue"]["Properties"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["MailDeadLetters", "Arn"]}


class TestTables:
    def test_each_table_has_its_keys_and_every_index(self, session: boto3.Session) -> None:
        client = session.client("dynamodb")
        settings = resources.create_tables(client)
        for logical_id, resource in resources.parsed_template()["Resources"].items():
            if resource["Type"] != "AWS::DynamoDB::Table":
                continue
            asked = resource["Properties"]
            name = settings[logical_id.removesuffix("Table").upper() + "_TABLE"]
            made = client.describe_table(TableName=name)["Table"]
            assert made["KeySchema"] == asked["KeySchema"]
            assert {index["IndexName"]: index["KeySchema"] for index in made.get("GlobalSecondaryIndexes", [])} == {
                index["IndexName"]: index["KeySchema"] for index in asked.get("GlobalSecondaryIndexes", [])
            }

    def test_history_has_a_stream_of_new_images(self, session: boto3.Session) -> None:
        client = session.client("dynamodb")
        name = resources.create_tables(client)["HISTORY_TABLE"]
        stream = client.describe_table(TableName=name)["Table"]["StreamSpecification"]
        assert stream == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}

    def test_rows_that_end_by_themselves_expire(self, session: boto3.Session) -> None:
        client = session.client("dynamodb")
        settings = resources.create_tables(client)
        for setting in ("FILES_TABLE", "EXPIRING_TABLE"):
            expiry = client.describe_time_to_live(TableName=settings[setting])["TimeToLiveDescription"]
            assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}

    def test_a_table_kept_from_before_gains_a_new_index(self, session: boto3.Session) -> None:
        client = session.client("dynamodb")
        client.create_table(
            TableName="helpdesk-files-table",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        name = resources.create_tables(client)["FILES_TABLE"]
        assert "by_ticket" in [
            index["IndexName"] for index in client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
        ]

    def test_a_table_kept_from_before_with_other_keys_is_refused(self, session: boto3.Session) -> None:
        client = session.client("dynamodb")
        client.create_table(
            TableName="helpdesk-history-table",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "other", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "other", "AttributeType": "S"}],
        )
        with pytest.raises(resources.TableOutdated):
            resources.create_tables(client)


class TestBucket:
    def test_it_is_versioned_encrypted_and_private(self, session: boto3.Session) -> None:
        client = session.client("s3")
        name = resources.create_bucket(client)["FILES_BUCKET"]
        assert client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert client.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert all(client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())

    def test_browsers_may_post_to_it_from_a_page(self, session: boto3.Session) -> None:
        client = session.client("s3")
        name = resources.create_bucket(client)["FILES_BUCKET"]
        [rule] = client.get_bucket_cors(Bucket=name)["CORSRules"]
        assert rule["AllowedMethods"] == ["POST"]
        assert rule["MaxAgeSeconds"] == 3000


class TestQueues:
    def test_mail_that_keeps_failing_goes_to_the_dead_letters(self, session: boto3.Session) -> None:
        client = session.client("sqs")
        settings = resources.create_queues(client)
        found = client.get_queue_attributes(QueueUrl=settings["MAIL_QUEUE_URL"], AttributeNames=["All"])["Attributes"]
        policy = json.loads(found["RedrivePolicy"])
        assert policy["maxReceiveCount"] == 5
        assert policy["deadLetterTargetArn"].endswith(":helpdesk-mail-dead-letters")
        assert found["VisibilityTimeout"] == "180"


class TestAll:
    def test_the_settings_are_those_the_desk_reads(self, session: boto3.Session) -> None:
        made = set(resources.create_all(session))
        read = {field.name.upper() for field in fields(Settings)}
        assert {name for name in read if name.endswith(("_TABLE", "_BUCKET", "_QUEUE_URL"))} <= made

    def test_making_them_again_changes_nothing(self, session: boto3.Session) -> None:
        assert resources.create_all(session) == resources.create_all(session, None)
