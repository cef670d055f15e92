"""Runs `chalice package` on a copy of the sources, in a process and an environment of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.refusal import NotPackaged

STAGE = "prod"
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Made:
    """What Chalice left: everything its walk found, and the template merged with ours."""

    zip: Path
    template: Path


def package(project: Path, folder: Path) -> Made:
    """Package `project` into `folder`. Raises NotPackaged with what Chalice said."""
    chalice = [sys.executable, "-c", "from chalice.cli import main; main()"]
    merge = ["--merge-template", "infra/resources.yaml"]
    done = subprocess.run(
        [*chalice, "package", "--stage", STAGE, *merge, str(folder)],
        cwd=project,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise NotPackaged(f"chalice package failed:\n{done.stdout}{done.stderr}")
    return Made(folder / "deployment.zip", folder / "sam.yaml")


def _environment() -> dict[str, str]:
    """No AWS account, profile or credentials: packaging asks AWS nothing, yet Chalice wants a region to be named.

    requirements.txt pins everything, so pip is told not to look for dependencies; one it lacks would be packaged
    unpinned otherwise.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_DEFAULT_REGION": "eu-central-1", "PIP_NO_DEPS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
