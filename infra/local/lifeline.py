"""Ends a process when the one that started it is gone, however that one went.

The starter keeps the write end of the child's standard input and never writes: end of file means that nobody is
there any more, and the child is told to terminate as by SIGTERM. Works where a parent-death signal does not exist.

`python -P lifeline.py MODULE` runs a module like that, in whatever environment.
"""

import os
import runpy
import signal
import sys
from threading import Thread


def hold() -> None:
    """Watch standard input from now on."""
    Thread(target=_terminate_at_end_of_input, name="lifeline", daemon=True).start()


def _terminate_at_end_of_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    hold()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
