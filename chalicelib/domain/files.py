"""Uploads and attachments: what may be promised, and names that are safe to show and to save under."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import DeskError, FileDangerous, FileNotChecked, FileUncheckable, Invalid
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
    """A file that belongs to an event. `size` in bytes; `picture` where its content was recognised as one."""

    id: str
    filename: str
    content_type: str
    size: int
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in, and after `ticket` is set an attachment of that ticket. `size` in bytes.

    `content_type` is what the sender says, `picture_type` what the content is: the media type of a picture, or empty.
    """

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
    picture_type: str = ""

    @property
    def attachment(self) -> Attachment:
        return Attachment(self.id, self.filename, self.content_type, self.size, bool(self.picture_type))

    @property
    def may_be_picture(self) -> bool:
        """True where it is worth a look at the content."""
        ending = self.filename.rpartition(".")[2].lower()
        return self.size > 0 and (self.content_type.startswith("image/") or ending in _PICTURE_ENDINGS)


PICTURE_BYTES = 16
"""How much of the beginning of a file tells what picture it is."""

# How the files of each kind begin: PNG specification 5.2; JFIF and Exif share FF D8 FF; GIF89a; RIFF with WEBP. What
# could hold a script, as SVG can, is none of them.
_PICTURES: tuple[tuple[bytes, bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", b"", "image/png"),
    (b"\xff\xd8\xff", b"", "image/jpeg"),
    (b"GIF87a", b"", "image/gif"),
    (b"GIF89a", b"", "image/gif"),
    (b"RIFF", b"WEBP", "image/webp"),
)
_PICTURE_ENDINGS = frozenset({"png", "jpg", "jpeg", "gif", "webp"})


def picture_type(beginning: bytes) -> str:
    """The media type of the picture whose first PICTURE_BYTES these are, or nothing for any other content."""
    return next(
        (kind for start, at_8, kind in _PICTURES if beginning.startswith(start) and beginning[8:].startswith(at_8)), ""
    )


class Verdict(StrEnum):
    """What the scan for malware says of a file."""

    CLEAN = "clean"
    WAITING = "waiting"
    DANGEROUS = "dangerous"
    UNKNOWN = "unknown"


# The values of the tag GuardDutyMalwareScanStatus (GuardDuty user guide, "S3 object potential scan result status").
_VERDICTS = {
    "NO_THREATS_FOUND": Verdict.CLEAN,
    "THREATS_FOUND": Verdict.DANGEROUS,
    "UNSUPPORTED": Verdict.UNKNOWN,
    "ACCESS_DENIED": Verdict.UNKNOWN,
    "FAILED": Verdict.UNKNOWN,
}


def verdict_of(tag: str | None) -> Verdict:
    """What GuardDuty's tag says; without one the scan is still to come, and a word not known is no all-clear."""
    return Verdict.WAITING if tag is None else _VERDICTS.get(tag, Verdict.UNKNOWN)


def refuse_unless_clean(verdict: Verdict) -> None:
    """Raises FileNotChecked, FileDangerous or FileUncheckable."""
    if verdict in _REFUSED:
        raise _REFUSED[verdict]


_REFUSED: dict[Verdict, type[DeskError]] = {
    Verdict.WAITING: FileNotChecked,
    Verdict.DANGEROUS: FileDangerous,
    Verdict.UNKNOWN: FileUncheckable,
}


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
