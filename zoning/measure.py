"""The figures of an assignment: terms, objective, schools, violations, parts. Plain numpy, from the problem alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zoning.bound import group_excess
from zoning.contiguity import Fault, Part, Rule, faults_of, parts_of
from zoning.graph import FloatArray, IntArray
from zoning.policy import TERMS
from zoning.problem import NOWHERE, Problem

TOLERANCE = 1e-6  # children; below it a limit holds


@dataclass(frozen=True)
class SchoolFigures:
    """One open target: walks in the problem's own unit over its children, None where walks are unknown or nobody."""

    school: str
    units: int
    demand: float
    capacity: float
    utilisation: float
    mean_walk: float | None
    max_walk: float | None
    parts: int


@dataclass(frozen=True)
class Violation:
    """One thing that may not be. Kinds with children: above, below (a school), walk (a unit), change (the plan).

    Kinds that are never allowed, children 0: parts, loose (contiguity), own_unit, lock. `found` and `allowed` are
    children for above, below and change, metres for walk, parts for parts.
    """

    kind: str
    school: str | None
    unit: str | None
    children: float
    found: float | None
    allowed: float | None

    @property
    def hard(self) -> bool:
        """May this never happen, even in a plan of least violation."""
        return self.kind in ("parts", "loose", "own_unit", "lock")


@dataclass(frozen=True)
class Figures:
    """Everything that follows from a problem and an assignment."""

    terms: dict[str, float]
    objective: float
    schools: tuple[SchoolFigures, ...]
    violations: tuple[Violation, ...]
    forced_parts: tuple[dict[str, object], ...]
    mean_walk: float | None

    @property
    def feasible(self) -> bool:
        """Does every limit hold."""
        return not self.violations

    @property
    def violation(self) -> float:
        """Children whom the limits fail."""
        return float(sum(violation.children for violation in self.violations))

    @property
    def contiguous(self) -> bool:
        """Do the parts of every zone keep the rule."""
        return not any(violation.kind in ("parts", "loose") for violation in self.violations)

    @property
    def worst_utilisation(self) -> float:
        """The highest utilisation of a school."""
        return max(school.utilisation for school in self.schools)


