"""A ledger on disk: `events/000001.json …`, `head.json`, `checkpoint`; static files that any web server can publish.

One origin has one writer at a time (a lock on the folder). An entry is acknowledged when `append` returns: by then its
file and the checkpoint over it are on the disk. A crash at any point leaves a ledger that opens; an entry whose file
was complete but not yet signed is taken in by the next writer. So an `append` that raised may still have happened:
read the ledger before repeating it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.canonical import canonical_json, parse_canonical
from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.errors import LedgerError, LedgerInputError
from ledger.files import whole_folder, write_whole
from ledger.heads import Heads, check_advance, locked
from ledger.merkle import EMPTY_ROOT, Tree, leaf_hash
from ledger.notes import Signer, Verifier, join_note, open_note, split_note
from ledger.proof import TlogProof

HEAD_FORMAT = "evenhand/head/v1"
MOST_ENTRIES = 999_999


@dataclass(frozen=True)
class Entry:
    """One event: its place (0, 1, …; file number − 1), its canonical bytes, and what they say."""

    index: int
    data: bytes
    event: Mapping[str, Any]


class Ledger:
    """An open ledger. Without a signer it is read-only and shows what the checkpoint covers.

    The lock stands between objects, in one process or several; one object belongs to one thread.
    """

    def __init__(self, folder: Path, log: Verifier, origin: str, signer: Signer | None, heads: Heads | None) -> None:
        self.folder = folder
        self.origin = origin
        self.log = log
        self._signer = signer
        self._heads = heads
        self._entries: list[Entry] = []
        self._tree = Tree()
        self._held = False

    @classmethod
    def create(cls, folder: Path, origin: str, signer: Signer, heads: Heads | None = None) -> Ledger:
        """Make an empty ledger; `heads` remembers what the signer signed, outside the ledger's folder.

        Raises:
            LedgerInputError: the folder exists.
            LedgerError: `heads` knows this origin with entries.
        """
        head = Checkpoint(origin, 0, EMPTY_ROOT)
        if heads:
            heads.advance(head, _no_proof)
        try:
            with whole_folder(folder) as new:
                (new / "events").mkdir()
                write_whole(new / "head.json", head_json(head, signer.verifier))
                write_whole(new / "checkpoint", sign_checkpoint(head, signer))
        except FileExistsError as error:
            raise LedgerInputError("The folder %(folder)s exists already.", folder=folder) from error
        return cls.open(folder, signer, heads)

    @classmethod
    def open(cls, folder: Path, signer: Signer | None = None, heads: Heads | None = None) -> Ledger:
        """Open and check a ledger: every event, the root, the log's signature.

        Raises:
            LedgerInputError: no ledger there, a malformed file, or another key than the ledger's.
            LedgerError: events and checkpoint do not fit, or the signer signed a later head before.
        """
        origin, log = _read_head(folder)
        if signer and signer.verifier != log:
            raise LedgerInputError("The key %(name)s is not the key of this ledger.", name=signer.name)
        ledger = cls(folder, log, origin, signer, heads)
        if signer:
            with ledger.locked():
                return ledger
        signed = ledger.signed_head()
        ledger._read_events(signed.size)
        check_advance(signed, Checkpoint(origin, ledger.size, ledger._tree.root()), ledger._tree.consistency_proof)
        return ledger

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries in order."""
        return tuple(self._entries)

    @property
    def tree(self) -> Tree:
        """The Merkle tree over the entries; do not append to it."""
        return self._tree

    def checkpoint(self) -> bytes:
        """The signed head with its cosignatures, as it stands in the file."""
        return _read(self.folder / "checkpoint")

    def signed_head(self) -> Checkpoint:
        """The head in the checkpoint file, its signature by the log checked."""
        head, _note = open_checkpoint(self.checkpoint(), self.log)
        if head.origin != self.origin:
            raise LedgerError("The checkpoint is of %(found)s, not %(origin)s.", found=head.origin, origin=self.origin)
        return head

    def append(self, event: Mapping[str, Any]) -> Entry:
        """Add one event; when this returns it is on the disk and under the signed checkpoint.

        Raises:
            LedgerInputError: the event has no canonical JSON, or the ledger was opened without a signer.
            LedgerError: the folder was changed behind the signer's back.
            OSError: the disk refused; see the module's text.
        """
        data = canonical_json(event)
        with self.locked():
            if self.size >= MOST_ENTRIES:
                raise LedgerError("A ledger in files ends at %(most)s entries.", most=MOST_ENTRIES)
            write_whole(self._event_path(self.size), data)
            self._take(data)
            self._sign()
        return self._entries[-1]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the writer's lock, with every entry of other processes read; look and append inside it as one step."""
        with self._lock() as outermost:
            if outermost:
                self._catch_up()
            yield

    @contextmanager
    def _lock(self) -> Iterator[bool]:
        if self._held:
            yield False
            return
        with locked(self.folder):
            self._held = True
            try:
                yield True
            finally:
                self._held = False

    def add_cosignature(self, line: str, witness: Verifier) -> None:
        """Add a witness's cosignature line to the checkpoint; the next `append` starts a head without any.

        Raises:
            LedgerError: it does not verify on the present head, or this witness has signed it already.
        """
        with self._lock():
            text, lines = split_note(self.checkpoint())
            open_note(join_note(text, [line]), [witness])
            if any(item.rpartition(" ")[0] == line.rpartition(" ")[0] for item in lines):
                raise LedgerError("The witness %(name)s has signed this head already.", name=witness.name)
            write_whole(self.folder / "checkpoint", join_note(text, [*lines, line]))

    def prove(self, index: int) -> TlogProof:
        """The proof that entry `index` is in the ledger, against the present checkpoint.

        Raises:
            LedgerError: no such entry.
        """
        head = self.signed_head()
        return TlogProof(index, tuple(self._tree.inclusion_proof(index, head.size)), self.checkpoint())

    def check(self) -> None:
        """Check what `open` forgives for a writer's sake: a head.json that lags behind, an event not yet signed.

        Raises:
            LedgerError: there is either.
        """
        if _read(self.folder / "head.json") != head_json(self.signed_head(), self.log):
            raise LedgerError("head.json does not say what the checkpoint says.")
        if self._event_path(self.size).exists():
            raise LedgerError("The file events/%(name)s is not signed yet.", name=self._event_path(self.size).name)

    def _catch_up(self) -> None:
        """Under the lock: clear what a killed writer left, read new events, sign what is not yet signed."""
        self._writer()
        for pattern in (".checkpoint.*", ".head.json.*", "events/.*"):
            for left in self.folder.glob(pattern):
                left.unlink()
        self._read_events(None)
        signed = self.signed_head()
        if signed.size < self.size:
            self._sign()
            return
        self._check_signable(Checkpoint(self.origin, self.size, self._tree.root()))
        if _read(self.folder / "head.json") != head_json(signed, self.log):
            write_whole(self.folder / "head.json", head_json(signed, self.log))

    def _sign(self) -> None:
        """Sign the present head: never one that does not continue the last one."""
        head = Checkpoint(self.origin, self.size, self._tree.root())
        self._check_signable(head)
        write_whole(self.folder / "checkpoint", sign_checkpoint(head, self._writer()))
        write_whole(self.folder / "head.json", head_json(head, self.log))

    def _writer(self) -> Signer:
        if not self._signer:
            raise LedgerInputError("The ledger %(folder)s was opened for reading only.", folder=self.folder)
        return self._signer

    def _check_signable(self, head: Checkpoint) -> None:
        check_advance(self.signed_head(), head, self._tree.consistency_proof)
        if self._heads:
            self._heads.advance(head, self._tree.consistency_proof)

    def _read_events(self, most: int | None) -> None:
        """Read the events after those in memory, at most up to `most` in all."""
        names = sorted(path.name for path in (self.folder / "events").iterdir() if not path.name.startswith("."))
        wanted = [f"{number:06}.json" for number in range(1, len(names) + 1)]
        if names != wanted:
            stray = next(name for name, right in zip(names, wanted, strict=True) if name != right)
            raise LedgerError("The file events/%(name)s is out of sequence.", name=stray)
        for index in range(self.size, len(names) if most is None else min(most, len(names))):
            self._take(_read(self._event_path(index)))

    def _take(self, data: bytes) -> None:
        event = parse_canonical(data)
        if not isinstance(event, dict):
            raise LedgerInputError("Entry %(index)s is not a JSON object.", index=self.size)
        self._entries.append(Entry(self.size, data, event))
        self._tree.append(leaf_hash(data))

    def _event_path(self, index: int) -> Path:
        return self.folder / "events" / f"{index + 1:06}.json"


def head_json(head: Checkpoint, log: Verifier) -> bytes:
    """The bytes of `head.json`: the head once more for those who poll it, with the log's key (not an anchor)."""
    said = {"format": HEAD_FORMAT, "origin": head.origin, "root": head.root.hex(), "size": head.size, "vkey": log.vkey}
    return canonical_json(said)


def _read_head(folder: Path) -> tuple[str, Verifier]:
    """Origin and key that `head.json` names."""
    head = parse_canonical(_read(folder / "head.json"))
    whole = isinstance(head, dict) and head.keys() == {"format", "origin", "root", "size", "vkey"}
    if not whole or head["format"] != HEAD_FORMAT:
        raise LedgerInputError("%(path)s is not a head of the form %(format)s.", path=folder, format=HEAD_FORMAT)
    return str(head["origin"]), Verifier.parse(str(head["vkey"]))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LedgerInputError("There is no ledger here: %(path)s is missing.", path=path) from error


def _no_proof(_size: int) -> list[bytes]:
    return []
