"""The relaxation: units may be split, contiguity is dropped. Gives the start of a plan and its certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from zoning import flow, linear
from zoning.bound import arc_cost, lower_bound
from zoning.certificate import Certificate
from zoning.graph import FloatArray, IntArray
from zoning.problem import NOWHERE, Problem

_COST_STEPS = 1 << 27  # whole steps in the range of costs: a rounding of 1e-8 of the dearest arc
_LOAD_STEPS = 1 << 32  # whole steps in all children
_BUDGET_STEPS = 16
_UNIT = 4  # what one violated child costs where nothing else does


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Split assignment (unit, target, share of the unit), certificate, and the children that no split can satisfy.

    `conflict` names a small set of limits that cannot hold together; empty when all can.
    """

    unit: IntArray
    target: IntArray
    share: FloatArray
    certificate: Certificate
    violation: float
    conflict: tuple[dict[str, Any], ...] = ()


def relax(problem: Problem) -> Relaxation:
    """Solve the relaxation: a min-cost flow, or a linear programme (HiGHS) where composition is weighed."""
    if problem.total == 0:
        nobody = np.zeros(0, dtype=np.int64)
        return Relaxation(nobody, nobody, np.zeros(0), Certificate.zero(problem), 0.0)
    if problem.policy.weights["composition"] > 0:
        split = linear.solve(problem)
        found = Relaxation(split.unit, split.target, split.share, split.certificate, split.violation)
    else:
        found = _within_budget(problem)
    found = replace(found, violation=found.violation + _out_of_reach(problem))
    if found.violation <= 1e-6 * max(1.0, problem.total / 1e3):
        return found
    return replace(found, conflict=_conflict(problem))


def _out_of_reach(problem: Problem) -> float:
    """Children whom no school open to their unit has within the walk limit."""
    limit = problem.policy.walk_metres
    if limit is None or problem.walks is None:
        return 0.0
    nearest = np.where(problem.allowed, problem.walks, np.inf).min(axis=1)
    return float(np.sum(problem.demand[nearest > limit]))


@dataclass(frozen=True)
class _Scale:
    """How floats become whole numbers: cost steps per unit of objective, load steps per child, penalty in steps."""

    cost: float
    load: float
    penalty: int

    @classmethod
    def of(cls, problem: Problem) -> _Scale:
        span = float(np.ptp(arc_cost(problem), axis=1).max())
        span += 2.0 * float((problem.policy.weights["balance"] / problem.capacity).max())
        steps = _COST_STEPS / span if span > 0 else 1.0
        # One violated child costs more than any chain of moves through all targets could save.
        return cls(steps, _LOAD_STEPS / problem.total, (len(problem.targets) + 2) * _COST_STEPS)

    @property
    def steepest_change(self) -> float:
        """The price of change, in objective per child, at which a moved child costs as much as a violated one."""
        return self.penalty / self.cost


def _within_budget(problem: Problem) -> Relaxation:
    """Find κ: the bound is concave in it, so tangents from both sides close in on the best."""
    scale = _Scale.of(problem)
    loose = _at_price(problem, scale, 0.0)
    share = problem.policy.change_share
    if share is None or _excess_change(problem, loose) <= 0:
        return loose
    tight = _at_price(problem, scale, scale.steepest_change * problem.total)
    beyond = _excess_change(problem, tight)
    if beyond > 0:
        return replace(tight, violation=tight.violation + beyond * problem.total)
    best = max(loose, tight, key=lambda found: _value(problem, found))
    for _ in range(_BUDGET_STEPS):
        kappa = _crossing(problem, loose, tight)
        if not loose.certificate.change < kappa < tight.certificate.change:
            break
        found = _at_price(problem, scale, kappa)
        gained = _value(problem, found) - _value(problem, best)
        best = found if gained > 0 else best
        loose, tight = (found, tight) if _excess_change(problem, found) > 0 else (loose, found)
    return Relaxation(tight.unit, tight.target, tight.share, best.certificate, tight.violation)


def _excess_change(problem: Problem, found: Relaxation) -> float:
    """Share of children moved above the budget: the slope of the bound in κ."""
    moved = found.share * problem.demand[found.unit] * problem.moved[found.unit, found.target]
    return float(np.sum(moved)) * problem.per_child - (problem.policy.change_share or 0.0) - 1e-9


def _value(problem: Problem, found: Relaxation) -> float:
    return lower_bound(problem, found.certificate)


