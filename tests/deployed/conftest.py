"""The package built once, and the desk deployed from it, for every test of the run that asks for them."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infra.local.engine import Engine
from infra.packaging import sources
from infra.packaging.build import ROOT, Package, build
from tests.deployed.deployment import Deployment, deploy


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "deployed"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def source(shared: Path) -> Path:
    """The sources as they are at this moment, so that an edit during the run does not part package and tests."""
    with _first(shared):
        snapshot = shared / "source"
        if not snapshot.exists():
            for folder in sources.FOLDERS:
                shutil.copytree(ROOT / folder, snapshot / folder, symlinks=True)
            for file in sources.FILES:
                (snapshot / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, snapshot / file)
        return snapshot


@pytest.fixture(scope="session")
def package(shared: Path, source: Path) -> Package:
    """The package, built by the first worker that needs it."""
    with _first(shared):
        package = Package(shared / "dist")
        return package if package.template.exists() else build(package.folder, source)


@contextmanager
def _first(shared: Path) -> Iterator[None]:
    """Workers come in one by one."""
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def desk(package: Package) -> Iterator[Deployment]:
    """The desk, deployed from the package into an engine of its own that enforces the roles of the template."""
    with TemporaryDirectory(prefix="helpdesk-deployed-") as folder:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AUTH", "true")
            environment.setenv("TMPDIR", folder)  # the engine unpacks the zip for each function, and leaves it there
            engine = Engine(Path(folder) / "engine")
            engine.start()
        try:
            yield deploy(package, engine.endpoint_url)
        finally:
            engine.stop()
