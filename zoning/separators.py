"""Contiguity as linear inequalities, added where an assignment breaks it (Carvajal et al. 2013; Fischetti et al. 2017).

A cut says: if every unit of `members` goes to the target, so does at least one unit of `ways`, because each way out of
a part that may not stand alone leads through them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from zoning.contiguity import Part, Rule, is_anchored, parts_of
from zoning.graph import IntArray
from zoning.problem import NOWHERE

MOST_PER_FAULT = 200


@dataclass(frozen=True, order=True)
class Cut:
    """Σ x[members] − (their number − 1) ≤ Σ x[ways], at one target; it holds wherever the rule is kept."""

    target: int
    members: tuple[int, ...]
    ways: tuple[int, ...]


def first_cuts(rule: Rule) -> list[Cut]:
    """No unit alone: each unit that lets no part stand needs a neighbour in its zone."""
    units, targets = rule.anchors.shape
    return [
        Cut(target, (unit,), tuple(sorted(_beside(rule, (unit,)))))
        for unit, target in product(range(units), range(targets))
        if not rule.bare[unit] and not rule.anchors[unit, target]
    ]


def broken_cuts(rule: Rule, choice: IntArray) -> list[Cut]:
    """Cuts that this assignment breaks; none if and only if its parts keep the rule."""
    by_place: dict[tuple[int, int], list[Part]] = {}
    for part in parts_of(rule, choice):
        place = int(rule.problem.component[part.units[0]]) if part.forced else NOWHERE
        by_place.setdefault((part.target, place), []).append(part)
    found = {cut for (_, place), parts in by_place.items() for cut in _cuts_of(rule, place, parts)}
    return sorted(found)


def _cuts_of(rule: Rule, place: int, parts: list[Part]) -> Iterator[Cut]:
    """Cuts for the parts of one target, all outside bare components or all in one."""
    loose = [part for part in parts if not is_anchored(rule, part)]
    if place == NOWHERE:
        allowed = int(rule.allowance[parts[0].target])
        for part in loose:
            ways = _ways(rule, part)
            yield from (Cut(part.target, (unit,), ways) for unit in part.units)
    else:
        allowed = max(1, rule.bare_today.get((parts[0].target, place), 0))
        if len(loose) > 1:
            yield from _together(rule, loose[:2], loose[:2])
    if len(parts) > allowed:
        largest_first = sorted(parts, key=lambda part: (-_fixed(rule, part), -len(part.units), part.units[0]))
        few = [largest_first[0], *largest_first[len(parts) - allowed :]]
        yield from _together(rule, few, few[1:])


def _fixed(rule: Rule, part: Part) -> int:
    """How many units of the part must be its target's."""
    return int((rule.problem.fixed[list(part.units)] == part.target).sum())


def _together(rule: Rule, parts: list[Part], left: list[Part]) -> Iterator[Cut]:
    """Units of all `parts` at once need a way out of one of `left`.

    One unit stands for each part but the last, whose units are tried each; a fixed unit where there is one.
    """
    ways = sorted({unit for part in left for unit in _beside(rule, part.units)})
    heads = tuple(_head(rule, part) for part in parts[:-1])
    last = parts[-1]
    for unit in last.units[:MOST_PER_FAULT]:
        yield Cut(last.target, (*heads, unit), tuple(ways))


def _head(rule: Rule, part: Part) -> int:
    fixed = [unit for unit in part.units if rule.problem.fixed[unit] == part.target]
    return fixed[0] if fixed else part.units[0]


def _beside(rule: Rule, units: tuple[int, ...]) -> set[int]:
    """Units next to a set, outside it."""
    graph, inside = rule.problem.graph, set(units)
    near = {int(v) for u in units for v in graph.neighbour[graph.start[u] : graph.start[u + 1]]}
    return near - inside


def _ways(rule: Rule, part: Part) -> tuple[int, ...]:
    """Units beside a loose part from which an anchor can be reached without touching the part or its other neighbours.

    Every way from the part to an anchor leaves its neighbours for the last time at one of these: the fewer they are,
    the more the cut says.
    """
    graph, target = rule.problem.graph, part.target
    beside = _beside(rule, part.units)
    closed = {unit for unit in part.units} | {
        unit for unit, fixed in enumerate(rule.problem.fixed.tolist()) if fixed not in (NOWHERE, target)
    }
    queue = [unit for unit, anchor in enumerate(rule.anchors[:, target].tolist()) if anchor and unit not in closed]
    seen = set(queue)
    while queue:
        unit = queue.pop()
        if unit in beside:
            continue
        for other in graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist():
            if other not in seen and other not in closed:
                seen.add(other)
                queue.append(other)
    return tuple(sorted(beside & seen))
