"""A hand edit of 20 units on 20,000 units × 100 schools: figures and broken rules, beside a full measurement.

One JSON line: seconds of the move (the median of several), the bar, whether it is met, the ratio to the full
measurement of the same plan, and the seconds of the planner's page's try-out, which also looks for what heals.
`python -m benchmarks.zoning_edit`.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.zoning_cases import synthetic
from zoning.editing import try_out
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.relax import relax
from zoning.rounding import first_assignments

UNITS, SCHOOLS, MOVED, BAR_SECONDS, TIMES = 20_000, 100, 20, 0.020, 9


def seconds(work: Callable[[], Any]) -> float:
    """The median wall seconds of `TIMES` runs."""
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def border_units(plan: Plan) -> tuple[list[str], str]:
    """`MOVED` units of one zone that lie nearest to a zone beside it, and the school of that zone."""
    problem, choice = plan.problem, plan.choice
    one, other = next(pair for pair in problem.edges.tolist() if choice[pair[0]] != choice[pair[1]])
    source, target = choice[one], choice[other]
    assert problem.walks is not None
    members = np.flatnonzero((choice == source) & (problem.owner < 0))
    nearest = members[np.argsort(problem.walks[members, target], kind="stable")[:MOVED]]
    return [problem.units[unit] for unit in nearest], problem.targets[target]


def main() -> None:
    """Print the case."""
    problem = synthetic(UNITS, SCHOOLS)
    measure, relaxation = Measure(problem), relax(problem)
    plan = Plan.of(problem, first_assignments(measure.rule, relaxation)[0], relaxation.certificate)
    units, school = border_units(plan)
    moved = plan.move(units, school)  # what the page holds: the plan measured once
    assert moved.figures == measure.figures(moved.choice)
    edit = seconds(lambda: plan.move(units, school).figures)
    full = seconds(lambda: measure.figures(moved.choice))
    heal = seconds(lambda: try_out(plan, dict.fromkeys(units, school)))
    line = {
        "benchmark": "zoning_edit",
        "case": f"{MOVED} units moved, {UNITS} x {SCHOOLS}",
        "seconds": round(edit, 4),
        "bar_seconds": BAR_SECONDS,
        "met": edit <= BAR_SECONDS,
        "full_seconds": round(full, 4),
        "ratio": round(full / edit, 1),
        "with_suggestions_seconds": round(heal, 4),
        "suggestions": len(try_out(plan, dict.fromkeys(units, school)).heals),
    }
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
