"""What lets somebody in: one-time codes, sessions, API tokens and ticket links. Secrets are kept as hashes only."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pynamodb.exceptions import DeleteError, UpdateError

from chalicelib.config import settings
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.people import Person
from chalicelib.storage import people, projects, queue
from chalicelib.storage.aws import dynamodb
from chalicelib.storage.models import DirectoryRow, ExpiringRow
from chalicelib.storage.times import epoch, from_text, to_text

CODE_TRIES = 5
_TOKEN = "token#"  # noqa: S105 - how the keys of tokens begin, not one of them


class Verdict(StrEnum):
    """What came of trying a code."""

    RIGHT = "right"
    WRONG = "wrong"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as its owner sees it; the secret itself is shown once, when it is made."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """What a mailed link opens, and for whom."""

    ticket: str
    email: str


def digest(secret: str) -> str:
    """A secret as it is kept: keyed, so that a copy of the table alone tells nothing, not even of a six-digit code."""
    return hmac.new(settings().signing_key.encode(), secret.encode(), hashlib.sha256).hexdigest()


def save_code(email: str, code: str, expires_at: datetime) -> None:
    """Keeps a one-time code, in place of an earlier one."""
    document = {"digest": digest(f"{email} {code}")}
    ExpiringRow(f"code#{email}", "code", expires=epoch(expires_at), n=0, document=document).save()


def try_code(email: str, code: str, at: datetime) -> Verdict:
    """Spends one of the tries of the code for `email`, and the code itself when it is right.

    The try is counted before the code is compared, so that parallel guesses get no more tries than one after another.
    """
    row = ExpiringRow(f"code#{email}", "code")
    try:
        row.update(
            actions=[ExpiringRow.n.add(1)],
            condition=ExpiringRow.pk.exists() & (ExpiringRow.expires > epoch(at)) & (ExpiringRow.n < CODE_TRIES),
        )
    except UpdateError as error:
        return _refused(error)
    if not hmac.compare_digest(row.document["digest"], digest(f"{email} {code}")):
        return Verdict.WRONG
    try:
        row.delete(condition=ExpiringRow.pk.exists())
    except DeleteError as error:
        return _refused(error)
    return Verdict.RIGHT


def _refused(error: UpdateError | DeleteError) -> Verdict:
    if error.cause_response_code == "ConditionalCheckFailedException":
        return Verdict.GONE
    raise error


def save_session(secret: str, person: Person, expires_at: datetime) -> None:
    """Opens a session for `person`; it ends with `expires_at` or when their epoch moves on."""
    document = {"email": person.email, "epoch": person.epoch}
    ExpiringRow(_session(secret), "session", expires=epoch(expires_at), document=document).save()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session or token it is, and what is read beside them: the projects that share requests."""

    person: Person
    shared_projects: frozenset[str]


def session(secret: str, email: str, at: datetime) -> Holder | None:
    """The holder of a session that is still good, or None. Everything is read in one round trip."""
    expiring, directory = settings().expiring_table, settings().directory_table
    answers = _read({expiring: [(_session(secret), "session")], directory: _keys_of(email)})
    holder = _holder_in(answers[directory])
    if not answers[expiring] or holder is None:
        return None
    row, person = ExpiringRow.from_raw_data(answers[expiring][0]), holder.person
    document: Mapping[str, Any] = row.document
    good = row.expires > epoch(at) and document["email"] == person.email and document["epoch"] == person.epoch
    return holder if good and person.active else None


def _keys_of(email: str) -> list[tuple[str, str]]:
    return [(people.person_pk(email), people.KIND), projects.SHARING]


def _read(keys: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[Any]]:
    """The rows that are there, by table, in one round trip. Raises Unavailable."""
    request: Any = {
        table: {"Keys": [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in wanted], "ConsistentRead": True}
        for table, wanted in keys.items()
    }
    answer = dynamodb().batch_get_item(RequestItems=request)
    if answer.get("UnprocessedKeys"):
        raise Unavailable  # throttled: not the same as signed out
    return {table: list(answer["Responses"].get(table, [])) for table in keys}


