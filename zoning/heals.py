"""What heals a hand edit: a few further units to move, found beside what it broke, each tried before it is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from zoning.contiguity import Fault
from zoning.graph import FloatArray, Graph
from zoning.measure import TOLERANCE
from zoning.moves import Tally
from zoning.problem import NOWHERE, Problem

MOST = 3  # suggestions for one break


@dataclass(frozen=True)
class Heal:
    """Give `units` to `school` too, and what `source` (a school) breaks is mended or made less.

    `why`: "bridge", the units join a part of the zone of `school` to the rest of it; "along", they are cut off from the
    zone of `source`; "kept", `school` must have them; "seats", `source` is over its limit.
    """

    units: tuple[str, ...]
    school: str
    why: str
    source: str


def heals_of(before: Tally, after: Tally) -> list[Heal]:
    """Suggestions for what `after` breaks in the zones in which it differs from `before`, the best first in each.

    A broken zone: the fewest units that, given to one school, mend it without breaking another; among as few, those
    with the fewest children. Too many children: units on the border handed on to one neighbour with room, so that the
    least violation remains, then the least objective.
    """
    differs = before.choice != after.choice
    touched = set(before.choice[differs].tolist()) | set(after.choice[differs].tolist())
    found = _kept(after)
    for fault in after.faults:
        if fault.target in touched:
            found += _joined(after, fault)
    for target in sorted(touched):
        found += _relieved(after, target)
    return list({(heal.units, heal.school): heal for heal in reversed(found)}.values())[::-1]


def _kept(after: Tally) -> list[Heal]:
    problem = after.measure.problem
    lost = np.flatnonzero((problem.fixed != NOWHERE) & (problem.fixed != after.choice))
    return [
        _heal(problem, lost[problem.fixed[lost] == target].tolist(), int(target), "kept", int(target))
        for target in np.unique(problem.fixed[lost])
    ]


def _joined(after: Tally, fault: Fault) -> list[Heal]:
    """Ways to mend one zone: a bridge to its cut-off part, or the part goes to a zone beside it."""
    problem, target = after.measure.problem, fault.target
    part = next(part for part in after.parts if part.target == target and part.units[0] == fault.unit)
    options = [(_bridge(after, set(part.units), target), target, "bridge")]
    if (problem.fixed[list(part.units)] == NOWHERE).all():
        options += [(list(part.units), other, "along") for other in _beside(after, part.units, target)]
    tried = []
    for units, school, why in options:
        if units and len(after.moved(dict.fromkeys(units, school)).faults) < len(after.faults):
            children = float(problem.demand[units].sum())
            tried.append((len(units), children, _heal(problem, units, school, why, target)))
    return [heal for _, _, heal in sorted(tried, key=lambda row: (row[0], row[1], row[2].school))][:MOST]


def _bridge(after: Tally, part: set[int], target: int) -> list[int]:
    """The fewest units without a fixed school between a part of a zone and the rest of the zone; empty if none are."""
    problem = after.measure.problem
    before = dict.fromkeys(sorted(part), NOWHERE)
    queue = deque(before)
    while queue:
        unit = queue.popleft()
        for other in _neighbours(problem.graph, unit):
            if other in before:
                continue
            if after.choice[other] == target:
                return _way_back(before, unit, part)
            if problem.fixed[other] == NOWHERE:
                before[other] = unit
                queue.append(other)
    return []


def _way_back(before: dict[int, int], unit: int, part: set[int]) -> list[int]:
    way = []
    while unit not in part:
        way.append(unit)
        unit = before[unit]
    return sorted(way)


def _beside(after: Tally, units: Iterable[int], target: int) -> list[int]:
    """Targets of the units next to these, other than `target`."""
    graph = after.measure.problem.graph
    return sorted({int(after.choice[other]) for unit in units for other in _neighbours(graph, unit)} - {target})


def _relieved(after: Tally, source: int) -> list[Heal]:
    """Units to hand on to each neighbour of a school that is over its limit."""
    problem = after.measure.problem
    most = _most(problem)
    if after.sums.load[source] <= most[source] + TOLERANCE:
        return []
    tried = []
    for target in _beside(after, np.flatnonzero(after.choice == source).tolist(), source):
        units = _handed_on(after, source, target, most)
        trial = after.moved(dict.fromkeys(units, target)) if units else after
        if units and len(trial.faults) <= len(after.faults):
            over = max(0.0, float(trial.sums.load[source] - most[source]))
            rank = (round(over, 6), trial.figures.objective)
            tried.append((rank, _heal(problem, units, target, "seats", source)))
    return [heal for _, heal in sorted(tried, key=lambda row: (row[0], row[1].school))][:MOST]


def _most(problem: Problem) -> FloatArray:
    high = np.inf if problem.policy.utilisation is None else problem.policy.utilisation[1]
    return np.asarray(high * problem.capacity, dtype=np.float64)


def _handed_on(after: Tally, source: int, target: int, most: FloatArray) -> list[int]:
    """The cheapest units (per child) from the border inwards, until `source` keeps its limit or `target` is full."""
    problem = after.measure.problem
    zone = set(np.flatnonzero(after.choice == source).tolist())
    excess, room = (float(value) for value in (after.sums.load - most)[[source, target]] * (1, -1))
    border = [unit for unit in zone if target in after.choice[_neighbours(problem.graph, unit)]]
    heap = [(_extra(problem, unit, source, target), unit) for unit in border]
    heapify(heap)
    seen, taken = set(border), []
    while heap and excess > TOLERANCE:
        _, unit = heappop(heap)
        children = float(problem.demand[unit])
        if problem.fixed[unit] != NOWHERE or not 0 < children <= room or _splits(problem.graph, zone, unit):
            continue
        zone.discard(unit)
        taken.append(unit)
        excess, room = excess - children, room - children
        for other in _neighbours(problem.graph, unit):
            if other in zone and other not in seen:
                seen.add(other)
                heappush(heap, (_extra(problem, other, source, target), other))
    return _without_spare(problem, taken, excess)


def _without_spare(problem: Problem, taken: list[int], excess: float) -> list[int]:
    """Units taken, without the last ones that turn out not to be needed (`excess` < 0 is what may stay)."""
    while len(taken) > 1 and problem.demand[taken[-1]] + excess <= TOLERANCE:
        excess += float(problem.demand[taken.pop()])
    return sorted(taken)


def _extra(problem: Problem, unit: int, source: int, target: int) -> float:
    """What one child more costs at `target` than at `source` in distance and change (not divided by all children)."""
    weights = problem.policy.weights
    change = float(problem.moved[unit, target]) - float(problem.moved[unit, source])
    walk = 0.0 if problem.walks is None else float(problem.walks[unit, target] - problem.walks[unit, source])
    return weights["distance"] * walk / 1000.0 + weights["change"] * change


def _splits(graph: Graph, zone: set[int], unit: int) -> bool:
    """Would the zone's units around `unit` lose touch without it."""
    around = {other for other in _neighbours(graph, unit) if other in zone}
    if len(around) < 2:
        return False
    first = min(around)
    reached, stack = {unit, first}, [first]
    while stack and not around <= reached:
        for other in _neighbours(graph, stack.pop()):
            if other in zone and other not in reached:
                reached.add(other)
                stack.append(other)
    return not around <= reached


def _neighbours(graph: Graph, unit: int) -> list[int]:
    return list(graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist())


def _heal(problem: Problem, units: list[int], school: int, why: str, source: int) -> Heal:
    return Heal(
        tuple(problem.units[unit] for unit in sorted(units)), problem.targets[school], why, problem.targets[source]
    )