def _crossing(problem: Problem, loose: Relaxation, tight: Relaxation) -> float:
    """Where the tangents at two prices meet."""
    a, b = loose.certificate.change, tight.certificate.change
    slope_a, slope_b = _excess_change(problem, loose), _excess_change(problem, tight)
    if slope_a - slope_b <= 0:
        return a
    return (_value(problem, tight) - _value(problem, loose) + slope_a * a - slope_b * b) / (slope_a - slope_b)


def _at_price(problem: Problem, scale: _Scale, kappa: float) -> Relaxation:
    """The optimum at one price of change; violated limits cost the penalty per child."""
    cost = arc_cost(problem) + kappa * problem.per_child * problem.moved
    cost = np.rint((cost - cost.min(axis=1, keepdims=True)) * scale.cost)
    tilt = np.rint(problem.policy.weights["balance"] / problem.capacity * scale.cost)
    network = _network(problem, scale, cost.astype(np.int64), tilt)
    split = flow.solve(network, 0, 3)
    certificate = Certificate(split.price / scale.cost, Certificate.zero(problem).group, kappa)
    return Relaxation(
        split.unit,
        split.target,
        split.amount / network.supply[split.unit],
        certificate,
        _violation(problem, split, network) / scale.load,
    )


def _network(problem: Problem, scale: _Scale, cost: IntArray, tilt: FloatArray) -> flow.Network:
    """Arcs, and the segments of each target's load: below the lower limit, up to its seats, up to the upper, above.

    `tilt` (S) is what a child below or above the seats changes the balance by, in steps.
    """
    supply = np.rint(problem.demand * scale.load).astype(np.int64)
    cost = cost + scale.penalty * ~problem.allowed
    fixed = problem.fixed != NOWHERE
    cost[fixed[:, None] & ~problem.allowed] = flow.FORBIDDEN
    low, high = problem.policy.utilisation or (0.0, np.inf)
    total = int(supply.sum())
    least = np.minimum(np.ceil(low * problem.capacity * scale.load), total)
    most = np.floor(np.minimum(high * problem.capacity, problem.total) * scale.load)
    most = np.where(high * problem.capacity >= problem.total, total, np.maximum(most, least))
    seats = np.clip(np.rint(problem.capacity * scale.load), least, most)
    ends = np.stack([np.zeros_like(least), least, seats, most, most + total])
    slope = np.stack([-tilt - scale.penalty, -tilt, tilt, tilt + scale.penalty])
    return flow.Network(supply, cost, np.diff(ends, axis=0).astype(np.int64), slope.astype(np.int64))


def _violation(problem: Problem, split: flow.Flow, network: flow.Network) -> float:
    """Load steps below the lower limit, above the upper one or on arcs beyond the walk limit."""
    ends = np.cumsum(network.room, axis=0)
    below = np.maximum(0, ends[0] - split.load)
    above = np.maximum(0, split.load - ends[2])
    far = split.amount[~problem.allowed[split.unit, split.target]]
    return float(below.sum() + above.sum() + far.sum())


def _conflict(problem: Problem) -> tuple[dict[str, Any], ...]:
    """Limits that cannot hold together, from the prices of the problem in which only violated children cost.

    A target with a positive price is in the conflict by its upper limit, one with a negative price by its lower
    limit. The walk limit and the budget of change are named if the rest could hold without them.
    """
    named: list[dict[str, Any]] = []
    split, _ = _fewest(problem, with_change=problem.policy.change_share is not None)
    for at in sorted(range(len(problem.targets)), key=problem.targets.__getitem__):
        if abs(split.price[at]) >= _UNIT // 2:
            kind = "above" if split.price[at] > 0 else "below"
            named.append({"kind": kind, "school": problem.targets[at]})
    if problem.policy.change_share is not None and _fewest(problem, with_change=False)[1] <= 1:
        named.append({"kind": "change", "school": None})
    everywhere = replace(problem, policy=replace(problem.policy, walk_metres=None))
    if problem.policy.walk_metres is not None and _fewest(everywhere, with_change=False)[1] <= 1:
        named.append({"kind": "walk", "school": None})
    return tuple(named)


def _fewest(problem: Problem, with_change: bool) -> tuple[flow.Flow, float]:
    """The split of least violation, and that violation in load steps."""
    scale = _Scale(1.0, _LOAD_STEPS / problem.total, _UNIT)
    cost = _UNIT * (problem.moved & with_change).astype(np.int64)
    network = _network(problem, scale, cost, np.zeros(len(problem.targets)))
    split = flow.solve(network, 0, 3)
    return split, _violation(problem, split, network) / len(problem.units)
