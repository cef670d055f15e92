"""The order of packaging: copy, let Chalice package, unpack, check, trim, byte-compile, zip; and the template."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.packaging import archive, bytecode, chalice_command, requirements, sources, template, trimming

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"


@dataclass(frozen=True, slots=True)
class Package:
    """What was built into a folder."""

    folder: Path

    @property
    def zip(self) -> Path:
        return self.folder / "helpdesk.zip"

    @property
    def template(self) -> Path:
        return self.folder / "template.yaml"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.zip.read_bytes()).hexdigest()

    @property
    def unpacked_bytes(self) -> int:
        with zipfile.ZipFile(self.zip) as packed:
            return sum(entry.file_size for entry in packed.infolist())

    def summary(self) -> str:
        packed = self.zip.stat().st_size / 1e6
        unpacked = self.unpacked_bytes / 1e6
        return (
            f"{self.zip.name}: {packed:.2f} MB ({unpacked:.1f} MB unpacked) for {bytecode.runtime()} on x86_64\n"
            f"{self.template.name}: {self.template.stat().st_size / 1e3:.1f} KB\n"
            f"sha256 {self.sha256}"
        )


def build(dist: Path, root: Path = ROOT) -> Package:
    """Make the zip and the template in `dist` from the sources under `root`. Raises NotPackaged."""
    bytecode.runtime()
    dist.mkdir(parents=True, exist_ok=True)
    package = Package(dist)
    with TemporaryDirectory(prefix="helpdesk-package-") as folder:
        project = sources.copy(root, Path(folder) / "project")
        made = chalice_command.package(project, Path(folder) / "made")
        tree = Path(folder) / "tree"
        with zipfile.ZipFile(made.zip) as packed:
            packed.extractall(tree)
        requirements.check(project / "requirements.txt", tree)
        trimming.trim(tree)
        bytecode.compile_tree(tree)
        archive.write(tree, package.zip)
        template.write(made.template, package.template, code=package.zip)
    return package
