"""The exact finish of small problems: a plan that nothing beats, proved by branch and cut (HiGHS through SciPy).

First the fewest violated children, then the least objective among such plans. Contiguity enters as cuts, only those
that an answer broke. The proof is the solver's: whoever checks a plan still recomputes its certificate alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from zoning.bound import arc_prices, lower_bound
from zoning.certificate import Certificate
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray, IntArray
from zoning.improve import Best, judged
from zoning.measure import TOLERANCE, Measure
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.programme import Programme
from zoning.separators import Cut, broken_cuts, first_cuts

DEFAULT_SECONDS = 300.0
SOLVER = f"HiGHS (SciPy {scipy.__version__})"
_GAP = 1e-7  # of the objective: what two optima may differ by
_SCALE = 1e4  # the solver sees the objective as this number, so that its absolute tolerances are small beside it
_OPTIMAL, _LIMIT, _INFEASIBLE = 0, 1, 2
Progress = Callable[[str, int, int], None]
Clock = Callable[[], float]


@dataclass(frozen=True, eq=False)
class Proof:
    """The best assignment known, the solver's bounds on violated children and on the objective (None: not reached).

    `optimal`: nothing has fewer violated children, and nothing with as few has a lower objective.
    """

    best: Best
    optimal: bool
    violation_bound: float
    bound: float | None
    rounds: int
    cuts: int

    def notes(self) -> dict[str, Any]:
        """What `run.exact` of a report says."""
        return {
            "optimal": self.optimal,
            "bound": self.bound,
            "violation_bound": self.violation_bound,
            "solver": SOLVER,
            "rounds": self.rounds,
            "cuts": self.cuts,
        }


@dataclass(frozen=True)
class Limits:
    """When to give up: after so many seconds, or so many nodes of each search, which are the same on every machine."""

    seconds: float | None = DEFAULT_SECONDS
    nodes: int | None = None


def finished(plan: Plan, limits: Limits, clock: Clock, progress: Progress) -> Plan:
    """The optimal plan if it is proved within the limits, else the best so far; `run.exact` tells which, and the bound.

    Ctrl-C ends it as a limit does, once the solver's present step is over.

    Raises:
        ZoningInputError: compactness is weighed.
    """
    proof = prove(plan, limits, clock, progress)
    run = {**plan.run, "exact": proof.notes()}
    conflict = plan.conflict if proof.best.violation > TOLERANCE else ()
    return Plan.of(plan.problem, proof.best.choice, plan.certificate, parent=plan.parent, run=run, conflict=conflict)


def prove(plan: Plan, limits: Limits, clock: Clock, progress: Progress) -> Proof:
    """Search for anything better than the plan until nothing is left, or a limit is reached.

    Raises:
        ZoningInputError: compactness is weighed.
    """
    refuse_unprovable(plan.problem)
    search = _Search(Measure(plan.problem), limits, clock, progress)
    best, fewest, bound, optimal = judged(search.measure, plan.choice), 0.0, None, False
    try:
        best, fewest, optimal = search.fewest_violated(best)
        if optimal:
            best, bound, optimal = search.least_objective(best, plan.certificate)
    except KeyboardInterrupt:
        optimal = False
    return Proof(best, optimal, fewest, bound, search.rounds, len(search.cuts))


def refuse_unprovable(problem: Problem) -> None:
    """Refuse what is not linear.

    Raises:
        ZoningInputError: compactness is weighed.
    """
    if problem.policy.weights["compactness"] > 0:
        raise ZoningInputError(
            "Compactness is not linear, so that no optimum can be proved: set its weight to 0 in policy.toml, "
            "or solve without --exact."
        )


class _Search:
    """Branch and cut with the cuts found so far, which hold in either phase."""

    def __init__(self, measure: Measure, limits: Limits, clock: Clock, progress: Progress) -> None:
        self.measure = measure
        self.limits = limits
        self.clock = clock
        self.progress = progress
        self.begun = clock()
        self.rounds = 0
        self.contiguous = measure.problem.policy.contiguous
        self.cuts: list[Cut] = first_cuts(measure.rule) if self.contiguous else []

    def fewest_violated(self, best: Best) -> tuple[Best, float, bool]:
        """The best with the fewest violated children, the solver's bound on them, and whether that is proved."""
        if best.violation <= TOLERANCE:
            return best, 0.0, True
        programme = Programme.of(self.measure.problem)
        choice, bound, done = self._minimise(programme, programme.violation, best.violation - TOLERANCE)
        return self._better(best, choice), max(0.0, min(bound, best.violation)), done

    def least_objective(self, best: Best, certificate: Certificate) -> tuple[Best, float, bool]:
        """The best with as few violated children and the least objective, the bound on it, and whether it is proved."""
        problem = self.measure.problem
        known = lower_bound(problem, certificate) if best.violation <= TOLERANCE else 0.0
        close = best.objective - _GAP * abs(best.objective)
        if known >= close:
            return best, min(known, best.objective), True
        scale = _SCALE / best.objective
        if best.violation <= TOLERANCE:
            programme = Programme.of(problem, _useful(best, certificate, self.measure), violated=0.0)
        else:
            programme = Programme.of(problem, violated=best.violation)
        choice, bound, done = self._minimise(programme, programme.objective * scale, close * scale)
        found = self._better(best, choice)
        bound = min(max(bound / scale, known), found.objective)
        return found, found.objective if done else bound, done

    def _better(self, best: Best, choice: IntArray | None) -> Best:
        found = best if choice is None else judged(self.measure, choice)
        return found if found.better_than(best) else best

    def _minimise(self, programme: Programme, goal: FloatArray, enough: float) -> tuple[IntArray | None, float, bool]:
        """The least `goal`: an assignment that reaches it, the solver's bound, and whether the search came to its end.

        None for an assignment: the search ended because nothing is below `enough`, or at a limit.
        """
        bound = -np.inf
        while True:
            self.rounds += 1
            self.progress("proof", self.rounds, self.rounds + 1)
            found = self._solve(programme, goal)
            if found is None or found.status not in (_OPTIMAL, _INFEASIBLE):
                bound = bound if found is None or found.mip_dual_bound is None else max(bound, found.mip_dual_bound)
                return None, bound, bound >= enough
            if found.status == _INFEASIBLE:
                return None, enough, True
            bound = max(bound, float(found.mip_dual_bound))
            if bound >= enough:
                return None, bound, True
            choice = programme.choice(found.x)
            broken = broken_cuts(self.measure.rule, choice) if self.contiguous else []
            if not broken:
                return choice, bound, True
            self.cuts += broken

    def _solve(self, programme: Programme, goal: FloatArray) -> OptimizeResult | None:
        """One search by the solver; None when no time is left for it."""
        options: dict[str, float] = {"mip_rel_gap": _GAP}
        if self.limits.seconds is not None:
            options["time_limit"] = self.begun + self.limits.seconds - self.clock()
            if options["time_limit"] <= 0:
                return None
        if self.limits.nodes is not None:
            options["node_limit"] = self.limits.nodes
        rows, low, high = programme.rows(self.cuts)
        return milp(
            goal,
            integrality=programme.integrality,
            bounds=Bounds(0.0, programme.most),
            constraints=LinearConstraint(rows, low, high),
            options=options,
        )


def _useful(best: Best, certificate: Certificate, measure: Measure) -> np.ndarray:
    """U×S: arcs that a better plan may use: with any other, the prices alone prove that it is no better."""
    problem = measure.problem
    cost = arc_prices(problem, certificate)
    extra = cost - np.where(problem.allowed, cost, np.inf).min(axis=1, keepdims=True)
    room = best.objective - lower_bound(problem, certificate)
    return np.asarray(extra <= room + 1e-9 * abs(best.objective), dtype=bool)
