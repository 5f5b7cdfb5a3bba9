"""The memory of whoever signs heads: the last one per origin, so that two that exclude each other are never signed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ledger.canonical import canonical_json, parse_canonical
from ledger.checkpoint import Checkpoint
from ledger.errors import LedgerError
from ledger.files import write_whole
from ledger.merkle import EMPTY_ROOT, verify_consistency

Prove = Callable[[int], Sequence[bytes]]
"""Gives the consistency proof from an earlier size (at least 1) to the head at hand."""


class Heads:
    """The last head of each origin, kept in one file beside the keys (a log's or a witness's)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self, origin: str) -> Checkpoint | None:
        """The last head of `origin` that was accepted, if any."""
        kept = self._read().get(origin)
        return Checkpoint(origin, int(kept["size"]), bytes.fromhex(str(kept["root"]))) if kept else None

    def advance(self, head: Checkpoint, prove: Prove) -> None:
        """Accept `head` as the last of its origin, durably, before anybody signs it.

        Raises:
            LedgerError: it is smaller than the last one or does not continue it.
        """
        with locked(self._path.parent):
            last = self.last(head.origin)
            check_advance(last, head, prove)
            kept = self._read()
            kept[head.origin] = {"root": head.root.hex(), "size": head.size}
            if not last or last.size < head.size:
                write_whole(self._path, canonical_json(kept), mode=0o600)

    def _read(self) -> dict[str, dict[str, str | int]]:
        return dict(parse_canonical(self._path.read_bytes())) if self._path.exists() else {}


def check_advance(last: Checkpoint | None, head: Checkpoint, prove: Prove) -> None:
    """Check that `head` continues `last`.

    Raises:
        LedgerError: the log was rolled back, or it is another log under the same origin.
    """
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise LedgerError("The head of %(origin)s claims a root without entries.", origin=head.origin)
    if last is None or last.size == 0:
        return
    if head.size < last.size:
        raise LedgerError(
            "The ledger %(origin)s has %(size)s entries, but a head with %(last)s was signed: it was rolled back.",
            origin=head.origin,
            size=head.size,
            last=last.size,
        )
    verify_consistency(last.size, head.size, last.root, head.root, prove(last.size))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the exclusive lock of `folder` against other processes; no lock file is left in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
