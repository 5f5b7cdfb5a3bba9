"""The bound: never above any plan that holds every limit, and as good as the relaxation itself."""

from __future__ import annotations

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.zoning.folders import LIMITED, LINE, Table, grid, solved, write
from zoning import linear
from zoning.bound import lower_bound
from zoning.certificate import Certificate
from zoning.errors import ZoningError
from zoning.measure import Measure
from zoning.problem import Problem
from zoning.relax import relax

POLICIES = [
    "[weights]\ndistance = 1\n",
    LIMITED,
    "[limits]\nutilisation = [0.8, 1.1]\n[weights]\ndistance = 1\nbalance = 0.05\n",
    "[limits]\nutilisation = [0.7, 1.2]\nchange_share = 0.3\n[weights]\ndistance = 1\nbalance = 0.02\n",
    "[limits]\nutilisation = [0.0, 1.1]\nwalk_metres = 250\n[weights]\ndistance = 1\nchange = 0.1\n",
    "[limits]\nutilisation = [0.6, 1.2]\n[weights]\ndistance = 1\ncomposition = 0.5\n",
    "[limits]\nchange_share = 0.2\n[weights]\ndistance = 1\ncomposition = 0.3\nbalance = 0.1\nchange = 0.05\n",
    "[limits]\nutilisation = [0.6, 1.2]\n[weights]\nbalance = 0.7\ncompactness = 0.3\n",
]


def tiny(seed: int) -> dict[str, Table]:
    """3 × 2 units, two schools, a current map."""
    tables = grid(3, 2, 2, seed, slack=1.2)
    noise = np.random.default_rng(seed)
    current = [("unit", "school"), *((f"u{n:03d}", f"s{noise.integers(2)}") for n in range(6) if noise.random() < 0.8)]
    return {**tables, "current": current}


def every_plan(problem: Problem) -> list[np.ndarray]:
    targets = range(len(problem.targets))
    return [np.array(choice) for choice in itertools.product(targets, repeat=len(problem.units))]


@given(seed=st.integers(0, 10_000), policy=st.sampled_from(POLICIES), factor=st.floats(0.0, 3.0))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_plan_that_holds_every_limit_is_below_the_bound(seed: int, policy: str, factor: float) -> None:
    with TemporaryDirectory() as folder:
        problem = Problem.read(write(Path(folder), tiny(seed), policy))
    found = relax(problem).certificate
    scaled = Certificate(found.school * factor, found.group * min(factor, 1.0), found.change * factor)
    bound = max(lower_bound(problem, found), lower_bound(problem, scaled))
    measure = Measure(problem)
    figures = [measure.figures(choice) for choice in every_plan(problem)]
    held = [figure for figure in figures if figure.feasible]
    assert all(figure.objective >= bound - 1e-9 for figure in held)
    plan = solved(problem, effort=3)
    assert plan.figures.contiguous
    assert not any(violation.hard for violation in plan.figures.violations)
    if plan.figures.feasible:
        assert plan.figures.objective >= min(figure.objective for figure in held) - 1e-12
    possible = [f for f in figures if not any(violation.hard for violation in f.violations)]
    assert plan.figures.violation >= min(f.violation for f in possible) - 1e-9


@pytest.mark.parametrize("policy", POLICIES[:-1])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_certificate_proves_the_relaxation_s_optimum(tmp_path: Path, seed: int, policy: str) -> None:
    tables = grid(8, 6, 4, seed)
    noise = np.random.default_rng(seed)
    current = [("unit", "school"), *((row[0], f"s{noise.integers(4)}") for row in tables["units"][1:])]
    if "walk_metres" in policy:
        policy = policy.replace("250", "800")
    if "change_share" in policy:
        policy = policy.replace("0.3\n", "0.6\n", 1).replace("0.2\n", "0.5\n", 1)
    problem = Problem.read(write(tmp_path, {**tables, "current": current}, policy))
    optimum = linear.solve(problem)
    assert optimum.violation < 1e-6
    assert lower_bound(problem, relax(problem).certificate) == pytest.approx(optimum.value, rel=2e-6)
    assert lower_bound(problem, optimum.certificate) == pytest.approx(optimum.value, rel=1e-6)


def test_prices_outside_the_proof_are_refused(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, LINE, LIMITED))
    with pytest.raises(ZoningError, match="price of change"):
        lower_bound(problem, Certificate(np.zeros(2), np.zeros((0, 2)), 0.1))
    grouped = Problem.read(write(tmp_path / "2", grid(3, 2, 2), "[weights]\ncomposition = 1\n"))
    with pytest.raises(ZoningError, match="price of a group"):
        lower_bound(grouped, Certificate(np.zeros(2), np.ones((1, 2)), 0.0))


def test_closed_schools_and_nobody_to_teach(tmp_path: Path) -> None:
    units = [("unit", "demand", "x", "y"), *((name, 0, 0, 0) for name in "abcd")]
    problem = Problem.read(write(tmp_path, {**LINE, "units": units}, LIMITED))
    plan = solved(problem)
    assert plan.lower_bound == 0
    assert plan.report()["gap"] is None
