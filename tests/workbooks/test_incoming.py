"""Tables as programs of all countries write them, and files that only pretend to be tables."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from chalicelib.domain.errors import Invalid, TooLarge
from chalicelib.workbooks.incoming import MAX_BYTES, rows_of

MOST = 1000
TABLE = [["Jméno", "E-mail"], ["Žofie Příšerná", "zofie@firma.example"]]
MIDNIGHT = datetime(2025, 3, 4)  # noqa: DTZ001 - a workbook knows no zones
READ = [(1, TABLE[0]), (2, TABLE[1])]


def text(rows: list[list[str]], separator: str = ";", end: str = "\r\n") -> str:
    return end.join(separator.join(row) for row in rows) + end


def workbook(rows: list[list[Any]], **sheets: str) -> bytes:
    """The rows as .xlsx; `sheets` are further ones with their state, put in front."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for title, state in sheets.items():
        other = book.create_sheet(title, 0)
        other.append(["nic", "odtud"])
        other.sheet_state = state
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def with_part(book: bytes, name: str, content: bytes) -> bytes:
    """`book` with another content in one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for part in old.namelist():
            made.writestr(part, content if part == name else old.read(part))
    return file.getvalue()


class TestCsv:
    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
    def test_every_separator_line_end_and_encoding(self, separator: str, end: str, encoding: str) -> None:
        assert rows_of("lidé.csv", text(TABLE, separator, end).encode(encoding), MOST) == READ

    def test_quotes_hold_separators_and_line_ends(self) -> None:
        content = b'name;email\r\n"Nov\xc3\xa1; Nora";"n@b.cz"\r\n"two\r\nlines";"o@b.cz"\r\n;p@b.cz\r\n'
        assert rows_of("x.csv", content, MOST)[1:] == [
            (2, ["Nová; Nora", "n@b.cz"]),
            (3, ["two\r\nlines", "o@b.cz"]),
            (5, ["", "p@b.cz"]),
        ]

    def test_blank_lines_are_no_rows_and_count_all_the_same(self) -> None:
        assert rows_of("x.csv", b"\r\nname\r\n;;\r\n\r\nNora\r\n", MOST) == [(2, ["name"]), (5, ["Nora"])]

    def test_what_is_no_csv_says_in_which_line(self) -> None:
        with pytest.raises(Invalid) as refused:
            rows_of("x.csv", b'name\n"Nora"x\n', MOST)
        assert refused.value.errors[0].values == (("line", 2),)

    def test_no_more_is_read_than_is_wanted(self) -> None:
        assert len(rows_of("x.csv", b"name\n" * 5000, MOST)) == MOST + 1


class TestWorkbook:
    def test_the_first_visible_sheet(self) -> None:
        assert rows_of("lidé.xlsx", workbook(TABLE, hidden="hidden", deep="veryHidden"), MOST) == READ
        assert rows_of("lidé.xlsx", workbook(TABLE, front="visible"), MOST) == [(1, ["nic", "odtud"])]

    def test_a_workbook_under_another_name(self) -> None:
        assert rows_of("lidé.csv", workbook(TABLE), MOST) == READ

    def test_cells_that_are_no_text(self) -> None:
        cells = [
            1,
            1.5,
            True,
            False,
            date(2025, 3, 4),
            MIDNIGHT,
            MIDNIGHT.replace(hour=8, minute=30),
            None,
            "=A1",
            "x",
        ]
        [(_, read)] = rows_of("x.xlsx", workbook([cells]), MOST)
        assert read == [
            "1", "1.5", "true", "false", "2025-03-04", "2025-03-04", "2025-03-04T08:30:00", "", "=A1", "x",
        ]  # fmt: skip

    def test_the_error_of_a_formula_is_its_text(self) -> None:
        book = workbook([["name"], ["#REF!"]])
        assert rows_of("x.xlsx", book, MOST) == [(1, ["name"]), (2, ["#REF!"])]

    def test_blank_rows_count_in_the_numbers(self) -> None:
        assert rows_of("x.xlsx", workbook([["name"], [], [None, ""], ["Nora"]]), MOST)[1][0] == 4

    def test_a_lie_about_its_size_costs_nothing(self) -> None:
        name = "xl/worksheets/sheet1.xml"
        with zipfile.ZipFile(io.BytesIO(workbook(TABLE))) as book:
            sheet = book.read(name).decode()
        for claimed in ("A1:XFD1048576", "A1:A1"):
            lying = with_part(workbook(TABLE), name, sheet.replace("A1:B2", claimed).encode())
            assert [[cell for cell in cells if cell] for _, cells in rows_of("x.xlsx", lying, MOST)] == TABLE

    def test_no_more_is_read_than_is_wanted(self) -> None:
        assert len(rows_of("x.xlsx", workbook([["name"]] * 3000), MOST)) == MOST + 1


SHEET = "xl/worksheets/sheet1.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_OF = b'<worksheet xmlns="' + MAIN + b'"><sheetData>%s</sheetData></worksheet>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 50 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (b + 1, b"&%c;" % b * 60) for b in range(ord("a"), ord("h")))
    + b"]><worksheet><sheetData><row><c><v>&h;</v></c></row></sheetData></worksheet>"
)  # fmt: skip


class TestHostile:
    def test_a_row_beyond_the_last_of_excel_is_none(self) -> None:
        """All rows before it would be made up one by one: for this number, until long after the function has ended."""
        rows = b'<row r="1"><c t="str"><v>name</v></c></row><row r="2000000000"><c t="str"><v>x</v></c></row>'
        sheet = SHEET_OF % rows
        assert rows_of("x.xlsx", with_part(workbook(TABLE), SHEET, sheet), MOST) == [(1, ["name"])]

    def test_a_formula_over_several_cells_is_a_formula(self) -> None:
        cells = b'<c r="A1"><f t="array" ref="A1:A2">1+1</f></c><c r="B1"><f t="dataTable" ref="B1:B2" r1="A1"/></c>'
        sheet = SHEET_OF % (b'<row r="1">' + cells + b"</row>")
        assert rows_of("x.xlsx", with_part(workbook(TABLE), SHEET, sheet), MOST) == [(1, ["=", "="])]

    def test_a_workbook_without_a_sheet_is_an_empty_table(self) -> None:
        assert rows_of("x.xlsx", with_part(workbook(TABLE), "xl/workbook.xml", b"<a/>"), MOST) == []

    @pytest.mark.parametrize(
        ("filename", "content"),
        [
            ("x.csv", b""),
            ("x.csv", b" \r\n\t"),
            ("x.xlsx", b"name,email"),
            ("x.xlsx", b"PK\x03\x04"),
            ("x.csv", b"PK\x03\x04 name"),
            ("x.xlsx", archive(readme=b"nothing")),
            ("x.xlsx", workbook(TABLE)[:-200]),
            ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500),
            ("x.csv", b"\x81\x83\xff"),
            ("x.xlsx", with_part(workbook(TABLE), SHEET, b"<worksheet><sheetData><row>")),
            ("x.xlsx", with_part(workbook(TABLE), SHEET, LAUGHS)),
            ("x.xlsx", with_part(workbook(TABLE), "[Content_Types].xml", b"")),
        ],
        ids=range(12),
    )  # fmt: skip
    def test_what_is_no_table_is_refused_in_words(self, filename: str, content: bytes) -> None:
        with pytest.raises(Invalid) as refused:
            rows_of(filename, content, MOST)
        [error] = refused.value.errors
        assert error.field == "file"

    def test_a_bomb_is_not_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bomb = with_part(workbook(TABLE), SHEET, b" " * 13_000_000)
        assert len(bomb) < MAX_BYTES
        monkeypatch.setattr(zipfile.ZipFile, "read", None)
        monkeypatch.setattr(zipfile.ZipFile, "open", None)
        with pytest.raises(TooLarge):
            rows_of("x.xlsx", bomb, MOST)

    def test_many_small_parts_are_a_bomb_too(self) -> None:
        with pytest.raises(TooLarge):
            rows_of("x.xlsx", archive(**{f"part{n}": b"" for n in range(300)}), MOST)

    def test_an_entry_that_lies_about_its_size_unpacks_to_no_more_than_it_says(self) -> None:
        """The sizes in the directory are patched to be small; what is read is cut off there and fails its checksum."""
        bomb = with_part(workbook(TABLE), SHEET, b" " * 5_000_000)
        lying = bomb.replace((5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
        with pytest.raises(Invalid):
            rows_of("x.xlsx", lying, MOST)

    def test_more_than_a_megabyte(self) -> None:
        with pytest.raises(TooLarge):
            rows_of("x.csv", b"x" * (MAX_BYTES + 1), MOST)
