"""Makes the tables, the bucket and the queues of infra/resources.yaml at any endpoint that speaks AWS.

The local run, the tests and the benchmarks start from here, so that none of them describes a table of its own.
Every function may be called again on what is already there. Point-in-time recovery is the one property left out:
nothing here is ever restored from a backup.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

TEMPLATE = Path(__file__).resolve().parents[1] / "resources.yaml"


class TableOutdated(RuntimeError):
    """A table kept from before has keys that the template does not describe any more."""


@cache
def parsed_template() -> dict[str, Any]:
    """The template as CloudFormation reads it, the short intrinsics (`!GetAtt`) written out."""
    template: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return template


def create_all(session: "boto3.Session", endpoint_url: str | None = None) -> dict[str, str]:
    """Everything the desk owns, at the session's endpoint or the one given. Returns the settings that lead there."""
    return (
        create_tables(session.client("dynamodb", endpoint_url=endpoint_url))
        | create_bucket(session.client("s3", endpoint_url=endpoint_url))
        | create_queues(session.client("sqs", endpoint_url=endpoint_url))
    )


def is_empty(client: "DynamoDBClient") -> bool:
    """True where none of the tables has been made yet."""
    return not _present_tables(client)


def create_tables(client: "DynamoDBClient") -> dict[str, str]:
    """The tables with their indexes, streams and expiry. Returns the settings that name them. Raises TableOutdated."""
    present = _present_tables(client)
    settings = {}
    for logical_id, properties in _resources("AWS::DynamoDB::Table"):
        name = settings[_setting(logical_id)] = _name(logical_id)
        if name in present:
            _bring_up_to_date(client, name, properties)
        else:
            _create_table(client, name, properties)
    return settings


def create_bucket(client: "S3Client") -> dict[str, str]:
    """The bucket for files: private, versioned, encrypted. Returns the setting that names it."""
    present = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    settings = {}
    for logical_id, properties in _resources("AWS::S3::Bucket"):
        name = settings[_setting(logical_id)] = _name(logical_id)
        if name not in present:
            place: Any = {"LocationConstraint": client.meta.region_name}
            client.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        client.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"]
        )
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
        client.put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration=_encryption(properties["BucketEncryption"])
        )
        client.put_bucket_cors(Bucket=name, CORSConfiguration=_cors(properties["CorsConfiguration"]))
    return settings


def create_queues(client: "SQSClient") -> dict[str, str]:
    """The queues, each with its dead letters behind it. Returns the settings that hold their URLs."""
    queues = dict(_resources("AWS::SQS::Queue"))
    urls = {logical_id: client.create_queue(QueueName=_name(logical_id))["QueueUrl"] for logical_id in queues}
    for logical_id, properties in queues.items():
        attributes: Any = {name: _queue_attribute(client, urls, value) for name, value in properties.items()}
        client.set_queue_attributes(QueueUrl=urls[logical_id], Attributes=attributes)
    return {f"{_setting(logical_id)}_URL": url for logical_id, url in urls.items()}


def _resources(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in parsed_template()["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource.get("Properties", {})


def _words(logical_id: str) -> list[str]:
    """The words of a logical id: `TicketsTable` is `["tickets", "table"]`."""
    return re.findall("[A-Z][a-z]*", logical_id)


def _setting(logical_id: str) -> str:
    """The variable of chalicelib/config.py that a resource fills: `TicketsTable` fills `TICKETS_TABLE`."""
    return "_".join(_words(logical_id)).upper()


def _name(logical_id: str) -> str:
    return "-".join(["helpdesk", *_words(logical_id)]).lower()


def _present_tables(client: "DynamoDBClient") -> set[str]:
    return {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}


def _create_table(client: "DynamoDBClient", name: str, properties: dict[str, Any]) -> None:
    optional: dict[str, Any] = {}
    if "GlobalSecondaryIndexes" in properties:
        optional["GlobalSecondaryIndexes"] = properties["GlobalSecondaryIndexes"]
    if "StreamSpecification" in properties:
        optional["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    created = client.create_table(
        TableName=name,
        BillingMode=properties["BillingMode"],
        KeySchema=properties["KeySchema"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        **optional,
    )
    if created["TableDescription"]["TableStatus"] != "ACTIVE":
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])


def _bring_up_to_date(client: "DynamoDBClient", name: str, properties: dict[str, Any]) -> None:
    """Add the indexes that the template gained since the table was made."""
    made = client.describe_table(TableName=name)["Table"]
    if made["KeySchema"] != properties["KeySchema"]:
        raise TableOutdated(f"the table {name} was made with other keys; its data has to be removed first")
    present = {index["IndexName"] for index in made.get("GlobalSecondaryIndexes", [])}
    for index in properties.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] not in present:
            client.update_table(
                TableName=name,
                AttributeDefinitions=properties["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )


def _encryption(properties: dict[str, Any]) -> Any:
    rules = properties["ServerSideEncryptionConfiguration"]
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]} for rule in rules]}


def _cors(properties: dict[str, Any]) -> Any:
    """CloudFormation says `MaxAge` and `ExposedHeaders` where the API says `MaxAgeSeconds` and `ExposeHeaders`."""
    api_name = {"MaxAge": "MaxAgeSeconds", "ExposedHeaders": "ExposeHeaders", "Id": "ID"}
    return {
        "CORSRules": [
            {api_name.get(name, name): value for name, value in rule.items()} for rule in properties["CorsRules"]
        ]
    }


def _queue_attribute(client: "SQSClient", urls: dict[str, str], value: Any) -> str:
    """A queue's property as the API takes it: a string, with the ARN in place of the template's reference."""
    if not isinstance(value, dict):
        return str(value)
    dead_letters = urls[value["deadLetterTargetArn"]["Fn::GetAtt"][0]]
    found = client.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])
    return json.dumps({**value, "deadLetterTargetArn": found["Attributes"]["QueueArn"]})
