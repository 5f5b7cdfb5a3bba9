"""Rounds of annealing from the best assignment: the number of a round gives its length and its temperatures.

The chains of a round run side by side, each from the best so far with random numbers of its own; the best one wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoning import kernel
from zoning.bound import arc_cost, group_excess
from zoning.graph import FloatArray, Graph, IntArray
from zoning.kernel import Field, State
from zoning.measure import TOLERANCE, Measure
from zoning.problem import Problem
from zoning.relax import Relaxation

PASSES = 250  # proposals per unit that cool, in each of the first rounds
_DOUBLED_AFTER = 4  # rounds, until there are
_MOST_DOUBLINGS = 6  # of them
COLD_PASSES = 40  # and that only go downhill, with limits nearly hard
CHAINS = 2  # of each round, whatever the number of cores
_SLICE = 2_000_000  # proposals, after which a round tells how far it is
_HOT = (0.1, 0.05, 0.1, 0.025)  # first temperature of each round, in typical changes
_COLD = 0.002  # the last
_HOT_UNPRICED = (0.12, 0.25, 0.5, 0.06)  # the same where balance, composition or shape is weighed
_COLD_UNPRICED = 0.003
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


class Search:
    """Rounds of improvement, one after the other. What a round does follows from the arguments and its number alone.

    `best` is the best assignment so far, `number` counts the rounds done.
    """

    def __init__(self, measure: Measure, relaxation: Relaxation, first: Best, seed: int) -> None:
        self.measure, self.best, self.seed, self.number = measure, first, seed, 0
        self._field = field_of(measure, relaxation)
        self._price = relaxation.certificate.school
        self._stiffness = 1.0

    @property
    def proposals(self) -> int:
        """How many proposals each chain of the next round makes: what its duration is in proportion to."""
        return len(self.measure.problem.units) * (_passes(self.number) + COLD_PASSES)

    def round(self) -> Iterator[float]:
        """Run the next round; yields the share of it that is done from time to time, and at its end has a new `best`.

        Whoever leaves off before the end leaves the search as it was.
        """
        with ThreadPoolExecutor(CHAINS) as pool:
            chains = [self._chain(chain) for chain in range(CHAINS)]
            shares = [0.0]
            while shares:
                yield min(shares)
                shares = [share for share in pool.map(lambda chain: next(chain[1], None), chains) if share is not None]
        found = [judged(self.measure, state.choice) for state, _ in chains]
        winner = 0
        for chain in range(1, CHAINS):
            winner = chain if found[chain].better_than(found[winner]) else winner
        self.best = found[winner] if found[winner].better_than(self.best) else self.best
        # Limits that a round could not meet cost more in the next.
        self._stiffness = min(self._stiffness * 3.0, 1e3) if self.best.violation > TOLERANCE else 1.0
        self._price = chains[winner][0].price
        self.number += 1

    def _chain(self, chain: int) -> tuple[State, Iterator[float]]:
        """A chain of this round from the best assignment: its state, and its work slice by slice."""
        state = state_of(self.measure.problem, self._field, self.best.choice, self._price)
        number = self.number * CHAINS + chain
        start = (self.seed * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9 + 1) % 2**64 or 1
        margin = _MARGIN[self.best.violation <= TOLERANCE]
        cooling, cold = _schedule(self._field, state, self.number, self._stiffness, margin)
        return state, _run(self._field, state, cooling, cold, np.array([start], np.uint64))


def _run(
    field: Field, state: State, cooling: FloatArray, cold: FloatArray, generator: NDArray[np.uint64]
) -> Iterator[float]:
    """Anneal, then settle; yields the share of passes done after each slice of them."""
    passes = max(1, _SLICE // len(field.demand))
    for at in range(0, len(cooling), passes):
        kernel.anneal(field, state, cooling[at : at + passes], generator)
        yield min(1.0, (at + passes) / len(cooling))
    kernel.anneal(field, state, cold, generator)
    for _ in range(_SETTLINGS if field.contiguous else 0):
        if kernel.settle(field, state, cold[0, 2]) == 0:
            break
        kernel.anneal(field, state, cold[:2], generator)


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
    nowhere = np.zeros((0, len(problem.targets)), dtype=bool)
    anchors = measure.rule.anchors.copy()
    anchors[:, measure.rule.free] = False
    nothing = np.zeros(units)
    cost = arc_cost(problem)
    cost *= problem.demand[:, None]
    return Field(
        start=graph.start,
        neighbour=graph.neighbour,
        end=np.repeat(np.arange(units), np.diff(graph.start)),
        back=_back(graph),
        edge_border=_or_zeros(problem.border, len(problem.edges))[graph.edge],
        demand=problem.demand,
        excess=group_excess(problem),
        area=nothing if problem.area is None else problem.area,
        perimeter=nothing if problem.perimeter is None else problem.perimeter,
        cost=cost,
        change_price=relaxation.certificate.change * problem.per_child,
        seats=problem.capacity,
        least=low * problem.capacity,
        most=np.minimum(high * problem.capacity, 2.0 * problem.total + 1.0),
        budget=(1.0 if policy.change_share is None else policy.change_share) * problem.total,
        far=nowhere if problem.walks is None or policy.walk_metres is None else problem.walks > policy.walk_metres,
        moved=problem.moved if problem.moved.any() else nowhere,
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
    moved = np.sum(problem.demand[problem.moved[np.arange(units), choice]]) if len(field.moved) else 0.0
    state = State(
        choice=choice.copy(),
        price=price.copy(),
        load=sums(field.demand),
        tilt=tilt,
        area=sums(field.area),
        outline=sums(field.perimeter) - 2.0 * shared,
        moved=np.array([moved]),
        margin=np.zeros(2),
        across=np.zeros(len(field.end), dtype=np.int64),
        place=np.zeros(len(field.end), dtype=np.int64),
        stamp=np.zeros(units, dtype=np.int64),
        queue=np.zeros(units, dtype=np.int64),
        label=np.zeros((5, int(np.diff(field.start).max(initial=0)) + 1), dtype=np.int64),
        counter=np.array([1, 0]),
    )
    kernel.note_edges(field, state)
    return state


def _back(graph: Graph) -> IntArray:
    """Where each place of `neighbour` has its edge's other end."""
    order = np.argsort(graph.edge, kind="stable")
    back = np.empty_like(order)
    back[order[0::2]], back[order[1::2]] = order[1::2], order[0::2]
    return back


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
    heats, last = (_HOT, _COLD) if priced else (_HOT_UNPRICED, _COLD_UNPRICED)
    first, passes = heats[number % len(heats)], _passes(number)
    change = kernel.typical_change(field, state, priced)
    per_child = change / max(float(np.mean(field.demand)), 1e-12)
    if change <= 0.0:
        change = per_child = 1.0
    along = np.linspace(0.0, 1.0, passes)
    cooling = np.stack(
        [
            change * first * (last / first) ** along,
            np.full(passes, priced),
            per_child * stiffness * 10.0**along,
            np.full(passes, per_child * _PRICE_STEP),
            *(np.full(passes, inside) for inside in _margins(field, margin)),
        ],
        axis=1,
    )
    cold = np.tile([0.0, 0.0, per_child * stiffness * _STRICT, 0.0, 0.0, 0.0], (COLD_PASSES, 1))
    return cooling, cold


def _passes(number: int) -> int:
    """How long a round cools: the later, the longer, so that much time is not spent on many short rounds."""
    return PASSES << min(number // _DOUBLED_AFTER, _MOST_DOUBLINGS)


def _margins(field: Field, units: float) -> tuple[float, float]:
    """Children inside the upper and the lower limits to aim at: some units' worth, at most half of what is spare."""
    populated = field.demand[field.demand > 0]
    unit = units * float(np.mean(populated)) if len(populated) else 0.0
    total, targets = float(np.sum(populated)), len(field.seats)
    above = 0.5 * (float(np.sum(field.most)) - total) / targets
    below = 0.5 * (total - float(np.sum(field.least))) / targets if field.least.any() else 0.0
    return max(0.0, min(unit, above)), max(0.0, min(unit, below))
