"""The import of people in two steps: a file is brought and every row's outcome shown, then just that is done."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from chalice.app import Response

from chalicelib import i18n, importing, urls
from chalicelib.domain.errors import DeskError, Invalid, NotAllowed, TooLarge
from chalicelib.domain.guidance import LANGUAGES, PROJECT_ROLES, SITE_ROLES
from chalicelib.domain.import_rows import HEADERS, MOST_ROWS, SHOWN_LENGTH, Column
from chalicelib.domain.imports import Difference, Outcome, RowPlan
from chalicelib.domain.text import printable
from chalicelib.domain.words import N_
from chalicelib.importing import Preview, Wishes
from chalicelib.web import problems
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("people_import", is_api=False)

COLUMNS: dict[str, str] = {
    Column.EMAIL: N_("E-mail"),
    Column.NAME: N_("Name"),
    Column.LANGUAGE: N_("Language"),
    Column.ORGANISATION: N_("Organisation"),
    Column.SITE_ROLE: N_("Role on the whole desk"),
    Column.PROJECT: N_("Project"),
    Column.ROLE: N_("Role in the project"),
    Column.ACTIVE: N_("May sign in"),
}
"""What the columns are called on the page."""

_ANSWERS = {"yes": N_("yes"), "no": N_("no")}
_WORDS: dict[Column, Mapping[str, str]] = {
    Column.LANGUAGE: LANGUAGES,
    Column.SITE_ROLE: {role.value: label for role, label in SITE_ROLES.items()},
    Column.ROLE: {role.value: label for role, label in PROJECT_ROLES.items()},
    Column.ACTIVE: _ANSWERS,
}
_EXAMPLE = (
    ("eva@firma.example", "Eva Novotná", "cs", "Firma s.r.o.", "WEB", "customer"),
    ("eva@firma.example", "", "", "", "SERVIS", "customer"),
    ("jan@desk.example", "Jan Malý", "cs", "", "WEB", "solver"),
)
_EXAMPLE_COLUMNS = (Column.EMAIL, Column.NAME, Column.LANGUAGE, Column.ORGANISATION, Column.PROJECT, Column.ROLE)
_REFUSALS = (*forms.REFUSALS, TooLarge)


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a row changes, or in `message` what is wrong with it."""

    label: str
    before: str = ""
    after: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table and what it does."""

    number: int
    email: str
    outcome: Outcome
    details: tuple[Detail, ...]
    failure: str


@pages.get("/admin/people/import", Permission.ADMIN)
def choose(call: Call) -> Response:
    """The first step: which file."""
    if not call.signed_in.is_admin:
        raise NotAllowed
    return _choice(call, forms.EMPTY)


@pages.post("/admin/people/import", Permission.ADMIN, body=Form)
def bring(call: Call, body: Form) -> Response:
    """Reads the file and shows what it would do."""
    try:
        if not body.files:
            raise Invalid.of("file", N_("Choose a file first."))
        file = body.files[0]
        brought = importing.bring(printable(file.filename, SHOWN_LENGTH), file.content, call.signed_in)
    except _REFUSALS as refusal:
        typed = FormView({}, forms.errors_of(refusal, language(call), "file"))
        return refused(_choice(call, typed), refusal)
    return sent_on(urls.import_people(brought.id))


def _choice(call: Call, typed: FormView) -> Response:
    words = language(call)
    headings = [HEADERS[column][1 if words == "cs" else 0] for column in Column]
    context = {"form": typed, "headings": headings, "most": MOST_ROWS}
    return page(call, "admin/import.html", context, here=urls.import_people())


@pages.get("/admin/people/import/{id}", Permission.ADMIN)
def preview(call: Call, id: str) -> Response:
    """The second step: what each row would do; once it is done, what became of each."""
    return _shown(call, importing.preview(id, call.signed_in))


@pages.post("/admin/people/import/{id}", Permission.ADMIN, body=Form)
def carry_out(call: Call, id: str, body: Form) -> Response:
    """Does what the page said, and nothing else."""
    wishes = Wishes(skip_errors=body.one("skip") == "1", invite=body.one("invite") == "1")
    try:
        importing.carry_out(id, body.one("mark"), wishes, call.signed_in)
    except forms.REFUSALS as refusal:
        return refused(_shown(call, importing.preview(id, call.signed_in), refusal), refusal)
    return sent_on(urls.import_people(id))


def _shown(call: Call, seen: Preview, refusal: DeskError | None = None) -> Response:
    words, done = language(call), seen.waiting.done
    rows = seen.plan.rows if done is None else done
    problem = ""
    if isinstance(refusal, Invalid):
        problem = i18n.translated(N_("Nothing was written, because some rows have errors."), words)
    elif refusal is not None:
        problem = i18n.translated(refusal.message, words, **refusal.values)
    context = {
        "filename": seen.waiting.filename,
        "rows": [_row(row, seen.waiting.failures.get(row.number, ""), words) for row in rows],
        "totals": {outcome.value: sum(row.outcome is outcome for row in rows) for outcome in Outcome},
        "failed": len(seen.waiting.failures),
        "organisations": list(seen.plan.organisations.values()) if done is None else [],
        "newcomers": sum(each.before is None for each in seen.plan.people),
        "done": done is not None,
        "mark": seen.mark,
        "post": urls.import_people(seen.waiting.id),
        "problem": problem,
    }
    return page(call, "admin/import_rows.html", context, here=urls.import_people(seen.waiting.id))


def _row(row: RowPlan, failure: str, words: str) -> Row:
    wrong = problems.field_problems(Invalid(*row.errors), words)
    labels = (i18n.translated(COLUMNS.get(each.field, ""), words) for each in wrong)
    errors = (Detail(label, message=each.message) for label, each in zip(labels, wrong, strict=True))
    changes = (_change(each, words) for each in row.changes)
    return Row(row.number, row.email, row.outcome, (*changes, *errors), i18n.translated(failure, words))


def _change(change: Difference, words: str) -> Detail:
    label = i18n.translated(COLUMNS[change.column], words)
    spoken = _WORDS.get(change.column, {})
    before, after = (
        i18n.translated(spoken[value], words) if value in spoken else value for value in (change.before, change.after)
    )
    return Detail(f"{label} {change.project}" if change.project else label, before, after)


@pages.get("/admin/people/import-example.csv", Permission.ADMIN)
def example(call: Call) -> Response:
    """A small table to begin with, as Excel of the reader's country opens it."""
    words = language(call)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if words == "cs" else ",")
    writer.writerow(HEADERS[column][1 if words == "cs" else 0] for column in _EXAMPLE_COLUMNS)
    writer.writerows(_EXAMPLE)
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="people.csv"',
        "Cache-Control": "no-store",
    }
    return Response("\ufeff" + text.getvalue(), headers)
