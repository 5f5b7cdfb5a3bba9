"""Conduct a ceremony: each step is checked against the protocol, appended to the ledger, and its files written.

The files below `draws/` follow from the events and the frozen roster; whatever a crash left out is written when the
folder is opened again, with the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.files import write_whole
from ledger.heads import Heads
from ledger.merkle import Tree
from ledger.notes import Signer
from ledger.store import Ledger
from lottery.ceremony import Ceremony, Draw, missing_secrets
from lottery.errors import LotteryInputError, StepError
from lottery.forms import is_code
from lottery.freeze import FrozenRoster
from lottery.homeroom import check_exclusions
from lottery.manifest import FORMAT, HOMEROOM, check_form
from lottery.plan import DrawPlan, unix_text
from lottery.public import RosterLine, parse_roster, result_csv, roster_csv, tree_root
from lottery.seed import commitment, tag_key_commitment

Clock = Callable[[], int]
"""Gives Unix seconds; what it says is informative."""


@dataclass(frozen=True)
class Founding:
    """What a ceremony starts with; witness keys are vkeys."""

    origin: str
    title: str
    test: bool
    witness_keys: Sequence[str]
    threshold: int


class FolderEvidence:
    """A ceremony's folder as the protocol sees it: the ledger's tree and the frozen rosters."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def tree(self) -> Tree:
        """The ledger's tree."""
        return self._ledger.tree

    def roster(self, draw: str) -> list[RosterLine]:
        """The lines of a draw's roster.csv."""
        return parse_roster(_read(self._ledger.folder / "draws" / draw / "roster.csv"))


