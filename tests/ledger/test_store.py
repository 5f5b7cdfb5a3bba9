from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import canonical_json
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.errors import LedgerError, LedgerInputError
from ledger.files import write_whole
from ledger.heads import Heads
from ledger.merkle import leaf_hash, root
from ledger.notes import COSIGNATURE, Signer, open_note
from ledger.store import Ledger
from ledger.witness import cosign

ORIGIN = "edu.example.org/log"
SIGNER = Signer.generate(ORIGIN)
WITNESS = Signer.generate("parent.example.org", COSIGNATURE)
CHECKOUT = Path(__file__).resolve().parents[2]


def made(folder: Path, size: int = 3, heads: Heads | None = None) -> Ledger:
    ledger = Ledger.create(folder, ORIGIN, SIGNER, heads)
    for number in range(size):
        ledger.append({"n": number})
    return ledger


def test_what_is_appended_stands_in_files(tmp_path: Path) -> None:
    ledger = made(tmp_path / "log")
    entry = ledger.append({"type": "张"})
    assert entry.index == 3
    assert (tmp_path / "log/events/000004.json").read_bytes() == canonical_json({"type": "张"}) == entry.data
    files = sorted(str(path.relative_to(tmp_path / "log")) for path in (tmp_path / "log").rglob("*") if path.is_file())
    assert files == ["checkpoint", *(f"events/00000{number}.json" for number in range(1, 5)), "head.json"]
    again = Ledger.open(tmp_path / "log")
    assert again.entries == ledger.entries
    assert again.signed_head() == Checkpoint(ORIGIN, 4, root(leaf_hash(item.data) for item in ledger.entries))
    again.check()


def test_every_entry_is_proved(tmp_path: Path) -> None:
    ledger = made(tmp_path / "log", 6)
    for entry in ledger.entries:
        ledger.prove(entry.index).verify(leaf_hash(entry.data), SIGNER.verifier)
    with pytest.raises(LedgerError):
        ledger.prove(6)


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    ledger = made(tmp_path / "log")
    with pytest.raises(LedgerInputError, match="exists"):
        Ledger.create(tmp_path / "log", ORIGIN, SIGNER)
    assert Ledger.open(tmp_path / "log").entries == ledger.entries


def test_two_writers_take_turns_on_one_log(tmp_path: Path) -> None:
    first = made(tmp_path / "log", 1)
    second = Ledger.open(tmp_path / "log", SIGNER)
    second.append({"by": "second"})
    assert first.append({"by": "first"}).index == 2
    with first.locked():
        assert first.size == 3
        first.append({"by": "first, in the lock"})
    assert [item.index for item in Ledger.open(tmp_path / "log").entries] == [0, 1, 2, 3]


def test_reading_needs_no_key_and_cannot_write(tmp_path: Path) -> None:
    made(tmp_path / "log")
    with pytest.raises(LedgerInputError, match="reading only"):
        Ledger.open(tmp_path / "log").append({})


def test_another_key_cannot_write(tmp_path: Path) -> None:
    made(tmp_path / "log")
    with pytest.raises(LedgerInputError, match="not the key"):
        Ledger.open(tmp_path / "log", Signer.generate(ORIGIN))


@pytest.mark.parametrize("event", [{"x": 1.5}, {"x": "A\u030a"}, {"x": 2**53}])
def test_an_event_without_canonical_form_leaves_nothing(tmp_path: Path, event: dict[str, Any]) -> None:
    ledger = made(tmp_path / "log")
    with pytest.raises(LedgerInputError):
        ledger.append(event)
    assert Ledger.open(tmp_path / "log").size == 3
    assert len(list((tmp_path / "log/events").iterdir())) == 3


def change_event(folder: Path) -> None:
    (folder / "events/000002.json").write_bytes(b'{"n":7}')


def drop_last_event(folder: Path) -> None:
    (folder / "events/000003.json").unlink()


def drop_middle_event(folder: Path) -> None:
    (folder / "events/000002.json").unlink()


