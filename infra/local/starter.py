"""Whether make, which stands between the person and the run, has been told to end.

A terminal sends Ctrl-C to both. A script that signals make alone reaches only make, which passes SIGTERM on but waits
in its handler, the signal blocked, for a child that knows nothing; and a killed make passes nothing on at all.
"""

import os
import re
import signal
from pathlib import Path

ENDINGS = (signal.SIGINT, signal.SIGHUP)


class Starter:
    """The process that started this one, looked at if it is make."""

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._is_make = "MAKELEVEL" in os.environ

    @property
    def has_ended(self) -> bool:
        return self._is_make and (os.getppid() != self._pid or _is_handling_a_signal(self._pid))


def _is_handling_a_signal(pid: int) -> bool:
    """Read from the process table; False on a system that shows none as files."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    found = re.search(r"^SigBlk:\s*([0-9a-f]+)$", status, re.MULTILINE)
    blocked = int(found[1], 16) if found else 0
    return any(blocked >> (number - 1) & 1 for number in ENDINGS)
