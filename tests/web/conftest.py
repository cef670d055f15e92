"""The desk behind its front door: the cast of tests/cast.py in the directory, and browsers for them."""

from collections.abc import Callable, Iterator

import pytest
from chalice.app import Chalice

from chalicelib.domain.people import Person
from chalicelib.domain.projects import Form, Member, Project
from chalicelib.storage import people, projects
from chalicelib.storage.models import DirectoryRow
from tests.cast import CAST, HR, WEB
from tests.web.client import Client

Browser = Callable[..., Client]

PROJECTS = (
    Project(WEB, "Web a e-shop", Form.OPEN, "cs", introduction="Napište nám, co nejde."),
    Project(HR, "Human resources", Form.MEMBERS, "en", projector_code="P-7"),
)


@pytest.fixture
def desk(aws: None) -> Iterator[None]:
    """WEB with an open form, HR with a members form, and everybody of the cast."""
    for project in PROJECTS:
        projects.save(project)
    with DirectoryRow.batch_write() as batch:
        for person in CAST:
            batch.save(people.row_of(person))
            for key, role in person.roles.items():
                batch.save(people.member_row(key, Member(person.email, person.name, role)))
    yield


@pytest.fixture
def browser(desk: None) -> Browser:
    """Makes a browser: of somebody signed in, or of a stranger."""
    return lambda person=None, **options: _browser(person, **options)


def _browser(person: Person | None, **options: str | None) -> Client:
    from app import app

    assert isinstance(app, Chalice)
    client = Client(app, **options)  # type: ignore[arg-type]
    return client.sign_in(person) if person else client
