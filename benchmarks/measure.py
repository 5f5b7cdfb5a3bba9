"""What the geodata benchmarks share: a clock, a child process with its own peak of memory, and the lines of results."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """A result and its wall seconds."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def run(command: Sequence[str | Path]) -> tuple[float, int]:
    """Run a command to its end: wall seconds, and its peak of memory in MB.

    Raises:
        RuntimeError: it failed.
    """
    begun = time.perf_counter()
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command} ended with {child.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss // 1000


class Lines:
    """JSON lines of one benchmark: printed as they come, and kept in `benchmarks/results/<name>.jsonl`.

    The first line says the command and the machine.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = RESULTS / f"{name}.jsonl"
        machine = (
            f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
        )
        self.path.write_text("", encoding="utf-8")
        self.say(command=f"python -m benchmarks.{name}", machine=machine)

    def say(self, **line: Any) -> None:
        """Print a line and keep it."""
        text = json.dumps({"benchmark": self.name, **line}, ensure_ascii=False)
        print(text, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text + "\n")
