"""Whole ceremonies of every kind that this version knows, each verified by the program that shares no code with us."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lottery.errors import LotteryInputError, StepError
from lottery.homeroom import draw_homeroom
from lottery.manifest import are_digits
from lottery.notice import notice_bytes
from lottery.rehearse import Script, StepClock, freeze_rosters, rehearse
from lottery.rosterfile import Person
from lottery.software import verifier_bytes
from tests.lottery.hall import DRAW, Hall, children, script, teachers
from tests.paths import CHECKOUT
from tests.vectors.make_example import Counted

REAL = {
    "origin": "edu.example.org/draws-2027",
    "test": False,
    "children_draw": "HS2027-A",
    "teachers_draw": "HS2027-B",
}
TWINS = [Person(f"S{n:03}", "x", apart=f"g{n // 3}" if n < 12 else "") for n in range(31)]

SCRIPTS = {
    "as usual": script(),
    "a real one": script(**REAL),
    "one contributor withholds": script(withheld=["parent"]),
    "all contributors withhold": script(withheld=["organiser", "parent", "inspector"]),
    "a wrong secret": script(wrong=["inspector"]),
    "dice alone": script(contributors={}, dice=50),
    "one of three witnesses is enough": script(witnesses=["w1", "w2", "w3"], threshold=1),
    "apart groups without strata": Script(TWINS, [], ["a", "b", "c"]),
    "many exclusions": Script(
        children(60), teachers(5), list("abcde"), exclusions=[(f"C{n}", f"T-{n}") for n in range(1, 6)]
    ),
    "seventeen classes": Script(children(180), [], [f"{n}班" for n in range(1, 18)]),
    "rare characters": Script(
        [Person(f"䶮{n}", "阿卜杜热合曼·买买提·𠅤㛃", "M") for n in range(9)],
        [],
        ["一班", "二班"],
        title="分班 🎲 שלום",
    ),
}


@pytest.mark.parametrize("played", SCRIPTS.values(), ids=SCRIPTS)
def test_verified(tmp_path: Path, played: Script) -> None:
    clock = StepClock()
    folder, notice = tmp_path / "evidence", tmp_path / "NOTICE.json"
    made = rehearse(folder, played, random=Counted("r"), clock=clock, wait=clock.wait, verifier=verifier_bytes())
    notice.write_bytes(notice_bytes(made.notice))
    program = CHECKOUT / "lottery" / "verify.py"
    said = subprocess.run(
        [sys.executable, program, "--json", "--notice", notice, folder], capture_output=True, text=True, check=False
    )
    found = json.loads(said.stdout)
    assert (found["verdict"], found["test"], said.returncode) == ("VERIFIED", played.test, 0), said.stdout


def test_the_folder_exists_already(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    with pytest.raises(Exception, match="exists already"):
        rehearse(tmp_path / "evidence", script(), random=Counted("r"), clock=StepClock())
    assert not list((tmp_path / "evidence").iterdir())


def test_a_voided_draw_is_named_by_its_successor(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c", script(teachers=[]))
    hall.conduct.void(DRAW, "the roster lacked a child")
    again = script(teachers=[], children_draw="TEST-CLASSES-2")
    hall.parties.script = again
    freeze_rosters(hall.parties, hall.start, "0" * 64)
    assert hall.conduct.ceremony.draw("TEST-CLASSES-2").manifest["predecessors"] == [DRAW]


def test_no_second_draw_beside_an_open_one(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c", script(teachers=[]))
    hall.parties.script = script(teachers=[], children_draw="TEST-CLASSES-2")
    with pytest.raises(Exception, match="still open"):
        freeze_rosters(hall.parties, hall.start, "0" * 64)
    assert not (hall.conduct.folder / "draws" / "TEST-CLASSES-2").exists()


def test_exclusions_after_the_class_placement_has_begun(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "c", script(teachers=[]))
    hall.commit("organiser")
    hall.parties.script = script(exclusions=[("C1", "T-1")], children_draw=DRAW)
    from lottery.freeze import freeze_teachers
    from lottery.manifest import HOMEROOM
    from lottery.rehearse import HOUR, _plan

    plan = _plan(hall.parties.script, HOMEROOM, hall.start + 3 * HOUR)
    roster = freeze_teachers("TEST-HOMEROOM", teachers(2), hall.random)
    with pytest.raises(Exception, match="before the class placement takes commitments"):
        hall.conduct.freeze("TEST-HOMEROOM", plan, roster, "0" * 64)


def test_exclusions_of_a_homeroom_draw_that_names_no_placement(tmp_path: Path) -> None:
    """Otherwise they could be chosen once the class lists are known."""
    hall = Hall(tmp_path / "c", script(teachers=[]))
    from lottery.freeze import freeze_teachers
    from lottery.manifest import HOMEROOM
    from lottery.rehearse import HOUR, _plan

    plan = replace(_plan(script(exclusions=[("C1", "T-1")]), HOMEROOM, hall.start + 3 * HOUR), after="")
    roster = freeze_teachers("TEST-HOMEROOM", teachers(2), hall.random)
    with pytest.raises(StepError, match="need the class placement"):
        hall.conduct.freeze("TEST-HOMEROOM", plan, roster, "0" * 64)
    assert not (hall.conduct.folder / "draws" / "TEST-HOMEROOM").exists()


def test_an_exclusion_of_nobody(tmp_path: Path) -> None:
    with pytest.raises(LotteryInputError, match="names nobody"):
        Hall(tmp_path / "c", script(exclusions=[("C1", "T-99")]))


def test_balls_are_different_numbers_from_one() -> None:
    balls = {"type": "balls", "count": 3, "balls": 49}
    assert are_digits(balls, [49, 1, 7])
    for digits in ([0, 1, 2], [1, 1, 2], [50, 1, 2], [1, 2], [1, 2, 3, 4], [True, 2, 3]):
        assert not are_digits(balls, digits)


def test_two_classes_whose_only_matching_is_found_by_later_counters() -> None:
    counter, placed = draw_homeroom(b"\x03" * 32, "D1", ["C1", "C2"], ["T1", "T2"], [("C1", "T1")])
    assert {one.code: one.group for one in placed} == {"T1": "C2", "T2": "C1"}
    assert counter >= 0
