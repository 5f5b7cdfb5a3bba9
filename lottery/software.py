"""Which software ran: the fingerprint that a manifest names, and the verifier that is copied into evidence folders."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from ledger.canonical import canonical_json

_CHECKOUT = Path(__file__).resolve().parent.parent


def software_hash() -> str:
    """SHA-256 of the canonical JSON of file name -> SHA-256 over the rooms `ledger` and `lottery`."""
    files = sorted(path for room in ("ledger", "lottery") for path in (_CHECKOUT / room).rglob("*.py"))
    names = {path.relative_to(_CHECKOUT).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}
    return sha256(canonical_json(names)).hexdigest()


def verifier_bytes() -> bytes | None:
    """The stand-alone verifier, if this installation has it."""
    path = _CHECKOUT / "lottery" / "verify.py"
    return path.read_bytes() if path.exists() else None
