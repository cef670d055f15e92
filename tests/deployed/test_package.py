"""What the package holds: everything a function needs, compiled, and nothing that changes from build to build."""

import json
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.packaging import requirements, sources, trimming
from infra.packaging.build import Package, build
from infra.packaging.refusal import NotPackaged

UNCHECKED_HASH = 0b01
ALONE = Path(__file__).with_name("alone.py")


@pytest.fixture(scope="module")
def packed(package: Package) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(package.zip) as opened:
        yield opened


@pytest.fixture(scope="module")
def names(packed: zipfile.ZipFile) -> set[str]:
    return set(packed.namelist())


class TestContents:
    def test_it_runs_from_the_zip_alone_without_an_environment(self, package: Package, tmp_path: Path) -> None:
        with zipfile.ZipFile(package.zip) as packed:
            packed.extractall(tmp_path)
        done = subprocess.run(
            [sys.executable, "-I", "-S", ALONE, tmp_path, *trimming.SERVICES.split("|")],
            env={},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert said["words"] == ["1. března 2026, 1\xa0234,5", "March 1, 2026, 1,234.5", "1 March 2026, 1,234.5"]
        assert all(Path(file).is_relative_to(tmp_path) for file in said["files"])

    def test_every_template_and_static_file_is_in_it(self, source: Path, names: set[str]) -> None:
        files = [file for file in (source / "templates").rglob("*") if file.is_file()]
        assert files
        assert {file.relative_to(source).as_posix() for file in files} <= names

    def test_catalogues_are_there_compiled(self, source: Path, names: set[str]) -> None:
        files = source.glob("chalicelib/locale/*/LC_MESSAGES/*.po")
        catalogues = [file.relative_to(source).as_posix() for file in files]
        assert catalogues
        assert {re.sub("po$", "mo", name) for name in catalogues} <= names
        assert not names & set(catalogues)

    def test_a_compiled_catalogue_does_not_say_when(self, packed: zipfile.ZipFile, names: set[str]) -> None:
        for name in names:
            if name.endswith(".mo"):
                assert b"POT-Creation-Date: 1980-01-01" in packed.read(name)

    def test_every_module_is_compiled_and_never_checked_against_its_source(self, packed: zipfile.ZipFile) -> None:
        tag = sys.implementation.cache_tag
        modules = [Path(name) for name in packed.namelist() if name.endswith(".py")]
        assert len(modules) > 100
        for module in modules:
            compiled = packed.read((module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc").as_posix())
            assert struct.unpack("<I", compiled[4:8]) == (UNCHECKED_HASH,), module

    def test_botocore_knows_the_services_the_desk_uses_and_no_other(self, names: set[str]) -> None:
        folders = {match[1] for name in names if (match := re.match(r"botocore/data/([^/]+)/", name))}
        assert folders == set(trimming.SERVICES.split("|"))

    def test_licences_and_metadata_of_the_dependencies_stay(self, names: set[str]) -> None:
        assert any(re.match(r"jinja2-[^/]*/METADATA$", name, re.IGNORECASE) for name in names)
        assert any(re.match(r"jinja2-[^/]*/.*LICENSE", name, re.IGNORECASE) for name in names)

    def test_it_is_small(self, package: Package) -> None:
        assert package.zip.stat().st_size < 9_000_000
        assert package.unpacked_bytes < 30_000_000


class TestReproducible:
    def test_a_second_build_gives_the_same_bytes(self, package: Package, source: Path, tmp_path: Path) -> None:
        elsewhere = shutil.copytree(source, tmp_path / "elsewhere", symlinks=True, copy_function=shutil.copyfile)
        again = build(tmp_path / "again", elsewhere)
        assert again.sha256 == package.sha256
        assert again.template.read_text() == package.template.read_text()

    def test_no_entry_carries_a_time_or_a_mode_of_this_machine(self, packed: zipfile.ZipFile) -> None:
        assert {(entry.date_time, entry.external_attr) for entry in packed.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 0o100644 << 16)
        }

    def test_entries_are_in_order(self, packed: zipfile.ZipFile) -> None:
        parts = [Path(name).parts for name in packed.namelist()]
        assert parts == sorted(parts)


class TestRefusals:
    def test_a_requirement_without_a_pin(self, tmp_path: Path) -> None:
        (tmp_path / "requirements.txt").write_text("jinja2>=3\n")
        with pytest.raises(NotPackaged, match=r"does not pin 'jinja2>=3'"):
            requirements.check(tmp_path / "requirements.txt", tmp_path)

    def test_a_requirement_chalice_found_no_wheel_for(self, tmp_path: Path) -> None:
        (tmp_path / "requirements.txt").write_text("# comment\n\nJinja2==3.1.6\n")
        with pytest.raises(NotPackaged, match=r"jinja2: asked 3\.1\.6, packaged None"):
            requirements.check(tmp_path / "requirements.txt", tmp_path)

    def test_a_catalogue_that_cannot_be_read(self, tmp_path: Path) -> None:
        for folder in sources.FOLDERS:
            (tmp_path / "root" / folder).mkdir(parents=True)
        for file in sources.FILES:
            (tmp_path / "root" / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "root" / file).touch()
        catalogue = tmp_path / "root/chalicelib/locale/cs/LC_MESSAGES/messages.po"
        catalogue.parent.mkdir(parents=True)
        catalogue.write_text('msgid "open\n')
        with pytest.raises(NotPackaged, match=r"messages\.po of cs"):
            sources.copy(tmp_path / "root", tmp_path / "project")
