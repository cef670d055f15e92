"""The desk behind its front door: the cast on the stage, and browsers for them."""

from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib.domain.people import Person
from tests.stage import stage as stage
from tests.stage import stopped as stopped
from tests.web.client import Client

Browser = Callable[..., Client]


@pytest.fixture
def browser(stage: None) -> Browser:
    """Makes a browser: of somebody signed in, or of a stranger."""

    def open_browser(person: Person | None = None, **options: Any) -> Client:
        client = Client(app, **options)
        return client.sign_in(person) if person else client

    return open_browser
