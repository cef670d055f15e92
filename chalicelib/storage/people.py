"""People, with their roles: one item tells who somebody is and what they may do, so that a request asks once."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from chalicelib.domain.people import Person, ProjectRole
from chalicelib.domain.projects import Member
from chalicelib.storage.models import DirectoryRow
from chalicelib.storage.projects import member_sk, project_pk
from chalicelib.storage.transactions import Refused, Transaction

KIND = "person"


def find(email: str) -> Person | None:
    """The person with that address, or None."""
    try:
        return person_of(DirectoryRow.get(person_pk(email), KIND, consistent_read=True))
    except DirectoryRow.DoesNotExist:
        return None


def find_all(emails: Iterable[str]) -> dict[str, Person]:
    """The people with those addresses, by address; an address nobody has is absent."""
    keys = [(person_pk(email), KIND) for email in dict.fromkeys(emails)]
    found = [person_of(row) for row in DirectoryRow.batch_get(keys)] if keys else []
    return {person.email: person for person in found}


def create(person: Person) -> bool:
    """Writes a new person with their memberships. False where somebody has that address already."""
    write = Transaction()
    write.put("person", row_of(person), DirectoryRow.pk.does_not_exist())
    for key, role in person.roles.items():
        write.put(f"member#{key}", member_row(key, Member(person.email, person.name, role)))
    try:
        write.commit()
    except Refused:
        return False
    return True


def update(before: Person, after: Person) -> bool:
    """Writes a changed person, ending their sessions with a change of rights. False where they changed meanwhile."""
    row = row_of(after if _same_rights(before, after) else replace(after, epoch=before.epoch + 1))
    write = Transaction()
    write.put("person", row, DirectoryRow.version == before.epoch)
    for key, role in after.roles.items():
        if before.roles.get(key) != role or before.name != after.name:
            write.put(f"member#{key}", member_row(key, Member(after.email, after.name, role)))
    for key in before.roles.keys() - after.roles.keys():
        write.delete(f"member#{key}", DirectoryRow(project_pk(key), member_sk(after.email)))
    try:
        write.commit()
    except Refused:
        return False
    return True


def _same_rights(before: Person, after: Person) -> bool:
    return (before.roles, before.site_role, before.active) == (after.roles, after.site_role, after.active)


def person_pk(email: str) -> str:
    """The partition of a person."""
    return f"person#{email}"


def row_of(person: Person) -> DirectoryRow:
    """The row of `person`; its version is the epoch of their sessions."""
    return DirectoryRow(person_pk(person.email), KIND, kind=KIND, version=person.epoch, document=person)


def member_row(key: str, member: Member) -> DirectoryRow:
    """The row of `member` in the project `key`."""
    return DirectoryRow(project_pk(key), member_sk(member.email), document=member)


def person_of(row: DirectoryRow) -> Person:
    """The person in `row`."""
    return msgspec.convert(row.document, Person)


def with_role(person: Person, key: str, role: ProjectRole) -> Person:
    """`person` with `role` in the project `key`."""
    return replace(person, roles={**person.roles, key: role})
