"""Files: uploads on their way to S3, and the attachments they become when an event links them."""

import logging
import re
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PutError

from chalicelib.config import settings
from chalicelib.domain.errors import Invalid, NotFound, Unavailable
from chalicelib.domain.events import Event
from chalicelib.domain.files import PICTURE_BYTES, Upload, Verdict, picture_type, verdict_of
from chalicelib.domain.tickets import project_of
from chalicelib.domain.words import N_
from chalicelib.storage.aws import s3, s3_copier, together
from chalicelib.storage.models import FileRow
from chalicelib.storage.times import epoch
from chalicelib.storage.transactions import Refused, Transaction

log = logging.getLogger(__name__)

DOWNLOAD_SECONDS = 300
_PLAIN = "application/octet-stream"
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_SCAN_TAG = "GuardDutyMalwareScanStatus"
_ID = re.compile(r"[0-9a-z]{1,40}")  # what cannot be an id is not asked for: DynamoDB would refuse some of it


def save_upload(upload: Upload) -> bool:
    """Remembers what was promised about a file. False where that id was promised before; then the first word stands."""
    try:
        FileRow(upload.id, expires=epoch(upload.expires_at), document=upload).save(FileRow.id.does_not_exist())
    except PutError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True


def presigned_post(upload: Upload, seconds: int) -> tuple[str, dict[str, str]]:
    """Where and with which fields a browser posts the file: exactly the promised size, under the generated key."""
    fields = {"Content-Type": _PLAIN, "Content-Disposition": disposition(upload.filename)}
    conditions: list[Any] = [{name: value} for name, value in fields.items()]
    conditions.append(["content-length-range", upload.size, upload.size])
    answer = s3().generate_presigned_post(
        settings().files_bucket, upload.key, Fields=fields, Conditions=conditions, ExpiresIn=seconds
    )
    return answer["url"], answer["fields"]


def put_content(upload: Upload, content: bytes) -> None:
    """Stores a small file that came through the form itself, without JavaScript."""
    s3().put_object(
        Bucket=settings().files_bucket,
        Key=upload.key,
        Body=content,
        ContentType=_PLAIN,
        ContentDisposition=disposition(upload.filename),
    )


def uploads(ids: tuple[str, ...], at: datetime) -> list[Upload]:
    """The uploads `ids` that are still waiting to be linked, in the order asked. Raises Invalid for any other."""
    if not ids:
        return []
    if not all(_ID.fullmatch(each) for each in ids):
        raise _gone()
    found = {row.id: row for row in FileRow.batch_get(list(ids), consistent_read=True)}
    rows = [found.get(each) for each in ids]
    if any(row is None or row.ticket or (row.expires or 0) <= epoch(at) for row in rows):
        raise _gone()
    return [_upload(row) for row in rows if row is not None]


def waiting(ids: tuple[str, ...], at: datetime) -> list[Upload]:
    """Those of the uploads `ids` that are still waiting to be linked, in the order asked."""
    found = {row.id: row for row in FileRow.batch_get(list(ids))} if ids else {}
    rows = [found[each] for each in ids if each in found]
    return [_upload(row) for row in rows if not row.ticket and (row.expires or 0) > epoch(at)]


def arrived(promised: list[Upload]) -> tuple[Upload, ...]:
    """The uploads with the object version that is there now. Raises Invalid where one is absent or not as promised."""
    return tuple(together([partial(_arrived, upload) for upload in promised]))


def _arrived(upload: Upload) -> Upload:
    try:
        size, version_id, beginning = _looked_into(upload) if upload.may_be_picture else _looked_at(upload)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            raise Invalid.of("uploads", N_("The file {name} has not arrived yet."), name=upload.filename) from error
        if error.response["Error"]["Code"] == "InvalidRange":  # nothing is in it, although something was promised
            raise _wrong_size(upload) from error
        raise
    if size != upload.size:
        raise _wrong_size(upload)
    return replace(upload, version_id=version_id, picture_type=picture_type(beginning))


def _looked_at(upload: Upload) -> tuple[int, str | None, bytes]:
    head = s3().head_object(Bucket=settings().files_bucket, Key=upload.key)
    return head["ContentLength"], head.get("VersionId"), b""


def _looked_into(upload: Upload) -> tuple[int, str | None, bytes]:
    """Size, version and beginning in one call: a ranged answer says of how much it is a part (RFC 9110, 14.4)."""
    answer = s3().get_object(Bucket=settings().files_bucket, Key=upload.key, Range=f"bytes=0-{PICTURE_BYTES - 1}")
    return int(answer["ContentRange"].rpartition("/")[2]), answer.get("VersionId"), answer["Body"].read()


def _wrong_size(upload: Upload) -> Invalid:
    return Invalid.of("uploads", N_("The file {name} is not the size it was said to be."), name=upload.filename)


