"""Checks that the package holds each requirement in its pinned version.

Chalice prints the requirements it found no wheel for, and goes on without them.
"""

import re
from email.parser import HeaderParser
from pathlib import Path

from infra.packaging.refusal import NotPackaged

PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")


def check(requirements: Path, tree: Path) -> None:
    """Raises NotPackaged where a requirement is not pinned, not there or not the version asked for."""
    asked = dict(_pins(requirements))
    found = dict(_found(tree))
    if asked != found:
        differing = sorted(name for name in asked.keys() | found.keys() if asked.get(name) != found.get(name))
        lines = [f"{name}: asked {asked.get(name)}, packaged {found.get(name)}" for name in differing]
        raise NotPackaged("the package differs from requirements.txt\n" + "\n".join(lines))


def _pins(requirements: Path) -> list[tuple[str, str]]:
    lines = [line.strip() for line in requirements.read_text(encoding="utf-8").splitlines()]
    pins = []
    for line in lines:
        if not line or line.startswith("#"):
            continue
        if not (pin := PIN.fullmatch(line)):
            raise NotPackaged(f"requirements.txt does not pin {line!r}")
        pins.append((_normal(pin["name"]), pin["version"]))
    return pins


def _found(tree: Path) -> list[tuple[str, str]]:
    parser = HeaderParser()
    headers = [parser.parsestr(file.read_text(encoding="utf-8")) for file in tree.glob("*.dist-info/METADATA")]
    return [(_normal(header["Name"]), header["Version"]) for header in headers]


def _normal(name: str) -> str:
    """The name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
