"""The rows of an import of people: what the columns of the table are called, and what the words in them mean."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from chalicelib.domain.errors import FieldError, Invalid
from chalicelib.domain.organisations import organisation_name
from chalicelib.domain.people import ProjectRole, SiteRole, email_address
from chalicelib.domain.projects import project_key
from chalicelib.domain.text import cell, printable, shown_name
from chalicelib.domain.words import N_

K = TypeVar("K")

MOST_ROWS = 1000
SHOWN_LENGTH = 80  # characters of what a stranger's file says, where it is said again
NONE = "-"
"""What stands in a cell that takes something away; an empty one leaves it as it is."""


class Column(StrEnum):
    """What a column of the table holds."""

    EMAIL = "email"
    NAME = "name"
    LANGUAGE = "language"
    ORGANISATION = "organisation"
    SITE_ROLE = "site_role"
    PROJECT = "project"
    ROLE = "role"
    ACTIVE = "active"


HEADERS: dict[Column, tuple[str, ...]] = {
    Column.EMAIL: ("email", "e-mail", "mail", "adresa", "e-mailová adresa"),
    Column.NAME: ("name", "jméno", "jméno a příjmení"),
    Column.LANGUAGE: ("language", "jazyk"),
    Column.ORGANISATION: ("organisation", "organizace", "organization", "firma"),
    Column.SITE_ROLE: ("site role", "role v helpdesku", "role on the whole desk", "role v celém helpdesku"),
    Column.PROJECT: ("project", "projekt"),
    Column.ROLE: ("role", "role v projektu", "role in the project", "project role"),
    Column.ACTIVE: ("active", "aktivní"),
}
"""What a column may be called, in English first and in Czech second; case, marks and hyphens make no difference."""

LANGUAGES: dict[str, tuple[str, ...]] = {
    "en": ("english", "angličtina", "anglicky"),
    "cs": ("czech", "čeština", "česky", "cz"),
}
SITE_ROLES: dict[SiteRole | None, tuple[str, ...]] = {
    SiteRole.ADMIN: ("administrator", "administrátor"),
    SiteRole.MANAGER: ("vedoucí",),
    None: (NONE, "žádná"),
}
ROLES: dict[ProjectRole, tuple[str, ...]] = {
    ProjectRole.PROJECT_MANAGER: ("správce projektu", "správce"),
    ProjectRole.SOLVER: ("řešitel",),
    ProjectRole.CUSTOMER: ("zákazník",),
}
ANSWERS: dict[bool, tuple[str, ...]] = {True: ("yes", "ano", "1"), False: ("no", "ne", "0")}
"""What may stand in a cell beside the code itself, which is always understood."""

_FAULTS = frozenset({"#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#n/a", "#getting_data", "#spill!"})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table as it came; `number` is its place in the file, `spare` what stood under no heading."""

    number: int
    cells: Mapping[Column, str]
    spare: str = ""


def _plain(text: str) -> str:
    """What two spellings of one word share: neither case nor marks, hyphens or underscores count."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.replace("_", " ").replace("-", " ").split()) or bare.strip()


def _dictionary(words: Mapping[K, tuple[str, ...]]) -> dict[str, K]:
    return {_plain(spelling): each for each, spellings in words.items() for spelling in (str(each), *spellings)}


_COLUMNS = _dictionary(HEADERS)


def lines_of(rows: Sequence[tuple[int, list[str]]]) -> tuple[Line, ...]:
    """The table below its headings. Raises Invalid where these are wrong or the rows too many."""
    if not rows:
        raise Invalid.of("file", N_("The file is empty."))
    columns = _columns(rows[0][1])
    if len(rows) == 1:
        raise Invalid.of("file", N_("There is nothing below the headings."))
    if len(rows) - 1 > MOST_ROWS:
        raise Invalid.of("file", N_("At most {most} rows at once, please."), most=MOST_ROWS)
    return tuple(_line(number, cells, columns) for number, cells in rows[1:])


def _columns(headings: list[str]) -> list[Column | None]:
    found = [_column(heading) if heading else None for heading in headings]
    given = [column for column in found if column is not None]
    twice = next((column for column in given if given.count(column) > 1), None)
    if twice is not None:
        raise Invalid.of("file", N_("There are two columns {column}."), column=HEADERS[twice][0])
    needed = {Column.EMAIL} | ({Column.PROJECT, Column.ROLE} if {Column.PROJECT, Column.ROLE} & {*given} else set())
    for column in sorted(needed - {*given}):
        raise Invalid.of("file", N_("The column {column} is missing."), column=HEADERS[column][0])
    return found


def _column(heading: str) -> Column:
    try:
        return _COLUMNS[_plain(heading)]
    except KeyError as error:
        raise Invalid.of(
            "file", N_("There is no column called {column}."), column=printable(heading, SHOWN_LENGTH)
        ) from error


def _line(number: int, cells: list[str], columns: list[Column | None]) -> Line:
    spare = ""
    named: dict[Column, str] = {}
    for position, text in enumerate(cells):
        column = columns[position] if position < len(columns) else None
        if column is not None and text:
            named[column] = text
        spare = spare or ("" if column is not None else text)
    return Line(number, named, spare)


def said_by(line: Line) -> tuple[str, dict[Column, object], list[FieldError]]:
    """The address in `line` or nothing, what else it says by column, and what of all that nobody can understand."""
    said: dict[Column, object] = {}
    wrong = [FieldError("", N_("There is something in a column without a heading."))] if line.spare else []
    for column, read in _READERS.items():
        if column in line.cells or column is Column.EMAIL:
            try:
                said[column] = _read(line, column, read)
            except Invalid as refusal:
                wrong += refusal.errors
    return str(said.pop(Column.EMAIL, "")), said, wrong


def _read(line: Line, column: Column, read: Callable[[str, str], K]) -> K:
    text = cell(line.cells.get(column, ""), column)
    if text.startswith("="):
        raise Invalid.of(column, N_("This is a formula. Put its value there, please."))
    if text.lower() in _FAULTS:
        raise Invalid.of(column, N_("This cell holds the error of a formula."))
    return read(text, column)


def _word(words: Mapping[Any, tuple[str, ...]], message: str) -> Callable[[str, str], object]:
    spellings = _dictionary(words)

    def read(text: str, column: str) -> object:
        if _plain(text) not in spellings:
            raise Invalid.of(column, message, word=printable(text, SHOWN_LENGTH))
        return spellings[_plain(text)]

    return read


_READERS: dict[Column, Callable[[str, str], object]] = {
    Column.EMAIL: email_address,
    Column.NAME: shown_name,
    Column.LANGUAGE: _word(LANGUAGES, N_("There is no language {word} here.")),
    Column.ORGANISATION: organisation_name,
    Column.SITE_ROLE: _word(SITE_ROLES, N_("There is no role {word} on the desk.")),
    Column.PROJECT: project_key,
    Column.ROLE: _word(ROLES, N_("There is no role {word} in projects.")),
    Column.ACTIVE: _word(ANSWERS, N_("This is neither yes nor no.")),
}
"""How each column is read."""
