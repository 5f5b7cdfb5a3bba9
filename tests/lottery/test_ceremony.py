"""The protocol refuses every step out of order, and what may happen in a hall does not change a draw."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import EvenhandError
from ledger.store import Ledger
from lottery.conduct import Conduct, Founding
from lottery.errors import LotteryInputError, StepError
from lottery.rehearse import HOUR
from lottery.seed import commitment
from tests.lottery.hall import DICE, DRAW, HOMEROOM_DRAW, NAMES, Hall, script

EVERY = {
    "COMMIT": {"source": "parent", "commitment": "ab" * 32},
    "CLOSE": {},
    "CAST": {"source": "dice"},
    "REVEAL": {"source": "parent", "secret": "cd" * 32, "matches": False},
    "REVEALS_CLOSED": {"missing": []},
    "UNCOVER": {"source": "dice", "digits": DICE, "reader": "r", "typists": ["a", "b"]},
    "RESULT": {"seed": "00" * 32, "counter": 0, "result_root": "00" * 32, "result_size": 40},
    "SET_ASIDE": {"reason": "r", "authority": "a", "document": "d"},
}
LEGAL = {
    "open": {"COMMIT"},
    "closed": {"CAST"},
    "revealing": {"REVEAL"},
    "uncovering": {"UNCOVER"},
    "drawable": set(),
    "signed": {"SET_ASIDE"},
}


def bring(hall: Hall, state: str) -> None:
    steps: dict[str, Any] = {
        "open": lambda: None,
        "closed": hall.to_closed,
        "revealing": hall.to_revealing,
        "uncovering": hall.to_uncovering,
        "drawable": hall.to_drawable,
        "signed": hall.to_signed,
    }
    steps[state]()
    assert hall.state() == state


@pytest.mark.parametrize("state", LEGAL)
def test_every_other_step_is_refused_and_leaves_no_event(hall: Hall, state: str) -> None:
    bring(hall, state)
    size = hall.conduct.ledger.size
    for kind in sorted(set(EVERY) - LEGAL[state]):
        with pytest.raises((StepError, LotteryInputError)):
            hall.conduct.record(type=kind, draw=DRAW, **EVERY[kind])
    assert Ledger.open(hall.conduct.folder).size == size


def test_a_head_must_be_signed_before_anything_else(hall: Hall) -> None:
    hall.commit()
    hall.conduct.close(DRAW)
    with pytest.raises(StepError, match="witnesses must sign"):
        hall.conduct.cast(DRAW, "dice")
    with pytest.raises(StepError, match="witnesses must sign"):
        hall.conduct.commit(HOMEROOM_DRAW, "organiser", "ab" * 32)


def test_a_head_with_too_few_cosignatures(hall: Hall) -> None:
    hall.commit()
    hall.conduct.close(DRAW)
    with pytest.raises(EvenhandError, match="0 of 2"):
        hall.conduct.sign(DRAW)
    hall.parties.witnesses.pop()
    hall.parties._memories.pop()
    with pytest.raises(StepError, match="1 of 2"):
        hall.parties.sign(DRAW)


def test_an_old_head_replayed(hall: Hall) -> None:
    old = next(entry.event["note"] for entry in hall.conduct.ledger.entries if entry.event["type"] == "HEAD")
    hall.commit()
    hall.conduct.close(DRAW)
    with pytest.raises(StepError, match="not the head"):
        hall.conduct.record(type="HEAD", draw=DRAW, stage="closed", note=old)


def test_one_draw_id_has_one_manifest(hall: Hall) -> None:
    manifest = hall.conduct.ceremony.draw(DRAW).manifest
    with pytest.raises(StepError, match="frozen already"):
        hall.conduct.record(type="FREEZE", draw=DRAW, manifest=manifest)


def test_a_second_result_is_impossible(hall: Hall) -> None:
    hall.to_drawable()
    event = hall.conduct.compute(DRAW)
    with pytest.raises(StepError, match="drawn"):
        hall.conduct.compute(DRAW)
    hall.parties.sign(DRAW)
    again = {key: event[key] for key in ("seed", "counter", "result_root", "result_size")}
    with pytest.raises(StepError, match="not allowed"):
        hall.conduct.record(type="RESULT", draw=DRAW, **again)


def test_a_result_that_the_sources_do_not_give(hall: Hall) -> None:
    hall.to_drawable()
    with pytest.raises(StepError, match="not what its sources"):
        hall.conduct.record(type="RESULT", draw=DRAW, **EVERY["RESULT"])


def test_void_before_anything_is_known(hall: Hall) -> None:
    hall.to_revealing()
    hall.conduct.void(DRAW, "the hall was flooded")
    assert hall.state() == "void"
    with pytest.raises(StepError):
        hall.reveal("parent")


def test_no_void_after_the_first_reveal(hall: Hall) -> None:
    hall.to_revealing()
    hall.reveal("parent")
    with pytest.raises(StepError, match="cannot be voided"):
        hall.conduct.void(DRAW, "a better one is wanted")


def test_no_void_after_a_wrong_reveal(hall: Hall) -> None:
    hall.to_revealing()
    hall.conduct.reveal(DRAW, "parent", bytes(32))
    with pytest.raises(StepError, match="cannot be voided"):
        hall.conduct.void(DRAW, "a better one is wanted")


def test_no_void_after_the_uncovering(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c", script(contributors={}, dice=50))
    hall.conduct.close(DRAW)
    hall.parties.sign(DRAW)
    hall.conduct.cast(DRAW, "dice")
    hall.conduct.close_reveals(DRAW)
    hall.uncover([1] * 50)
    with pytest.raises(StepError):
        hall.conduct.void(DRAW, "those dice were ugly")


def test_a_wrong_reveal_counts_as_empty_and_the_right_one_may_follow(hall: Hall) -> None:
    hall.to_revealing()
    assert hall.conduct.reveal(DRAW, "parent", bytes(32))["matches"] is False
    hall.reveal("organiser", "inspector")
    hall.pass_deadlines()
    assert hall.conduct.close_reveals(DRAW)["missing"] == ["parent"]
    hall.uncover()
    hall.parties.sign(DRAW)
    assert hall.conduct.ceremony.draw(DRAW).parts[1] == b""
    hall.conduct.compute(DRAW)


def test_the_right_secret_after_a_wrong_one(hall: Hall) -> None:
    hall.to_revealing()
    hall.conduct.reveal(DRAW, "parent", bytes(32))
    hall.reveal()
    assert hall.conduct.close_reveals(DRAW)["missing"] == []


def test_nobody_reveals_after_the_deadline_and_nobody_is_cut_off_before(hall: Hall) -> None:
    hall.to_revealing()
    hall.reveal("organiser")
    with pytest.raises(StepError, match="may still reveal"):
        hall.conduct.close_reveals(DRAW)
    hall.pass_deadlines()
    with pytest.raises(StepError, match="deadline"):
        hall.reveal("parent")
    hall.conduct.close_reveals(DRAW)


def test_a_reveal_that_lies_about_matching(hall: Hall) -> None:
    hall.to_revealing()
    with pytest.raises(StepError, match="says wrongly"):
        hall.conduct.record(type="REVEAL", draw=DRAW, source="parent", secret="00" * 32, matches=True)


def test_the_organiser_commits_first(hall: Hall) -> None:
    with pytest.raises(StepError, match="organiser"):
        hall.commit("parent")
    hall.commit("organiser", "parent")


def test_a_commitment_seen_before(hall: Hall) -> None:
    hall.commit("organiser")
    used = hall.conduct.ceremony.draw(DRAW).commitments["organiser"]
    with pytest.raises(StepError, match="stands in the ledger"):
        hall.conduct.commit(DRAW, "parent", used)


def test_a_secret_seen_before(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c")
    hall.secrets["parent"] = hall.secrets["organiser"]
    hall.to_revealing()
    hall.reveal("organiser")
    with pytest.raises(StepError, match="revealed in the ledger"):
        hall.reveal("parent")


def test_commitments_after_their_deadline(hall: Hall) -> None:
    hall.clock.wait(hall.start + HOUR)
    with pytest.raises(StepError, match="deadline"):
        hall.commit()


def test_commitments_closed_early_or_with_too_few_secrets(hall: Hall) -> None:
    hall.commit("organiser", "parent")
    with pytest.raises(StepError, match="may still commit"):
        hall.conduct.close(DRAW)
    hall.clock.wait(hall.start + HOUR)
    with pytest.raises(StepError, match="only be voided"):
        hall.conduct.close(DRAW)
    hall.conduct.void(DRAW, "a contributor did not come")


def test_the_homeroom_draw_waits_for_the_signed_class_lists(hall: Hall) -> None:
    with pytest.raises(StepError, match="must be signed before"):
        hall.commit("organiser", draw=HOMEROOM_DRAW)
    hall.to_drawable()
    hall.conduct.compute(DRAW)
    hall.parties.sign(DRAW)
    hall.secrets["organiser"] = b"\x07" * 32
    hall.commit("organiser", draw=HOMEROOM_DRAW)


def test_typists_that_differ(hall: Hall) -> None:
    hall.to_uncovering()
    other = [*DICE[:4], 6, *DICE[5:]]
    with pytest.raises(LotteryInputError, match="place 5"):
        hall.conduct.uncover(DRAW, "dice", [DICE, other], "reader", ["a", "b"])


@pytest.mark.parametrize("digits", [DICE[:-1], [*DICE, 1], [0, *DICE[1:]], [7, *DICE[1:]]])
def test_numbers_that_the_dice_cannot_show(hall: Hall, digits: list[int]) -> None:
    hall.to_uncovering()
    with pytest.raises(StepError, match="not the numbers"):
        hall.uncover(digits)


def test_one_person_cannot_read_and_type(hall: Hall) -> None:
    hall.to_uncovering()
    with pytest.raises(StepError, match="three people"):
        hall.conduct.uncover(DRAW, "dice", [DICE, DICE], "clerk", ["clerk", "other"])


def test_a_roster_changed_after_the_freeze(hall: Hall) -> None:
    path = hall.conduct.folder / "draws" / DRAW / "roster.csv"
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], *lines[2:]]))
    with pytest.raises(StepError, match="not the one in its manifest"):
        hall.reopened().ceremony  # noqa: B018  # reading it is the check


def test_a_malformed_event_is_refused(hall: Hall) -> None:
    for fields in ({"type": "DREAM", "draw": DRAW}, {"type": "CLOSE", "draw": DRAW, "hurry": True}, {"type": "CLOSE"}):
        with pytest.raises(LotteryInputError):
            hall.conduct.record(**fields)


def test_computer_dies_mid_draw_and_the_resumed_one_gives_the_same(hall: Hall, tmp_path: Path) -> None:
    """Puning 2023: the re-run after a crash moved 569 children."""
    hall.to_drawable()
    copy = tmp_path / "copy"
    shutil.copytree(hall.conduct.folder, copy)
    first = hall.conduct.compute(DRAW)
    other = Conduct.open(copy, hall.log, hall.clock)
    second = other.compute(DRAW)
    assert first["seed"] == second["seed"]
    names = ("result.csv", "result.checkpoint")
    for name in names:
        assert (copy / "draws" / DRAW / name).read_bytes() == (hall.conduct.folder / "draws" / DRAW / name).read_bytes()


def test_killed_between_event_and_files(hall: Hall) -> None:
    hall.to_drawable()
    hall.conduct.compute(DRAW)
    folder = hall.conduct.folder / "draws" / DRAW
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in ("result.csv", "result.checkpoint", "roster.checkpoint"):
        (folder / name).unlink()
    hall.reopened()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_killed_before_the_freeze_became_an_event(hall: Hall) -> None:
    stray = hall.conduct.folder / "draws" / "TEST-LATER"
    stray.mkdir()
    (stray / "roster.csv").write_text("half")
    hall.reopened()
    assert not stray.exists()


def test_resumed_at_every_event(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c")
    hall.to_signed()
    events = [entry.event for entry in hall.conduct.ledger.entries]
    ceremony = hall.reopened().ceremony
    assert ceremony.size == len(events)
    assert ceremony == hall.conduct.ceremony


def test_test_and_real_never_mix(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c")
    keys = [each.verifier.vkey for each in hall.parties.witnesses]
    with pytest.raises(LotteryInputError, match="test-"):
        Conduct.found(tmp_path / "d", Founding("example.org/real", "t", True, keys, 2), hall.log, hall.clock)
    assert not (tmp_path / "d").exists()
    manifest = dict(hall.conduct.ceremony.draw(DRAW).manifest, draw="REAL-1")
    with pytest.raises((StepError, LotteryInputError)):
        hall.conduct.record(type="FREEZE", draw="REAL-1", manifest=manifest)


@pytest.mark.parametrize("keys, threshold", [([], 1), (["one"], 2), (["one", "one"], 1), (["log"], 1)])
def test_keys_that_cannot_witness(tmp_path: Path, keys: list[str], threshold: int) -> None:
    hall = Hall(tmp_path / "c")
    known = {"one": hall.parties.witnesses[0].verifier.vkey, "log": hall.log.verifier.vkey}
    founding = Founding("example.org/test-x", "t", True, [known[key] for key in keys], threshold)
    with pytest.raises(LotteryInputError):
        Conduct.found(tmp_path / "d", founding, hall.log, hall.clock)


@pytest.mark.parametrize("origin", ["example.org/test-a b", "example.org/test-a+b", "example.org/tëst\nx/test-a"])
def test_an_origin_that_no_checkpoint_can_carry(tmp_path: Path, origin: str) -> None:
    hall = Hall(tmp_path / "c")
    keys = [each.verifier.vkey for each in hall.parties.witnesses]
    with pytest.raises(LotteryInputError):
        Conduct.found(tmp_path / "d", Founding(origin, "t", True, keys, 2), hall.log, hall.clock)
    assert not (tmp_path / "d").exists()


def test_events_hold_nothing_private(hall: Hall) -> None:
    hall.to_signed()
    public = b"".join(path.read_bytes() for path in sorted(hall.conduct.folder.rglob("*")) if path.is_file())
    for private in hall.private:
        assert private.tag_key.hex().encode() not in public
        for each in private.people.values():
            assert each.person.id.encode() not in public
            assert json.dumps(each.person.name).strip('"').encode() not in public
            assert each.salt.hex().encode() not in public


def test_commitments_bind_draw_and_source() -> None:
    assert len({commitment(draw, name, bytes(32)) for draw in ("A", "B") for name in NAMES}) == 6
