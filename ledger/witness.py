"""A witness: co-signs the head of a log only if it continues the last head the witness saw."""

from __future__ import annotations

from ledger.checkpoint import open_checkpoint
from ledger.heads import Heads, Prove
from ledger.notes import Signer, Verifier


def cosign(checkpoint: bytes, log: Verifier, prove: Prove, witness: Signer, heads: Heads, time: int) -> str:
    """The cosignature line of `witness` over `checkpoint` at `time` (Unix seconds).

    `log` is the log's key as the witness knows it (from the printed notice, not from the folder); `prove` gives the
    consistency proof from the size the witness saw last; `heads` is the witness's own memory and is written, durably,
    before the signature exists.

    Raises:
        LedgerError: the log's signature is wrong, or the head does not continue the last one.
    """
    head, note = open_checkpoint(checkpoint, log)
    heads.advance(head, prove)
    return witness.cosignature_line(note.text, time)
