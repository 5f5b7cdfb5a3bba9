"""Rounds of annealing from a first assignment: each round has a fixed length and a temperature of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from zoning import kernel
from zoning.bound import arc_cost, group_excess
from zoning.graph import FloatArray, IntArray
from zoning.kernel import Field, State
from zoning.measure import TOLERANCE, Measure
from zoning.problem import Problem
from zoning.relax import Relaxation

PASSES = 200  # proposals per unit that cool, in each round
COLD_PASSES = 40  # and that only go downhill, with limits nearly hard
_HOT = (0.1, 0.05, 0.1, 0.025)  # first temperature of each round, in typical changes; the last is 1/50 of it
_HOT_UNPRICED = (1.0, 0.5, 2.0, 0.25)  # where balance, composition or shape is weighed
_STRICT = 1000.0
_PRICE_STEP = 0.1
_MARGIN = (0.5, 0.05)  # units' worth of children inside the limits: until the limits hold, afterwards
_SETTLINGS = 10


@dataclass(frozen=True, eq=False)
class Best:
    """The best assignment so far: (violated children, objective) compare in this order."""

    choice: IntArray
    violation: float
    objective: float

    def better_than(self, other: Best) -> bool:
        """Fewer violated children, or as many and a lower objective."""
        if abs(self.violation - other.violation) > TOLERANCE:
            return self.violation < other.violation
        return self.objective < other.objective


def judged(measure: Measure, choice: IntArray) -> Best:
    """An assignment with its violation and objective."""
    violation = sum(violation.children for violation in measure.violations(choice))
    return Best(choice.copy(), float(violation), measure.objective(measure.terms(choice)))


def rounds(measure: Measure, relaxation: Relaxation, first: IntArray, seed: int) -> Iterator[Best]:
    """The best assignment after each further round, without end. The same arguments give the same sequence."""
    problem = measure.problem
    field = field_of(measure, relaxation)
    best = judged(measure, first)
    stiffness = 1.0
    number = 0
    price = relaxation.certificate.school
    while True:
        state = state_of(problem, field, best.choice, price)
        generator = np.array([(seed * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9 + 1) % 2**64 or 1], np.uint64)
        margin = _MARGIN[best.violation <= TOLERANCE]
        cooling, cold = _schedule(field, state, number, stiffness, margin)
        kernel.anneal(field, state, cooling, generator)
        kernel.anneal(field, state, cold, generator)
        if problem.policy.contiguous:
            for _ in range(_SETTLINGS):
                if kernel.settle(field, state, cold[0, 2]) == 0:
                    break
                kernel.anneal(field, state, cold[:2], generator)
        found = judged(measure, state.choice)
        best = found if found.better_than(best) else best
        # Limits that a round could not meet cost more in the next.
        stiffness = min(stiffness * 3.0, 1e3) if best.violation > TOLERANCE else 1.0
        price = state.price
        number += 1
        yield best


def tidied(measure: Measure, relaxation: Relaxation, best: Best) -> Best:
    """The same plan, units without children in the zone that they border most: no figure changes, the map reads better.

    Nothing is tidied where shape is weighed (then they count), borders are not given, or zones need not hang together.
    """
    problem = measure.problem
    if problem.policy.weights["compactness"] > 0 or problem.border is None or not problem.policy.contiguous:
        return best
    field = field_of(measure, relaxation)
    state = state_of(problem, field, best.choice, relaxation.certificate.school)
    kernel.tidy(field, state)
    found = judged(measure, state.choice)
    return best if best.better_than(found) else found


def field_of(measure: Measure, relaxation: Relaxation) -> Field:
    """The fixed arrays of a search."""
    problem, graph = measure.problem, measure.problem.graph
    policy, units = problem.policy, len(problem.units)
    low, high = policy.utilisation or (0.0, np.inf)
    anchors = measure.rule.anchors.copy()
    anchors[:, measure.rule.free] = False
    nothing = np.zeros(units)
    return Field(
        start=graph.start,
        neighbour=graph.neighbour,
        edge_border=_or_zeros(problem.border, len(problem.edges))[graph.edge],
        demand=problem.demand,
        excess=group_excess(problem),
        area=nothing if problem.area is None else problem.area,
        perimeter=nothing if problem.perimeter is None else problem.perimeter,
        cost=arc_cost(problem) * problem.demand[:, None],
        change_price=relaxation.certificate.change * problem.per_child,
        seats=problem.capacity,
        least=low * problem.capacity,
        most=np.minimum(high * problem.capacity, 2.0 * problem.total + 1.0),
        budget=(1.0 if policy.change_share is None else policy.change_share) * problem.total,
        far=_far(problem),
        moved=problem.moved,
        fixed=problem.fixed,
        anchors=anchors,
        contiguous=policy.contiguous,
        weights=np.array(
            [
                policy.weights["balance"],
                policy.weights["composition"] * problem.per_child,
                policy.weights["compactness"],
            ]
        ),
    )


def state_of(problem: Problem, field: Field, choice: IntArray, price: FloatArray) -> State:
    """The sums of an assignment, ready to be changed."""
    units, targets = len(problem.units), len(problem.targets)

    def sums(amount: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(choice, amount, targets), dtype=np.float64)

    tilt = np.array([sums(excess) for excess in field.excess]).reshape(len(field.excess), targets)
    inside = choice[problem.edges[:, 0]] == choice[problem.edges[:, 1]]
    border = _or_zeros(problem.border, len(problem.edges))
    shared = np.bincount(choice[problem.edges[inside, 0]], border[inside], targets)
    moved = np.sum(problem.demand[problem.moved[np.arange(units), choice]])
    return State(
        choice=choice.copy(),
        price=price.copy(),
        load=sums(field.demand),
        tilt=tilt,
        area=sums(field.area),
        outline=sums(field.perimeter) - 2.0 * shared,
        moved=np.array([moved]),
        margin=np.zeros(2),
        stamp=np.zeros(units, dtype=np.int64),
        queue=np.zeros(units, dtype=np.int64),
        counter=np.zeros(1, dtype=np.int64),
    )


def _far(problem: Problem) -> kernel.BoolArray:
    if problem.walks is None or problem.policy.walk_metres is None:
        return np.zeros((len(problem.units), len(problem.targets)), dtype=bool)
    return np.asarray(problem.walks > problem.policy.walk_metres, dtype=bool)


def _or_zeros(array: FloatArray | None, length: int) -> FloatArray:
    return np.zeros(length) if array is None else array


def _schedule(
    field: Field, state: State, number: int, stiffness: float, margin: float
) -> tuple[FloatArray, FloatArray]:
    """Rows of (temperature, priced, penalty per violated child, step of prices, margins) for a round: cooling, cold.

    While it cools, seats are priced: that steers children to free seats over many zones, where the true objective
    with a penalty makes the landscape rugged (measured: five times the gap). Prices follow the loads, because zones in
    one piece may need other prices than split units. Where balance, composition or shape is weighed the schools' own
    terms steer, and the true objective (priced 0) is searched throughout.
    """
    priced = 0.0 if field.weights.any() else 1.0
    hot = (_HOT if priced else _HOT_UNPRICED)[number % len(_HOT)]
    change = kernel.typical_change(field, state, priced)
    per_child = change / max(float(np.mean(field.demand)), 1e-12)
    if change <= 0.0:
        change = per_child = 1.0
    along = np.linspace(0.0, 1.0, PASSES)
    cooling = np.stack(
        [
            change * hot * 0.02**along,
            np.full(PASSES, priced),
            per_child * stiffness * 10.0**along,
            np.full(PASSES, per_child * _PRICE_STEP),
            *(np.full(PASSES, inside) for inside in _margins(field, margin)),
        ],
        axis=1,
    )
    cold = np.tile([0.0, 0.0, per_child * stiffness * _STRICT, 0.0, 0.0, 0.0], (COLD_PASSES, 1))
    return cooling, cold


def _margins(field: Field, units: float) -> tuple[float, float]:
    """Children inside the upper and the lower limits to aim at: some units' worth, at most half of what is spare."""
    populated = field.demand[field.demand > 0]
    unit = units * float(np.mean(populated)) if len(populated) else 0.0
    total, targets = float(np.sum(populated)), len(field.seats)
    above = 0.5 * (float(np.sum(field.most)) - total) / targets
    below = 0.5 * (total - float(np.sum(field.least))) / targets if field.least.any() else 0.0
    return max(0.0, min(unit, above)), max(0.0, min(unit, below))
