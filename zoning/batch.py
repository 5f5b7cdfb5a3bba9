"""Work on many counties at once, a process of its own for each: one that is killed costs its own county's work only.

A pool of lasting workers would not do: when one of them dies, concurrent.futures gives up every job still waiting.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from ledger.errors import EvenhandError, Phrase

Work = Callable[[Any], Any]


@dataclass(frozen=True)
class Outcome:
    """What became of the job number `job`: its answer, or why there is none."""

    job: int
    answer: Any = None
    why: Phrase | None = None


def run_each(work: Work, jobs: Sequence[Any], workers: int) -> Iterator[Outcome]:
    """`work(job)` for each job in a process of its own, at most `workers` at a time; outcomes in the order of arrival.

    `work` is a function of a module; job and answer can be pickled. An error in one process, and its sudden end, are
    told in its outcome. When the caller stops, processes still at work are ended.
    """
    running: dict[Connection, tuple[int, SpawnProcess]] = {}
    waiting = list(enumerate(jobs))[::-1]
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                number, job = waiting.pop()
                receiver, process = _start(work, job)
                running[receiver] = (number, process)
            ended = wait(list(running))
            for receiver in [one for one in running if one in ended]:
                number, process = running.pop(receiver)
                yield _outcome(number, receiver, process)
    finally:
        for receiver, (_, process) in running.items():
            process.kill()
            process.join()
            receiver.close()


def _start(work: Work, job: Any) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")  # compiled code and threads do not outlive a fork
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, job, sender))
    process.start()
    sender.close()  # the process now holds the only one: its end is the end of the pipe
    return receiver, process


def _run(work: Work, job: Any, sender: Connection) -> None:
    """In the new process: send (answer, None), or (None, why)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the whole batch, from its first process
    try:
        sender.send((work(job), None))
    except EvenhandError as error:
        sender.send((None, Phrase(error.message, **error.values)))
    except Exception as error:
        sender.send((None, Phrase("It failed: %(reason)s.", reason=f"{type(error).__name__}: {error}")))


def _outcome(number: int, receiver: Connection, process: SpawnProcess) -> Outcome:
    try:
        answer, why = receiver.recv()
    except (EOFError, OSError):  # nothing was sent, or half of it
        answer, why = None, None
    process.join()
    receiver.close()
    if answer is None and why is None:
        ended = process.exitcode or 0
        why = Phrase("Its process was ended by signal %(signal)s.", signal=-ended)
        if ended >= 0:
            why = Phrase("Its process ended without an answer (exit code %(code)s).", code=ended)
    return Outcome(number, answer, why)
