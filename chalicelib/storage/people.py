"""People, with their roles: one item tells who somebody is and what they may do, so that a request asks once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import msgspec
from pynamodb.expressions.condition import size

from chalicelib.domain.errors import LastAdmin
from chalicelib.domain.people import Contact, Person, ProjectRole, SiteRole
from chalicelib.domain.projects import Member, Project
from chalicelib.storage import cursors, projects
from chalicelib.storage.aws import together
from chalicelib.storage.models import DirectoryRow, can_be_key
from chalicelib.storage.organisations import organisation_pk
from chalicelib.storage.projects import member_sk, project_pk
from chalicelib.storage.transactions import Refused, Transaction

KIND = "person"
ADMINS = "admins"
_ADMINS_KEY = ("site", ADMINS)
_BATCH = 100  # keys that one BatchGetItem takes


def find(email: str) -> Person | None:
    """The person with that address, or None."""
    try:
        return person_of(DirectoryRow.get(person_pk(email), KIND, consistent_read=True))
    except DirectoryRow.DoesNotExist:
        return None


def find_all(emails: Iterable[str]) -> dict[str, Person]:
    """The people with those addresses, by address; an address nobody has is absent."""
    rows = rows_at([(person_pk(email), KIND) for email in dict.fromkeys(emails) if can_be_key(email)])
    return {person.email: person for person in map(person_of, rows)}


def rows_at(keys: list[tuple[str, str]], consistent: bool = False) -> list[DirectoryRow]:
    """The rows of the directory with those keys, in no order; as many batches as it takes, side by side."""
    batches = [keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH)]
    return [row for found in together([partial(_batch, batch, consistent) for batch in batches]) for row in found]


def _batch(keys: list[tuple[str, str]], consistent: bool) -> list[DirectoryRow]:
    return list(DirectoryRow.batch_get(keys, consistent_read=consistent))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which people to list: those of one project, of one organisation or all, whose address begins with `prefix`."""

    prefix: str = ""
    project: str = ""
    organisation: str = ""


def page(choice: Choice, limit: int, cursor: str | None) -> tuple[list[Person], str | None]:
    """At most `limit` people in the order of their addresses, and the next cursor. Raises Invalid."""
    after = cursors.unseal(cursor, choice) if cursor else None
    found = _page(choice, limit + 1, after) if can_be_key(choice.prefix + choice.project + choice.organisation) else []
    items = found[:limit]
    return items, cursors.seal(items[-1].email, choice) if len(found) > limit else None


def _page(choice: Choice, limit: int, after: str | None) -> list[Person]:
    place = project_pk(choice.project) if choice.project else organisation_pk(choice.organisation)
    if not (choice.project or choice.organisation):
        first, last = _span(person_pk, choice.prefix, after)
        return [
            person_of(row)
            for row in DirectoryRow.by_kind.query(KIND, DirectoryRow.pk.between(first, last), limit=limit)
        ]
    first, last = _span(member_sk, choice.prefix, after)
    emails = [
        row.document["email"] for row in DirectoryRow.query(place, DirectoryRow.sk.between(first, last), limit=limit)
    ]
    known = find_all(emails)
    return [known[email] for email in emails if email in known]


def _span(key: Callable[[str], str], prefix: str, after: str | None) -> tuple[str, str]:
    """The first and the last key of what begins with `prefix` and comes after `after`. No address has a space."""
    return f"{key(after)} " if after else key(prefix), f"{key(prefix)}\u00ff"


def create(person: Person) -> bool:
    """Writes a new person with their memberships. False where somebody has that address already."""
    write = Transaction()
    write.put("person", row_of(person), DirectoryRow.pk.does_not_exist())
    _put_places(write, None, person)
    return _committed(write)


def update(before: Person, after: Person) -> Person | None:
    """Writes a changed person, ending their sessions with a change of rights; the person as written.

    None where they changed meanwhile. Raises LastAdmin.
    """
    write = Transaction()
    written = _put_changed(write, before, after)
    return written if _committed(write) else None


