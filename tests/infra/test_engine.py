"""What the desk asks of the engine: uploads from a page of another origin, signed links, data kept across restarts."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from infra.local import resources
from infra.local.engine import Engine, EngineFailed

ORIGIN = "http://127.0.0.1:8000"
MEGABYTE = 1024 * 1024
NAME = "attachment; filename*=UTF-8''p%C5%99%C3%ADloha.pdf"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session("test", "test", region_name="eu-central-1")


@pytest.fixture(scope="module")
def s3(engine: Engine, session: boto3.Session) -> Any:
    return session.client("s3", endpoint_url=engine.endpoint_url)


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    return resources.create_bucket(s3)["FILES_BUCKET"]


def upload(s3: Any, bucket: str, key: str, content: bytes, promised: int | None = None) -> httpx.Response:
    """Post `content` as the page does, by a form signed for `promised` bytes."""
    post = s3.generate_presigned_post(
        bucket,
        key,
        Fields={"Content-Type": "application/pdf"},
        Conditions=[{"Content-Type": "application/pdf"}, ["content-length-range", 0, promised or len(content)]],
    )
    files = {"file": ("a.pdf", content, "application/pdf")}
    return httpx.post(post["url"], data=post["fields"], files=files, headers={"Origin": ORIGIN}, timeout=60)


@pytest.mark.parametrize("content", [b"", os.urandom(30 * MEGABYTE)], ids=["zero bytes", "30 MB"])
def test_a_page_may_post_a_file_of_any_size(s3: Any, bucket: str, content: bytes) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = httpx.options(f"{s3.meta.endpoint_url}/{bucket}", headers=asks)
    assert preflight.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    answer = upload(s3, bucket, "sized", content)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}
    assert s3.get_object(Bucket=bucket, Key="sized")["Body"].read() == content


def test_more_than_was_promised_is_refused(s3: Any, bucket: str) -> None:
    assert upload(s3, bucket, "long", b"12345", promised=4).status_code == 400


def test_a_pinned_version_stays_what_it_was(s3: Any, bucket: str) -> None:
    version = upload(s3, bucket, "pinned", b"first").headers["x-amz-version-id"]
    upload(s3, bucket, "pinned", b"second")
    order = {"Bucket": bucket, "Key": "pinned", "VersionId": version}
    assert httpx.get(s3.generate_presigned_url("get_object", Params=order)).content == b"first"


def test_a_signed_link_names_the_file(s3: Any, bucket: str) -> None:
    upload(s3, bucket, "named", b"first")
    order = {"Bucket": bucket, "Key": "named", "ResponseContentDisposition": NAME}
    assert httpx.get(s3.generate_presigned_url("get_object", Params=order)).headers["Content-Disposition"] == NAME


def test_a_kept_table_gains_an_index_with_what_is_in_it(session: boto3.Session, tmp_path: Path) -> None:
    with Engine(tmp_path) as first:
        dynamodb = session.client("dynamodb", endpoint_url=first.endpoint_url)
        dynamodb.create_table(
            TableName="helpdesk-files-table",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        dynamodb.put_item(TableName="helpdesk-files-table", Item={"id": {"S": "a"}, "ticket": {"S": "WEB-1"}})
    with Engine(tmp_path) as second:
        dynamodb = session.client("dynamodb", endpoint_url=second.endpoint_url)
        found = dynamodb.query(
            TableName=resources.create_tables(dynamodb)["FILES_TABLE"],
            IndexName="by_ticket",
            KeyConditionExpression="ticket = :ticket",
            ExpressionAttributeValues={":ticket": {"S": "WEB-1"}},
        )
        assert found["Count"] == 1


def test_a_message_waits_in_the_queue_across_a_restart(session: boto3.Session, tmp_path: Path) -> None:
    with Engine(tmp_path) as first:
        queue = session.client("sqs", endpoint_url=first.endpoint_url)
        queue.send_message(QueueUrl=resources.create_queues(queue)["MAIL_QUEUE_URL"], MessageBody="code")
    with Engine(tmp_path) as second:
        queue = session.client("sqs", endpoint_url=second.endpoint_url)
        [message] = queue.receive_message(QueueUrl=resources.create_queues(queue)["MAIL_QUEUE_URL"])["Messages"]
        assert message["Body"] == "code"


def test_an_engine_that_does_not_start_says_where_the_reason_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.local.engine.PYTHON", Path("/bin/false"))
    with pytest.raises(EngineFailed, match=r"engine\.log says why"):
        Engine(tmp_path).start()