def commit(write: Transaction, arrived_uploads: tuple[Upload, ...], event: Event) -> None:
    """Commits `write` with these files, which now belong to `event`; each may be linked once.

    What is posted lies under `incoming/`, where the bucket's lifecycle removes it; linking copies it to where files
    stay. The copies are there before the transaction, so that no link ever leads to nothing, and are taken away again
    where it was refused. Where nobody knows whether it was written, they stay. Raises what Transaction.commit raises.
    """
    copies = together([partial(_copied, upload) for upload in arrived_uploads])
    for upload in copies:
        linked = replace(upload, ticket=event.ticket, internal=event.internal)
        write.put(f"file#{upload.id}", FileRow(upload.id, ticket=event.ticket, document=linked), _waiting())
    try:
        write.commit()
    except (Refused, Unavailable):
        for copy in copies:
            _remove(copy)
        raise


def _copied(upload: Upload) -> Upload:
    key = f"files/{upload.id}"
    source: Any = {"Bucket": settings().files_bucket, "Key": upload.key}
    if upload.version_id:
        source["VersionId"] = upload.version_id
    answer = s3_copier().copy_object(
        Bucket=settings().files_bucket, Key=key, CopySource=source, TaggingDirective="REPLACE"
    )
    return replace(upload, key=key, version_id=answer.get("VersionId"))


def _remove(copy: Upload) -> None:
    """Takes a copy away that nothing links to. One that stays costs its storage and nothing else, so no more is tried.

    Always by its version: another transaction may have linked its own copy of the same file in the meantime.
    """
    if copy.version_id is None:
        return
    try:
        s3().delete_object(Bucket=settings().files_bucket, Key=copy.key, VersionId=copy.version_id)
    except (ClientError, BotoCoreError):
        log.warning("the copy %s, version %s, belongs to nothing and stays", copy.key, copy.version_id, exc_info=True)


def _waiting() -> Any:
    return FileRow.id.exists() & FileRow.ticket.does_not_exist()


def refuse(refused: Refused) -> None:
    """Raises Invalid where it was a file that stood in the way of a transaction."""
    if any(name.startswith("file#") for name in refused.names):
        raise _gone() from refused


def _gone() -> Invalid:
    return Invalid.of("uploads", N_("A file is no longer waiting to be added. Please add it again."))


def load(file_id: str) -> Upload:
    """The attachment `file_id`. Raises NotFound, also while it belongs to no ticket."""
    if not _ID.fullmatch(file_id):
        raise NotFound
    try:
        row = FileRow.get(file_id, consistent_read=True)
    except FileRow.DoesNotExist as error:
        raise NotFound from error
    if not row.ticket:
        raise NotFound
    return _upload(row)


def linked(number: str) -> list[Upload]:
    """The files of ticket `number` in the order of their promises, those of internal notes too.

    One linked this moment may not be among them yet.
    """
    rows = FileRow.by_ticket.query(number) if project_of(number) else ()
    return _in_order([_upload(row) for row in rows])


def linked_now(number: str, ids: tuple[str, ...]) -> list[Upload]:
    """Those of the files `ids` that belong to ticket `number` at this moment."""
    known = [file_id for file_id in dict.fromkeys(ids) if _ID.fullmatch(file_id)]
    rows = FileRow.batch_get(known, consistent_read=True) if known else []
    return _in_order([_upload(row) for row in rows if row.ticket == number])


def _in_order(found: list[Upload]) -> list[Upload]:
    return sorted(found, key=lambda upload: upload.expires_at)


def verdict(upload: Upload) -> Verdict:
    """What the scan for malware says of the pinned version; clean where the desk runs without one."""
    if not settings().malware_scan:
        return Verdict.CLEAN
    place: Any = {"Bucket": settings().files_bucket, "Key": upload.key}
    if upload.version_id:
        place["VersionId"] = upload.version_id
    tags = {tag["Key"]: tag["Value"] for tag in s3().get_object_tagging(**place)["TagSet"]}
    return verdict_of(tags.get(_SCAN_TAG))


def signed_url(upload: Upload) -> str:
    """A link to the pinned version of the file, valid for five minutes; the browser saves it under its name.

    The content type that the sender named is never passed on: it is plain bytes, or the picture that was recognised.
    """
    parameters: dict[str, Any] = {
        "Bucket": settings().files_bucket,
        "Key": upload.key,
        "ResponseContentDisposition": disposition(upload.filename),
        "ResponseContentType": upload.picture_type or _PLAIN,
    }
    if upload.version_id:
        parameters["VersionId"] = upload.version_id
    return s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=DOWNLOAD_SECONDS)


def disposition(filename: str) -> str:
    """Content-Disposition with a plain and a UTF-8 name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _upload(row: FileRow) -> Upload:
    return msgspec.convert(row.document, Upload)


@cache
def origin() -> str:
    """Scheme and host of the bucket, as a page's content security policy names it."""
    parts = urlsplit(s3().generate_presigned_url("get_object", Params={"Bucket": settings().files_bucket, "Key": "x"}))
    return f"{parts.scheme}://{parts.netloc}"
