"""Byte-compiles the package, since Lambda's code folder is read-only: without it each cold start compiles anew.

The code carries the hash of its source, unchecked when it is loaded, and no time: the same source gives the same
bytes. The sources stay beside it, because a traceback that shows its lines is worth more than a smaller zip.
"""

import os
import subprocess
import sys
from pathlib import Path

from infra.packaging.refusal import NotPackaged

SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14))
TASK_FOLDER = "/var/task"
SECONDS = 300


def runtime() -> str:
    """The Lambda runtime built for: that of this interpreter, as Chalice chooses too, so the two cannot differ.

    Raises NotPackaged where Lambda has no such runtime.
    """
    version = sys.version_info[:2]
    name = f"python{version[0]}.{version[1]}"
    if version not in SUPPORTED or sys.implementation.name != "cpython":
        known = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
        raise NotPackaged(f"Lambda has no runtime for {sys.implementation.name} {name}; build with CPython {known}")
    return name


def compile_tree(tree: Path) -> None:
    """Compile every module under `tree`, with the paths it will have on Lambda. Raises NotPackaged.

    A process of its own with a fixed hash seed: the order of a set's members goes into the compiled bytes.
    """
    paths = ["-s", str(tree), "-p", TASK_FOLDER]
    done = subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", *paths, str(tree)],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise NotPackaged(f"a module does not compile:\n{done.stdout}{done.stderr}")