@dataclass(frozen=True, eq=False)
class Measure:
    """Measures assignments of one problem; keeps what they share.

    An assignment is an array (U) of target numbers, none missing.
    """

    problem: Problem

    @cached_property
    def rule(self) -> Rule:
        """The contiguity rule of the problem."""
        return Rule(self.problem)

    @cached_property
    def _excess(self) -> FloatArray:
        return group_excess(self.problem)

    def figures(self, choice: IntArray) -> Figures:
        """All figures of an assignment."""
        parts = parts_of(self.rule, choice)
        terms = self.terms(choice)
        return Figures(
            terms=terms,
            objective=self.objective(terms),
            schools=self._schools(choice, parts),
            violations=tuple(self.violations(choice) + self.hard_violations(choice, parts)),
            forced_parts=tuple(_forced(self.problem, part) for part in parts if part.forced),
            mean_walk=self.mean_walk(choice),
        )

    def objective(self, terms: dict[str, float]) -> float:
        """Σ weight × term, in the fixed order of the terms."""
        return float(sum(self.problem.policy.weights[term] * terms[term] for term in TERMS))

    def terms(self, choice: IntArray) -> dict[str, float]:
        """Every term of the objective, unweighted."""
        problem = self.problem
        loads = self.loads(choice, problem.demand)
        mean_walk = self.mean_walk(choice)
        return {
            "distance": 0.0 if mean_walk is None else mean_walk / 1000.0,
            "balance": float(np.sum(np.abs(1.0 - loads / problem.capacity))),
            "composition": problem.per_child
            * float(sum(np.sum(np.abs(self.loads(choice, excess))) for excess in self._excess)),
            "compactness": self._compactness(choice),
            "change": float(np.sum(problem.demand[self._moved(choice)])) * problem.per_child,
        }

    def loads(self, choice: IntArray, amount: FloatArray) -> FloatArray:
        """Sum of `amount` (U) per target (S)."""
        return np.asarray(np.bincount(choice, amount, len(self.problem.targets)), dtype=np.float64)

    def mean_walk(self, choice: IntArray) -> float | None:
        """Mean walk of a child, None where walks are unknown."""
        walk = self._walk(choice)
        return None if walk is None else float(np.sum(self.problem.demand * walk)) * self.problem.per_child

    def violations(self, choice: IntArray) -> list[Violation]:
        """Limits that do not hold, counted in children."""
        found = self._beyond_seats(choice) + self._beyond_walk(choice) + self._beyond_budget(choice)
        return [violation for violation in found if violation.children > TOLERANCE]

    def hard_violations(self, choice: IntArray, parts: list[Part]) -> list[Violation]:
        """What may never be: own units and locks not kept, parts that the rule forbids."""
        problem = self.problem
        found = [_fault(problem, fault) for fault in faults_of(self.rule, parts)]
        for kind, wanted in (("own_unit", problem.owner), ("lock", problem.locked)):
            for unit in np.flatnonzero((wanted != NOWHERE) & (wanted != choice)):
                school = problem.targets[wanted[unit]]
                found.append(Violation(kind, school, problem.units[unit], 0.0, None, None))
        return found

    def _walk(self, choice: IntArray) -> FloatArray | None:
        return None if self.problem.walks is None else self.problem.walks[np.arange(len(choice)), choice]

    def _moved(self, choice: IntArray) -> NDArray[np.bool_]:
        return np.asarray(self.problem.moved[np.arange(len(choice)), choice])

    def _compactness(self, choice: IntArray) -> float:
        problem = self.problem
        if problem.area is None or problem.perimeter is None or problem.border is None:
            return 0.0
        inside = choice[problem.edges[:, 0]] == choice[problem.edges[:, 1]]
        shared = self.loads(choice[problem.edges[inside, 0]], problem.border[inside])
        area, outline = self.loads(choice, problem.area), self.loads(choice, problem.perimeter) - 2.0 * shared
        return float(np.sum(roughness(area, outline)))

    def _schools(self, choice: IntArray, parts: list[Part]) -> tuple[SchoolFigures, ...]:
        problem = self.problem
        loads, units = self.loads(choice, problem.demand), np.bincount(choice, minlength=len(problem.targets))
        pieces = np.bincount([part.target for part in parts], minlength=len(problem.targets))
        walk = self._walk(choice)
        walked = None if walk is None else self.loads(choice, problem.demand * walk)
        farthest = np.full(len(problem.targets), -1.0)
        if walk is not None:
            populated = problem.demand > 0
            np.maximum.at(farthest, choice[populated], walk[populated])
        return tuple(
            SchoolFigures(
                school=problem.targets[at],
                units=int(units[at]),
                demand=float(loads[at]),
                capacity=float(problem.capacity[at]),
                utilisation=float(loads[at] / problem.capacity[at]),
                mean_walk=float(walked[at] / loads[at]) if walked is not None and loads[at] > 0 else None,
                max_walk=float(farthest[at]) if farthest[at] >= 0 else None,
                parts=int(pieces[at]),
            )
            for at in sorted(range(len(problem.targets)), key=problem.targets.__getitem__)
        )

    def _beyond_seats(self, choice: IntArray) -> list[Violation]:
        problem = self.problem
        if problem.policy.utilisation is None:
            return []
        low, high = problem.policy.utilisation
        found = []
        for at, load in enumerate(self.loads(choice, problem.demand).tolist()):
            least, most = low * float(problem.capacity[at]), high * float(problem.capacity[at])
            name = problem.targets[at]
            found.append(Violation("above", name, None, max(0.0, load - most), load, most))
            found.append(Violation("below", name, None, max(0.0, least - load), load, least))
        return sorted(found, key=lambda violation: (violation.kind, violation.school or ""))

    def _beyond_walk(self, choice: IntArray) -> list[Violation]:
        problem, walk, limit = self.problem, self._walk(choice), self.problem.policy.walk_metres
        if walk is None or limit is None:
            return []
        return [
            Violation(
                "walk",
                problem.targets[choice[unit]],
                problem.units[unit],
                float(problem.demand[unit]),
                float(walk[unit]),
                limit,
            )
            for unit in np.flatnonzero(walk > limit)
        ]

    def _beyond_budget(self, choice: IntArray) -> list[Violation]:
        share = self.problem.policy.change_share
        if share is None:
            return []
        moved, budget = float(np.sum(self.problem.demand[self._moved(choice)])), share * self.problem.total
        return [Violation("change", None, None, max(0.0, moved - budget), moved, budget)]


def roughness(area: FloatArray, outline: FloatArray) -> FloatArray:
    """1 − 4π·area / outline² per zone (Polsby and Popper 1991), kept within 0…1; a zone without units counts 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 1.0 - 4.0 * np.pi * area / (outline * outline)
    value = np.where(outline > 0, value, np.where(area > 0, 1.0, 0.0))
    return np.asarray(np.clip(value, 0.0, 1.0), dtype=np.float64)


def _fault(problem: Problem, fault: Fault) -> Violation:
    return Violation(
        fault.kind, problem.targets[fault.target], problem.units[fault.unit], 0.0, float(fault.found), fault.allowed
    )


def _forced(problem: Problem, part: Part) -> dict[str, object]:
    return {"school": problem.targets[part.target], "units": [problem.units[unit] for unit in part.units]}
