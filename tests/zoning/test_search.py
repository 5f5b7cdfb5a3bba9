"""The search: pieces that hang on a unit go along, the start is today's map where little may change, time is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.zoning.folders import LIMITED, Table, grid, nothing, solved, write
from zoning import kernel
from zoning.improve import field_of, state_of
from zoning.measure import Measure
from zoning.problem import Problem
from zoning.relax import relax
from zoning.solve import Budget, solve

COMB: dict[str, Table] = {
    "units": [("unit", "demand", "x", "y"), *((u, 10, 100 * at, 0) for at, u in enumerate("abcdefghi"))],
    "schools": [("school", "unit", "capacity"), ("S1", "a", 90), ("S2", "f", 60)],
    "adjacency": [("unit", "neighbour"), *(tuple(pair) for pair in ("ab", "bc", "bd", "de", "bf", "ag", "gh", "hi"))],
}
"""Of b, between the schools in a and f, hang c by itself and e behind d; g, h, i lie behind the first school."""


def test_what_hangs_on_a_unit_is_found_and_the_school_s_own_side_stays(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, COMB))
    relaxation = relax(problem)
    field = field_of(Measure(problem), relaxation)
    state = state_of(problem, field, np.array([0, 0, 0, 0, 0, 1, 0, 0, 0]), relaxation.certificate.school)
    b = problem.unit_index["b"]
    assert not kernel.may_leave(field, state, b)
    count = kernel.leave(field, state, b, 3)
    assert {problem.units[unit] for unit in state.queue[:count]} == {"c", "d", "e"}
    assert kernel.leave(field, state, b, 2) == -1
    assert kernel.leave(field, state, problem.unit_index["e"], 0) == 0


def test_with_no_change_allowed_the_search_begins_at_today_s_map(tmp_path: Path) -> None:
    current = [("unit", "school"), *((u, "S1") for u in "abcdeghi"), ("f", "S2")]
    problem = Problem.read(write(tmp_path, {**COMB, "current": current}, "[limits]\nchange_share = 0.0\n"))
    plan = solved(problem, effort=0)
    assert plan.figures.feasible
    assert plan.choice.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0]


def test_a_round_that_time_cuts_short_leaves_the_best_as_it_was(tmp_path: Path) -> None:
    problem = Problem.read(write(tmp_path, grid(9, 9, 5), LIMITED))
    late = solve(problem, 1, Budget(None, 1.0), iter([0.5, 2.0, 2.0]).__next__, nothing)
    assert late.run["effort"] == 0
    assert late.to_csv() == solved(problem, effort=0).to_csv()