class Conduct:
    """One open ceremony. Without a signer it only reads."""

    def __init__(self, ledger: Ledger, signer: Signer | None, clock: Clock) -> None:
        self.ledger = ledger
        self.folder = ledger.folder
        self._signer = signer
        self._clock = clock
        self._evidence = FolderEvidence(ledger)
        self._ceremony = Ceremony()

    @classmethod
    def found(
        cls, folder: Path, founding: Founding, signer: Signer, clock: Clock, heads: Heads | None = None
    ) -> Conduct:
        """Make the ceremony's folder and its first event.

        Raises:
            LotteryInputError, LedgerInputError: the folder exists, a key is malformed, the threshold is too high.
        """
        event = {**vars(founding), "format": FORMAT, "log_key": signer.verifier.vkey, "type": "CEREMONY"}
        event["witness_keys"] = sorted(founding.witness_keys)
        Ceremony().after({**event, "number": 1, "time": unix_text(clock())}, _Nothing())
        conduct = cls(Ledger.create(folder, founding.origin, signer, heads), signer, clock)
        conduct.record(**event)
        return conduct

    @classmethod
    def open(cls, folder: Path, signer: Signer | None, clock: Clock, heads: Heads | None = None) -> Conduct:
        """Open a ceremony, replay its events, and write files that a crash left out.

        Raises:
            LedgerError, LotteryError: the folder does not hold what the protocol allows.
        """
        conduct = cls(Ledger.open(folder, signer, heads), signer, clock)
        if signer:
            with conduct.ledger.locked():
                conduct._clear_unfrozen()
                conduct._write_files()
        return conduct

    @property
    def ceremony(self) -> Ceremony:
        """The state after every event of the ledger."""
        while self._ceremony.size < self.ledger.size:
            event = self.ledger.entries[self._ceremony.size].event
            self._ceremony = self._ceremony.after(event, self._evidence)
        return self._ceremony

    def record(self, **fields: Any) -> Mapping[str, Any]:
        """Append one event if the protocol allows it now; it is on the disk when this returns.

        Raises:
            LotteryInputError, StepError: malformed or not allowed; nothing was changed.
        """
        with self.ledger.locked():
            event = {
                "number": self.ledger.size + 1,
                "origin": self.ledger.origin,
                "time": unix_text(self._clock()),
                **fields,
            }
            self.ceremony.after(event, self._evidence)
            self.ledger.append(event)
        self._write_files()
        return event

    def freeze(self, draw: str, plan: DrawPlan, roster: FrozenRoster, software: str) -> Mapping[str, Any]:
        """Freeze roster and manifest of a new draw; keep the private half safe before.

        Raises:
            LotteryInputError, StepError: the manifest cannot hold; nothing was changed but an unused roster file.
        """
        ceremony = self.ceremony
        if draw in ceremony.draws or not is_code(draw):
            raise LotteryInputError(
                "%(draw)s cannot be a new draw id: it is used, or not of capital letters, digits and hyphens.",
                draw=draw,
            )
        manifest = self._manifest(ceremony, draw, plan, roster, software)
        check_form(manifest)
        if plan.kind == HOMEROOM:
            classes = [each["code"] for each in plan.classes]
            pairs = [(group, teacher) for group, teacher in manifest["exclusions"]]
            check_exclusions(draw, classes, manifest["teachers"], pairs)
        folder = self.folder / "draws" / draw
        with self.ledger.locked():
            folder.mkdir(parents=True, exist_ok=True)
            try:
                write_whole(folder / "roster.csv", roster_csv(roster.lines))
                return self.record(type="FREEZE", draw=draw, manifest=manifest)
            finally:
                self._clear_unfrozen()

    def sign(self, draw: str) -> Mapping[str, Any]:
        """Record the head that the witnesses co-signed.

        Raises:
            StepError: no head of this draw waits, or it has too few co-signatures.
        """
        waits = self.ceremony.waits
        if not waits or waits[0] != draw:
            raise StepError("No head of the draw %(draw)s waits for the witnesses.", draw=draw)
        return self.record(type="HEAD", draw=draw, stage=waits[1], note=self.ledger.checkpoint().decode())

    def commit(self, draw: str, source: str, value: str) -> Mapping[str, Any]:
        """Record a contributor's commitment (hex)."""
        return self.record(type="COMMIT", draw=draw, source=source, commitment=value)

    def close(self, draw: str) -> Mapping[str, Any]:
        """Close the commitments."""
        return self.record(type="CLOSE", draw=draw)

    def cast(self, draw: str, source: str) -> Mapping[str, Any]:
        """Record that dice or balls lie covered and unread."""
        return self.record(type="CAST", draw=draw, source=source)

    def reveal(self, draw: str, source: str, secret: bytes) -> Mapping[str, Any]:
        """Record a contributor's secret; one that does not match its commitment is recorded and counts as empty."""
        made = commitment(draw, source, secret).hex()
        matches = made == self.ceremony.draw(draw).commitments.get(source)
        return self.record(type="REVEAL", draw=draw, source=source, secret=secret.hex(), matches=matches)

    def close_reveals(self, draw: str) -> Mapping[str, Any]:
        """Close the reveals: whatever is missing is empty from now on."""
        return self.record(type="REVEALS_CLOSED", draw=draw, missing=missing_secrets(self.ceremony.draw(draw)))

    def uncover(
        self, draw: str, source: str, readings: Sequence[Sequence[int]], reader: str, typists: Sequence[str]
    ) -> Mapping[str, Any]:
        """Record what was read from dice or balls, typed by two people independently.

        Raises:
            LotteryInputError: the two readings differ.
        """
        first, second = readings
        if list(first) != list(second):
            place = next((i for i, (a, b) in enumerate(zip(first, second, strict=False), 1) if a != b), None)
            raise LotteryInputError(
                "The two typists differ at place %(place)s; read again and type again.",
                place=place or min(len(first), len(second)) + 1,
            )
        return self.record(
            type="UNCOVER", draw=draw, source=source, digits=list(first), reader=reader, typists=list(typists)
        )

    def compute(self, draw: str) -> Mapping[str, Any]:
        """Compute and record the result; repeated after a crash it is the same.

        Raises:
            StepError: the sources are not complete and witnessed.
        """
        state = self.ceremony.draw(draw)
        if state.state != "drawable":
            raise StepError(
                "The draw %(draw)s is %(state)s: no result can be computed now.", draw=draw, state=state.said
            )
        result = state.compute(self._evidence.roster(draw))
        return self.record(
            type="RESULT",
            draw=draw,
            seed=result.seed.hex(),
            counter=result.counter,
            result_root=result.root.hex(),
            result_size=len(result.placed),
        )

    def void(self, draw: str, reason: str) -> Mapping[str, Any]:
        """End a draw without a result; only before anything about the seed can be known."""
        return self.record(type="VOID", draw=draw, reason=reason)

    def _manifest(
        self, ceremony: Ceremony, draw: str, plan: DrawPlan, roster: FrozenRoster, software: str
    ) -> dict[str, Any]:
        founding = ceremony.founding or {}
        homeroom = plan.kind == HOMEROOM
        return {
            **{name: founding[name] for name in ("origin", "test", "log_key", "witness_keys", "threshold")},
            "format": FORMAT,
            "kind": plan.kind,
            "draw": draw,
            "title": plan.title,
            "roster_root": tree_root(line.leaf for line in roster.lines).hex(),
            "roster_size": len(roster.lines),
            "tag_key": tag_key_commitment(draw, roster.private.tag_key).hex(),
            "classes": [dict(each) for each in plan.classes],
            "teachers": [line.code for line in roster.lines] if homeroom else [],
            "strata": [{"id": each, "parent": parent} for each, parent in sorted(roster.strata.items())],
            "apart": [list(group) for group in roster.apart],
            "exclusions": _coded_exclusions(plan, roster),
            "pool": list(roster.pool),
            "predecessors": [each.id for each in ceremony.draws.values() if each.kind == plan.kind],
            "after": plan.after,
            "commit_deadline": plan.commit_deadline,
            "sources": [dict(each) for each in plan.sources],
            "software": software,
        }

    def _clear_unfrozen(self) -> None:
        """Remove what a freeze left that never became an event."""
        draws = self.folder / "draws"
        for folder in draws.iterdir() if draws.exists() else ():
            if folder.name not in self.ceremony.draws:
                shutil.rmtree(folder)
        with suppress(OSError):
            draws.rmdir()  # an empty one

    def _write_files(self) -> None:
        """Write what follows from the events and is not there yet."""
        for draw in self.ceremony.draws.values():
            folder = self.folder / "draws" / draw.id
            size, root = draw.manifest["roster_size"], draw.manifest["roster_root"]
            self._write_checkpoint(folder, f"{draw.id}/roster", size, root)
            if draw.result:
                self._write_result(folder, draw)

    def _write_result(self, folder: Path, draw: Draw) -> None:
        if not (folder / "result.csv").exists():
            write_whole(folder / "result.csv", result_csv(draw.compute(self._evidence.roster(draw.id)).placed))
        result = draw.result or {}
        self._write_checkpoint(folder, f"{draw.id}/result", result["result_size"], result["result_root"])

    def _write_checkpoint(self, folder: Path, name: str, size: int, root: str) -> None:
        path = folder / f"{name.rpartition('/')[2]}.checkpoint"
        if self._signer and not path.exists():
            head = Checkpoint(f"{self.ledger.origin}/{name}", size, bytes.fromhex(root))
            write_whole(path, sign_checkpoint(head, self._signer))


class _Nothing:
    """The evidence of a ceremony that does not exist yet."""

    tree = Tree()

    def roster(self, draw: str) -> Sequence[RosterLine]:
        """No roster."""
        raise LotteryInputError("There is no roster of %(draw)s.", draw=draw)


def _coded_exclusions(plan: DrawPlan, roster: FrozenRoster) -> list[list[str]]:
    codes = {private.person.id: code for code, private in roster.private.people.items()}
    pairs = []
    for group, teacher in plan.exclusions:
        if teacher not in codes:
            raise LotteryInputError("The exclusion of %(id)s names nobody in the teachers' roster.", id=teacher)
        pairs.append([group, codes[teacher]])
    return sorted(pairs)


def _read(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    raise LotteryInputError("%(path)s is missing.", path=path)
