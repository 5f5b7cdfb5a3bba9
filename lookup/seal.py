"""Whether a publication stands in the signed ledger of its city."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ledger.canonical import parse_canonical
from ledger.errors import LedgerError
from ledger.merkle import leaf_hash
from ledger.notes import Verifier
from ledger.proof import TlogProof
from lookup.errors import PublicationError

ENTRY = "ledger-entry.json"
PROOF = "entry.tlog-proof"


def check_seal(folder: Path, log: Verifier) -> bool:
    """Whether the folder carries a ledger entry; if it does, it must be true.

    The entry must name the SHA-256 of publication.json, and the proof must lead from it to a checkpoint
    signed by `log`.

    Raises:
        PublicationError: the entry or its proof is wrong.
    """
    if not (folder / ENTRY).exists():
        return False
    try:
        entry = (folder / ENTRY).read_bytes()
        event = parse_canonical(entry)
        named = event.get("publication") if isinstance(event, dict) else None
        TlogProof.parse((folder / PROOF).read_bytes()).verify(leaf_hash(entry), log)
    except (LedgerError, OSError) as error:
        raise PublicationError("%(folder)s: the proof that it stands in the ledger is wrong.", folder=folder) from error
    if named != hashlib.sha256((folder / "publication.json").read_bytes()).hexdigest():
        raise PublicationError("%(folder)s: its ledger entry speaks of another publication.", folder=folder)
    return True
