"""What must hold for every problem: row order and names mean nothing, no price proves too much, the bytes repeat."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.paths import CHECKOUT
from tests.zoning.folders import Table, grid, nothing, solved, write
from tests.zoning.odd import every_choice, odd
from zoning.bound import lower_bound
from zoning.certificate import Certificate
from zoning.errors import ZoningInputError
from zoning.exact import Limits, finished
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.problem import Problem

NO_CHECKS = list(HealthCheck)


def planned(tables: Mapping[str, Table], policy: str) -> Plan | None:
    """A plan of little effort; None where the locks cannot be kept."""
    with TemporaryDirectory() as folder:
        problem = Problem.read(write(Path(folder), tables, policy))
        try:
            return solved(problem, effort=2)
        except ZoningInputError:
            return None


def read(seed: int, **most: int) -> tuple[dict[str, Table], str, Problem]:
    tables, policy = odd(seed, **most)
    with TemporaryDirectory() as folder:
        try:
            return tables, policy, Problem.read(write(Path(folder), tables, policy))
        except ZoningInputError:
            assume(False)
            raise


def shuffled(tables: Mapping[str, Table], seed: int) -> dict[str, Table]:
    """Rows and the two ends of each adjacent pair in another order."""
    draw = random.Random(seed)
    mixed: dict[str, Table] = {}
    for name, (header, *rows) in tables.items():
        other = draw.sample(rows, len(rows))
        if name == "adjacency":
            other = [(b, a, *rest) if draw.random() < 0.5 else (a, b, *rest) for a, b, *rest in other]
        mixed[name] = [header, *other]
    return mixed


@given(seed=st.integers(0, 100_000))
@settings(max_examples=25, suppress_health_check=NO_CHECKS)
def test_the_order_of_rows_means_nothing(seed: int) -> None:
    tables, policy, problem = read(seed)
    one, other = planned(tables, policy), planned(shuffled(tables, seed), policy)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.to_csv() == other.to_csv()
        assert one.certificate.to_csv(problem) == other.certificate.to_csv(problem)
        assert one.fingerprint == other.fingerprint


def renamed(tables: Mapping[str, Table], new: Mapping[str, str]) -> dict[str, Table]:
    """The same problem with other names of schools and zones."""
    columns = {"schools": (0, 3), "walks": (1,), "current": (1,), "locks": (1,)}
    return {
        name: [
            rows[0],
            *(
                tuple(new.get(str(cell), cell) if at in columns.get(name, ()) else cell for at, cell in enumerate(row))
                for row in rows[1:]
            ),
        ]
        for name, rows in tables.items()
    }


@given(seed=st.integers(0, 100_000))
@settings(max_examples=25, suppress_health_check=NO_CHECKS)
def test_other_names_of_schools_only_relabel(seed: int) -> None:
    tables, policy, problem = read(seed)
    homeless = [row[2] for row in tables["schools"][1:] if not row[1]]
    assume(len(set(homeless)) == len(homeless))  # only its name tells one such school from another with as many seats
    new = {"both": "a", **{row[0]: f"z{9 - at}" for at, row in enumerate(tables["schools"][1:])}}
    one, other = planned(tables, policy), planned(renamed(tables, new), policy)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert {unit: new[school] for unit, school in one.assignment.items()} == dict(other.assignment)
        prices = dict(zip(problem.targets, one.certificate.school, strict=True))
        assert {new[school]: price for school, price in prices.items()} == dict(
            zip(other.problem.targets, other.certificate.school, strict=True)
        )


def prices(problem: Problem, noise: np.random.Generator) -> Certificate:
    """Any prices within the range of the proof, some of them 0, some absurd."""
    size = noise.choice([0.0, 0.01, 0.1, 1.0, 100.0]) * problem.per_child
    most = problem.policy.weights["composition"] * problem.per_child
    shape = (len(problem.groups), len(problem.targets))
    kappa = 0.0 if problem.policy.change_share is None else float(noise.choice([0.0, 0.1, 5.0]))
    return Certificate(noise.normal(0.0, size or 1e-9, shape[1]), noise.uniform(-most, most, shape), kappa)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=60, suppress_health_check=NO_CHECKS)
def test_no_prices_prove_more_than_a_plan_within_limits_costs(seed: int) -> None:
    _, _, problem = read(seed, most_units=7, most_schools=3)
    measure, noise = Measure(problem), np.random.default_rng(seed)
    within = [choice for choice in every_choice(problem) if not measure.violations(choice)]
    assume(within)
    cheapest = min(measure.objective(measure.terms(choice)) for choice in within)
    for _ in range(20):
        assert lower_bound(problem, prices(problem, noise)) <= cheapest + 1e-9 * max(1.0, abs(cheapest))


SCRIPT = """
import sys
from pathlib import Path
from tests.zoning.folders import nothing, solved
from zoning.exact import Limits, finished
from zoning.problem import Problem
plan = solved(Problem.read(sys.argv[1]), effort=2, seed=3)
finished(plan, Limits(nodes=5000, seconds=None), lambda: 0.0, nothing).write(Path(sys.argv[2]))
"""
MIXED = "[limits]\nutilisation = [0.7, 1.1]\nchange_share = 0.5\n[weights]\ndistance = 1\ncomposition = 0.02\n"


@pytest.mark.parametrize("place", [("0", "1", 1), ("4242", "2", 2)], ids=["one core", "two cores"])
def test_programme_and_proof_give_the_same_bytes_anywhere(tmp_path: Path, place: tuple[str, str, int]) -> None:
    """As in this process, with its own hash seed and cores: composition makes the relaxation a linear programme."""
    hash_seed, threads, cores = place
    tables = grid(4, 4, 2, seed=2)
    stripes = [(row[0], f"s{at // 8}") for at, row in enumerate(tables["units"][1:])]
    folder = write(tmp_path / "problem", {**tables, "current": [("unit", "school"), *stripes]}, MIXED)
    surroundings = {**os.environ, "PYTHONHASHSEED": hash_seed}
    surroundings |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), threads)
    free = set(sorted(os.sched_getaffinity(0))[:cores])
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(tmp_path / "there")],
        check=True,
        cwd=CHECKOUT,
        env=surroundings,
        preexec_fn=lambda: os.sched_setaffinity(0, free),
    )
    here = finished(
        solved(Problem.read(folder), effort=2, seed=3), Limits(nodes=5000, seconds=None), lambda: 0.0, nothing
    )
    assert here.run["exact"]["optimal"] is True
    here.write(tmp_path / "here")
    for file in ("plan.csv", "certificate.csv", "report.json"):
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()
