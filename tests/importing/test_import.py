"""People from a table: what each row would do is shown first, and just that is done, or nothing."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from chalicelib import directory, importing
from chalicelib.domain.errors import Invalid, NotAllowed, NotFound, StaleVersion, TooLarge
from chalicelib.domain.import_rows import Column, Line
from chalicelib.domain.imports import Difference, Outcome, RowPlan
from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import ANONYMOUS, Actor, Person, ProjectRole, SiteRole
from chalicelib.importing import Wishes
from chalicelib.storage import imports, organisations, people, projects
from chalicelib.storage.models import DirectoryRow
from tests.cast import ALICE, BOB, EVA, FRANK, HR, MARIE, ROOT, WEB, by_form, by_link, called, signed_in
from tests.people_admin.test_people import jobs
from tests.stage import Clock

pytestmark = pytest.mark.usefixtures("stage")
BY = signed_in(ROOT)
HEADINGS = ["E-mail", "Jméno", "Jazyk", "Organizace", "Role v helpdesku", "Projekt", "Role", "Aktivní"]
NORA, NINA = "nora@customer.example", "nina@customer.example"

Table = list[list[str]]


def as_csv(table: Table) -> tuple[str, bytes]:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(table)
    return "lidé.csv", text.getvalue().encode("utf-8-sig", "surrogatepass")


def as_xlsx(table: Table) -> tuple[str, bytes]:
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in table:
        book.active.append(row)
    book.save(file)
    return "lidé.xlsx", file.getvalue()


Writer = Callable[[Table], tuple[str, bytes]]
BOTH = pytest.mark.parametrize("written", [as_csv, as_xlsx])


def row(email: str = NORA, name: str = "Nora Nová", **cells: str) -> list[str]:
    columns = ("language", "organisation", "site_role", "project", "role", "active")
    return [email, name, *(cells.get(column, "") for column in columns)]


def brought(*rows: list[str], written: Writer = as_csv, by: Actor = BY) -> importing.Preview:
    return importing.preview(importing.bring(*written([HEADINGS, *rows]), by).id, by)


def done(seen: importing.Preview, *, by: Actor = BY, **wishes: bool) -> importing.Result:
    return importing.carry_out(seen.waiting.id, seen.mark, Wishes(**wishes), by)


def outcomes(rows: tuple[RowPlan, ...]) -> list[Outcome]:
    return [each.outcome for each in rows]


def everything() -> dict[str, Any]:
    """The whole directory, to see that nothing was written."""
    return {f"{each.pk} {each.sk}": each.serialize() for each in DirectoryRow.scan()}


def known(email: str) -> Person:
    found = people.find(email)
    assert found
    return found


class TestPlan:
    @BOTH
    def test_rows_of_one_person_add_up(self, written: Writer) -> None:
        seen = brought(
            row(language="česky", organisation="Řezník", project="web", role="ZÁKAZNÍK"),
            row(name="", project="HR", role="Resitel"),
            row(name=""),
            written=written,
        )
        assert outcomes(seen.plan.rows) == [Outcome.CREATE, Outcome.CREATE, Outcome.NOTHING]
        assert seen.plan.rows[0].changes == (
            Difference(Column.NAME, "", "Nora Nová"),
            Difference(Column.LANGUAGE, "", "cs"),
            Difference(Column.ORGANISATION, "", "Řezník"),
            Difference(Column.ROLE, "", "customer", WEB),
        )
        assert seen.plan.rows[1].changes == (Difference(Column.ROLE, "", "solver", HR),)
        assert list(seen.plan.organisations.values()) == ["Řezník"]
        assert people.find(NORA) is None

    @BOTH
    def test_what_changes_is_said_from_what_to_what(self, written: Writer) -> None:
        seen = brought(
            row(EVA.email.upper(), "Eva Nová", language="anglicky", site_role="Vedoucí", project=WEB, role="solver"),
            row(FRANK.email, FRANK.name, language="en", project=WEB, role="customer", active="ano"),
            row(BOB.email, "", active="ne"),
            row(MARIE.email, "", site_role="-"),
            written=written,
        )
        assert outcomes(seen.plan.rows) == [Outcome.CHANGE, Outcome.NOTHING, Outcome.CHANGE, Outcome.CHANGE]
        assert [each.changes for each in seen.plan.rows] == [
            (
                Difference(Column.NAME, EVA.name, "Eva Nová"),
                Difference(Column.LANGUAGE, "cs", "en"),
                Difference(Column.SITE_ROLE, "", "manager"),
                Difference(Column.ROLE, "customer", "solver", WEB),
            ),
            (),
            (Difference(Column.ACTIVE, "yes", "no"),),
            (Difference(Column.SITE_ROLE, "manager", ""),),
        ]

    def test_headings_may_be_in_any_order_and_english(self) -> None:
        table = [["ROLE", "Project", " name ", "Email"], ["project_manager", "HR", "Nora", NORA]]
        seen = importing.preview(importing.bring(*as_csv(table), BY).id, BY)
        assert outcomes(seen.plan.rows) == [Outcome.CREATE]
        assert seen.plan.people[0].after.roles == {HR: ProjectRole.PROJECT_MANAGER}

    def test_an_organisation_that_is_there_is_meant_however_it_is_written(self) -> None:
        organisations.create(Organisation("o1", "Řezník a syn"))
        seen = brought(row(organisation="ŘEZNÍK A SYN"), row(NINA, "Nina", organisation="řezník a syn"))
        assert seen.plan.organisations == {}
        assert {each.after.organisation for each in seen.plan.people} == {"o1"}

    def test_it_reads_the_people_in_batches_and_the_rest_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []
        send = Endpoint.make_request

        def make_request(self: Any, operation: Any, *given: Any) -> Any:
            asked.append(operation.name)
            return send(self, operation, *given)

        lines = [Line(n, {Column.EMAIL: f"p{n}@x.example", Column.NAME: "P"}) for n in range(250)]
        monkeypatch.setattr(Endpoint, "make_request", make_request)
        assert importing.dry_run(lines, BY).count(Outcome.CREATE) == 250
        assert sorted(asked) == ["BatchGetItem"] * 3 + ["Query"] * 2


@dataclass(frozen=True)
class Bad:
    """A kind of error: the rows, the number of the row that has it, and the columns that it is said of."""

    what: str
    rows: list[list[str]]
    number: int
    columns: tuple[str, ...]
    only: Writer | None = None


ERRORS = (
    Bad("bad address", [row("nora")], 2, ("email",)),
    Bad("no address", [row("")], 2, ("email",)),
    Bad("address with a line break", [row("nora@b.cz\r\nBcc: x@y.cz")], 2, ("email",)),
    Bad("name missing for somebody new", [row(name="")], 2, ("name",)),
    Bad("one person under two names", [row(), row(name="Nina")], 3, ("name",)),
    Bad("one person in two languages", [row(language="cs"), row(language="en")], 3, ("language",)),
    Bad("one person in two organisations", [row(organisation="A"), row(organisation="B")], 3, ("organisation",)),
    Bad("unknown project", [row(project="NOPE", role="solver")], 2, ("project",)),
    Bad("what is no key of a project", [row(project="Web a e-shop", role="solver")], 2, ("project",)),
    Bad("archived project", [row(project="OLD", role="solver")], 2, ("project",)),
    Bad("unknown role", [row(project=WEB, role="boss")], 2, ("role",)),
    Bad("project without a role", [row(project=WEB)], 2, ("role",)),
    Bad("role without a project", [row(role="solver")], 2, ("project",)),
    Bad("two roles in one project", [row(project=WEB, role="solver"), row(project=WEB, role="customer")], 3, ("role",)),
    Bad("over-long name", [row(name="x" * 101)], 2, ("name",)),
    Bad("over-long organisation", [row(organisation="x" * 101)], 2, ("organisation",)),
    Bad("wrong language", [row(language="německy")], 2, ("language",)),
    Bad("unknown site role", [row(site_role="král")], 2, ("site_role",)),
    Bad("neither yes nor no", [row(active="možná")], 2, ("active",)),
    Bad("line break in a name", [row(name="Nora\r\nNová")], 2, ("name",)),
    Bad("NUL", [row(name="No\0ra")], 2, ("name",), as_csv),
    Bad("control character", [row(name="No\x1bra")], 2, ("name",), as_csv),
    Bad("U+202E", [row(name="No\u202era")], 2, ("name",)),
    Bad("noncharacter", [row(name="No\uffffra")], 2, ("name",), as_csv),
    Bad("formula", [row(name="=1+1")], 2, ("name",)),
    Bad("formula as an address", [row('=HYPERLINK("http://evil.example")')], 2, ("email",)),
    Bad("error of a formula", [row(name="#REF!")], 2, ("name",)),
    Bad("something under no heading", [[*row(), "x"]], 2, ("",)),
    Bad("the last administrator's role", [row(ROOT.email, "", site_role="-")], 2, ("site_role",)),
    Bad("one's own role", [row(ROOT.email, "", site_role="manager")], 2, ("site_role",)),
    Bad("oneself put out", [row(ROOT.email, "", active="ne")], 2, ("active",)),
    Bad(
        "all at once",
        [row(name="x" * 101, language="x", project="NOPE", role="x")],
        2,
        ("name", "language", "role", "project"),
    ),
)  # fmt: skip


CASES = [(bad, written) for bad in ERRORS for written in (as_csv, as_xlsx) if bad.only in (None, written)]
"""Each kind in both kinds of file, but for what XML cannot hold at all."""


class TestErrors:
    @pytest.mark.parametrize(("bad", "written"), CASES, ids=lambda part: getattr(part, "what", None))
    def test_each_is_said_of_its_row_and_column_and_nothing_is_written(self, bad: Bad, written: Writer) -> None:
        before = everything()
        seen = brought(row(NINA, "Nina", project=WEB, role="customer"), *bad.rows, written=written)
        [wrong] = [each for each in seen.plan.rows if each.outcome is Outcome.ERROR]
        assert wrong.number == bad.number + 1
        assert tuple(str(error.field) for error in wrong.errors) == bad.columns
        assert wrong.email.isprintable()
        with pytest.raises(Invalid) as refused:
            done(seen)
        assert {error.field for error in refused.value.errors} == {
            f"rows.{seen.plan.rows.index(wrong)}.{column}".rstrip(".") for column in bad.columns
        }
        assert everything() == before

    @BOTH
    @pytest.mark.parametrize(
        ("table", "values"),
        [
            ([], ()),
            ([HEADINGS], ()),
            ([["Jméno", "Role"], ["Nora", "solver"]], (("column", "email"),)),
            ([["E-mail", "Role"], [NORA, "solver"]], (("column", "project"),)),
            ([["E-mail", "Projekt"], [NORA, "WEB"]], (("column", "role"),)),
            ([["E-mail", "Telefon"], [NORA, "123"]], (("column", "Telefon"),)),
            ([["E-mail", "<b>\u202e"], [NORA, "123"]], (("column", "<b>"),)),
            ([["E-mail", "email"], [NORA, NORA]], (("column", "email"),)),
            ([["E-mail"], *[[f"p{n}@x.cz"] for n in range(1001)]], (("most", 1000),)),
        ],
        ids=["empty", "headings alone", "no address", "no project", "no role", "unknown", "odd", "twice", "too many"],
    )
    def test_a_table_that_is_none_is_refused_whole(
        self, table: Table, values: tuple[tuple[str, Any], ...], written: Writer
    ) -> None:
        before = everything()
        with pytest.raises(Invalid) as refused:
            importing.bring(*written(table), BY)
        [error] = refused.value.errors
        assert (error.field, error.values) == ("file", values)
        assert everything() == before

    def test_a_bomb_and_what_is_no_workbook(self) -> None:
        with pytest.raises(TooLarge):
            importing.bring("x.csv", b"x" * 2_000_000, BY)
        with pytest.raises(Invalid):
            importing.bring("x.xlsx", b"email,name", BY)


class TestCarryOut:
    @BOTH
    def test_just_what_was_shown(self, written: Writer) -> None:
        seen = brought(
            row(language="cs", organisation="Řezník", project=WEB, role="zákazník"),
            row(name="", project=HR, role="customer"),
            row(EVA.email, "", organisation="Řezník"),
            row(FRANK.email, FRANK.name),
            written=written,
        )
        result = done(seen)
        assert result.rows == seen.plan.rows
        assert result.failures == {}
        [made] = organisations.every()
        assert made.name == "Řezník"
        nora = known(NORA)
        assert (nora.roles, nora.organisation, nora.language) == (
            {WEB: ProjectRole.CUSTOMER, HR: ProjectRole.CUSTOMER},
            made.id,
            "cs",
        )
        assert known(EVA.email) == replace(EVA, organisation=made.id, version=2)
        assert known(FRANK.email) == FRANK
        assert NORA in {member.email for member in projects.crew(HR).members}

    def test_again_there_is_nothing_to_do(self) -> None:
        rows = (row(organisation="Řezník", project=WEB, role="solver"), row(EVA.email, "", site_role="manager"))
        done(brought(*rows))
        before = everything()
        again = brought(*rows)
        assert outcomes(again.plan.rows) == [Outcome.NOTHING, Outcome.NOTHING]
        assert again.plan.people == ()
        done(again)
        assert everything() == before

    def test_sent_twice_it_is_done_once_and_says_the_same(self) -> None:
        seen = brought(row())
        first = done(seen)
        before = everything()
        assert done(seen) == first
        assert importing.preview(seen.waiting.id, BY).waiting.done == first.rows
        assert everything() == before

    def test_rows_with_errors_are_left_out_where_that_is_wanted(self) -> None:
        seen = brought(row(), row(NINA, ""), row(name="", project="NOPE", role="solver"))
        result = done(seen, skip_errors=True)
        assert outcomes(result.rows) == [Outcome.CREATE, Outcome.ERROR, Outcome.ERROR]
        assert known(NORA).roles == {}
        assert people.find(NINA) is None

    def test_where_the_directory_has_changed_the_new_plan_is_to_be_looked_at_first(self) -> None:
        seen = brought(row(EVA.email, "Eva Nová"), row())
        people.update(EVA, replace(EVA, name="Eva Stará"))
        before = everything()
        with pytest.raises(StaleVersion):
            done(seen)
        assert everything() == before
        fresh = importing.preview(seen.waiting.id, BY)
        assert fresh.plan.rows[0].changes[0].before == "Eva Stará"
        done(fresh)
        assert known(EVA.email).name == "Eva Nová"

    @pytest.mark.parametrize("mark", ["", "x", "0" * 32])
    def test_a_mark_that_was_never_given(self, mark: str) -> None:
        seen = brought(row())
        with pytest.raises(StaleVersion):
            importing.carry_out(seen.waiting.id, mark, Wishes(), BY)
        assert people.find(NORA) is None

    def test_a_row_that_could_not_be_written_says_so_and_the_others_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = brought(row(), row(EVA.email, "Eva Nová"), row(NINA, "Nina"))
        written = people.update

        def overtaken(before: Person, after: Person) -> Person | None:
            written(before, replace(before, language="en"))
            return written(before, after)

        monkeypatch.setattr(people, "update", overtaken)
        result = done(seen)
        assert result.failures == {3: importing.NOT_WRITTEN}
        assert known(EVA.email).name == EVA.name
        assert known(NORA).name == "Nora Nová"
        assert known(NINA).name == "Nina"
        assert importing.preview(seen.waiting.id, BY).waiting.failures == result.failures

    def test_an_organisation_that_could_not_be_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = brought(row(organisation="Řezník"), row(NINA, "Nina"))
        monkeypatch.setattr(organisations, "create", lambda organisation: False)
        result = done(seen)
        assert result.failures == {2: importing.NOT_WRITTEN}
        assert people.find(NORA) is None
        assert known(NINA).organisation == ""

    def test_an_organisation_that_somebody_made_meanwhile_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = brought(row(organisation="Řezník"))
        create = organisations.create

        def overtaken(organisation: Organisation) -> bool:
            create(replace(organisation, id="o1", name="ŘEZNÍK"))
            return create(organisation)

        monkeypatch.setattr(organisations, "create", overtaken)
        assert done(seen).failures == {}
        assert known(NORA).organisation == "o1"

    def test_whoever_is_new_is_invited_only_where_that_is_wanted(self, stopped: Clock) -> None:
        done(brought(row()))
        assert jobs() == []
        done(brought(row(NINA, "Nina"), row(NORA, "Nora Jiná"), row("out@x.example", "Out", active="ne")), invite=True)
        assert [job["email"] for job in jobs()] == [NINA]
        assert known(NINA).invited_at == stopped.at
        assert known(NORA).invited_at is None

    def test_whoever_is_put_out_is_out_at_once(self) -> None:
        directory.create_token("skript", 30, signed_in(EVA))
        done(brought(row(EVA.email, "", active="no")))
        assert not known(EVA.email).active
        assert directory.tokens(signed_in(EVA)) == []

    def test_an_administrator_made_by_a_table_counts_as_one(self) -> None:
        done(brought(row(BOB.email, "", site_role="administrátor")))
        assert known(BOB.email).site_role is SiteRole.ADMIN
        done(
            brought(row(ROOT.email, "", site_role="žádná"), by=signed_in(known(BOB.email))),
            by=signed_in(known(BOB.email)),
        )
        assert known(ROOT.email).site_role is None


class TestDoor:
    NOBODY = (signed_in(ALICE), signed_in(MARIE), signed_in(EVA), by_link(ROOT), by_form(ROOT), ANONYMOUS)

    @pytest.mark.parametrize("by", NOBODY, ids=called)
    def test_for_administrators_alone(self, by: Actor) -> None:
        seen = brought(row())
        for act in (
            lambda: importing.bring("x.csv", b"", by),
            lambda: importing.preview(seen.waiting.id, by),
            lambda: importing.carry_out(seen.waiting.id, seen.mark, Wishes(), by),
            lambda: importing.dry_run(seen.waiting.lines, by),
            lambda: importing.carry_out_plan(seen.plan, Wishes(), by),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert people.find(NORA) is None

    def test_another_administrator_finds_nothing(self) -> None:
        seen = brought(row())
        other = signed_in(replace(BOB, site_role=SiteRole.ADMIN))
        with pytest.raises(NotFound):
            importing.preview(seen.waiting.id, other)
        with pytest.raises(NotFound):
            importing.carry_out(seen.waiting.id, seen.mark, Wishes(), other)
        assert people.find(NORA) is None

    @pytest.mark.parametrize("import_id", ["", "x", "../../secret", "0" * 20, "\ud800" * 20])
    def test_what_was_never_brought(self, import_id: str) -> None:
        with pytest.raises(NotFound):
            importing.preview(import_id, BY)

    def test_after_a_day_it_is_gone_though_the_bucket_has_it_still(self, stopped: Clock) -> None:
        seen = brought(row())
        stopped.forward(seconds=imports.LASTS.total_seconds() - 1)
        assert importing.preview(seen.waiting.id, BY)
        stopped.forward(seconds=1)
        with pytest.raises(NotFound):
            importing.preview(seen.waiting.id, BY)


def test_our_own_workbook_is_read_alike_by_another_program() -> None:
    """What these tests write is a workbook to others too, and not to our reader alone."""
    _, content = as_xlsx([HEADINGS, row()])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert [str(cell) for cell in sheet.to_python()[1][:2]] == [NORA, "Nora Nová"]
