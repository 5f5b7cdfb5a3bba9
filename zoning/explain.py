"""Why a unit goes to its school and not to the next: prices, what would break, and what no rearrangement can undo."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from zoning.bound import arc_prices, lower_bound
from zoning.editing import cut_by_barriers, without_barriers
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray
from zoning.measure import TOLERANCE, Measure, Violation
from zoning.plan import Plan
from zoning.problem import NOWHERE, Problem
from zoning.relax import relax

DETAILED = 4
"""Schools for which a move of the unit alone is measured and the bound is made anew: its own and the next ones."""


@dataclass(frozen=True)
class Alone:
    """The unit goes to a school and nothing else changes.

    `change` of the objective; `breaks`, what that breaks beyond what the plan breaks already; `cut`, schools whose
    zone breaks at a barrier alone.
    """

    change: float
    breaks: tuple[Violation, ...]
    cut: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """One school for the unit, set against the plan's school.

    In the problem's walk unit for each child, None where walks are unknown or not weighed: `walk`; `farther` than the
    plan's school; `seat`, λ, what one more child at the school costs the city; `moving`, the price of a change of
    school; `together`, all of it beyond the plan's school. In the objective: `seat_price` (λ, a child), `extra` (the
    whole unit, beyond the plan's school). `bound`: no plan that holds every limit with the unit at this school has an
    objective below it; None where own unit or lock forbids the school. `limits_fail`: with the unit there the limits
    cannot all hold, even if units might be split; None where that was not computed. `forbids`: own_unit, lock, walk.
    """

    school: str
    walk: float | None
    farther: float | None
    seat: float | None
    moving: float | None
    together: float | None
    seat_price: float
    extra: float
    bound: float | None
    limits_fail: bool | None
    forbids: tuple[str, ...]
    alone: Alone | None


@dataclass(frozen=True)
class Explanation:
    """A unit of a plan; `options` are all open schools, the least `extra` first."""

    unit: str
    school: str
    children: float
    distance_unit: str
    objective: float
    lower_bound: float
    feasible: bool
    options: tuple[Option, ...]

    @property
    def own(self) -> Option:
        """The school to which the plan gives the unit."""
        return next(option for option in self.options if option.school == self.school)

    @property
    def next(self) -> tuple[Option, ...]:
        """The other schools that were looked at in detail."""
        return tuple(option for option in self.options if option.alone is not None and option.school != self.school)

    def document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def explain(plan: Plan, unit: str, measure: Measure, detailed: int = DETAILED, anew: bool = True) -> Explanation:
    """Explain where `plan` sends `unit`; `measure` is of the plan's problem.

    The first `detailed` schools by `extra` (beside the plan's own) are tried out. With the unit locked to one, the
    bound of the plan's certificate rises by the difference of the unit's brackets, as only its minimum changes;
    `anew` solves the relaxation with that lock too and takes the better of both bounds.

    Raises:
        ZoningInputError: the plan has no such unit.
    """
    problem = plan.problem
    if unit not in problem.unit_index:
        raise ZoningInputError("There is no unit “%(unit)s” in this problem.", unit=unit)
    at, here = problem.unit_index[unit], problem.target_index[plan.assignment[unit]]
    bracket = arc_prices(problem, plan.certificate)[at]
    extra = bracket - bracket[here]
    order = sorted(range(len(problem.targets)), key=lambda target: (extra[target], target != here, target))
    close = {here, *[target for target in order if target != here][:detailed]}
    bound = plan.lower_bound + bracket - np.min(bracket[problem.allowed[at]])
    seen = _Seen(plan, measure, at, here, extra, np.asarray(bound), anew)
    return Explanation(
        unit=unit,
        school=plan.assignment[unit],
        children=float(problem.demand[at]),
        distance_unit=problem.policy.distance_unit,
        objective=plan.figures.objective,
        lower_bound=plan.lower_bound,
        feasible=plan.figures.feasible,
        options=tuple(seen.option(target, target in close) for target in order),
    )


def with_lock(problem: Problem, unit: int, target: int) -> Problem:
    """The problem in which one unit more is locked."""
    locked = problem.locked.copy()
    locked[unit] = target
    return replace(problem, locked=locked)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the options of one unit share: its number, that of its school, extra cost and bound for each target (S)."""

    plan: Plan
    measure: Measure
    unit: int
    here: int
    extra: FloatArray
    bound: FloatArray
    anew: bool

    def option(self, target: int, close: bool) -> Option:
        problem, unit = self.plan.problem, self.unit
        walk = None if problem.walks is None else float(problem.walks[unit, target])
        own_walk = None if problem.walks is None else float(problem.walks[unit, self.here])
        price, children = float(self.plan.certificate.school[target]), float(problem.demand[unit])
        bound, fails = self._bound(target, close)
        return Option(
            school=problem.targets[target],
            walk=walk,
            farther=None if walk is None or own_walk is None else walk - own_walk,
            seat=self._in_walk(price),
            moving=self._in_walk(self._moving(target)),
            together=self._in_walk(float(self.extra[target]) / children) if children > 0 else None,
            seat_price=price,
            extra=float(self.extra[target]),
            bound=bound,
            limits_fail=fails,
            forbids=self._forbids(target),
            alone=self._alone(target) if close else None,
        )

    def _in_walk(self, price: float) -> float | None:
        """An amount of the objective for each child, as the walk of that child that would cost as much."""
        problem = self.plan.problem
        weight = problem.policy.weights["distance"] * problem.per_child / 1000.0
        return price / weight if weight > 0 and problem.walks is not None else None

    def _moving(self, target: int) -> float:
        problem = self.plan.problem
        if not problem.moved[self.unit, target]:
            return 0.0
        return (problem.policy.weights["change"] + self.plan.certificate.change) * problem.per_child

    def _forbids(self, target: int) -> tuple[str, ...]:
        problem, unit = self.plan.problem, self.unit
        limit = problem.policy.walk_metres
        far = limit is not None and problem.walks is not None and problem.demand[unit] > 0
        checks = (
            ("own_unit", problem.owner[unit] not in (NOWHERE, target)),
            ("lock", problem.locked[unit] not in (NOWHERE, target)),
            ("walk", far and problem.walks is not None and problem.walks[unit, target] > (limit or 0.0)),
        )
        return tuple(name for name, forbidden in checks if forbidden)

    def _bound(self, target: int, close: bool) -> tuple[float | None, bool | None]:
        problem = self.plan.problem
        if problem.fixed[self.unit] not in (NOWHERE, target):
            return None, None
        bound = float(self.bound[target])
        if not (close and self.anew):
            return bound, None
        locked = with_lock(problem, self.unit, target)
        found = relax(locked)
        return max(bound, lower_bound(locked, found.certificate)), found.violation > 1e-6 * max(
            1.0, problem.total / 1e3
        )

    def _alone(self, target: int) -> Alone:
        before, measure = self.plan.figures, self.measure
        if target == self.here:
            return Alone(0.0, (), ())
        choice = self.plan.choice.copy()
        choice[self.unit] = target
        after = measure.figures(choice)
        known = {_key(found): found for found in before.violations}
        worse = tuple(found for found in after.violations if _is_worse(found, known.get(_key(found))))
        cut = cut_by_barriers(choice, worse, without_barriers(measure))
        return Alone(after.objective - before.objective, worse, tuple(sorted(cut)))


def _key(found: Violation) -> tuple[str, str | None, str | None]:
    """What makes two violations the same one: the unit at which a zone breaks may differ."""
    return found.kind, found.school, None if found.kind in ("parts", "loose") else found.unit


def _is_worse(found: Violation, before: Violation | None) -> bool:
    if before is None:
        return True
    return found.children > before.children + TOLERANCE or (found.hard and (found.found or 0) > (before.found or 0))
