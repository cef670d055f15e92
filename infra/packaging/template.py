"""Writes the template that CloudFormation is given, and reads it back expanded."""

import json
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

REGION = "eu-central-1"  # the transform wants to know one; nothing in the template depends on it
FUNCTION = "AWS::Serverless::Function"
HEADER = "# Written by `make package`; the sources are infra/resources.yaml, .chalice/config.json and app.py.\n"


def write(merged: Path, target: Path, code: Path) -> None:
    """The merged template with `code`, a file beside it, as the code of every function."""
    template = yaml.safe_load(merged.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = f"./{code.name}"
    unshared = json.loads(json.dumps(template))  # or YAML would use aliases, which CloudFormation does not know
    body = yaml.safe_dump(unshared, allow_unicode=True, width=120)
    target.write_text(HEADER + body, encoding="utf-8")


def expanded(template: Path, bucket: str, key: str) -> dict[str, Any]:
    """The template as CloudFormation sees it after the SAM transform, with its code at `key` in `bucket`."""
    parsed: dict[str, Any] = yaml_parse(template.read_text(encoding="utf-8"))
    for resource in parsed["Resources"].values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    translated = translator.translate(parsed, parameter_values={})
    plain: dict[str, Any] = json.loads(json.dumps(translated))  # the translator has mappings of its own
    return plain
