"""Solving: valid, repeatable, interruptible; least violation where limits cannot all hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.paths import CHECKOUT
from tests.zoning.folders import LIMITED, LINE, Table, grid, nothing, solved, write
from zoning.check import check
from zoning.differences import differences
from zoning.improve import judged, tidied
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.relax import relax
from zoning.solve import Budget, solve
from zoning.today import todays_plan

WISHES = {
    "distance": LIMITED,
    "both limits": "[limits]\nutilisation = [0.85, 1.05]\n",
    "balance": "[limits]\nutilisation = [0.7, 1.1]\n[weights]\ndistance = 1\nbalance = 0.05\n",
    "composition": "[limits]\nutilisation = [0.7, 1.1]\n[weights]\ndistance = 1\ncomposition = 0.2\n",
    "shape": "[weights]\nbalance = 0.7\ncompactness = 0.3\n",
    "change": "[limits]\nutilisation = [0.0, 1.1]\nchange_share = 0.45\n[weights]\ndistance = 1\nchange = 0.02\n",
    "anywhere": "[limits]\nutilisation = [0.0, 1.0]\ncontiguous = false\n",
}


def with_current(tables: Mapping[str, Table], schools: int, seed: int = 1) -> dict[str, Table]:
    """Today's map: stripes, with a few units elsewhere."""
    units = [row[0] for row in tables["units"][1:]]
    noise = np.random.default_rng(seed)
    zones = [
        (at * schools) // len(units) if noise.random() < 0.9 else noise.integers(schools) for at in range(len(units))
    ]
    return {**tables, "current": [("unit", "school"), *((u, f"s{z}") for u, z in zip(units, zones, strict=True))]}


@pytest.mark.parametrize("wish", WISHES)
def test_what_solve_writes_passes_check(tmp_path: Path, wish: str) -> None:
    tables = with_current(grid(9, 8, 4, seed=5, slack=1.1), 4)
    problem = Problem.read(write(tmp_path / "problem", tables, WISHES[wish]))
    plan = solved(problem, effort=8)
    plan.write(tmp_path / "plan")
    assert plan.figures.feasible, plan.figures.violations
    assert check(problem, tmp_path / "plan").ok
    gap = plan.report()["gap"]
    if wish in ("distance", "both limits", "anywhere"):
        assert gap is not None
        assert gap < 0.05


def test_limits_that_cannot_hold_give_the_least_violation(tmp_path: Path) -> None:
    schools = [("school", "unit", "capacity"), ("S1", "a", 5), ("S2", "d", 20)]
    problem = Problem.read(write(tmp_path, {**LINE, "schools": schools}, LIMITED))
    plan = solved(problem)
    report = plan.report()
    assert report["feasible"] is False
    assert plan.figures.violation == pytest.approx(10)
    assert {(limit["kind"], limit["school"]) for limit in report["conflict"]} == {("above", "S1"), ("above", "S2")}


def test_a_walk_limit_out_of_reach_is_named(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, LINE, "[limits]\nwalk_metres = 90\n"))
    plan = solved(problem)
    assert {(found.kind, found.unit) for found in plan.figures.violations} == {("walk", "b"), ("walk", "c")}


def test_a_budget_of_change_that_a_closed_school_breaks_is_named(tmp_path: Path) -> None:
    schools = [*LINE["schools"], ("S3", "b", 0)]
    current = [("unit", "school"), ("a", "S1"), ("b", "S3"), ("c", "S3"), ("d", "S2")]
    tables = {**LINE, "schools": schools, "current": current}
    plan = solved(Problem.read(write(tmp_path, tables, "[limits]\nchange_share = 0.1\n")))
    assert [found.kind for found in plan.figures.violations] == ["change"]
    assert plan.report()["conflict"] == [{"kind": "change", "school": None}]


def test_relabelled_schools_only_relabel(tmp_path: Path) -> None:
    tables = grid(8, 7, 4)
    new = {"s0": "z", "s1": "m", "s2": "b", "s3": "a"}
    renamed = {**tables, "schools": [tables["schools"][0], *((new[row[0]], *row[1:]) for row in tables["schools"][1:])]}
    first = solved(Problem.read(write(tmp_path / "1", tables, LIMITED)))
    second = solved(Problem.read(write(tmp_path / "2", renamed, LIMITED)))
    assert {unit: new[school] for unit, school in first.assignment.items()} == dict(second.assignment)


SCRIPT = """
import sys
from pathlib import Path
from tests.zoning.folders import solved
from zoning.problem import Problem
solved(Problem.read(sys.argv[1]), effort=5, seed=3).write(Path(sys.argv[2]))
"""


