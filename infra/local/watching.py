"""Which of the files that make up the desk were saved since the last look."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WATCHED = ("app.py", "chalicelib", "templates")
SUFFIXES = {".py", ".html", ".txt", ".po", ".css", ".js", ".svg"}


class Watch:
    """Compares the times of files; a few hundred of them cost a few milliseconds, on any file system."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._seen = dict(self._times())

    def changes(self) -> set[Path]:
        """The files saved, added or removed since the last call."""
        now = dict(self._times())
        before, self._seen = self._seen, now
        return {file for file, _ in before.items() ^ now.items()}

    def _times(self) -> Iterator[tuple[Path, int]]:
        for name in WATCHED:
            place = self._root / name
            for file in place.rglob("*") if place.is_dir() else [place]:
                if file.suffix in SUFFIXES:
                    try:
                        yield file, file.stat().st_mtime_ns
                    except FileNotFoundError:  # an editor is replacing it
                        continue
