"""Tables of people on their way in, kept in S3 for a day between the dry run and the import itself."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from chalicelib.config import settings
from chalicelib.domain.errors import NotFound
from chalicelib.domain.import_rows import Line
from chalicelib.domain.imports import RowPlan
from chalicelib.storage.aws import s3

LASTS = timedelta(days=1)
_ID = re.compile(r"[0-9a-z]{20}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A table that waits to be imported, for whoever brought it; once it is imported, what became of each row.

    `failures` says by the number of a row why it was not written, in words of the catalogue.
    """

    id: str
    by: str
    filename: str
    brought_at: datetime
    lines: tuple[Line, ...]
    done: tuple[RowPlan, ...] | None = None
    failures: dict[int, str] = field(default_factory=dict)


def save(waiting: Waiting) -> None:
    """Keeps `waiting`, in place of what was kept of it before. The bucket's lifecycle removes it after a day."""
    body = msgspec.json.encode(waiting)
    s3().put_object(Bucket=settings().files_bucket, Key=_key(waiting.id), Body=body, ContentType="application/json")


def load(import_id: str, at: datetime) -> Waiting:
    """What was kept under that id, unless it is too old. Raises NotFound."""
    from botocore.exceptions import ClientError

    if not _ID.fullmatch(import_id):
        raise NotFound
    try:
        answer = s3().get_object(Bucket=settings().files_bucket, Key=_key(import_id))
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            raise NotFound from error
        raise
    waiting = msgspec.json.decode(answer["Body"].read(), type=Waiting)
    if waiting.brought_at + LASTS <= at:
        raise NotFound
    return waiting


def _key(import_id: str) -> str:
    return f"imports/{import_id}.json"
