"""tlog-proof of C2SP: one leaf's inclusion in a log, as a text file that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import LedgerInputError
from ledger.merkle import verify_inclusion
from ledger.notes import Note, Verifier, decode_base64, encode_base64

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True)
class TlogProof:
    """Leaf index, hashes from the leaf's sibling up, and the checkpoint note, verbatim."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The file's bytes."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines += [f"index {self.index}", *(encode_base64(item) for item in self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Read a file's bytes.

        Raises:
            LedgerInputError: not of the form that `encode` writes.
        """
        head, blank, note = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _malformed() from error
        if not blank or lines.pop(0) != HEADER:
            raise _malformed()
        extra = _base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if not index:
            raise _malformed()
        return cls(int(index[1]), tuple(_hash(line) for line in lines), note, extra)

    def verify(self, leaf: bytes, log: Verifier, witnesses: Sequence[Verifier] = ()) -> tuple[Checkpoint, Note]:
        """Check that leaf hash `leaf` stands at `index` below the checkpoint, and the checkpoint's signatures.

        Raises:
            LedgerError: it does not, or a signature is wrong.
        """
        checkpoint, note = open_checkpoint(self.checkpoint, log, witnesses)
        verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint, note


def _hash(text: str) -> bytes:
    found = _base64(text)
    if len(found) != 32:
        raise _malformed()
    return found


def _base64(text: str) -> bytes:
    found = decode_base64(text)
    if found is None:
        raise _malformed()
    return found


def _malformed() -> LedgerInputError:
    return LedgerInputError("This is not a proof of the form %(header)s.", header=HEADER)
