"""What a plan breaks, in sentences that a planner understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from ledger.errors import Phrase
from zoning.errors import ZoningError
from zoning.heals import Heal
from zoning.measure import Violation
from zoning.plan import Plan

_FIRST = {"own_unit": 0, "lock": 1, "parts": 2, "loose": 2}
"""A school without its own unit often breaks zones too: the cause is named before what follows from it."""


class BrokenRuleError(ZoningError):
    """One sentence on one rule that a plan breaks; listed more often than raised."""


_NAMED = 6  # units that a suggestion names


def explain(
    violations: Iterable[Violation],
    schools: Mapping[str, str],
    units: Mapping[str, str],
    cut: Set[str] = frozenset(),
) -> list[BrokenRuleError]:
    """A sentence for each violation, what is never allowed first; long walks are told school by school.

    `schools` and `units` give names for ids; `cut` are schools whose zone only a barrier breaks.
    """
    found = list(violations)
    hard = sorted((violation for violation in found if violation.hard), key=lambda violation: _FIRST[violation.kind])
    walks = [violation for violation in found if violation.kind == "walk"]
    rest = [violation for violation in found if not violation.hard and violation.kind != "walk"]
    by_school: dict[str, list[Violation]] = {}
    for violation in walks:
        by_school.setdefault(violation.school or "", []).append(violation)
    return [
        *(_never(violation, schools, units, cut) for violation in hard),
        *(_limit(violation, schools) for violation in rest),
        *(_too_far(schools.get(school, school), far) for school, far in sorted(by_school.items())),
    ]


def suggest(heal: Heal, schools: Mapping[str, str], units: Mapping[str, str]) -> Phrase:
    """A sentence that tells the planner what to move and what that mends; names as for `explain`."""
    names = [units.get(unit) or unit for unit in heal.units]
    shown = ", ".join(names[:_NAMED]) + (f" … ({len(names)})" if len(names) > _NAMED else "")
    school, source = schools.get(heal.school, heal.school), schools.get(heal.source, heal.source)
    if heal.why == "bridge":
        return Phrase(
            "Give %(units)s to %(school)s too: then that part of its zone hangs together.", units=shown, school=school
        )
    if heal.why == "along":
        return Phrase(
            "Let %(units)s go to %(school)s: the zone of %(source)s has lost touch with this part.",
            units=shown,
            school=school,
            source=source,
        )
    if heal.why == "kept":
        return Phrase("Give %(units)s back to %(school)s, which must keep them.", units=shown, school=school)
    return Phrase(
        "Hand %(units)s on from %(source)s to %(school)s: %(source)s has too many children.",
        units=shown,
        school=school,
        source=source,
    )


def refuse_broken(plan: Plan, schools: Mapping[str, str], units: Mapping[str, str]) -> None:
    """Refuse a plan that breaks what is never relaxed: contiguity, barriers, own units, locks.

    Raises:
        BrokenRuleError: the first such rule.
    """
    for sentence in explain([found for found in plan.figures.violations if found.hard], schools, units):
        raise sentence


def _never(
    violation: Violation, schools: Mapping[str, str], units: Mapping[str, str], cut: Set[str]
) -> BrokenRuleError:
    school = schools.get(violation.school or "", violation.school)
    unit = units.get(violation.unit or "") or violation.unit
    if violation.kind == "own_unit":
        return BrokenRuleError("%(school)s stands in %(unit)s: this unit must stay with it.", school=school, unit=unit)
    if violation.kind == "lock":
        return BrokenRuleError("%(unit)s is locked to %(school)s.", school=school, unit=unit)
    if violation.school in cut:
        return BrokenRuleError(
            "A barrier (river, railway or large road) cuts the zone of %(school)s in two at %(unit)s.",
            school=school,
            unit=unit,
        )
    if violation.kind == "loose":
        return BrokenRuleError(
            "The zone of %(school)s is not in one piece: the part at %(unit)s has no way to the school.",
            school=school,
            unit=unit,
        )
    return BrokenRuleError(
        "The zone of %(school)s is in %(found)s pieces, %(allowed)s would be allowed; one of them is at %(unit)s.",
        school=school,
        unit=unit,
        found=_number(violation.found),
        allowed=_number(violation.allowed),
    )


def _limit(violation: Violation, schools: Mapping[str, str]) -> BrokenRuleError:
    school = schools.get(violation.school or "", violation.school)
    found, allowed, children = (_number(value) for value in (violation.found, violation.allowed, violation.children))
    if violation.kind == "above":
        return BrokenRuleError(
            "%(school)s has %(found)s children, %(children)s more than its limit of %(allowed)s.",
            school=school,
            found=found,
            children=children,
            allowed=allowed,
        )
    if violation.kind == "below":
        return BrokenRuleError(
            "%(school)s has %(found)s children, %(children)s fewer than its lower limit of %(allowed)s.",
            school=school,
            found=found,
            children=children,
            allowed=allowed,
        )
    return BrokenRuleError(
        "%(found)s children change school, %(children)s more than the limit of %(allowed)s.",
        found=found,
        children=children,
        allowed=allowed,
    )


def _too_far(school: str, far: list[Violation]) -> BrokenRuleError:
    return BrokenRuleError(
        "%(children)s children of %(count)s units walk over %(allowed)s m to %(school)s, at most %(found)s m.",
        school=school,
        count=len(far),
        children=_number(sum(violation.children for violation in far)),
        found=_number(max(violation.found or 0.0 for violation in far)),
        allowed=_number(far[0].allowed),
    )


def _number(value: float | None) -> str:
    """To one digit, without it where it is 0."""
    return f"{value or 0.0:.1f}".removesuffix(".0")