def swap_events(folder: Path) -> None:
    one, two = (folder / f"events/00000{number}.json" for number in (1, 2))
    saved = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(saved)


def stray_file(folder: Path) -> None:
    (folder / "events/000002.json.bak").write_bytes(b"{}")


def sign_with_another_key(folder: Path) -> None:
    head = Ledger.open(folder).signed_head()
    (folder / "checkpoint").write_bytes(sign_checkpoint(head, Signer.generate(ORIGIN)))


def truncate_checkpoint(folder: Path) -> None:
    (folder / "checkpoint").write_bytes((folder / "checkpoint").read_bytes()[:-20])


def other_origin(folder: Path) -> None:
    head = Ledger.open(folder).signed_head()
    (folder / "checkpoint").write_bytes(sign_checkpoint(Checkpoint("other", head.size, head.root), SIGNER))


@pytest.mark.parametrize(
    "tamper",
    [
        change_event, drop_last_event, drop_middle_event, swap_events, stray_file, sign_with_another_key,
        truncate_checkpoint, other_origin,
    ],
)  # fmt: skip
@pytest.mark.parametrize("signer", [None, SIGNER], ids=["reader", "writer"])
def test_a_tampered_ledger_does_not_open(tmp_path: Path, tamper: Any, signer: Signer | None) -> None:
    made(tmp_path / "log")
    tamper(tmp_path / "log")
    with pytest.raises(LedgerError):
        Ledger.open(tmp_path / "log", signer)


def test_a_log_that_was_rolled_back_is_not_signed_again(tmp_path: Path) -> None:
    heads = Heads(tmp_path / "heads.json")
    made(tmp_path / "log", 2, heads)
    (tmp_path / "log").rename(tmp_path / "saved")
    subprocess.run(["cp", "-r", tmp_path / "saved", tmp_path / "log"], check=True)
    Ledger.open(tmp_path / "log", SIGNER, heads).append({"n": "real"})
    with pytest.raises(LedgerError, match="rolled back"):
        Ledger.open(tmp_path / "saved", SIGNER, heads)


def test_a_second_log_of_one_origin_is_not_begun(tmp_path: Path) -> None:
    heads = Heads(tmp_path / "heads.json")
    made(tmp_path / "log", 1, heads)
    with pytest.raises(LedgerError, match="rolled back"):
        Ledger.create(tmp_path / "other", ORIGIN, SIGNER, heads)
    assert not (tmp_path / "other").exists()


def test_a_fork_is_not_signed(tmp_path: Path) -> None:
    heads = Heads(tmp_path / "heads.json")
    made(tmp_path / "log", 3, heads)
    fork = Ledger.create(tmp_path / "fork", ORIGIN, SIGNER)
    for number in (0, 1, 9, 3):
        fork.append({"n": number})
    with pytest.raises(LedgerError, match="join"):
        heads.advance(fork.signed_head(), fork.tree.consistency_proof)


def test_a_witness_signs_what_continues_the_last_head(tmp_path: Path) -> None:
    ledger, seen = made(tmp_path / "log"), Heads(tmp_path / "seen.json")
    for time in (1, 2):
        line = cosign(ledger.checkpoint(), SIGNER.verifier, ledger.tree.consistency_proof, WITNESS, seen, time)
        ledger.add_cosignature(line, WITNESS.verifier)
        note = open_note(ledger.checkpoint(), [SIGNER.verifier, WITNESS.verifier])
        assert [item.time for item in note.signatures] == [None, time]
        ledger.append({"next": time})
    assert seen.last(ORIGIN) == Checkpoint(ORIGIN, 4, ledger.tree.root(4))


