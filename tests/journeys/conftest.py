"""Journeys run against the real local desk with its demo data, in Chromium, and read its mail as a person does."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.journeys.running import CHROMIUM, FLAGS, Desk, Windows
from tests.local_run import LocalRun


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """One desk for all journeys; each journey files requests of its own."""
    run = LocalRun(tmp_path_factory.mktemp("desk"), demo=True)
    with run.running():
        yield run


@pytest.fixture(scope="session")
def desk(run: LocalRun) -> Desk:
    """That desk as its visitors know it."""
    document = json.loads((run.data_dir / "demo.json").read_text(encoding="utf-8"))
    return Desk(run.url, run.mail_url, {account["email"]: account for account in document["accounts"]})


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def windows(browser: Browser, desk: Desk) -> Iterator[Windows]:
    """Windows to open; whatever fails in one of them, of our scripts or of what the policy forbids, fails the test."""
    windows = Windows(browser, desk)
    yield windows
    for context in windows.opened:
        context.close()
    assert not windows.faults
