"""Slips: what each person in a frozen roster takes home, to find the own line in it (docs/spec/draw.md, rule R5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.canonical import canonical_json
from ledger.checkpoint import open_checkpoint
from ledger.merkle import Tree, leaf_hash
from ledger.notes import Verifier
from ledger.proof import TlogProof
from lottery.ceremony import Draw
from lottery.errors import LotteryError, StepError
from lottery.freeze import check_private
from lottery.manifest import Manifest
from lottery.public import RosterLine
from lottery.store import Private, PrivateRoster

FORMAT = "evenhand/slip/v1"


@dataclass(frozen=True)
class Slip:
    """One person's line of the roster, what it was hashed from, and the proof that it stands in the roster."""

    line: RosterLine
    private: Private
    proof: TlogProof
    size: int
    """How many leaves the roster has."""

    @property
    def record(self) -> str:
        """The private record exactly as it was hashed."""
        return canonical_json(self.private.person.record).decode()

    @property
    def path(self) -> list[tuple[str, bytes]]:
        """The proof's hashes, each with the side (`left` or `right`) on which it is hashed (RFC 9162 §2.1.3.2)."""
        return list(_sides(self.proof.index, self.size, self.proof.hashes))

    def encode(self, manifest: Manifest) -> bytes:
        """The bytes of `<code>.json`: canonical JSON, in which leaf and private record stand as they were hashed."""
        return canonical_json(
            {
                "draw": manifest["draw"],
                "format": FORMAT,
                "leaf": vars(self.line),
                "origin": manifest["origin"],
                "path": [{"hash": item.hex(), "side": side} for side, item in self.path],
                "private": self.private.person.record,
                "salt": self.private.salt.hex(),
            }
        )


def check_ready(draw: Draw) -> None:
    """Check that the roster stands: frozen under a witnessed head, and the draw not void.

    Raises:
        StepError: it does not.
    """
    if draw.state in ("frozen", "void"):
        raise StepError(
            "The draw %(draw)s is %(state)s: slips are made of a roster that the witnesses have signed and that "
            "is not void.",
            draw=draw.id,
            state=draw.said,
        )


def make_slips(
    draw: Draw, lines: Sequence[RosterLine], checkpoint: bytes, log: Verifier, private: PrivateRoster
) -> list[Slip]:
    """A slip for everybody, in the order of their ids; `checkpoint` is the roster's, as it stands in its file.

    Raises:
        StepError: the roster is not witnessed, or the draw is void.
        LotteryError: private roster or checkpoint are not those of the roster that was frozen.
        LedgerError: the checkpoint is not signed by the log's key.
    """
    check_ready(draw)
    check_private(private, lines)
    tree = Tree(leaf_hash(line.leaf) for line in lines)
    head, _note = open_checkpoint(checkpoint, log)
    wanted = (f"{draw.manifest['origin']}/{draw.id}/roster", tree.size, tree.root(), ())
    if (head.origin, head.size, head.root, head.extensions) != wanted or head.root.hex() != draw.manifest[
        "roster_root"
    ]:
        raise LotteryError(
            "The roster's checkpoint of %(draw)s is not that of the roster that was frozen.", draw=draw.id
        )
    slips = [
        Slip(
            line, private.people[line.code], TlogProof(index, tuple(tree.inclusion_proof(index)), checkpoint), tree.size
        )
        for index, line in enumerate(lines)
    ]
    return sorted(slips, key=lambda slip: slip.private.person.id)


def _sides(index: int, size: int, hashes: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    last = size - 1
    for item in hashes:
        left = index % 2 == 1 or index == last
        yield ("left" if left else "right"), item
        while left and index % 2 == 0 and index:
            index, last = index // 2, last // 2
        index, last = index // 2, last // 2
