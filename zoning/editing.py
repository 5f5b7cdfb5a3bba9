"""Hand edits of a plan: what a few moved units do, and the new plan that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from zoning.contiguity import parts_of
from zoning.errors import ZoningInputError
from zoning.graph import IntArray
from zoning.heals import Heal, heals_of
from zoning.measure import Figures, Measure, Violation
from zoning.plan import Plan, gap_of


@dataclass(frozen=True)
class Outcome:
    """What a plan with some units moved comes to; `touched` are the schools that gave or took, by id.

    `heals` are further moves, each of which mends or lessens something that the edit broke.
    """

    plan: Plan
    figures: Figures
    gap: float | None
    touched: tuple[str, ...]
    heals: tuple[Heal, ...]


def edit(plan: Plan, changes: Mapping[str, str]) -> Plan:
    """The plan in which each unit of `changes` goes to its school there; it names `plan` as its parent.

    The certificate stays: a bound on every plan of the problem bounds the new one too.

    Raises:
        ZoningInputError: an unknown unit, a school that is not open, or nothing that differs.
    """
    for unit, school in sorted(changes.items()):
        if unit not in plan.assignment:
            raise ZoningInputError("There is no unit “%(unit)s” in this problem.", unit=unit)
        if school not in plan.problem.target_index:
            raise ZoningInputError("There is no open school “%(school)s” in this problem.", school=school)
    moved = {unit: school for unit, school in changes.items() if plan.assignment[unit] != school}
    if not moved:
        raise ZoningInputError("Nothing was changed: move at least one unit before you save.")
    return plan.edit(moved)


def try_out(plan: Plan, changes: Mapping[str, str]) -> Outcome:
    """Measure `plan` with `changes` (none is allowed) at the cost of the zones that they touch.

    Raises:
        ZoningInputError: as for `edit`.
    """
    moved = {unit: school for unit, school in changes.items() if plan.assignment.get(unit) != school}
    edited = edit(plan, moved) if moved else plan
    figures = edited.figures
    schools = {plan.assignment[unit] for unit in moved} | set(moved.values())
    heals = heals_of(plan.tally, edited.tally) if moved and not figures.feasible else []
    gap = gap_of(figures.objective, plan.lower_bound)
    return Outcome(edited, figures, gap, tuple(sorted(schools)), tuple(heals))


def cut_by_barriers(choice: IntArray, violations: Iterable[Violation], free: Measure) -> frozenset[str]:
    """Schools whose broken zone would hold together if zones might cross barriers; `free` lets them."""
    broken = _broken(violations)
    return broken - _broken(free.hard_violations(choice, parts_of(free.rule, choice))) if broken else broken


def without_barriers(measure: Measure) -> Measure:
    """A measure of the same problem in which zones may join across barriers."""
    return Measure(replace(measure.problem, policy=replace(measure.problem.policy, cross_barrier=True)))


def _broken(violations: Iterable[Violation]) -> frozenset[str]:
    return frozenset(found.school for found in violations if found.kind in ("parts", "loose") and found.school)
