"""An insider who holds every key: changes events and signs everything again, so that only the rules are left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.canonical import canonical_json
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle import leaf_hash, root
from ledger.notes import Signer, join_note
from lottery.rehearse import Rehearsal

Event = dict[str, Any]
Change = Callable[[list[Event]], object]


class Forger:
    """The events of a copied ceremony, to be changed and written back."""

    def __init__(self, rehearsal: Rehearsal, copy: Path) -> None:
        shutil.copytree(rehearsal.folder, copy)
        self.folder = copy
        self.log = rehearsal.log
        self.witnesses = list(rehearsal.witnesses)
        self.events = [json.loads(path.read_bytes()) for path in sorted((copy / "events").iterdir())]

    def write(self, heads: bool = True, numbers: bool = True) -> None:
        """Number the events anew, sign every head anew, write events, head.json and checkpoint."""
        for path in (self.folder / "events").iterdir():
            path.unlink()
        leaves: list[bytes] = []
        for number, event in enumerate(self.events, 1):
            if numbers:
                event["number"] = number
            if heads and event.get("type") == "HEAD":
                event["note"] = self.head_note(leaves).decode()
            data = canonical_json(event)
            (self.folder / f"events/{number:06}.json").write_bytes(data)
            leaves.append(leaf_hash(data))
        self.sign_head(leaves)

    def head_note(self, leaves: list[bytes]) -> bytes:
        """The co-signed head over these leaves."""
        text = Checkpoint(self.events[0]["origin"], len(leaves), root(leaves)).text
        return join_note(text, [self.log.line(text), *(one.cosignature_line(text, 1) for one in self.witnesses)])

    def sign_head(self, leaves: list[bytes], signer: Signer | None = None) -> None:
        """Write checkpoint and head.json for these leaves."""
        head = Checkpoint(self.events[0]["origin"], len(leaves), root(leaves))
        (self.folder / "checkpoint").write_bytes(sign_checkpoint(head, signer or self.log))
        said = {"format": "evenhand/head/v1", "origin": head.origin, "root": head.root.hex(), "size": head.size}
        (self.folder / "head.json").write_bytes(canonical_json({**said, "vkey": self.log.verifier.vkey}))

    def sign_tree(self, draw: str, what: str, leaves: list[dict[str, Any]]) -> str:
        """Write `roster.checkpoint` or `result.checkpoint` over these leaves; the root in hex."""
        found = root(leaf_hash(canonical_json(leaf)) for leaf in leaves)
        head = Checkpoint(f"{self.events[0]['origin']}/{draw}/{what}", len(leaves), found)
        (self.folder / f"draws/{draw}/{what}.checkpoint").write_bytes(sign_checkpoint(head, self.log))
        return found.hex()

    def file(self, name: str) -> Path:
        """A file of the folder."""
        return self.folder / name
