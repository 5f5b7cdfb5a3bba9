"""Work for the processes of test_batch.py, in a file of its own that imports little: each process reads it."""

from __future__ import annotations

import os
import signal

from zoning.errors import ZoningInputError


def job(name: str) -> str:
    """The name in capitals, or the accident that it names."""
    if name == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "left":
        os._exit(7)
    if name == "refused":
        raise ZoningInputError("There is no open school “%(school)s” in this problem.", school="S9")
    if name == "broken":
        raise RuntimeError("out of luck")
    return name.upper()
