"""Make the worked example of docs/spec/ledger.md: `python -m tests.ledger.example` from the checkout.

`tests/ledger/test_spec.py` recomputes it and compares.
"""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.heads import Heads
from ledger.keys import fingerprint_words
from ledger.merkle import leaf_hash, node_hash
from ledger.notes import COSIGNATURE, SIGNATURE, Signer
from ledger.store import Ledger
from ledger.witness import cosign

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec" / "ledger.md"
BEGIN, END = "<!-- example begins -->\n", "<!-- example ends -->\n"
EVENTS = ({"n": 1, "type": "EXAMPLE"}, {"text": "均衡 ≠ 平均", "type": "EXAMPLE"}, {"none": None, "yes": True})


def signer(name: str, algorithm: int) -> Signer:
    """A key that everybody can make: its seed is the SHA-256 of its name."""
    return Signer.from_key(name, Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()), algorithm)


def text() -> str:
    """The example, as it stands between the markers."""
    log, witness = signer("example.org/ledger", SIGNATURE), signer("witness.example.org", COSIGNATURE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = Ledger.create(folder / "log", log.name, log)
        for event in EVENTS:
            ledger.append(event)
        prove = ledger.tree.consistency_proof
        line = cosign(ledger.checkpoint(), log.verifier, prove, witness, Heads(folder / "seen"), 1_800_000_000)
        ledger.add_cosignature(line, witness.verifier)
        return "\n".join([*_keys(log, witness), *_tree(ledger), *_files(ledger), ""])


def _keys(log: Signer, witness: Signer) -> list[str]:
    lines = ["Each private key is the SHA-256 of its name (so these keys protect nothing).", "", "```"]
    for one in (log, witness):
        words = [fingerprint_words(one.verifier, language) for language in ("en", "zh")]
        lines += [f"seed   {sha256(one.name.encode()).hexdigest()}", f"vkey   {one.verifier.vkey}", *words]
    return [*lines, "```", ""]


def _tree(ledger: Ledger) -> list[str]:
    lines = ["The events and their leaf hashes:", "", "```"]
    leaves = [leaf_hash(entry.data) for entry in ledger.entries]
    for number, entry in enumerate(ledger.entries, 1):
        lines += [f"events/{number:06}.json  {entry.data.decode()}", f"  leaf {leaves[number - 1].hex()}"]
    left = node_hash(*leaves[:2])
    lines += [f"node(leaf 1, leaf 2)  {left.hex()}", f"root = node(that, leaf 3)  {node_hash(left, leaves[2]).hex()}"]
    return [*lines, "```", ""]


def _files(ledger: Ledger) -> list[str]:
    head = (ledger.folder / "head.json").read_text(encoding="utf-8")
    proof = ledger.prove(1).encode().decode()
    consistency = [item.hex() for item in ledger.tree.consistency_proof(1)]
    return [
        *("`head.json`:", "", "```", head, "```", ""),
        *("`checkpoint`, co-signed at 1800000000:", "", "```", ledger.checkpoint().decode() + "```", ""),
        *("`000002.tlog-proof` (index 1):", "", "```", proof + "```", ""),
        *("Consistency proof from size 1 to size 3:", "", "```", *consistency, "```"),
    ]


if __name__ == "__main__":
    before, _, rest = SPEC.read_text(encoding="utf-8").partition(BEGIN)
    SPEC.write_text(before + BEGIN + text() + END + rest.partition(END)[2], encoding="utf-8")
