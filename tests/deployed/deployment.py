"""Deploys the package into the local engine as CloudFormation would, and gives the tests what they look at.

The engine is ministack with its IAM on: every function runs as its role of the template and is refused what the role
does not allow. CloudFormation, Lambda (each function a process that imports the zip and nothing else of ours), API
Gateway, the stream and the queue are the engine's; the SAM transform is the one AWS publishes.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import boto3
import httpx

from infra.packaging import template
from infra.packaging.build import ROOT, Package

REGION = "eu-central-1"
STACK = "desk"
ARTEFACTS = "artefacts"
TEMPLATE = "expanded.json"
MAIL_FROM = "desk@desk.example"
ADMIN = "admin@desk.example"
SECONDS = 30

T = TypeVar("T")


@dataclass(frozen=True)
class Deployment:
    """A deployed desk: its address, its clients, its resources by their names in the template."""

    endpoint_url: str
    base_url: str
    resources: dict[str, str]

    def client(self, service: str) -> Any:
        return client(self.endpoint_url, service)

    def mails(self, to: str) -> list[dict[str, Any]]:
        """What SES has sent to one address, in the order it was sent."""
        sent = httpx.get(f"{self.endpoint_url}/_ministack/ses/messages", timeout=SECONDS).json()["messages"]
        return [mail for mails in sent.values() for mail in mails if mail["To"] == [to]]

    def settings(self, function: str) -> dict[str, str]:
        """The environment the template gave to a function."""
        found = self.client("lambda").get_function_configuration(FunctionName=self.resources[function])
        variables: dict[str, str] = found["Environment"]["Variables"]
        return variables

    def log(self, group: str) -> list[str]:
        """The lines of one of the template's log groups."""
        found = self.client("logs").filter_log_events(logGroupName=self.resources[group])
        return [line["message"] for line in found["events"]]


def deploy(package: Package, endpoint_url: str) -> Deployment:
    """Upload the zip, create the stack, then give it the address it was told, as docs/deploy.md does.

    The schedule of the sweep is off, so whatever is mailed was delivered by the stream or the queue.
    """
    s3 = client(endpoint_url, "s3")
    s3.create_bucket(Bucket=ARTEFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.upload_file(str(package.zip), ARTEFACTS, package.zip.name)
    client(endpoint_url, "sesv2").create_email_identity(EmailIdentity=MAIL_FROM.partition("@")[2])
    expanded = template.expanded(package.template, ARTEFACTS, package.zip.name)
    _fit_to_engine(expanded)
    s3.put_object(Bucket=ARTEFACTS, Key=TEMPLATE, Body=json.dumps(expanded).encode())  # too large to be sent in a call
    _apply(endpoint_url, "create_stack", base_url="https://not-known.example/api")
    resources = _resources(endpoint_url)
    base_url = f"{endpoint_url}/restapis/{resources['RestAPI']}/api/_user_request_"
    _apply(endpoint_url, "update_stack", base_url)
    desk = Deployment(endpoint_url, base_url, resources)
    desk.client("events").disable_rule(Name=resources["SweepSweepEvent"])
    _fill(desk)
    return desk


@cache
def client(endpoint_url: str, service: str) -> Any:
    """A client with the engine's root credentials."""
    session: Any = boto3.Session("test", "test", region_name=REGION)
    return session.client(service, endpoint_url=endpoint_url)


def eventually(look: Callable[[], T | None], seconds: float = SECONDS) -> T:
    """What `look` gives as soon as that is something. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"nothing came within {seconds} s"
        time.sleep(0.1)
    return seen


def _fit_to_engine(expanded: dict[str, Any]) -> None:
    """Lift what the engine cannot meet: it speaks plain HTTP, and tells its IAM neither the sender of a mail nor its
    identity.
    """
    del expanded["Resources"]["FilesBucketPolicy"]
    roles = [each for each in expanded["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    for policy in (policy for role in roles for policy in role["Properties"]["Policies"]):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "ses:SendEmail" in statement["Action"]:
                statement["Resource"] = "*"
                del statement["Condition"]


def _fill(desk: Deployment) -> None:
    """Put the cast of the tests and their project into the tables."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    subprocess.run(
        [sys.executable, "-m", "tests.deployed.seeding"],
        cwd=ROOT,
        env=desk.settings("APIHandler") | keys | {"AWS_ENDPOINT_URL": desk.endpoint_url},
        check=True,
        timeout=SECONDS,
    )


def _apply(endpoint_url: str, operation: str, base_url: str) -> None:
    cloudformation = client(endpoint_url, "cloudformation")
    parameters = {"BaseUrl": base_url, "MailFrom": MAIL_FROM, "AdminEmail": ADMIN}
    getattr(cloudformation, operation)(
        StackName=STACK,
        TemplateURL=f"{endpoint_url}/{ARTEFACTS}/{TEMPLATE}",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    stack = eventually(lambda: _settled(cloudformation))
    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, _failures(cloudformation)


def _settled(cloudformation: Any) -> dict[str, Any] | None:
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack


def _failures(cloudformation: Any) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed]


def _resources(endpoint_url: str) -> dict[str, str]:
    pages = client(endpoint_url, "cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}
