"""Projects and their members: one partition each, so that a project is read with its people in one Query."""

from collections.abc import Iterable

import msgspec

from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.people import Actor
from chalicelib.domain.projects import Crew, Member, Project, project_key
from chalicelib.domain.words import N_
from chalicelib.storage.models import DirectoryRow
from chalicelib.storage.transactions import Transaction

KIND = "project"
SHARING = ("desk", "sharing")
"""The row whose `names` are the keys of the projects that share requests: whoever asks is read together with it."""


def load(key: str) -> Project:
    """The project `key`. Raises NotFound."""
    try:
        row = DirectoryRow.get(_possible_pk(key), KIND)
    except DirectoryRow.DoesNotExist as error:
        raise NotFound from error
    return msgspec.convert(row.document, Project)


def crew(key: str, consistent: bool = False) -> Crew:
    """The project `key` with its members; `consistent` for whoever goes on to change it. Raises NotFound."""
    rows = list(DirectoryRow.query(_possible_pk(key), consistent_read=consistent))
    projects = [msgspec.convert(row.document, Project) for row in rows if row.sk == KIND]
    if not projects:
        raise NotFound
    members = [msgspec.convert(row.document, Member) for row in rows if row.sk != KIND]
    return Crew(projects[0], tuple(members))


def every() -> list[Project]:
    """All projects, in the order of their keys."""
    return [msgspec.convert(row.document, Project) for row in DirectoryRow.by_kind.query(KIND)]


def find_all(keys: Iterable[str]) -> dict[str, Project]:
    """The projects with those keys, by key; a key that no project has is absent."""
    wanted = [(project_pk(key), KIND) for key in dict.fromkeys(keys)]
    rows = DirectoryRow.batch_get(wanted) if wanted else []
    found = [msgspec.convert(row.document, Project) for row in rows]
    return {project.key: project for project in found}


def put(write: Transaction, before: Project | None, after: Project) -> None:
    """Adds to `write` the project `after`, new or in place of `before`, whose version it goes on from."""
    unchanged = DirectoryRow.version == before.version if before else DirectoryRow.pk.does_not_exist()
    write.put("project", row_of(after), unchanged)
    if after.shares_requests != (before is not None and before.shares_requests):
        _share(write, after)


def hold(write: Transaction, project: Project) -> None:
    """Holds `write` to `project` standing as it was read."""
    write.check("project", DirectoryRow, (project_pk(project.key), KIND), DirectoryRow.version == project.version)


def _share(write: Transaction, project: Project) -> None:
    change = DirectoryRow.names.add if project.shares_requests else DirectoryRow.names.delete
    write.update("sharing", DirectoryRow(*SHARING), [change([project.key])])


def sharing_rows(projects: Iterable[Project]) -> list[DirectoryRow]:
    """The row that says which projects share requests, as it stands for `projects`, if they are all there are."""
    keys = {project.key for project in projects if project.shares_requests}
    return [DirectoryRow(*SHARING, names=keys)] if keys else []


def row_of(project: Project) -> DirectoryRow:
    """The row of `project`."""
    return DirectoryRow(project_pk(project.key), KIND, kind=KIND, version=project.version, document=project)


def project_pk(key: str) -> str:
    """The partition of a project."""
    return f"project#{key}"


def _possible_pk(key: str) -> str:
    """What cannot be a key is not asked for: DynamoDB would refuse some of it. Raises NotFound."""
    try:
        if project_key(key) == key:
            return project_pk(key)
    except Invalid:
        pass
    raise NotFound


def member_sk(email: str) -> str:
    """Where in its project's partition a member is."""
    return f"member#{email}"


def open_to(key: str, by: Actor) -> Project:
    """The project `key`, in which `by` may file. Raises Invalid, the same for none and for not theirs."""
    try:
        project = load(project_key(key))
    except (NotFound, Invalid):
        project = None
    if project is None or not project.takes_requests_of(by):
        raise Invalid.of("project", N_("There is no such project, or you may not file requests there."))
    return project
