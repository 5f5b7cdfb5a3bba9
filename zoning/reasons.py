"""An explanation in sentences that a planner understands."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.errors import EvenhandError, Phrase
from zoning import breaks
from zoning.explain import Explanation, Option

Said = Phrase | EvenhandError


def reasons(found: Explanation, schools: Mapping[str, str], units: Mapping[str, str]) -> list[Said]:
    """Sentences on the unit and the plan's school; `schools` and `units` give names for ids."""
    words = {"unit": units.get(found.unit) or found.unit, "school": schools.get(found.school, found.school)}
    own = found.own
    said: list[Said] = [
        Phrase("%(unit)s: %(children)s children, to %(school)s.", children=_count(found.children), **words)
    ]
    others = [option for option in found.options if option.school != found.school]
    if others and all("own_unit" in option.forbids for option in others):
        said.append(Phrase("%(school)s stands in %(unit)s: this unit must stay with it.", **words))
    elif others and all("lock" in option.forbids for option in others):
        said.append(Phrase("%(unit)s is locked to %(school)s.", **words))
    said += _nearer(found, schools) + _scarce(found, own, words["school"])
    return said


def _nearer(found: Explanation, schools: Mapping[str, str]) -> list[Said]:
    walks = [(option.farther, option.school) for option in found.options if option.farther is not None]
    nearer = [(farther, school) for farther, school in walks if farther < 0]
    if not walks or not nearer:
        return [Phrase("No school is nearer.")] if walks else []
    farther, school = min(nearer)
    words = {"school": schools.get(school, school), "metres": _count(-farther), "m": _m(found)}
    return [
        Phrase("Nearer schools: %(count)s; the nearest, %(school)s, by %(metres)s %(m)s.", count=len(nearer), **words)
    ]


def _scarce(found: Explanation, option: Option, school: str) -> list[Said]:
    """What one more child at the school costs or saves, in walks."""
    words = {"school": school, "metres": _count(abs(option.seat or 0.0)), "m": _m(found)}
    if option.seat is None:
        return []
    if option.seat >= 0.5:
        return [
            Phrase(
                "One more child at %(school)s costs the other children %(metres)s %(m)s: its seats are scarce.", **words
            )
        ]
    if option.seat <= -0.5:
        return [Phrase("One more child at %(school)s is worth %(metres)s %(m)s: it lacks children.", **words)]
    return [Phrase("One more child at %(school)s costs the others nothing.", **words)]


def objections(found: Explanation, option: Option, schools: Mapping[str, str], units: Mapping[str, str]) -> list[Said]:
    """Sentences on one other school: walk and prices, what breaks, what no rearrangement can undo."""
    school = schools.get(option.school, option.school)
    said: list[Said] = []
    if option.farther is not None:
        sentence = (
            Phrase("To %(school)s each child walks %(metres)s %(m)s more.")
            if option.farther >= 0
            else Phrase("To %(school)s each child walks %(metres)s %(m)s less.")
        )
        said.append(Phrase(sentence.message, school=school, metres=_count(abs(option.farther)), m=_m(found)))
    said += _scarce(found, option, school)
    if option.moving:
        said.append(
            Phrase(
                "The change of school weighs as much as %(metres)s %(m)s.", metres=_count(option.moving), m=_m(found)
            )
        )
    return said + _together(found, option) + _alone(option, schools, units) + _proved(found, option)


def _together(found: Explanation, option: Option) -> list[Said]:
    if option.together is None:
        return []
    words = {"metres": _count(abs(option.together)), "m": _m(found)}
    if abs(option.together) < 0.05:
        return [Phrase("Walk and prices together make no difference.")]
    if option.together < 0:
        return [Phrase("Walk and prices together speak for it: %(metres)s %(m)s a child better.", **words)]
    return [Phrase("Walk and prices together speak against it: %(metres)s %(m)s a child worse.", **words)]


def _alone(option: Option, schools: Mapping[str, str], units: Mapping[str, str]) -> list[Said]:
    if option.alone is None:
        return []
    broken = breaks.explain(option.alone.breaks, schools, units, set(option.alone.cut))
    if broken:
        return [Phrase("If this unit alone went there:"), *broken]
    change = f"{option.alone.change:+.6f}"
    return [
        Phrase(
            "If this unit alone went there nothing would break; the objective would change by %(change)s.",
            change=change,
        )
    ]


def _proved(found: Explanation, option: Option) -> list[Said]:
    if option.bound is None:
        return []
    if option.limits_fail:
        return [Phrase("With this unit there the limits cannot all hold, however the rest is arranged.")]
    words = {"bound": f"{option.bound:.6f}", "objective": f"{found.objective:.6f}"}
    if not found.feasible:
        return [
            Phrase(
                "However the rest is arranged, a plan that keeps every limit with this unit there has an objective of "
                "at least %(bound)s.",
                bound=words["bound"],
            )
        ]
    if option.bound > found.objective:
        return [
            Phrase(
                "However the rest is arranged, with this unit there the objective is at least %(bound)s; this plan has "
                "%(objective)s.",
                **words,
            )
        ]
    return [
        Phrase(
            "However the rest is arranged, with this unit there the objective is at least %(bound)s. This plan has "
            "%(objective)s, so a better plan with it there is not ruled out.",
            **words,
        )
    ]


def _m(found: Explanation) -> Phrase | str:
    """The sign of the walk unit, or the planner's own word for it."""
    return Phrase("m") if found.distance_unit == "metres" else found.distance_unit


def _count(value: float) -> str:
    """To one digit, without it where it is 0."""
    return f"{value:.1f}".removesuffix(".0")
