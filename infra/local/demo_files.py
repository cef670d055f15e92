"""The files of the demo desk, made on the spot: a picture, a page of PDF, a log."""

import struct
import zlib
from functools import cache

_TYPES = {"png": "image/png", "pdf": "application/pdf", "txt": "text/plain"}


def content_type(filename: str) -> str:
    """The media type that a browser would have named."""
    return _TYPES[filename.rpartition(".")[2]]


@cache
def content(filename: str) -> bytes:
    """What is in the file: something that its kind of program opens."""
    makers = {"png": _png, "pdf": _pdf, "txt": _log}
    return makers[filename.rpartition(".")[2]](filename)


def _png(_: str) -> bytes:
    """A soft gradient, 480 by 270 (PNG specification, third edition)."""
    width, height = 480, 270
    rows = b"".join(
        b"\0" + b"".join(bytes((40 + x * 90 // width, 70 + y * 100 // height, 150)) for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _pdf(filename: str) -> bytes:
    """One page with the name of the file on it (ISO 32000-1)."""
    text = f"BT /F1 24 Tf 72 720 Td ({filename}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + tail


def _log(filename: str) -> bytes:
    lines = [f"2026-01-{day:02} 08:{day:02}:00 WARN {filename} connection lost, retrying" for day in range(1, 29)]
    return ("\n".join(lines) + "\n").encode()
