"""The exact finish: what it proves is what brute force finds."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from flask.testing import FlaskCliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.zoning.folders import LIMITED, LINE, grid, nothing, solved, write
from tests.zoning.odd import every_choice, odd
from zoning.check import check
from zoning.errors import ZoningInputError
from zoning.exact import Limits, Proof, finished, prove
from zoning.improve import Best, judged
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.separators import broken_cuts, first_cuts


def proved(plan: Plan, limits: Limits = Limits(60)) -> Proof:  # noqa: B008
    return prove(plan, limits, lambda: 0.0, nothing)


def best_of_all(problem: Problem) -> Best | None:
    """By brute force; None if no assignment keeps the rules."""
    measure = Measure(problem)
    best: Best | None = None
    for choice in every_choice(problem):
        found = judged(measure, choice)
        if (best is None or found.better_than(best)) and not hard(problem, choice):
            best = found
    return best


def hard(problem: Problem, choice: np.ndarray) -> bool:
    return any(violation.hard for violation in Measure(problem).figures(choice).violations)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_nothing_is_better_than_the_proved_optimum(seed: int) -> None:
    with TemporaryDirectory() as folder:
        tables, policy = odd(seed, most_units=8, most_schools=3, shaped=False)
        try:
            problem = Problem.read(write(Path(folder), tables, policy))
            plan = solved(problem, effort=1)
        except ZoningInputError:
            return
    proof = proved(plan)
    best = best_of_all(problem)
    assert best is not None
    assert not hard(problem, proof.best.choice)
    assert proof.optimal
    assert proof.best.violation == pytest.approx(best.violation, abs=2e-6)
    assert proof.best.objective == pytest.approx(best.objective, rel=1e-6, abs=1e-12)
    assert proof.bound is not None
    assert proof.bound <= best.objective * (1 + 1e-6)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_cuts_hold_for_every_contiguous_plan_and_break_every_other(seed: int) -> None:
    with TemporaryDirectory() as folder:
        tables, policy = odd(seed, most_units=7, most_schools=3)
        try:
            problem = Problem.read(write(Path(folder), tables, policy.replace("contiguous = false", "")))
        except ZoningInputError:
            return
    rule = Measure(problem).rule
    cuts, kept = set(first_cuts(rule)), []
    for choice in every_choice(problem):
        broken = broken_cuts(rule, choice)
        assert bool(broken) == hard(problem, choice)
        kept += [] if broken else [choice]
        cuts.update(broken)
    for cut in cuts:
        for choice in kept:
            together = all(choice[unit] == cut.target for unit in cut.members)
            assert not together or any(choice[unit] == cut.target for unit in cut.ways)


def test_a_city_of_120_units_is_closed(tmp_path: Path) -> None:
    policy = "[limits]\nutilisation = [0.8, 1.05]\n[weights]\ndistance = 1\nbalance = 0.02\n"
    plan = solved(Problem.read(write(tmp_path, grid(12, 10, 8), policy)))
    proof = proved(plan)
    assert proof.optimal
    assert plan.lower_bound <= proof.best.objective <= plan.figures.objective
    assert not hard(plan.problem, proof.best.choice)


def test_the_fewest_violated_children_are_proved(tmp_path: Path) -> None:
    schools = [("school", "unit", "capacity"), ("S1", "a", 5), ("S2", "d", 20)]
    proof = proved(solved(Problem.read(write(tmp_path, {**LINE, "schools": schools}, LIMITED))))
    assert proof.optimal
    assert (proof.best.violation, proof.violation_bound) == (pytest.approx(10), pytest.approx(10))


def test_tight_two_sided_limits_are_met_from_any_start(tmp_path: Path) -> None:
    """A case in which rounds of flips and swaps were once seen to miss the plans that hold every limit."""
    tables, policy = odd(2668, most_units=8, most_schools=3, shaped=False)
    proof = proved(solved(Problem.read(write(tmp_path, tables, policy)), effort=0))
    assert proof.optimal
    assert proof.best.violation == 0


def test_without_time_the_plan_stays_and_the_bound_is_the_certificate_s(tmp_path: Path) -> None:
    plan = solved(Problem.read(write(tmp_path, LINE, LIMITED)))
    proof = proved(plan, Limits(seconds=0.0))
    assert not proof.optimal
    assert proof.bound == plan.lower_bound
    assert proof.best.choice.tolist() == plan.choice.tolist()


def test_an_interrupt_keeps_the_plan(tmp_path: Path) -> None:
    def interrupt(_step: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    plan = solved(Problem.read(write(tmp_path, LINE, LIMITED)))
    finish = finished(plan, Limits(), lambda: 0.0, interrupt)
    assert finish.to_csv() == plan.to_csv()
    assert finish.run["exact"]["optimal"] is False


def test_compactness_is_refused(tmp_path: Path) -> None:
    policy = "[weights]\nbalance = 0.7\ncompactness = 0.3\n"
    with pytest.raises(ZoningInputError, match="Compactness is not linear"):
        proved(solved(Problem.read(write(tmp_path, grid(4, 3, 2), policy)), effort=1))


def test_the_command_proves_and_the_plan_passes_check(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folder, plan = write(tmp_path / "problem", LINE, LIMITED), tmp_path / "plan"
    args = ["zoning", "solve", str(folder), "--out", str(plan), "--effort", "1", "--exact", "--seconds", "60"]
    result = cli.invoke(args=args)
    assert result.exit_code == 0, result.output
    assert "proved optimal by the solver: yes\nlower bound of the solver: 0.085714\n" in result.output
    notes = json.loads((plan / "report.json").read_text())["run"]["exact"]
    assert notes["optimal"] is True
    assert notes["solver"].startswith("HiGHS")
    assert check(Problem.read(folder), plan).ok


def test_the_command_refuses_compactness_before_it_searches(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folder = write(tmp_path / "problem", grid(4, 3, 2), "[weights]\ncompactness = 1\n")
    result = cli.invoke(args=["zoning", "solve", str(folder), "--out", str(tmp_path / "plan"), "--exact"])
    assert result.exit_code == 2
    assert "Compactness is not linear" in result.output
    assert not (tmp_path / "plan").exists()
