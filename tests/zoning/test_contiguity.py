"""Which parts a zone may have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.zoning.folders import LINE, Table, solved, write
from zoning.errors import ZoningInputError
from zoning.measure import Measure
from zoning.problem import Problem

SIX: dict[str, Table] = {
    "units": [("unit", "demand", "x", "y"), *((name, 5, 100 * at, 0) for at, name in enumerate("abcdef"))],
    "schools": [("school", "unit", "capacity"), ("S1", "a", 50), ("S2", "d", 50)],
    "adjacency": [("unit", "neighbour"), *zip("abcde", "bcdef", strict=True)],
}


def kinds(problem: Problem, zones: str) -> list[str]:
    choice = np.array([problem.target_index[f"S{zone}"] for zone in zones])
    return [violation.kind for violation in Measure(problem).figures(choice).violations]


def test_one_part_at_the_own_unit_is_right(tmp_path: Path) -> None:
    assert kinds(Problem.read(write(tmp_path, SIX)), "112222") == []


def test_a_loose_part_is_named(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, SIX))
    found = Measure(problem).figures(np.array([problem.target_index[f"S{zone}"] for zone in "112221"]))
    assert [(violation.kind, violation.unit) for violation in found.violations] == [("loose", "f")]
    assert not found.contiguous


def test_a_stray_part_of_today_may_stay(tmp_path: Path) -> None:
    current = [("unit", "school"), *zip("abcdef", ["S1", "S1", "S2", "S2", "S1", "S1"], strict=True)]
    problem = Problem.read(write(tmp_path, {**SIX, "current": current}))
    assert kinds(problem, "112211") == []
    assert kinds(problem, "112221") == []
    assert kinds(problem, "112212") == ["loose"]


def test_as_many_parts_as_today_but_no_more(tmp_path: Path) -> None:
    current = [("unit", "school"), *zip("abcdef", ["S1", "S2", "S1", "S2", "S1", "S1"], strict=True)]
    problem = Problem.read(write(tmp_path, {**SIX, "current": current}))
    assert kinds(problem, "121211") == []
    units = [*SIX["units"], ("g", 5, 600, 0)]
    adjacency = [*SIX["adjacency"], ("f", "g")]
    longer = {**SIX, "units": units, "adjacency": adjacency, "current": [*current, ("g", "S1")]}
    assert kinds(Problem.read(write(tmp_path / "2", longer)), "1212121") == ["parts", "loose"]


def test_a_zone_does_not_cross_a_barrier_unless_allowed(tmp_path: Path) -> None:
    adjacency = [("unit", "neighbour", "barrier"), *((a, b, int(a == "e")) for a, b in SIX["adjacency"][1:])]
    tables = {**SIX, "adjacency": adjacency}
    problem = Problem.read(write(tmp_path / "1", tables))
    found = Measure(problem).figures(np.array([problem.target_index[f"S{zone}"] for zone in "112222"]))
    assert found.violations == ()
    assert found.forced_parts == ({"school": "S2", "units": ["f"]},)
    free = Problem.read(write(tmp_path / "2", tables, "[limits]\ncross_barrier = true\n"))
    assert Measure(free).figures(np.array([0, 0, 1, 1, 1, 1])).forced_parts == ()


def test_each_zone_has_at_most_one_part_in_a_component_without_schools(tmp_path: Path) -> None:
    units = [*SIX["units"], *((name, 5, 1000 + at, 0) for at, name in enumerate("xyz"))]
    tables = {**SIX, "units": units, "adjacency": [*SIX["adjacency"], ("x", "y"), ("y", "z")]}
    problem = Problem.read(write(tmp_path, tables))
    assert kinds(problem, "112222" + "112") == []
    assert kinds(problem, "112222" + "121") == ["parts"]
    plan = solved(problem)
    assert plan.figures.feasible


def test_own_units_and_locks_are_named(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, {**SIX, "locks": [("unit", "school"), ("c", "S1")]}))
    assert kinds(problem, "111222") == []
    assert kinds(problem, "112222") == ["lock"]
    assert set(kinds(problem, "222222")) == {"own_unit", "lock"}


def test_a_zone_reaches_its_locked_unit(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, {**SIX, "locks": [("unit", "school"), ("c", "S1")]}))
    assert kinds(problem, "".join(name[1] for name in solved(problem).assignment.values())) == []


def test_a_lock_behind_another_school_cannot_be_kept(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, {**SIX, "locks": [("unit", "school"), ("f", "S1")]}))
    with pytest.raises(ZoningInputError, match="in one piece"):
        solved(problem)


def test_without_the_rule_zones_may_lie_anywhere(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, SIX, "[limits]\ncontiguous = false\n"))
    assert kinds(problem, "121212"[:3] + "212") == []


def test_a_school_without_own_unit_and_zone_may_found_one_part(tmp_path: Path) -> None:
    schools = [("school", "unit", "capacity"), ("S1", "a", 10), ("S2", "", 50)]
    walks = [("unit", "school", "metres"), *((u, s, 100) for u in "abcd" for s in ("S1", "S2"))]
    problem = Problem.read(write(tmp_path, {**LINE, "schools": schools, "walks": walks}))
    assert kinds(problem, "1222") == []
    assert kinds(problem, "1212") == ["parts", "loose"]
