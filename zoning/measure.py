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
class Sums:
    """What the figures of an assignment are made of, but for its parts.

    Of each unit (U): its target, its walk (None where walks are unknown), whether its children change school. Of each
    zone (S): units, children, area, outline, children × walk, longest walk of a child (−1 without one); `tilt` (G×S)
    is the children of each group above the city's share.
    """

    choice: IntArray
    walk: FloatArray | None
    moved: NDArray[np.bool_]
    units: IntArray
    load: FloatArray
    tilt: FloatArray
    area: FloatArray
    outline: FloatArray
    walked: FloatArray
    farthest: FloatArray


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
        return self.figures_of(self.sums(choice), parts, faults_of(self.rule, parts))

    def figures_of(self, sums: Sums, parts: list[Part], faults: list[Fault]) -> Figures:
        """All figures from the sums, parts and faults of an assignment."""
        terms = self.terms_of(sums)
        return Figures(
            terms=terms,
            objective=self.objective(terms),
            schools=self._schools(sums, parts),
            violations=tuple(self.violations_of(sums) + self._never(sums.choice, faults)),
            forced_parts=tuple(_forced(self.problem, part) for part in parts if part.forced),
            mean_walk=self._mean_walk(sums),
        )

    def sums(self, choice: IntArray, touched: NDArray[np.bool_] | None = None) -> Sums:
        """The sums of an assignment; with `touched` (S) those of its zones alone, and 0 for the others."""
        problem, targets = self.problem, len(self.problem.targets)
        everyone = np.arange(len(choice))
        units = everyone if touched is None else np.flatnonzero(touched[choice])
        zone = choice[units]
        walk = None if problem.walks is None else problem.walks[everyone, choice]
        farthest = np.full(targets, -1.0)
        if walk is not None:
            populated = units[problem.demand[units] > 0]
            np.maximum.at(farthest, choice[populated], walk[populated])

        def per_zone(amount: FloatArray | None) -> FloatArray:
            found = np.zeros(targets) if amount is None else np.bincount(zone, amount[units], targets)
            return np.asarray(found, dtype=np.float64)

        return Sums(
            choice=choice,
            walk=walk,
            moved=problem.moved[everyone, choice],
            units=np.bincount(zone, minlength=targets),
            load=per_zone(problem.demand),
            tilt=np.array([per_zone(excess) for excess in self._excess]).reshape(len(self._excess), targets),
            area=per_zone(problem.area),
            outline=per_zone(problem.perimeter) - 2.0 * self._shared(choice, touched),
            walked=per_zone(None if walk is None else problem.demand * walk),
            farthest=farthest,
        )

    def objective(self, terms: dict[str, float]) -> float:
        """Σ weight × term, in the fixed order of the terms."""
        return float(sum(self.problem.policy.weights[term] * terms[term] for term in TERMS))

    def terms(self, choice: IntArray) -> dict[str, float]:
        """Every term of the objective, unweighted."""
        return self.terms_of(self.sums(choice))

    def terms_of(self, sums: Sums) -> dict[str, float]:
        """Every term of the objective, unweighted, from the sums of an assignment."""
        problem, mean_walk = self.problem, self._mean_walk(sums)
        shaped = problem.area is not None and problem.perimeter is not None and problem.border is not None
        return {
            "distance": 0.0 if mean_walk is None else mean_walk / 1000.0,
            "balance": float(np.sum(np.abs(1.0 - sums.load / problem.capacity))),
            "composition": problem.per_child * float(sum(np.sum(np.abs(tilt)) for tilt in sums.tilt)),
            "compactness": float(np.sum(roughness(sums.area, sums.outline))) if shaped else 0.0,
            "change": float(np.sum(problem.demand[sums.moved])) * problem.per_child,
        }

    def violations(self, choice: IntArray) -> list[Violation]:
        """Limits that do not hold, counted in children."""
        return self.violations_of(self.sums(choice))

    def violations_of(self, sums: Sums) -> list[Violation]:
        """Limits that do not hold, counted in children, from the sums of an assignment."""
        found = self._beyond_seats(sums.load) + self._beyond_walk(sums) + self._beyond_budget(sums.moved)
        return [violation for violation in found if violation.children > TOLERANCE]

    def hard_violations(self, choice: IntArray, parts: list[Part]) -> list[Violation]:
        """What may never be: own units and locks not kept, parts that the rule forbids."""
        return self._never(choice, faults_of(self.rule, parts))

    def _never(self, choice: IntArray, faults: list[Fault]) -> list[Violation]:
        problem = self.problem
        found = [_fault(problem, fault) for fault in faults]
        for kind, wanted in (("own_unit", problem.owner), ("lock", problem.locked)):
            for unit in np.flatnonzero((wanted != NOWHERE) & (wanted != choice)):
                school = problem.targets[wanted[unit]]
                found.append(Violation(kind, school, problem.units[unit], 0.0, None, None))
        return found

    def _mean_walk(self, sums: Sums) -> float | None:
        """Mean walk of a child, None where walks are unknown."""
        return None if sums.walk is None else float(np.sum(self.problem.demand * sums.walk)) * self.problem.per_child

    def _shared(self, choice: IntArray, touched: NDArray[np.bool_] | None) -> FloatArray:
        """Metres of border inside each zone (S)."""
        problem = self.problem
        if problem.border is None:
            return np.zeros(len(problem.targets))
        one, other = choice[problem.edges[:, 0]], choice[problem.edges[:, 1]]
        inside = (one == other) if touched is None else (one == other) & touched[one]
        found = np.bincount(one[inside], problem.border[inside], len(problem.targets))
        return np.asarray(found, dtype=np.float64)

    def _schools(self, sums: Sums, parts: list[Part]) -> tuple[SchoolFigures, ...]:
        problem = self.problem
        pieces = np.bincount([part.target for part in parts], minlength=len(problem.targets))
        return tuple(
            SchoolFigures(
                school=problem.targets[at],
                units=int(sums.units[at]),
                demand=float(sums.load[at]),
                capacity=float(problem.capacity[at]),
                utilisation=float(sums.load[at] / problem.capacity[at]),
                mean_walk=float(sums.walked[at] / sums.load[at])
                if sums.walk is not None and sums.load[at] > 0
                else None,
                max_walk=float(sums.farthest[at]) if sums.farthest[at] >= 0 else None,
                parts=int(pieces[at]),
            )
            for at in sorted(range(len(problem.targets)), key=problem.targets.__getitem__)
        )

    def _beyond_seats(self, loads: FloatArray) -> list[Violation]:
        problem = self.problem
        if problem.policy.utilisation is None:
            return []
        low, high = problem.policy.utilisation
        found = []
        for at, load in enumerate(loads.tolist()):
            least, most = low * float(problem.capacity[at]), high * float(problem.capacity[at])
            name = problem.targets[at]
            found.append(Violation("above", name, None, max(0.0, load - most), load, most))
            found.append(Violation("below", name, None, max(0.0, least - load), load, least))
        return sorted(found, key=lambda violation: (violation.kind, violation.school or ""))

    def _beyond_walk(self, sums: Sums) -> list[Violation]:
        problem, limit = self.problem, self.problem.policy.walk_metres
        if sums.walk is None or limit is None:
            return []
        return [
            Violation(
                "walk",
                problem.targets[sums.choice[unit]],
                problem.units[unit],
                float(problem.demand[unit]),
                float(sums.walk[unit]),
                limit,
            )
            for unit in np.flatnonzero(sums.walk > limit)
        ]

    def _beyond_budget(self, moved: NDArray[np.bool_]) -> list[Violation]:
        share = self.problem.policy.change_share
        if share is None:
            return []
        children, budget = float(np.sum(self.problem.demand[moved])), share * self.problem.total
        return [Violation("change", None, None, max(0.0, children - budget), children, budget)]


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
