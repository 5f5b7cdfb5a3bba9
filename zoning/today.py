"""Today's map as a plan."""

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
