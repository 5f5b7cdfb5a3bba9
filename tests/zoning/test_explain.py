"""Explanations: bounds that hold, prices that add up, sentences that name what would break."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from flask.testing import FlaskCliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.zoning.folders import LIMITED, LINE, grid, solved, write
from tests.zoning.test_bound import POLICIES, every_plan, tiny
from zoning.bound import lower_bound
from zoning.errors import ZoningInputError
from zoning.explain import Explanation, explain, with_lock
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.reasons import objections, reasons


def line_plan(folder: Path, policy: str = LIMITED) -> Plan:
    return solved(Problem.read(write(folder, LINE, policy)))


def explained(plan: Plan, unit: str) -> Explanation:
    return explain(plan, unit, Measure(plan.problem))


@given(seed=st.integers(0, 10_000), policy=st.sampled_from(POLICIES), unit=st.integers(0, 5))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_plan_with_the_unit_there_is_below_the_bound(seed: int, policy: str, unit: int) -> None:
    with TemporaryDirectory() as folder:
        problem = Problem.read(write(Path(folder), tiny(seed), policy))
    measure = Measure(problem)
    figures = [(choice, measure.figures(choice)) for choice in every_plan(problem)]
    plan = solved(problem, effort=1)
    for option in explain(plan, problem.units[unit], measure).options:
        target = problem.target_index[option.school]
        held = [f.objective for choice, f in figures if choice[unit] == target and f.feasible]
        if option.bound is None:
            assert not held
            continue
        assert all(objective >= option.bound - 1e-9 for objective in held)
        if option.limits_fail:
            assert not held


@pytest.mark.parametrize("policy", POLICIES)
def test_the_bound_of_the_prices_is_that_of_the_locked_problem(tmp_path: Path, policy: str) -> None:
    problem = Problem.read(write(tmp_path, tiny(7), policy))
    plan = solved(problem, effort=1)
    unit = int(np.flatnonzero(problem.fixed < 0)[0])
    for option in explain(plan, problem.units[unit], Measure(problem), anew=False).options:
        locked = with_lock(problem, unit, problem.target_index[option.school])
        assert option.bound == pytest.approx(lower_bound(locked, plan.certificate), abs=1e-12)


def test_an_overfull_school_is_named_with_its_children(tmp_path: Path) -> None:
    plan = line_plan(tmp_path)
    found = explained(plan, "b")
    assert (found.school, [option.school for option in found.next]) == ("S2", ["S1"])
    other = found.next[0]
    assert other.farther == pytest.approx(-100)
    assert other.seat == pytest.approx(100, abs=1)
    assert other.alone is not None
    assert [(item.kind, item.school, item.children) for item in other.alone.breaks] == [("above", "S1", 5.0)]
    assert other.limits_fail
    told = [str(sentence) for sentence in objections(found, other, {}, {})]
    assert told[0] == "To S1 each child walks 100 m less."
    assert "S1 has 20 children, 5 more than its limit of 15." in told
    assert "With this unit there the limits cannot all hold, however the rest is arranged." in told
    assert [str(sentence) for sentence in reasons(found, {"S2": "North"}, {"b": "Court 1"})][:2] == [
        "Court 1: 10 children, to North.",
        "Nearer schools: 1; the nearest, S1, by 100 m.",
    ]


def test_a_school_s_own_unit_and_a_lock_are_reasons(tmp_path: Path) -> None:
    found = explained(line_plan(tmp_path / "1"), "a")
    assert found.next[0].forbids == ("own_unit",)
    assert found.next[0].bound is None
    assert "S1 stands in a: this unit must stay with it." in [str(sentence) for sentence in reasons(found, {}, {})]
    folder = write(tmp_path / "2", {**LINE, "locks": [("unit", "school"), ("c", "S2")]})
    locked = explained(solved(Problem.read(folder)), "c")
    assert locked.next[0].forbids == ("lock",)
    assert "c is locked to S2." in [str(sentence) for sentence in reasons(locked, {}, {})]


def test_a_broken_zone_and_a_long_walk_are_named(tmp_path: Path) -> None:
    plan = line_plan(tmp_path, "[limits]\nwalk_metres = 150\n")
    option = explained(plan, "c").next[0]
    assert option.forbids == ("walk",)
    assert option.alone is not None
    assert [item.kind for item in option.alone.breaks] == ["walk"]
    moved = plan.move(["b", "c"], "S2")
    broken = explained(moved, "c").next[0].alone
    assert broken is not None
    assert {item.kind for item in broken.breaks} == {"walk", "loose"} | ({"parts"} & {i.kind for i in broken.breaks})


def test_the_plan_s_own_school_is_the_measure_of_the_others(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, grid(5, 4, 3), LIMITED))
    plan = solved(problem)
    for unit in problem.units:
        found = explain(plan, unit, Measure(problem), detailed=0, anew=False)
        assert (found.own.extra, found.own.farther) == (0, 0)
        assert [option.extra for option in found.options] == sorted(option.extra for option in found.options)


def test_without_walks_there_are_no_metres(tmp_path: Path) -> None:
    plan = line_plan(tmp_path, "[weights]\nbalance = 1\n")
    found = explained(plan, "b")
    assert [(option.walk, option.seat, option.together) for option in found.options] == [(None, None, None)] * 2
    assert reasons(found, {}, {})
    assert objections(found, found.next[0], {}, {})


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZoningInputError, match="no unit “x”"):
        explained(line_plan(tmp_path), "x")


def test_the_command_explains(cli: FlaskCliRunner, tmp_path: Path) -> None:
    line_plan(tmp_path / "problem").write(tmp_path / "plan")
    args = ["zoning", "explain", str(tmp_path / "problem"), str(tmp_path / "plan"), "b"]
    told = cli.invoke(args=args)
    assert told.exit_code == 0, told.output
    assert "price of a seat" in told.output
    assert "S1 has 20 children, 5 more than its limit of 15." in told.output
    found = json.loads(cli.invoke(args=[*args, "--json"]).stdout)
    assert {option["school"] for option in found["options"]} == {"S1", "S2"}
    assert found["objective"] == pytest.approx(3000 / 35000)
