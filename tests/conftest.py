"""What all tests share: the desk on moto, made from the infra template, with the cast of tests/cast.py."""

import os
from collections.abc import Iterator
from functools import cache, partial

import boto3
import pytest
from botocore.loaders import JSONFileLoader, Loader
from moto import mock_aws

from chalicelib import config
from infra.local import resources

os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "BASE_URL": "https://desk.example",
        "SIGNING_KEY": "a key for tests only",
        "MAIL_FROM": "Pythagoras Helpdesk <desk@desk.example>",
        "ADMIN_EMAIL": "",
        "READ_THREADS": "1",  # moto is not thread-safe
    }
)


def remember_service_models() -> None:
    """Each test makes AWS clients of its own; finding and reading their models on disk was half of its set-up."""
    load = cache(partial(JSONFileLoader.load_file, JSONFileLoader()))
    names = cache(partial(Loader.list_available_services, Loader()))
    for owner, name, known in ((JSONFileLoader, "load_file", load), (Loader, "list_available_services", names)):
        setattr(owner, name, lambda _, type_name, known=known: known(type_name))


remember_service_models()


def forget_clients() -> None:
    """Drops every cached client, connection and setting, so that the next test gets its own."""
    from chalicelib import mailer
    from chalicelib.storage import aws, files, models
    from chalicelib.web import headers

    for cached in (config.settings, aws.dynamodb, aws.s3, aws.sqs, files.origin, headers._safety, mailer._ses):
        cached.cache_clear()
    for model in models.DeskModel.__subclasses__():
        model._connection = None


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty tables, bucket and queue, and a mail service that takes everything."""
    with mock_aws():
        forget_clients()
        session = boto3.session.Session(region_name="eu-central-1")
        for name, value in resources.create_all(session).items():
            monkeypatch.setenv(name, value)
        session.client("sesv2").create_email_identity(EmailIdentity="desk@desk.example")
        yield
    forget_clients()
