"""Finish from here: a plan that somebody began by hand, solved on with the edited units held where they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from zoning.bound import lower_bound
from zoning.errors import ZoningInputError
from zoning.plan import Plan, edited_units
from zoning.problem import NOWHERE, Problem
from zoning.solve import Budget, Clock, Progress, solve


def finish(plan: Plan, units: Iterable[str], seed: int, budget: Budget, clock: Clock, progress: Progress) -> Plan:
    """The best plan found in which `units` keep their schools of `plan`, all others free; the search starts there.

    The plan belongs to the same problem and names `plan` as its parent; the units held are in `run.locked`. Its
    certificate is the better of the two: a bound on every plan of the problem bounds those with more locks too.

    Raises:
        ZoningInputError: an unknown unit, one that must stay elsewhere, locks that no contiguous zone can keep.
    """
    held = sorted(set(units))
    found = solve(locked(plan, held), seed, budget, clock, progress, plan.choice)
    best = max((found.certificate, plan.certificate), key=lambda prices: lower_bound(plan.problem, prices))
    run = {**found.run, "made_by": "finish", "locked": held}
    return replace(found, problem=plan.problem, certificate=best, parent=plan.fingerprint, run=run)


def units_to_hold(plan: Plan, named: Iterable[str] | None) -> list[str]:
    """The units named, or else those that hand edits of the plan moved.

    Raises:
        ZoningInputError: none are named, and no hand edit made the plan.
    """
    held = sorted(set(edited_units(plan.run) if named is None else named))
    if not held:
        raise ZoningInputError("No hand edit is noted in this plan: name the units to hold with --lock-units.")
    return held


def locked(plan: Plan, units: Iterable[str]) -> Problem:
    """The plan's problem with `units` locked to their schools of the plan.

    Raises:
        ZoningInputError: an unknown unit, or one that is an own unit of, or locked to, another school.
    """
    problem = plan.problem
    locks = problem.locked.copy()
    for unit in units:
        at = problem.unit_index.get(unit)
        if at is None:
            raise ZoningInputError("There is no unit “%(unit)s” in this problem.", unit=unit)
        if problem.fixed[at] not in (NOWHERE, plan.choice[at]):
            school = problem.targets[problem.fixed[at]]
            raise ZoningInputError(
                "The unit “%(unit)s” must stay with “%(school)s” and cannot be held elsewhere.",
                unit=unit,
                school=school,
            )
        locks[at] = plan.choice[at]
    return replace(problem, locked=locks)
