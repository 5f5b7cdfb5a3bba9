"""From split units to a first whole assignment whose zones keep the contiguity rule."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from zoning.bound import arc_cost
from zoning.contiguity import Part, Rule, faults_of, is_anchored, parts_of
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray, IntArray
from zoning.problem import NOWHERE, Problem
from zoning.relax import Relaxation


def reduced_cost(problem: Problem, relaxation: Relaxation, beyond: float = 10.0) -> FloatArray:
    """U×S: cost of one child plus the prices; where the target is not open, `beyond` times the span of all costs more.

    The price of change counts where it is paid.
    """
    price = relaxation.certificate
    cost = arc_cost(problem) + price.school[None, :] + price.change * problem.per_child * problem.moved
    return np.asarray(cost + beyond * np.ptp(cost) * ~problem.allowed, dtype=np.float64)


def first_assignments(rule: Rule, relaxation: Relaxation) -> list[IntArray]:
    """Where a search may begin: each unit at its largest share; and, where there is one, today's map.

    Stray pieces that the rule forbids are taken up by their neighbours.

    Raises:
        ZoningInputError: locks that no contiguous zone can keep.
    """
    problem = rule.problem
    reduced = reduced_cost(problem, relaxation)
    found = [_largest_share(problem, reduced, relaxation)]
    if problem.moved.any():
        found.append(_todays_map(problem, reduced))
    if problem.policy.contiguous:
        for at, choice in enumerate(found):
            reach_locks(rule, choice, reduced)
            found[at] = repaired(rule, choice, reduced)
    return found


def _todays_map(problem: Problem, reduced: FloatArray) -> IntArray:
    """Each unit stays where it may; units without an open school today go where they cost least."""
    span = np.ptp(reduced) + 1.0
    return np.asarray((reduced + 100.0 * span * problem.moved + 1e4 * span * ~problem.allowed).argmin(axis=1))


def adopted(rule: Rule, relaxation: Relaxation, start: IntArray) -> IntArray:
    """`start` with own units and locks kept; where zones are broken then, with ways to them and no forbidden part.

    Raises:
        ZoningInputError: locks that no contiguous zone can keep.
    """
    problem = rule.problem
    choice = np.where(problem.fixed != NOWHERE, problem.fixed, start)
    if not faults_of(rule, parts_of(rule, choice)):
        return choice
    reduced = reduced_cost(problem, relaxation)
    reach_locks(rule, choice, reduced)
    return repaired(rule, choice, reduced)


def repaired(rule: Rule, choice: IntArray, reduced: FloatArray) -> IntArray:
    """`choice` without the parts that the rule forbids: their units go where they cost least beside a kept part."""
    kept = np.full(len(choice), NOWHERE, dtype=np.int64)
    for part in _kept_parts(rule, choice):
        kept[list(part.units)] = part.target
    return _grown(rule.problem, kept, reduced)


def _largest_share(problem: Problem, reduced: FloatArray, relaxation: Relaxation) -> IntArray:
    choice = reduced.argmin(axis=1).astype(np.int64)
    order = np.lexsort((-relaxation.target, relaxation.share, relaxation.unit))
    choice[relaxation.unit[order]] = relaxation.target[order]
    return np.where(problem.fixed != NOWHERE, problem.fixed, choice)


def _kept_parts(rule: Rule, choice: IntArray) -> list[Part]:
    """Parts that may stand: those with fixed units, then the largest anchored ones while the allowance lasts."""
    problem = rule.problem
    kept: list[Part] = []
    used: dict[tuple[int, int], int] = {}
    parts = parts_of(rule, choice)
    rank = {id(part): (not _holds_fixed(problem, part), -len(part.units), part.units[0]) for part in parts}
    for part in sorted(parts, key=lambda part: rank[id(part)]):
        place = int(problem.component[part.units[0]]) if part.forced else NOWHERE
        allowed = 1 if part.forced else int(rule.allowance[part.target])
        taken = used.get((part.target, place), 0)
        if (part.forced or is_anchored(rule, part)) and taken < allowed:
            kept.append(part)
            used[part.target, place] = taken + 1
        elif _holds_fixed(problem, part):
            raise ZoningInputError(
                "locks.csv or schools.csv: the zone of “%(school)s” cannot reach its unit “%(unit)s” in one piece: "
                "remove that lock, lock the way to it, or give the schools of this zone separate zones.",
                school=problem.targets[part.target],
                unit=problem.units[part.units[0]],
            )
    return kept


def _holds_fixed(problem: Problem, part: Part) -> bool:
    return bool((problem.fixed[list(part.units)] == part.target).any())


def reach_locks(rule: Rule, choice: IntArray, reduced: FloatArray) -> None:
    """Lead each zone to its fixed units over the cheapest ways that avoid the fixed units of others (in place)."""
    problem = rule.problem
    taken = problem.fixed.copy()
    for target in np.unique(problem.fixed[problem.fixed != NOWHERE]).tolist():
        ends = np.flatnonzero(problem.fixed == target)
        own = ends[problem.owner[ends] == target]
        start = int(own[0]) if len(own) else int(ends[0])
        for end in sorted(set(ends.tolist()) - {start}):
            for unit in _way(problem, taken, start, end, target, reduced):
                taken[unit] = choice[unit] = target


def _way(problem: Problem, taken: IntArray, start: int, end: int, target: int, reduced: FloatArray) -> list[int]:
    """Units of the cheapest way between two units, through units that nobody else holds; empty if there is none."""
    graph, best = problem.graph, reduced.min(axis=1)
    heap, before, done = [(0.0, start, NOWHERE)], {}, set()
    while heap:
        length, unit, previous = heappop(heap)
        if unit in done:
            continue
        done.add(unit)
        before[unit] = previous
        if unit == end:
            return _back(before, end)
        for other in graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist():
            if other not in done and taken[other] in (NOWHERE, target):
                extra = problem.demand[other] * (reduced[other, target] - best[other]) if taken[other] < 0 else 0.0
                heappush(heap, (length + float(extra) + 1e-12, other, unit))
    return []


def _back(before: dict[int, int], end: int) -> list[int]:
    way = [end]
    while before[way[-1]] != NOWHERE:
        way.append(before[way[-1]])
    return way


def _grown(problem: Problem, choice: IntArray, reduced: FloatArray) -> IntArray:
    """Fill the units at `NOWHERE` from their neighbours' zones, the least regret first."""
    graph, regret = problem.graph, reduced - reduced.min(axis=1, keepdims=True)

    def offers(unit: int) -> list[tuple[float, int, int]]:
        others = graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist()
        targets = sorted({int(choice[other]) for other in others} - {NOWHERE})
        return [(float(regret[unit, target]), unit, target) for target in targets]

    heap = [offer for unit in np.flatnonzero(choice == NOWHERE).tolist() for offer in offers(unit)]
    heapify(heap)
    while heap:
        _, unit, target = heappop(heap)
        if choice[unit] != NOWHERE:
            continue
        choice[unit] = target
        for other in graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist():
            if choice[other] == NOWHERE:
                heappush(heap, (float(regret[other, target]), other, target))
    return choice
