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
    """What was built: where it is, and how large."""

    zip: Path
    template: Path
    runtime: str
    unpacked_bytes: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.zip.read_bytes()).hexdigest()

    def summary(self) -> str:
        packed = self.zip.stat().st_size / 1e6
        unpacked = self.unpacked_bytes / 1e6
        return (
            f"{self.zip.name}: {packed:.2f} MB ({unpacked:.1f} MB unpacked) for {self.runtime} on x86_64\n"
            f"{self.template.name}: {self.template.stat().st_size / 1e3:.1f} KB\n"
            f"sha256 {self.sha256}"
        )


def build(dist: Path) -> Package:
    """Make the zip and the template in `dist`, over what is there. Raises NotPackaged."""
    runtime = bytecode.runtime()
    dist.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="helpdesk-package-") as folder:
        project = sources.copy(ROOT, Path(folder) / "project")
        made = chalice_command.package(project, Path(folder) / "made")
        tree = Path(folder) / "tree"
        with zipfile.ZipFile(made.zip) as packed:
            packed.extractall(tree)
        requirements.check(project / "requirements.txt", tree)
        trimming.trim(tree)
        bytecode.compile_tree(tree)
        archive.write(tree, dist / "helpdesk.zip")
        template.write(made.template, dist / "template.yaml", code=dist / "helpdesk.zip")
        unpacked = sum(file.stat().st_size for file in archive.files(tree))
    return Package(dist / "helpdesk.zip", dist / "template.yaml", runtime, unpacked)
