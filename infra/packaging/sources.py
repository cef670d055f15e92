"""A clean copy of what Chalice packages: the sources without caches, the catalogues compiled."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from infra.packaging.refusal import NotPackaged

FOLDERS = ("chalicelib", "templates", "vendor")
FILES = ("app.py", "requirements.txt", "infra/resources.yaml", ".chalice/config.json", ".chalice/policy.json")
NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)  # Babel writes the present minute into a catalogue without a date
STRAYS = shutil.ignore_patterns("__pycache__", "*.py[cod]", "*.mo", ".*")


def copy(root: Path, project: Path) -> Path:
    """Copy the sources under `root` to `project`, which must not exist yet. Returns `project`. Raises NotPackaged."""
    for folder in FOLDERS:
        shutil.copytree(root / folder, project / folder, symlinks=True, ignore=STRAYS)
    for file in FILES:
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, project / file)
    for catalogue in sorted((project / "chalicelib").glob("locale/*/LC_MESSAGES/*.po")):
        _compile(catalogue)
    return project


def _compile(catalogue: Path) -> None:
    """Put the compiled catalogue in the place of its source, which no running desk reads."""
    with catalogue.open("rb") as source:
        try:
            messages = read_po(source, abort_invalid=True)
        except PoFileError as error:
            raise NotPackaged(f"{catalogue.name} of {catalogue.parts[-3]}: {error}") from error
    messages.creation_date = messages.revision_date = NO_DATE
    with catalogue.with_suffix(".mo").open("wb") as target:
        write_mo(target, messages)
    catalogue.unlink()
