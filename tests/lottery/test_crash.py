"""The disk refuses at every single write, or two operators press at once: nothing is lost, doubled or drawn anew."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import ledger.store
import lottery.conduct
from ledger.files import write_whole
from lottery.conduct import Conduct
from lottery.errors import StepError
from tests.lottery.hall import DICE, DRAW, Hall

STEPS: dict[str, tuple[Callable[[Hall], None], Callable[[Conduct, Hall], object], str]] = {
    "a commitment": (lambda hall: None, lambda conduct, hall: conduct.commit(DRAW, "organiser", "ab" * 32), "open"),
    "the uncovering": (
        Hall.to_uncovering,
        lambda conduct, hall: conduct.uncover(DRAW, "dice", [DICE, DICE], "r", ["a", "b"]),
        "recorded",
    ),
    "the result": (Hall.to_drawable, lambda conduct, hall: conduct.compute(DRAW), "drawn"),
}


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], bool]:
    """Let the write number `number` fail as on a full disk; says whether it came to that."""
    calls = 0

    def write(path: Path, data: bytes, mode: int = 0o644) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_whole(path, data, mode)

    for module in (ledger.store, lottery.conduct):
        monkeypatch.setattr(module, "write_whole", write)
    return lambda: calls >= number


@pytest.mark.parametrize("name", STEPS)
def test_disk_full_at_every_write(tmp_path: Path, name: str) -> None:
    prepare, step, state = STEPS[name]
    hall = Hall(tmp_path / "c")
    prepare(hall)
    before = hall.conduct.ledger.size
    clean = tmp_path / "clean"
    shutil.copytree(hall.conduct.folder, clean)
    step(Conduct.open(clean, hall.log, lambda: 0), hall)
    for number in range(1, 20):
        folder = tmp_path / f"full-{number}"
        shutil.copytree(hall.conduct.folder, folder)
        with pytest.MonkeyPatch.context() as patch:
            conduct = Conduct.open(folder, hall.log, lambda: 0)
            failed = fail_at(patch, number)
            if failed_once := _tries(conduct, step, hall):
                assert failed()
        resumed = Conduct.open(folder, hall.log, lambda: 0)
        if resumed.ledger.size == before:
            step(resumed, hall)
        assert resumed.ceremony.draw(DRAW).state == state
        assert _files(folder) == _files(clean)
        if not failed_once:
            return
    raise AssertionError("the step writes more often than the test tries")


def test_two_operators_press_at_once(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c")
    hall.to_drawable()
    first, second = (Conduct.open(hall.conduct.folder, hall.log, lambda: 0) for _ in range(2))
    first.compute(DRAW)
    with pytest.raises(StepError):
        second.compute(DRAW)
    assert first.ledger.size == Conduct.open(hall.conduct.folder, None, lambda: 0).ledger.size


def test_the_clock_goes_back_an_hour(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c")
    hall.to_revealing()
    slow = Conduct.open(hall.conduct.folder, hall.log, lambda: hall.start - 3600)
    for name, secret in hall.secrets.items():
        slow.reveal(DRAW, name, secret)
    slow.close_reveals(DRAW)
    assert slow.ceremony.draw(DRAW).state == "uncovering"


def test_a_second_computer_on_an_older_copy_cannot_go_its_own_way(tmp_path: Path) -> None:
    from ledger.errors import LedgerError
    from ledger.heads import Heads

    hall = Hall(tmp_path / "c")
    old = tmp_path / "old"
    shutil.copytree(hall.conduct.folder, old)
    heads = Heads(tmp_path / "heads.json")
    Conduct.open(hall.conduct.folder, hall.log, hall.clock, heads)
    hall.commit("organiser")
    Conduct.open(hall.conduct.folder, hall.log, hall.clock, heads)
    with pytest.raises(LedgerError, match="rolled back"):
        Conduct.open(old, hall.log, hall.clock, heads)


def _tries(conduct: Conduct, step: Callable[[Conduct, Hall], object], hall: Hall) -> bool:
    """Take the step; whether the disk refused."""
    try:
        step(conduct, hall)
    except OSError:
        return True
    return False


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
