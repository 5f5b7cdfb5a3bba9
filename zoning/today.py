"""Today's map as a plan, and two plans side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoning.errors import ZoningInputError
from zoning.graph import IntArray
from zoning.plan import Plan
from zoning.problem import NOWHERE, Problem
from zoning.relax import relax


def todays_plan(problem: Problem) -> Plan:
    """Today's zones as a plan, with the certificate of the problem's relaxation so that its gap can be read.

    A unit with several current schools goes to the nearest of them. A unit without an open one goes to the nearest
    school among the zones next to it (filled from the edges inwards), and where no zone is near, to the nearest school
    of all; near is by walk, and by the fixed order of schools where walks are unknown. Own units and locks are left
    as today's map has them, so that what breaks them is seen.

    Raises:
        ZoningInputError: the problem has no current.csv.
    """
    if problem.current is None:
        raise ZoningInputError("The problem has no current.csv, so there is no current map.")
    choice = _nearest_current(problem, problem.current)
    _fill(problem, choice)
    return Plan.of(problem, choice, relax(problem).certificate, run={"made_by": "current map"})


def _walks(problem: Problem) -> np.ndarray[Any, np.dtype[np.float64]]:
    if problem.walks is not None:
        return problem.walks
    return np.tile(np.arange(len(problem.targets), dtype=np.float64), (len(problem.units), 1))


def _nearest_current(problem: Problem, current: np.ndarray[Any, np.dtype[np.bool_]]) -> IntArray:
    nearest = np.where(current, _walks(problem), np.inf).argmin(axis=1)
    return np.where(current.any(axis=1), nearest, NOWHERE).astype(np.int64)


def _fill(problem: Problem, choice: IntArray) -> None:
    """Give units at `NOWHERE` a school, ring by ring, in place."""
    graph, walks = problem.graph, _walks(problem)
    empty = np.flatnonzero(choice == NOWHERE).tolist()
    while empty:
        before = choice.copy()
        for unit in empty:
            beside = before[graph.neighbour[graph.start[unit] : graph.start[unit + 1]]]
            beside = np.unique(beside[beside != NOWHERE])
            if len(beside):
                choice[unit] = beside[walks[unit, beside].argmin()]
        left = [unit for unit in empty if choice[unit] == NOWHERE]
        if len(left) == len(empty):
            choice[left] = walks[left].argmin(axis=1)
            return
        empty = left


def compare(problem: Problem, plans: dict[str, Plan]) -> dict[str, Any]:
    """Mean walk, worst utilisation, children beyond limits of each plan; share of children whose school differs.

    `plans` holds two plans by name; `moved_share` is the share of demand at another school in the second, and
    `current_moved_share` of each plan is the share that leaves today's school.
    """
    first, second = plans.values()
    differs = first.choice != second.choice
    return {
        "plans": {name: _summary(plan) for name, plan in plans.items()},
        "distance_unit": problem.policy.distance_unit,
        "moved_share": float(np.sum(problem.demand[differs])) * problem.per_child,
        "moved_units": int(np.sum(differs)),
    }


def _summary(plan: Plan) -> dict[str, Any]:
    figures, demand = plan.figures, plan.problem.demand
    report = plan.report()
    farthest = [school.max_walk for school in figures.schools if school.max_walk is not None]
    return {
        "fingerprint": plan.fingerprint,
        "objective": figures.objective,
        "gap": report["gap"],
        "feasible": figures.feasible,
        "children_beyond_limits": figures.violation,
        "contiguous": figures.contiguous,
        "parts": sum(school.parts for school in figures.schools),
        "mean_walk": figures.mean_walk,
        "longest_walk": max(farthest, default=None),
        "lowest_utilisation": min(school.utilisation for school in figures.schools),
        "worst_utilisation": figures.worst_utilisation,
        "current_moved_share": figures.terms["change"],
        "children": float(np.sum(demand)),
    }
