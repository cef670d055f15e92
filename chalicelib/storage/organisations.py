"""Organisations, each with its members in one partition; and a row for each name, which keeps it unique."""

import hashlib

import msgspec

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisations import Organisation, folded
from chalicelib.storage.models import DirectoryRow, can_be_key
from chalicelib.storage.transactions import Refused, Transaction

KIND = "organisation"
_NAME = "name"


def load(organisation_id: str) -> Organisation:
    """The organisation with that id. Raises NotFound."""
    try:
        if not can_be_key(organisation_id):
            raise NotFound
        return _organisation_of(DirectoryRow.get(organisation_pk(organisation_id), KIND, consistent_read=True))
    except DirectoryRow.DoesNotExist as error:
        raise NotFound from error


def every() -> list[Organisation]:
    """All organisations, in no order that means anything."""
    return [_organisation_of(row) for row in DirectoryRow.by_kind.query(KIND)]


def named(name: str) -> Organisation | None:
    """The organisation of that name, in whatever letter case; None where there is none."""
    try:
        taken = DirectoryRow.get(_name_pk(name), _NAME, consistent_read=True)
    except DirectoryRow.DoesNotExist:
        return None
    return load(taken.document["id"])


def create(organisation: Organisation) -> bool:
    """Writes a new organisation. False where another has that name."""
    write = Transaction()
    write.put("organisation", row_of(organisation), DirectoryRow.pk.does_not_exist())
    write.put("name", name_row(organisation), DirectoryRow.pk.does_not_exist())
    return _committed(write)


def rename(before: Organisation, name: str) -> Organisation | None:
    """Gives an organisation another name. None where another has it, or somebody changed this one meanwhile."""
    after = Organisation(before.id, name, before.version + 1)
    write = Transaction()
    write.put("organisation", row_of(after), DirectoryRow.version == before.version)
    if folded(before.name) != folded(name):
        write.delete("old name", DirectoryRow(_name_pk(before.name), _NAME))
        write.put("name", name_row(after), DirectoryRow.pk.does_not_exist())
    return after if _committed(write) else None


def _committed(write: Transaction) -> bool:
    try:
        write.commit()
    except Refused:
        return False
    return True


def row_of(organisation: Organisation) -> DirectoryRow:
    """The row of `organisation`."""
    pk = organisation_pk(organisation.id)
    return DirectoryRow(pk, KIND, kind=KIND, version=organisation.version, document=organisation)


def name_row(organisation: Organisation) -> DirectoryRow:
    """The row that keeps the name of `organisation` for it."""
    return DirectoryRow(_name_pk(organisation.name), _NAME, document={"id": organisation.id})


def organisation_pk(organisation_id: str) -> str:
    """The partition of an organisation."""
    return f"organisation#{organisation_id}"


def _name_pk(name: str) -> str:
    """A digest, because a key must not hold every character that a name may."""
    return f"organisation-name#{hashlib.sha256(folded(name).encode()).hexdigest()}"


def _organisation_of(row: DirectoryRow) -> Organisation:
    return msgspec.convert(row.document, Organisation)
