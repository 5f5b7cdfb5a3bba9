"""Two plans side by side: their figures, and every unit, child and address that another school serves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import Phrase
from zoning.errors import ZoningInputError
from zoning.measure import SchoolFigures
from zoning.plan import Plan
from zoning.policy import TERMS
from zoning.problem import Problem

_SCHOOL_KEYS = ("units", "demand", "capacity", "utilisation", "mean_walk", "max_walk", "parts")


@dataclass(frozen=True)
class Change:
    """A unit whose school differs: its children, the walk to either school, addresses in it; None if not known."""

    unit: str
    origin: str
    target: str
    children: float
    walk_origin: float | None
    walk_target: float | None
    addresses: int | None


@dataclass(frozen=True)
class Difference:
    """Two plans, whether they answer one problem, and what differs."""

    first: Plan
    second: Plan
    changes: tuple[Change, ...]

    @property
    def one_problem(self) -> bool:
        """Do both plans answer the same problem."""
        return self.first.problem.fingerprint == self.second.problem.fingerprint

    @property
    def limits_of_comparison(self) -> tuple[Phrase, ...]:
        """What may not be compared, in sentences; none for two plans of one problem."""
        if self.one_problem:
            return ()
        notes = [
            Phrase(
                "The two plans answer different problems: objective, gap and children beyond limits are each those of "
                "the plan's own problem and are not set against each other."
            )
        ]
        one, other = self.first.problem, self.second.problem
        if one.demand.tobytes() != other.demand.tobytes():
            notes.append(Phrase("The problems differ in children; those who change school are counted by the first."))
        if one.policy.distance_unit != other.policy.distance_unit:
            notes.append(Phrase("The problems measure walks in different units: walks are not set against each other."))
        return tuple(notes)

    def document(self) -> dict[str, Any]:
        """Everything as plain values for JSON. Differences are those of the second plan minus those of the first."""
        children = sum(change.children for change in self.changes)
        return {
            "plans": {"a": _summary(self.first), "b": _summary(self.second)},
            "one_problem": self.one_problem,
            "distance_unit": self.first.problem.policy.distance_unit,
            "moved_units": len(self.changes),
            "moved_children": children,
            "moved_share": children * self.first.problem.per_child,
            "moved_addresses": _addresses(self.changes),
            "terms": self._terms(),
            "schools": self._schools(),
            "flows": flows(self.changes),
            "units": [_row(change) for change in self.changes],
        }

    def _terms(self) -> dict[str, dict[str, float]]:
        """Each term and the objective, unweighted by the other's policy; balance sums over each plan's own schools."""
        a, b = self.first.figures, self.second.figures
        found = {term: _pair(a.terms[term], b.terms[term]) for term in TERMS}
        return found | ({"objective": _pair(a.objective, b.objective)} if self.one_problem else {})

    def _schools(self) -> list[dict[str, Any]]:
        """Each school's figures in either plan, null where it is not open, and the difference of its children."""
        a = {school.school: school for school in self.first.figures.schools}
        b = {school.school: school for school in self.second.figures.schools}
        return [
            {
                "school": name,
                "a": _school(a.get(name)),
                "b": _school(b.get(name)),
                "children": (b[name].demand if name in b else 0.0) - (a[name].demand if name in a else 0.0),
            }
            for name in sorted({*a, *b})
        ]


def differences(first: Plan, second: Plan, addresses: Mapping[str, int] | None = None) -> Difference:
    """What the second plan changes against the first; `addresses` counts those of each unit, where a city tells.

    The plans may answer different problems of the same units (another year, other schools).

    Raises:
        ZoningInputError: the units are not the same.
    """
    if first.problem.units != second.problem.units:
        odd = min(set(first.problem.units) ^ set(second.problem.units))
        raise ZoningInputError(
            "Plans can be compared only over the same units; “%(unit)s” is a unit of one of them alone.", unit=odd
        )
    moved = [unit for unit in first.problem.units if first.assignment[unit] != second.assignment[unit]]
    return Difference(first, second, tuple(_change(first, second, unit, addresses) for unit in moved))


def flows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Units, children and addresses that go from one school to another, for each such pair of schools."""
    pairs: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        pairs.setdefault((change.origin, change.target), []).append(change)
    return [
        {
            "from": origin,
            "to": target,
            "units": len(found),
            "children": sum(change.children for change in found),
            "addresses": _addresses(found),
        }
        for (origin, target), found in sorted(pairs.items())
    ]


def changed_units_csv(changes: Iterable[Change]) -> bytes:
    """A row for each changed unit."""
    rows = ([_cell(value) for value in _row(change).values()] for change in changes)
    return _table(["unit", "from", "to", "children", "walk_from", "walk_to", "addresses"], rows)


def changed_addresses_csv(changes: Iterable[Change], addresses: Iterable[tuple[str, str]]) -> bytes:
    """A row for each address (text, unit) in a changed unit, by unit and text."""
    by_unit = {change.unit: change for change in changes}
    found = sorted((unit, text) for text, unit in addresses if unit in by_unit)
    rows = ([text, unit, by_unit[unit].origin, by_unit[unit].target] for unit, text in found)
    return _table(["address", "unit", "from", "to"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The bytes of a CSV table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def _row(change: Change) -> dict[str, Any]:
    return {
        "unit": change.unit,
        "from": change.origin,
        "to": change.target,
        "children": change.children,
        "walk_from": change.walk_origin,
        "walk_to": change.walk_target,
        "addresses": change.addresses,
    }


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _change(first: Plan, second: Plan, unit: str, addresses: Mapping[str, int] | None) -> Change:
    origin, target = first.assignment[unit], second.assignment[unit]
    return Change(
        unit=unit,
        origin=origin,
        target=target,
        children=float(first.problem.demand[first.problem.unit_index[unit]]),
        walk_origin=_walk(first.problem, unit, origin),
        walk_target=_walk(second.problem, unit, target),
        addresses=None if addresses is None else int(addresses.get(unit, 0)),
    )


def _walk(problem: Problem, unit: str, school: str) -> float | None:
    if problem.walks is None:
        return None
    return float(problem.walks[problem.unit_index[unit], problem.target_index[school]])


def _addresses(changes: Sequence[Change]) -> int | None:
    counts = [change.addresses for change in changes if change.addresses is not None]
    return sum(counts) if len(counts) == len(changes) else None


def _pair(a: float, b: float) -> dict[str, float]:
    return {"a": a, "b": b, "difference": b - a}


def _school(figures: SchoolFigures | None) -> dict[str, Any] | None:
    return None if figures is None else {key: getattr(figures, key) for key in _SCHOOL_KEYS}


def _summary(plan: Plan) -> dict[str, Any]:
    figures, report = plan.figures, plan.report()
    farthest = [school.max_walk for school in figures.schools if school.max_walk is not None]
    return {
        "problem": plan.problem.fingerprint,
        "fingerprint": plan.fingerprint,
        "objective": figures.objective,
        "gap": report["gap"],
        "feasible": figures.feasible,
        "children_beyond_limits": figures.violation,
        "contiguous": figures.contiguous,
        "parts": sum(school.parts for school in figures.schools),
        "schools": len(figures.schools),
        "mean_walk": figures.mean_walk,
        "longest_walk": max(farthest, default=None),
        "lowest_utilisation": min(school.utilisation for school in figures.schools),
        "worst_utilisation": figures.worst_utilisation,
        "current_moved_share": figures.terms["change"],
        "children": plan.problem.total,
    }
