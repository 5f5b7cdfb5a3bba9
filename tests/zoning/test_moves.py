"""Hand edits: figures kept up to date equal those measured in full, and suggestions heal what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.zoning.folders import LINE, Table, grid, write
from zoning.certificate import Certificate
from zoning.editing import try_out
from zoning.errors import ZoningInputError
from zoning.measure import Measure
from zoning.moves import Tally
from zoning.plan import Plan
from zoning.policy import Policy
from zoning.problem import Problem

WEIGHTS = {"distance": 1.0, "balance": 0.3, "composition": 0.2, "compactness": 0.1, "change": 0.5}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """Thirty units, four schools, a group, shapes, today's map and locks."""
    folder = tmp_path_factory.mktemp("moves")
    tables = grid(6, 5, 4)
    units = [str(row[0]) for row in tables["units"][1:]]
    today: Table = [("unit", "school"), *((unit, f"s{at % 4}") for at, unit in enumerate(units))]
    return Problem.read(write(folder, {**tables, "current": today}))


def varied(base: Problem, noise: np.random.Generator) -> Problem:
    """The problem with other children, barriers, shapes, locks, today's map, limits and weights."""
    units, targets = len(base.units), len(base.targets)
    locked = np.full(units, -1)
    free = np.flatnonzero(base.owner == -1)
    locked[noise.choice(free, 2)] = noise.integers(targets, size=2)
    demand = np.where(noise.random(units) < 0.2, 0.0, noise.uniform(0, 9, units))
    return replace(
        base,
        demand=demand,
        group=demand[None, :] * noise.random((1, units)),
        owner=np.where(noise.random(units) < 0.9, base.owner, -1),
        barrier=noise.random(len(base.edges)) < 0.15,
        border=noise.uniform(0, 100, len(base.edges)),
        walks=noise.uniform(0, 900, (units, targets)),
        current=noise.random((units, targets)) < 0.4,
        listed=noise.random(units) < 0.9,
        locked=locked,
        policy=Policy(
            utilisation=(0.6, 1.1),
            walk_metres=700.0,
            change_share=0.3,
            contiguous=bool(noise.random() < 0.8),
            cross_barrier=bool(noise.random() < 0.2),
            weights=WEIGHTS,
        ),
    )


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 4))
def test_figures_after_moves_are_those_measured_in_full(base: Problem, seed: int, steps: int) -> None:
    noise = np.random.default_rng(seed)
    problem = varied(base, noise)
    units, targets = len(problem.units), len(problem.targets)
    tally = Tally.of(Measure(problem), noise.integers(targets, size=units))
    for _ in range(steps):
        moves = noise.choice(units, noise.integers(1, 8), replace=False)
        tally = tally.moved(dict(zip(moves.tolist(), noise.integers(targets, size=len(moves)).tolist(), strict=True)))
        assert tally.figures == Measure(problem).figures(tally.choice)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_suggestion_lessens_what_is_broken(base: Problem, seed: int) -> None:
    noise = np.random.default_rng(seed)
    problem = varied(base, noise)
    choice = np.where(problem.owner >= 0, problem.owner, noise.integers(4, size=len(problem.units)))
    plan = Plan.of(problem, choice, Certificate.zero(problem))
    units = [problem.units[at] for at in noise.choice(len(problem.units), 4, replace=False)]
    school = problem.targets[noise.integers(4)]
    outcome = try_out(plan, dict.fromkeys(units, school))
    for heal in outcome.heals:
        healed = outcome.plan.move(heal.units, heal.school)
        if heal.why == "seats":
            assert load(healed, heal.source) < load(outcome.plan, heal.source)
            assert len(healed.tally.faults) <= len(outcome.plan.tally.faults)
        elif heal.why == "kept":
            assert wrong(healed) < wrong(outcome.plan)
        else:
            assert len(healed.tally.faults) < len(outcome.plan.tally.faults)


def load(plan: Plan, school: str) -> float:
    return next(row.demand for row in plan.figures.schools if row.school == school)


def wrong(plan: Plan) -> int:
    return sum(found.kind in ("own_unit", "lock") for found in plan.figures.violations)


STRIP: dict[str, Table] = {
    "units": [("unit", "demand", "x", "y"), *((name, 5, 100 * at, 0) for at, name in enumerate("abcdef"))],
    "schools": [("school", "unit", "capacity"), ("S1", "a", 20), ("S2", "f", 20)],
    "adjacency": [("unit", "neighbour"), *zip("abcde", "bcdef", strict=True)],
}


def strip(folder: Path, zones: str = "111222", policy: str = "") -> Plan:
    problem = Problem.read(write(folder, STRIP, policy))
    choice = np.array([problem.target_index[f"S{zone}"] for zone in zones])
    return Plan.of(problem, choice, Certificate.zero(problem))


def test_a_cut_off_piece_goes_along_or_the_gap_is_closed(tmp_path: Path) -> None:
    outcome = try_out(strip(tmp_path), {"b": "S2"})
    assert {(found.kind, found.school, found.unit) for found in outcome.figures.violations} == {
        ("loose", "S1", "c"),
        ("loose", "S2", "b"),
    }
    assert {(heal.units, heal.school, heal.why) for heal in outcome.heals} == {
        (("c",), "S2", "along"),
        (("b",), "S1", "bridge"),
    }


def test_the_smallest_suggestion_comes_first(tmp_path: Path) -> None:
    outcome = try_out(strip(tmp_path, "111112"), {"b": "S2"})
    ways = [(heal.units, heal.school) for heal in outcome.heals if heal.source == "S1"]
    assert ways == [(("b",), "S1"), (("c", "d", "e"), "S2")]


def test_a_school_over_its_limit_hands_on_its_border(tmp_path: Path) -> None:
    outcome = try_out(strip(tmp_path, policy="[limits]\nutilisation = [0.0, 1.0]\n"), {"d": "S1", "e": "S1"})
    assert [found.kind for found in outcome.figures.violations] == ["above"]
    assert [(heal.units, heal.school, heal.why) for heal in outcome.heals] == [(("e",), "S2", "seats")]


def test_an_own_unit_goes_back(tmp_path: Path) -> None:
    outcome = try_out(strip(tmp_path), {"a": "S2"})
    assert [(heal.units, heal.school) for heal in outcome.heals if heal.why == "kept"] == [(("a",), "S1")]


def test_a_good_edit_needs_no_healing(tmp_path: Path) -> None:
    assert try_out(strip(tmp_path), {"d": "S1"}).heals == ()


def test_a_moved_plan_is_what_its_folder_says(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path / "problem", LINE))
    plan = Plan.of(problem, np.array([0, 0, 1, 1]), Certificate.zero(problem))
    moved = plan.move(["b"], problem.targets[1])
    moved.write(tmp_path / "plan")
    again = Plan.read(problem, tmp_path / "plan")
    assert again.report() == moved.report()
    assert (again.parent, again.run["edited"]) == (plan.fingerprint, ["b"])
    assert plan.assignment["b"] == problem.targets[0]


@pytest.mark.parametrize(("unit", "school"), [("z", "S2"), ("b", "S9")])
def test_a_move_of_what_is_not_there(tmp_path: Path, unit: str, school: str) -> None:
    with pytest.raises(ZoningInputError, match="There is no"):
        strip(tmp_path).move([unit], school)
