"""The transport bound against HiGHS on the same linear programme, and what the search makes of it.

One JSON line per case: seconds of the min-cost flow with its prices, seconds of HiGHS (scipy's linprog) over the same
schools, their ratio; then the gap of a solved plan and its seconds. `python -m benchmarks.zoning_transport`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks.zoning_cases import fairfax, synthetic
from tests.paths import REAL_DATA
from zoning import linear
from zoning.bound import lower_bound
from zoning.problem import Problem
from zoning.relax import relax
from zoning.solve import Budget, solve


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """A result and its wall seconds."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def measure(name: str, problem: Problem, peer: bool) -> dict[str, Any]:
    """One line of figures."""
    relaxation, seconds = timed(lambda: relax(problem))
    bound = lower_bound(problem, relaxation.certificate)
    line: dict[str, Any] = {
        "benchmark": "zoning_transport",
        "case": name,
        "units": len(problem.units),
        "schools": len(problem.targets),
        "bound": round(1000 * bound, 4),
        "bound_seconds": round(seconds, 3),
    }
    if peer:
        split, peer_seconds = timed(lambda: linear.solve(problem))
        line |= {"peer": "HiGHS", "peer_optimum": round(1000 * split.value, 4), "peer_seconds": round(peer_seconds, 3)}
        line["ratio"] = round(peer_seconds / seconds, 1)
    begun = time.perf_counter()
    plan = solve(problem, 1, Budget(None), lambda: time.perf_counter() - begun, lambda _step, _done, _total: None)
    return line | {
        "plan_seconds": round(time.perf_counter() - begun, 2),
        "gap_percent": round(100 * (plan.figures.objective / plan.lower_bound - 1), 3),
        "children_beyond_limits": round(plan.figures.violation, 2),
        "contiguous": plan.figures.contiguous,
    }


def main() -> None:
    """Print every case; the real one only where its data is."""
    small = synthetic(400, 8)
    solve(small, 1, Budget(1), lambda: 0.0, lambda _step, _done, _total: None)  # fills the cache of compiled code
    print(json.dumps(measure("synthetic 2000x36", synthetic(2000, 36), peer=True)), flush=True)
    print(json.dumps(measure("synthetic 5000x60", synthetic(5000, 60), peer=True)), flush=True)
    if (REAL_DATA / "fcps_blocks").is_dir():
        print(json.dumps(measure("fcps_blocks", fairfax(REAL_DATA / "fcps_blocks"), peer=False)), flush=True)


if __name__ == "__main__":
    main()
