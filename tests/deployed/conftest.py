"""The package built once, and the desk deployed from it, for every test of the run that asks for them."""

import fcntl
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infra.local.engine import Engine
from infra.packaging.build import Package, build
from tests.deployed.deployment import Deployment, deploy


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Package:
    """The package, built by the first worker that needs it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "package"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        package = Package(folder)
        return package if package.template.exists() else build(folder)


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
