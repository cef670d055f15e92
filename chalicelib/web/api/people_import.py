"""Many people and their places in projects at once, for administrators."""

from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib import importing
from chalicelib.domain.import_rows import Column, Line
from chalicelib.importing import Wishes
from chalicelib.web.api import views
from chalicelib.web.api.views import ImportView
from chalicelib.web.bodies import Body
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

api = Routes("api_people_import", is_api=True)


class ImportRow(Body, frozen=True):
    """One membership of one person; several rows of a person add up. What is left empty stays as it is.

    `organisation` is a name, made where there is none such; `-` there or in `site_role` takes it away.
    """

    email: str = ""
    name: str = ""
    language: str = ""
    organisation: str = ""
    site_role: str = ""
    project: str = ""
    role: str = ""
    active: bool | None = None


class PeopleImport(Body, frozen=True):
    """Rows to import. Where some have errors nothing is written, unless `skip_errors` leaves those out."""

    rows: Annotated[list[ImportRow], Meta(extra_json_schema={"maxItems": 1000})]
    dry_run: bool = True
    skip_errors: bool = False
    invite: bool = False


@api.post("/people/import", Permission.ADMIN, body=PeopleImport, answer=ImportView)
def import_people(call: Call, body: PeopleImport) -> ImportView:
    """What an import would do, or with `dry_run` false: do it."""
    by = call.signed_in
    plan = importing.dry_run([_line(number, row) for number, row in enumerate(body.rows, start=1)], by)
    if body.dry_run:
        return views.imported(plan.rows, {}, False, call.language)
    result = importing.carry_out_plan(plan, Wishes(body.skip_errors, body.invite), by)
    return views.imported(result.rows, result.failures, True, call.language)


def _line(number: int, row: ImportRow) -> Line:
    given = msgspec.structs.asdict(row) | {"active": "" if row.active is None else "yes" if row.active else "no"}
    return Line(number, {column: given[column] for column in Column if given[column]})