def test_the_same_bytes_whatever_the_cores_and_the_hash_seed(tmp_path: Path) -> None:
    policy = "[limits]\nutilisation = [0.8, 1.1]\n[weights]\ndistance = 1\nbalance = 0.02\n"
    write(tmp_path / "problem", with_current(grid(9, 9, 5), 5), policy)
    for name, hash_seed, threads, core in (("a", "0", "1", {0}), ("b", "77", "2", os.sched_getaffinity(0))):
        surroundings = {**os.environ, "PYTHONHASHSEED": hash_seed}
        surroundings |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), threads)
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / "problem"), str(tmp_path / name)],
            check=True,
            cwd=CHECKOUT,
            env=surroundings,
            preexec_fn=lambda core=core: os.sched_setaffinity(0, core & os.sched_getaffinity(0) or core),
        )
    for file in ("plan.csv", "certificate.csv", "report.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_another_seed_may_find_another_plan_but_the_same_bound(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, grid(9, 9, 5), LIMITED))
    first, second = solved(problem, seed=1), solved(problem, seed=2)
    assert first.lower_bound == second.lower_bound


def test_seconds_end_after_the_last_round_that_fits_and_effort_repeats_it(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, grid(9, 9, 5), LIMITED))
    ticks = iter(range(1000))
    timed = solve(problem, 1, Budget(None, 9.5), lambda: float(next(ticks)), nothing)
    assert 0 < timed.run["effort"] < 9
    again = solve(problem, 1, Budget(timed.run["effort"]), lambda: 0.0, nothing)
    assert again.to_csv() == timed.to_csv()


def test_an_interrupt_keeps_the_best_plan(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, grid(9, 9, 5), LIMITED))

    def interrupt(_step: str, done: int, total: int) -> None:
        if total > 1 and done == 2:
            raise KeyboardInterrupt

    plan = solve(problem, 1, Budget(50), lambda: 0.0, interrupt)
    assert plan.run["interrupted"] is True
    assert plan.run["effort"] == 2
    assert plan.to_csv() == solve(problem, 1, Budget(2), lambda: 0.0, nothing).to_csv()


def test_effort_0_is_the_contiguous_rounding(tmp_path: Path) -> None:
    plan = solved(Problem.read(write(tmp_path, grid(9, 9, 5), LIMITED)), effort=0)
    assert plan.figures.contiguous


def test_a_plan_reads_back_as_it_was_written(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path / "p", grid(6, 5, 3), LIMITED))
    plan = solved(problem)
    plan.write(tmp_path / "plan")
    again = Plan.read(problem, tmp_path / "plan")
    assert again.fingerprint == plan.fingerprint
    assert again.lower_bound == plan.lower_bound
    assert again.report() == plan.report()


def test_a_moved_unit_makes_a_new_plan_with_a_parent(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, LINE))
    plan = solved(problem)
    moved = plan.move(["b"], "S2")
    assert moved.parent == plan.fingerprint
    assert moved.fingerprint != plan.fingerprint
    assert plan.assignment["b"] == "S1"
    assert moved.lower_bound == plan.lower_bound


def test_today_s_map_as_a_plan(tmp_path: Path) -> None:
    current = [("unit", "school"), ("a", "S1"), ("b", "S1"), ("b", "S2"), ("d", "S2")]
    problem = Problem.read(write(tmp_path, {**LINE, "current": current}, LIMITED))
    today = todays_plan(problem)
    assert dict(today.assignment) == {"a": "S1", "b": "S1", "c": "S2", "d": "S2"}
    best = solved(problem)
    found = differences(today, best).document()
    assert found["moved_share"] == pytest.approx(10 / 35)
    assert found["plans"]["a"]["worst_utilisation"] == pytest.approx(20 / 15)
    assert found["plans"]["a"]["mean_walk"] == pytest.approx(2000 / 35)
    assert found["plans"]["b"]["current_moved_share"] == 0


def test_an_empty_unit_goes_to_the_zone_that_it_borders_most(tmp_path: Path) -> None:
    """A park «e» reaches along the homes of both schools, 300 m of the first and 100 m of the second."""
    tables: dict[str, Table] = {
        "units": [("unit", "demand", "x", "y"), *((u, 10, 100 * at, 0) for at, u in enumerate("abcd")), ("e", 0, 0, 9)],
        "schools": [("school", "unit", "capacity"), ("S1", "a", 40), ("S2", "d", 40)],
        "adjacency": [
            ("unit", "neighbour", "border"),
            *((u, v, 100) for u, v in ("ab", "bc", "cd")),
            ("e", "b", 300),
            ("e", "d", 100),
        ],
    }
    problem = Problem.read(write(tmp_path, tables))
    measure = Measure(problem)
    scattered = judged(measure, np.array([0, 0, 1, 1, 1]))
    tidy = tidied(measure, relax(problem), scattered)
    assert tidy.choice.tolist() == [0, 0, 1, 1, 0]
    assert (tidy.violation, tidy.objective) == (scattered.violation, scattered.objective)


def test_units_beyond_every_walk_limit_name_that_limit(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, LINE, "[limits]\nwalk_metres = 50\n"))
    report = solved(problem).report()
    assert {violation["kind"] for violation in report["violations"]} == {"walk"}
    assert report["conflict"] == [{"kind": "walk", "school": None}]