def update_in_project(before: Project | None, after: Project, changed: Iterable[tuple[Person, Person]]) -> bool:
    """Writes a project with people of it: a new one, a changed one, or one that must only stand as it was read.

    False where somebody was quicker with any of them; then nothing was written. Raises LastAdmin.
    """
    write = Transaction()
    if after == before:
        projects.hold(write, after)
    else:
        projects.put(write, before, after)
    for person, wanted in changed:
        _put_changed(write, person, wanted)
    return _committed(write)


def _put_changed(write: Transaction, before: Person, after: Person) -> Person:
    epoch = before.epoch if _same_rights(before, after) else before.epoch + 1
    written = replace(after, epoch=epoch, version=before.version + 1)
    write.put("person", row_of(written), DirectoryRow.version == before.version)
    _put_places(write, before, after)
    return written


def _committed(write: Transaction) -> bool:
    try:
        write.commit()
    except Refused as refusal:
        if refusal.names == {ADMINS}:
            raise LastAdmin from refusal
        return False
    return True


def _same_rights(before: Person, after: Person) -> bool:
    return (before.roles, before.site_role, before.active) == (after.roles, after.site_role, after.active)


def _put_places(write: Transaction, before: Person | None, after: Person) -> None:
    """Writes where people are looked for: among the members of projects and organisations, and the administrators."""
    had, has = _places(before), _places(after)
    for place in had.keys() - has.keys():
        write.delete("member#" + place, DirectoryRow(place, member_sk(after.email)))
    for place, member in has.items():
        if had.get(place) != member:
            write.put("member#" + place, DirectoryRow(place, member_sk(after.email), document=member))
    _put_admin(write, before, after)


def _places(person: Person | None) -> dict[str, Member | Contact]:
    """The partitions in which `person` is a member. Whoever is deactivated has a place in no project."""
    if person is None:
        return {}
    roles = person.roles if person.active else {}
    found: dict[str, Member | Contact] = {}
    found |= {project_pk(key): Member(person.email, person.name, role) for key, role in roles.items()}
    return found | ({organisation_pk(person.organisation): person.contact} if person.organisation else {})


def _put_admin(write: Transaction, before: Person | None, after: Person) -> None:
    """Keeps the set of active administrators in one row, whose condition holds however many change it at once."""
    row = DirectoryRow(*_ADMINS_KEY)
    if _is_active_admin(after):
        write.update(ADMINS, row, [DirectoryRow.names.add([after.email])])
    elif before is not None and _is_active_admin(before):
        others = DirectoryRow.names.exists() & ((size("names") > 1) | ~DirectoryRow.names.contains(after.email))
        write.update(ADMINS, row, [DirectoryRow.names.delete([after.email])], others)


def _is_active_admin(person: Person) -> bool:
    return person.active and person.site_role is SiteRole.ADMIN


def rows_of(persons: Iterable[Person]) -> list[DirectoryRow]:
    """The rows of people of an empty directory, with their places in it."""
    found = list(persons)
    rows = [row_of(person) for person in found]
    rows += [
        DirectoryRow(place, member_sk(member.email), document=member)
        for person in found
        for place, member in _places(person).items()
    ]
    admins = {person.email for person in found if _is_active_admin(person)}
    return rows + ([DirectoryRow(*_ADMINS_KEY, names=admins)] if admins else [])


def person_pk(email: str) -> str:
    """The partition of a person."""
    return f"person#{email}"


def row_of(person: Person) -> DirectoryRow:
    """The row of `person`."""
    return DirectoryRow(person_pk(person.email), KIND, kind=KIND, version=person.version, document=person)


def person_of(row: DirectoryRow) -> Person:
    """The person in `row`. Their version is the row's, which rows have that were written before people had one."""
    return replace(msgspec.convert(row.document, Person), version=int(row.version))


def with_role(person: Person, key: str, role: ProjectRole | None) -> Person:
    """`person` with `role` in the project `key`, or without one there."""
    others = {each: held for each, held in person.roles.items() if each != key}
    return replace(person, roles=others if role is None else {**others, key: role})
