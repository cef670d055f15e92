"""Writes a desk's worth of rows in batches, without the transactions of daily work: for demo data and benchmarks.

Only for tables that are empty: nothing is checked, and the counters are set, not added to.
"""

from collections.abc import Callable, Iterable

from chalicelib.domain.events import Event
from chalicelib.domain.files import Upload
from chalicelib.domain.people import Person
from chalicelib.domain.projects import Member, Project
from chalicelib.domain.tickets import Ticket
from chalicelib.storage import counters, history, people, projects
from chalicelib.storage.models import CounterRow, DeskModel, DirectoryRow, EventRow, FileRow, TicketRow
from chalicelib.storage.tickets import row_of


def write_directory(all_projects: Iterable[Project], persons: Iterable[Person]) -> None:
    """Projects, people and their memberships."""
    rows: list[DeskModel] = [projects.row_of(project) for project in all_projects]
    for person in persons:
        rows.append(people.row_of(person))
        for key, role in person.roles.items():
            rows.append(people.member_row(key, Member(person.email, person.name, role)))
    _write(DirectoryRow, rows)


def write_tickets(tickets: list[Ticket], events: Iterable[Event], pending: Callable[[Event], bool]) -> None:
    """Tickets with their history and counters; the mail of events that are `pending` is still to be sent."""
    _write(TicketRow, [row_of(ticket) for ticket in tickets])
    _write(EventRow, [history.row_of(event, bool(event.row.tells) and pending(event)) for event in events])
    _write(CounterRow, counters.rows_of(tickets))


def write_files(uploads: Iterable[Upload]) -> None:
    """Attachments, already linked to their tickets."""
    _write(FileRow, [FileRow(upload.id, ticket=upload.ticket, document=upload) for upload in uploads])


def _write(model: type[DeskModel], rows: Iterable[DeskModel]) -> None:
    with model.batch_write() as batch:
        for row in rows:
            batch.save(row)
