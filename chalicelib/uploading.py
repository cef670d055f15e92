"""The verbs on files before they belong to a ticket: promise one, take the small ones a form carries."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from chalicelib import clock
from chalicelib.domain.errors import Invalid
from chalicelib.domain.files import (
    MAX_FILES,
    MAX_PLAIN_BYTES,
    UPLOAD_SECONDS,
    Upload,
    promise,
)
from chalicelib.domain.lists import Filter, Reach
from chalicelib.domain.people import STAFF_ROLES, Actor
from chalicelib.domain.projects import project_key
from chalicelib.domain.tickets import project_of
from chalicelib.domain.words import N_
from chalicelib.storage import access, files, limits, listings, projects
from chalicelib.storage.limits import Limit

_UPLOADS_PER_NETWORK = Limit("upload-network", 200, 3600)


_UPLOADS_PER_PERSON = Limit("upload-person", 5000, 3600)


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """A file that somebody wants to add; `size` in bytes."""

    filename: str
    content_type: str
    size: int
    project: str


def start_upload(order: UploadOrder, by: Actor, network: str) -> tuple[Upload, str, dict[str, str]]:
    """Promises a file: the upload, and where and with which fields to post it. Raises Invalid, TooMany."""
    upload = _promised(order, by, network, clock.new_id())
    files.save_upload(upload)
    url, fields = files.presigned_post(upload, UPLOAD_SECONDS)
    return upload, url, fields


@dataclass(frozen=True, slots=True)
class PlainOrder:
    """The small files that came inside a form: for each its name, its type and what is in it."""

    project: str
    files: tuple[tuple[str, str, bytes], ...]


def plain_uploads(order: PlainOrder, by: Actor, network: str, once_key: str) -> tuple[str, ...]:
    """Takes the files of one form and answers their ids. Raises Invalid, TooMany.

    The ids follow from `once_key` and the content, so that a form that is sent twice names the same files twice.
    """
    if sum(len(content) for _, _, content in order.files) > MAX_PLAIN_BYTES:
        raise Invalid.of(
            "file", N_("Without JavaScript the files may have at most {megabytes} MB together."), megabytes=4
        )
    if len(order.files) > MAX_FILES:
        raise Invalid.of("file", N_("At most {most} files at once, please."), most=MAX_FILES)
    return tuple(_plain_upload(order.project, file, by, network, once_key) for file in order.files)


def _plain_upload(project: str, file: tuple[str, str, bytes], by: Actor, network: str, once_key: str) -> str:
    filename, content_type, content = file
    wanted = f"{once_key or clock.new_secret()} {filename} {hashlib.sha256(content).hexdigest()}"
    order = UploadOrder(filename, content_type, len(content), project)
    upload = _promised(order, by, network, access.digest(wanted)[:32])
    files.put_content(upload, content)
    files.save_upload(upload)
    return upload.id


def waiting_uploads(ids: tuple[str, ...], by: Actor) -> tuple[Upload, ...]:
    """Those of the uploads `ids` that the actor may still add to something, for a form that is shown again."""
    waiting = files.waiting(tuple(dict.fromkeys(ids))[:MAX_FILES], clock.now())
    return tuple(upload for upload in waiting if upload.owner in ("", by.email))


def _promised(order: UploadOrder, by: Actor, network: str, upload_id: str) -> Upload:
    at = clock.now()
    key, person = project_key(order.project), by.email if by.is_known else ""
    use = (_UPLOADS_PER_PERSON, person) if person else (_UPLOADS_PER_NETWORK, network)
    limits.spend([use], at)
    if not _works_in(by, key):
        _refuse_files(by, key)
    filename, content_type, size = promise(order.filename, order.content_type, order.size)
    return Upload(
        id=upload_id,
        project=key,
        filename=filename,
        content_type=content_type,
        size=size,
        key=f"incoming/{upload_id}",
        owner=person,
        expires_at=at + timedelta(seconds=UPLOAD_SECONDS),
    )


def _works_in(by: Actor, key: str) -> bool:
    """True for staff, and for whoever came by a link to a ticket of that project: they may answer with files."""
    linked = project_of(by.link_ticket) if by.link_ticket else None
    return linked == key or (by.is_known and by.role_in(key) in STAFF_ROLES)


def _refuse_files(by: Actor, key: str) -> None:
    """Raises Invalid, unless the actor may file in the project or has a request there to answer in.

    To an administrator that is every project there is, also an archived one: what is open there goes on.
    """
    try:
        projects.open_to(key, by)
    except Invalid:
        if by.is_known and by.is_admin and projects.find_all([key]):
            return
        wanted = Filter(projects=frozenset({key}))
        if not by.is_known or not listings.page(wanted, Reach(False, frozenset(), by.email), 1, None).items:
            raise
