"""Uploads and attachments: what may be promised, and names that are safe to show and to save under."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.words import N_

MAX_FILE_BYTES = 100 * 1024 * 1024
MAX_FILES = 20
MAX_PLAIN_BYTES = 4 * 1024 * 1024  # a form without JavaScript: Lambda takes 6 MB, 4.5 after base64
MAX_NAME_BYTES = 200
UPLOAD_SECONDS = 24 * 3600

_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to an event. `size` in bytes."""

    id: str
    filename: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in, and after `ticket` is set an attachment of that ticket. `size` in bytes."""

    id: str
    project: str
    filename: str
    content_type: str
    size: int
    key: str
    owner: str
    expires_at: datetime
    ticket: str | None = None
    internal: bool = False
    version_id: str | None = None

    @property
    def attachment(self) -> Attachment:
        return Attachment(self.id, self.filename, self.content_type, self.size)


def promise(filename: str, content_type: str, size: int) -> tuple[str, str, int]:
    """The three facts of an upload, made safe. Raises Invalid."""
    if not 0 <= size <= MAX_FILE_BYTES:
        raise Invalid.of(
            "size", N_("A file may have at most {megabytes} MB."), megabytes=MAX_FILE_BYTES // 1024 // 1024
        )
    return safe_name(filename), safe_type(content_type), size


def safe_type(content_type: str) -> str:
    """A media type without parameters; what is not one becomes plain bytes, for the type is never trusted anyway."""
    bare = content_type.partition(";")[0].strip().lower()
    return bare if _CONTENT_TYPE.fullmatch(bare) else "application/octet-stream"


def safe_name(filename: str) -> str:
    """The last part of `filename`: no controls, direction marks or what file systems refuse; 200 bytes at most."""
    last = re.split(r"[/\\]", filename)[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", kept)).strip(" .") or "file"
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 16:
        stem, dot, ending = name, "", ""
    room = MAX_NAME_BYTES - len((dot + ending).encode())
    return (stem.encode()[:room].decode(errors="ignore") + dot + ending).rstrip(" .")
