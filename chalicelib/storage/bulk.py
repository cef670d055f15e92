"""A desk's worth of rows at once, without the transactions of daily work: for demo data and benchmarks.

Only for tables that are empty: nothing is checked, and the counters are set, not added to.
"""

import gzip
import json
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from chalicelib.config import settings
from chalicelib.domain.events import Event
from chalicelib.domain.files import Upload
from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import Person
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import counters, history, organisations, people, projects
from chalicelib.storage.models import DeskModel, FileRow
from chalicelib.storage.tickets import row_of

Rows = list[DeskModel]


def directory_rows(
    all_projects: Iterable[Project], persons: Iterable[Person], all_organisations: Iterable[Organisation] = ()
) -> Rows:
    """Projects, people with their places in them, and organisations."""
    given = list(all_projects)
    rows: Rows = [*map(projects.row_of, given), *projects.sharing_rows(given)]
    for organisation in all_organisations:
        rows += [organisations.row_of(organisation), organisations.name_row(organisation)]
    return rows + people.rows_of(persons)


def ticket_rows(tickets: list[Ticket], events: Iterable[Event], pending: Callable[[Event], bool]) -> Rows:
    """Tickets with their history and counters; the mail of events that are `pending` is still to be sent."""
    mailed = [history.row_of(event, event.row.topic is not None and pending(event)) for event in events]
    return [*map(row_of, tickets), *mailed, *counters.rows_of(tickets)]


def file_rows(uploads: Iterable[Upload]) -> Rows:
    """Attachments, already linked to their tickets."""
    return [FileRow(upload.id, ticket=upload.ticket, document=upload) for upload in uploads]


def write(rows: Rows) -> None:
    """Writes `rows`, which stand together by table, in batches."""
    for model, group in groupby(rows, key=_model):
        with model.batch_write() as batch:
            for row in group:
                batch.save(row)


def export(rows: Rows, folder: Path) -> None:
    """Leaves `rows` in `folder` as an export of DynamoDB to S3 would: a folder per table, an item per line."""
    for model, group in groupby(rows, key=_model):
        data = folder / str(getattr(settings(), model.table_setting)) / "data"
        data.mkdir(parents=True)
        with gzip.open(data / "items.json.gz", "wt", encoding="utf-8", compresslevel=1) as file:
            for row in group:
                file.write(json.dumps({"Item": row.serialize()}) + "\n")


def _model(row: DeskModel) -> type[DeskModel]:
    return type(row)
