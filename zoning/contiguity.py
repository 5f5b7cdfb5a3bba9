"""Which parts a zone may have, and whether an assignment keeps to that.

Parts are counted on the graph of `Problem.graph`. A component without any open school's own unit is called bare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zoning.graph import IntArray, components
from zoning.problem import NOWHERE, Problem

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """One connected piece of a zone: its target, its units, whether a bare component forces it."""

    target: int
    units: tuple[int, ...]
    forced: bool


@dataclass(frozen=True)
class Fault:
    """A zone whose parts break the rule: `kind` is "parts" (more than `allowed`) or "loose" (no unit to hold on to).

    `unit` is the first unit of a part that should not be there; `found` counts the parts.
    """

    kind: str
    target: int
    unit: int
    found: int
    allowed: int


@dataclass(frozen=True, eq=False)
class Rule:
    """What the rule permits in one problem."""

    problem: Problem

    @cached_property
    def bare(self) -> BoolArray:
        """Units in a component without an own unit (U)."""
        component = self.problem.component
        has_own = np.zeros(component.max() + 1, dtype=bool)
        has_own[component[self.problem.owner != NOWHERE]] = True
        return ~has_own[component]

    @cached_property
    def anchors(self) -> BoolArray:
        """U×S: a part of the target that holds this unit may stand.

        Own units; units of today's parts that hold no own unit (stray parts); and every unit for a school that has
        neither an own unit nor a zone today.
        """
        problem = self.problem
        held = np.zeros((len(problem.units), len(problem.targets)), dtype=bool)
        own = np.flatnonzero(problem.owner != NOWHERE)
        held[own, problem.owner[own]] = True
        for target, label in self._today:
            main = set(label[problem.owner == target].tolist()) - {NOWHERE}
            held[:, target] |= (label != NOWHERE) & ~np.isin(label, sorted(main))
        held[:, self.free] = True
        return held

    @cached_property
    def free(self) -> BoolArray:
        """Targets without an own unit and without a zone today (S)."""
        problem = self.problem
        free = ~np.isin(np.arange(len(problem.targets)), problem.owner)
        return free if problem.current is None else free & ~problem.current.any(axis=0)

    @cached_property
    def allowance(self) -> IntArray:
        """How many parts each target may have outside bare components (S)."""
        count = np.ones(len(self.problem.targets), dtype=np.int64)
        for target, label in self._today:
            count[target] = max(1, len(set(label[(label != NOWHERE) & ~self.bare].tolist())))
        return count

    @cached_property
    def bare_today(self) -> dict[tuple[int, int], int]:
        """Today's number of parts for each (target, bare component) that has any."""
        component = self.problem.component
        found: dict[tuple[int, int], set[int]] = {}
        for target, label in self._today:
            for unit in np.flatnonzero((label != NOWHERE) & self.bare):
                found.setdefault((target, int(component[unit])), set()).add(int(label[unit]))
        return {key: len(labels) for key, labels in found.items()}

    @cached_property
    def _today(self) -> list[tuple[int, IntArray]]:
        """Each target with the part that each unit belongs to in today's map (NOWHERE outside its zone)."""
        problem = self.problem
        if problem.current is None:
            return []
        return [
            (target, part_labels(problem, np.where(problem.current[:, target], 0, NOWHERE)))
            for target in range(len(problem.targets))
        ]


def part_labels(problem: Problem, choice: IntArray) -> IntArray:
    """The part of each unit, numbered by first unit: connected units of one choice; NOWHERE where there is none."""
    ends = problem.edges[problem.joins]
    same = (choice[ends[:, 0]] == choice[ends[:, 1]]) & (choice[ends[:, 0]] != NOWHERE)
    return np.where(choice == NOWHERE, NOWHERE, components(len(choice), ends[same]))


def parts_of(rule: Rule, choice: IntArray) -> list[Part]:
    """All parts, ordered by target and first unit."""
    label = part_labels(rule.problem, choice)
    order = np.argsort(label, kind="stable")
    pieces = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    parts = [
        Part(int(choice[piece[0]]), tuple(piece.tolist()), bool(rule.bare[piece[0]]))
        for piece in pieces
        if choice[piece[0]] != NOWHERE
    ]
    return sorted(parts, key=lambda part: (part.target, part.units[0]))


def faults_of(rule: Rule, parts: list[Part]) -> list[Fault]:
    """Where the rule is broken; empty when the policy does not ask for contiguity."""
    if not rule.problem.policy.contiguous:
        return []
    faults: list[Fault] = []
    for target in range(len(rule.problem.targets)):
        own = [part for part in parts if part.target == target]
        faults += _faults_outside(rule, target, [part for part in own if not part.forced])
        faults += _faults_in_bare(rule, target, [part for part in own if part.forced])
    return faults


def _faults_outside(rule: Rule, target: int, parts: list[Part]) -> list[Fault]:
    allowed = int(rule.allowance[target])
    loose = [part for part in parts if not is_anchored(rule, part)]
    faults = [Fault("loose", target, part.units[0], len(parts), allowed) for part in loose]
    if len(parts) > allowed and not faults:
        smallest = min(parts, key=lambda part: len(part.units))
        faults = [Fault("parts", target, smallest.units[0], len(parts), allowed)]
    return faults


def _faults_in_bare(rule: Rule, target: int, parts: list[Part]) -> list[Fault]:
    by_component: dict[int, list[Part]] = {}
    for part in parts:
        by_component.setdefault(int(rule.problem.component[part.units[0]]), []).append(part)
    faults = []
    for component, inside in sorted(by_component.items()):
        allowed = max(1, rule.bare_today.get((target, component), 0))
        loose = [part for part in inside if not is_anchored(rule, part)]
        if len(inside) > allowed or (len(inside) > 1 and len(loose) > 1):
            faults.append(Fault("parts", target, inside[-1].units[0], len(inside), allowed))
    return faults


def is_anchored(rule: Rule, part: Part) -> bool:
    """Does the part hold a unit that lets it stand."""
    return bool(rule.anchors[list(part.units), part.target].any())