def test_a_witness_refuses_a_fork_and_another_key(tmp_path: Path) -> None:
    ledger, seen = made(tmp_path / "log"), Heads(tmp_path / "seen.json")
    cosign(ledger.checkpoint(), SIGNER.verifier, ledger.tree.consistency_proof, WITNESS, seen, 1)
    fork = Ledger.create(tmp_path / "fork", ORIGIN, SIGNER)
    for number in (5, 6, 7, 8):
        fork.append({"n": number})
    with pytest.raises(LedgerError):
        cosign(fork.checkpoint(), SIGNER.verifier, fork.tree.consistency_proof, WITNESS, seen, 2)
    stranger = Signer.generate("other")
    with pytest.raises(LedgerError):
        cosign(ledger.checkpoint(), stranger.verifier, ledger.tree.consistency_proof, WITNESS, seen, 2)


def test_a_cosignature_counts_once_and_only_for_its_head(tmp_path: Path) -> None:
    ledger = made(tmp_path / "log")
    line = cosign(
        ledger.checkpoint(), SIGNER.verifier, ledger.tree.consistency_proof, WITNESS, Heads(tmp_path / "seen.json"), 1
    )
    ledger.add_cosignature(line, WITNESS.verifier)
    with pytest.raises(LedgerError, match="already"):
        ledger.add_cosignature(line, WITNESS.verifier)
    ledger.append({})
    with pytest.raises(LedgerError, match="does not verify"):
        ledger.add_cosignature(line, WITNESS.verifier)


@pytest.mark.parametrize("content", [b"{}", b"[]", b"", b'{"format":"evenhand/head/v1"}'])
def test_a_malformed_head_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    made(tmp_path / "log")
    (tmp_path / "log/head.json").write_bytes(content)
    with pytest.raises(LedgerInputError):
        Ledger.open(tmp_path / "log")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "file", b"old")
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(tmp_path / "file", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_a_failed_creation_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        Ledger.create(tmp_path / "log", ORIGIN, SIGNER)
    assert list(tmp_path.iterdir()) == []


# A writer that kills itself, for real, at the n-th call that touches the disk, before or after the call.
KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from ledger.heads import Heads
from ledger.notes import Signer
from ledger.store import Ledger
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

folder, seed, deadly, after = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "after"
signer = Signer.from_key("edu.example.org/log", Ed25519PrivateKey.from_private_bytes(seed))
heads = Heads(folder.parent / "heads.json")
ledger = Ledger.open(folder, signer, heads)
calls = 0

def deadly_call(real):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == deadly and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

for name in ("fsync", "replace", "open", "chmod"):
    setattr(os, name, deadly_call(getattr(os, name)))
for number in range(3):
    entry = ledger.append({"run": deadly, "n": number})
    os.write(1, f"{entry.index}\\n".encode())
"""


def run_killed_writer(folder: Path, deadly: int, after: str) -> tuple[list[int], bool]:
    seed = SIGNER.private_key.private_bytes_raw().hex()
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WRITER, str(folder), seed, str(deadly), after],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    return [int(line) for line in done.stdout.split()], done.returncode == -9


def check_after_kill(folder: Path, deadly: int, after: str) -> bool:
    """Run a writer that dies at call `deadly`; check what it left; say whether it died before its work was done."""
    before = Ledger.open(folder).entries
    acknowledged, killed = run_killed_writer(folder, deadly, after)
    reader = Ledger.open(folder)
    assert reader.entries[: len(before)] == before
    assert set(acknowledged) <= set(range(reader.size))
    writer = Ledger.open(folder, SIGNER, Heads(folder.parent / "heads.json"))
    writer.check()
    assert 0 <= writer.size - len(before) - len(acknowledged) <= 1
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]
    return killed


@pytest.mark.long
@pytest.mark.parametrize("after", ["before", "after"])
def test_a_writer_killed_at_any_call_loses_no_acknowledged_entry(tmp_path: Path, after: str) -> None:
    step = 1 if os.environ.get("EVENHAND_LONG") else 5
    made(tmp_path / "log", 1, Heads(tmp_path / "heads.json"))
    died = [check_after_kill(tmp_path / "log", deadly, after) for deadly in range(1, 110, step)]
    assert died[0]
    assert not died[-1]
