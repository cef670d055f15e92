"""Writes a folder as a zip whose bytes depend on the names and contents of its files alone."""

import zipfile
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3


def write(tree: Path, target: Path) -> None:
    """Zip `tree`: entries in order, one time and one mode for all, readable by the user that Lambda runs as."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for file in sorted(path for path in tree.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), EARLIEST)
            entry.external_attr = READABLE
            entry.create_system = UNIX
            zipped.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
