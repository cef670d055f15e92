"""Reads the table in an uploaded .xlsx or .csv: rows of text, whatever program wrote it, and no more than is wanted."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from chalicelib.domain.errors import Invalid, TooLarge
from chalicelib.domain.words import N_

MAX_BYTES = 1024 * 1024
_MAX_UNPACKED = 12 * 1024 * 1024  # bytes; a thousand rows take a hundredth of it
_MAX_PARTS = 200
_MAX_COLUMNS = 40
_LAST_ROW = 1_048_576  # of Excel; for a row numbered two thousand million all before it would be made up
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_SEPARATORS = ";,\t"

Row = tuple[int, list[str]]


def rows_of(filename: str, content: bytes, most: int) -> list[Row]:
    """The rows of the first sheet that are not blank, each with its number in the file; `most` + 1 of them at most.

    Raises Invalid for what cannot be read, TooLarge.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(N_("The file is larger than 1 MB."))
    if not content.strip():
        raise _refused(N_("The file is empty."))
    if content.startswith(_OLD_EXCEL):
        raise _refused(N_("This is an old .xls workbook. Save it as .xlsx or .csv, please."))
    is_workbook = content.startswith(_ZIP) or filename.lower().endswith((".xlsx", ".xlsm"))
    found = _workbook_rows(content, most) if is_workbook else _text_rows(content)
    numbered = ((number, _trimmed(cells)) for number, cells in found)
    return list(islice((row for row in numbered if row[1]), most + 1))


def _trimmed(cells: list[str]) -> list[str]:
    """Without the blanks round each cell, and without blank cells at the end."""
    found = [cell.strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found


def _refused(message: str, **values: str | int) -> Invalid:
    return Invalid.of("file", message, **values)


def _text_rows(content: bytes) -> Iterator[Row]:
    """CSV as Excel of any country writes it. A field may hold line breaks, so rows are counted by line."""
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        start = 1
        for cells in reader:
            yield start, cells[:_MAX_COLUMNS]
            start = reader.line_num + 1
    except csv.Error as error:
        raise _refused(N_("Line {line} of the file cannot be read as CSV."), line=reader.line_num) from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(N_("The letters of the file cannot be read. Save it as CSV in UTF-8, please."))


def _separator(text: str) -> str:
    """The separator that the first line with anything in it uses most."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=header.count)


def _workbook_rows(content: bytes, most: int) -> list[Row]:
    """The rows of the first visible sheet.

    A hostile workbook can make the parser fail in any way there is; whatever it does, the file cannot be read.
    """
    _refuse_bombs(content)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = next((each for each in book.worksheets if each.sheet_state == "visible"), None)
        return list(islice(_sheet_rows(sheet), most + 2)) if sheet is not None else []
    except Exception as error:
        raise _refused(N_("This workbook cannot be read. Save it again as .xlsx or .csv, please.")) from error


def _refuse_bombs(content: bytes) -> None:
    """Looks at what is inside before anything is unpacked; nothing unpacks to more than its entry says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _refused(N_("This is not an .xlsx workbook.")) from error
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise TooLarge(N_("The workbook is too large inside."))


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what the file says of its size need not be so
    rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=_MAX_COLUMNS, values_only=True)
    for number, cells in enumerate(rows, start=1):
        if cells.count(None) == len(cells):  # one of the million that the parser makes up before a row far down
            continue
        texts = _texts(cells)
        if any(texts):
            yield number, texts


def _texts(cells: Iterable[Any]) -> list[str]:
    return ["" if value is None else _text(value) for value in cells]


def _text(value: Any) -> str:
    """A cell as a person would type it. A formula is its own text, which begins with `=`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str | int | float | timedelta):
        return str(value)
    return "="  # a formula over several cells, of which openpyxl makes an object
