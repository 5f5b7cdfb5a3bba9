"""An organiser with the log's key and the disk tries to have two histories; the witnesses' memories forbid it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from lottery.conduct import Conduct
from lottery.rehearse import freeze_rosters
from tests.lottery.hall import DICE, DRAW, Hall, script


def go_back(hall: Hall, kept: Path) -> None:
    """Restore the folder that was kept, and go on with it; the log's own memory is lost, as on a restored disk."""
    hall.parties.conduct = Conduct.open(kept, hall.log, hall.clock)


def keep(hall: Hall) -> Path:
    kept = hall.conduct.folder.with_name("kept")
    shutil.copytree(hall.conduct.folder, kept)
    return kept


def test_the_organiser_withdraws_a_reveal_after_seeing_the_dice(hall: Hall) -> None:
    """Why witnesses sign once more when the reveals are closed: nothing is recorded, but they remember."""
    hall.to_revealing()
    hall.reveal("parent", "inspector")
    kept = keep(hall)
    hall.reveal("organiser")
    hall.conduct.close_reveals(DRAW)
    hall.parties.witness()
    hall.uncover()
    go_back(hall, kept)
    hall.pass_deadlines()
    hall.conduct.close_reveals(DRAW)
    hall.uncover()
    with pytest.raises(LedgerError):
        hall.parties.sign(DRAW)


def test_other_dice_after_the_sources_were_witnessed(hall: Hall) -> None:
    hall.to_uncovering()
    kept = keep(hall)
    hall.uncover()
    hall.parties.sign(DRAW)
    go_back(hall, kept)
    hall.uncover(DICE[::-1])
    with pytest.raises(LedgerError):
        hall.parties.sign(DRAW)


def test_the_draw_is_voided_after_its_result_on_a_restored_disk(hall: Hall) -> None:
    hall.to_revealing()
    kept = keep(hall)
    hall.reveal()
    hall.conduct.close_reveals(DRAW)
    hall.uncover()
    hall.parties.sign(DRAW)
    hall.conduct.compute(DRAW)
    go_back(hall, kept)
    hall.conduct.void(DRAW, "the result was not liked")
    hall.parties.script = script(teachers=[], children_draw="TEST-CLASSES-2")
    with pytest.raises(LedgerError):
        freeze_rosters(hall.parties, hall.start, "0" * 64)


def test_a_second_ceremony_of_the_same_origin(hall: Hall, tmp_path: Path) -> None:
    """The same keys, another folder, another roster: whoever signed the first signs no second."""
    other = Hall(tmp_path / "other", name="other")
    other.parties.witnesses = hall.parties.witnesses
    other.parties._memories = hall.parties._memories
    other.commit()
    other.conduct.close(DRAW)
    hall.to_closed()
    with pytest.raises(LedgerError):
        other.parties.witness()
