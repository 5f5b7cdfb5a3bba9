"""Checkpoints of C2SP (tlog-checkpoint): the head of a log as the text of a signed note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError, LedgerInputError
from ledger.notes import Note, Signer, Verifier, decode_base64, encode_base64, is_name, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class Checkpoint:
    """Origin (like a URL without scheme), number of leaves and root (32 bytes) of a log, with extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "\n".join([self.origin, str(self.size), encode_base64(self.root), *self.extensions, ""])

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text.

        Raises:
            LedgerInputError: a line is missing or empty, the size or the root is not in its only form.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise LedgerInputError("A checkpoint has an origin, a size and a root, one a line, and no empty line.")
        origin, size, root, *extensions = lines
        found = decode_base64(root)
        if not is_name(origin) or not _SIZE.fullmatch(size) or found is None or len(found) != 32:
            raise LedgerInputError(
                "The origin, size or root of the checkpoint of %(origin)s is malformed.", origin=origin
            )
        return cls(origin, int(size), found, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The checkpoint as a note signed by the log. Only `store.Ledger` may call this for a ledger's own origin."""
    return sign_note(checkpoint.text, [signer])


def open_checkpoint(note: bytes, log: Verifier, witnesses: Sequence[Verifier] = ()) -> tuple[Checkpoint, Note]:
    """The checkpoint in `note`, signed by `log`; the note tells which witnesses co-signed.

    Raises:
        LedgerInputError: malformed.
        LedgerError: a signature of the log or of a listed witness is wrong, or the log's is missing.
    """
    opened = open_note(note, [log, *witnesses])
    if not opened.signed_by(log):
        raise LedgerError("The checkpoint is not signed by the log's key %(name)s.", name=log.name)
    return Checkpoint.parse(opened.text), opened