def _holder_in(items: list[Any]) -> Holder | None:
    rows = {row.sk: row for row in map(DirectoryRow.from_raw_data, items)}
    person, sharing = rows.get(people.KIND), rows.get(projects.SHARING[1])
    names = frozenset(sharing.names or ()) if sharing is not None else frozenset()
    return Holder(people.person_of(person), names) if person is not None else None


def end_session(secret: str) -> None:
    """Ends one session."""
    ExpiringRow(_session(secret), "session").delete()


def save_token(secret: str, token: Token, person: Person) -> None:
    """Keeps an API token of `person`."""
    document = {"email": person.email, "epoch": person.epoch, "token": token}
    ExpiringRow(
        _token(secret),
        "token",
        owner=people.person_pk(person.email),
        expires=epoch(token.expires_at),
        document=document,
    ).save()


def token_holder(secret: str, at: datetime) -> Holder | None:
    """The holder of an API token, or None. A token outlives a change of roles; it acts with the new ones."""
    try:
        row = ExpiringRow.get(_token(secret), "token", consistent_read=True)
    except ExpiringRow.DoesNotExist:
        return None
    if row.expires <= epoch(at):
        return None
    directory = settings().directory_table
    holder = _holder_in(_read({directory: _keys_of(row.document["email"])})[directory])
    if holder is None or not holder.person.active:
        return None
    ended = holder.person.deactivated_at
    return None if ended is not None and _token_of(row).created_at <= ended else holder


def tokens(email: str, at: datetime) -> list[Token]:
    """The API tokens of a person that are still good."""
    return [_token_of(row) for row in _token_rows(email) if row.expires > epoch(at)]


def revoke_token(email: str, token_id: str) -> bool:
    """Ends one API token. False where the person has none with that id."""
    for row in _token_rows(email):
        if row.document["token"]["id"] == token_id:
            ExpiringRow(row.pk, row.sk).delete()
            return True
    return False


def _token_rows(email: str) -> Iterable[ExpiringRow]:
    return ExpiringRow.by_owner.query(people.person_pk(email), ExpiringRow.pk.startswith(_TOKEN))


_ONCE_MORE_SECONDS = 60


def put_out(email: str) -> None:
    """Ends all that lets a deactivated person in, now and in a minute once more.

    The index by owner lags a little, and a mail on its way may just be given a link by somebody who read the person
    while they were active. Sessions end with their epoch, and a token that was missed with the date of deactivation.
    """
    revoke_everything(email)
    queue.send({"kind": "revoke", "email": email}, _ONCE_MORE_SECONDS)


def revoke_everything(email: str) -> None:
    """Ends all API tokens of a person and every link that was mailed to their address."""
    with ExpiringRow.batch_write() as batch:
        for row in ExpiringRow.by_owner.query(people.person_pk(email)):
            batch.delete(row)


def _token_of(row: ExpiringRow) -> Token:
    import msgspec

    return msgspec.convert(row.document["token"], Token)


def save_link(secret: str, link: Link, expires_at: datetime) -> None:
    """Keeps the link of one recipient to one ticket."""
    document = {"email": link.email, "until": to_text(expires_at)}
    owner = people.person_pk(link.email)
    ExpiringRow(_link(link.ticket), digest(secret), owner=owner, expires=epoch(expires_at), document=document).save()


def link(ticket: str, secret: str, at: datetime) -> tuple[Link, datetime] | None:
    """What the link opens and until when, or None where it is unknown, revoked or over."""
    try:
        row = ExpiringRow.get(_link(ticket), digest(secret), consistent_read=True)
    except ExpiringRow.DoesNotExist:
        return None
    if row.expires <= epoch(at):
        return None
    return Link(ticket, row.document["email"]), from_text(row.document["until"])


def revoke_links(ticket: str, email: str) -> int:
    """Ends all links of one recipient to one ticket; how many there were."""
    rows = [row for row in ExpiringRow.query(_link(ticket)) if row.document["email"] == email]
    with ExpiringRow.batch_write() as batch:
        for row in rows:
            batch.delete(row)
    return len(rows)


def _session(secret: str) -> str:
    return f"session#{digest(secret)}"


def _token(secret: str) -> str:
    return f"{_TOKEN}{digest(secret)}"


def _link(ticket: str) -> str:
    return f"link#{ticket}"
