"""What the routes answer, as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from doors.i18n import chosen_language, translate
from zoning.breaks import explain, refuse_broken, suggest
from zoning.cli.record import seal_words
from zoning.documents import members_of, overfull, unpack
from zoning.editing import Outcome, cut_by_barriers, edit, try_out, without_barriers
from zoning.errors import ZoningInputError
from zoning.explain import explain as explain_unit
from zoning.maps import dissolve, features
from zoning.problem import NOWHERE
from zoning.reasons import objections, reasons
from zoning.tables import PlanCity, PlanRow, store


def list_plans(session: Session) -> list[dict[str, Any]]:
    """Every plan with its figures, the newest first."""
    without_maps = defer(col(PlanRow.document))  # type: ignore[arg-type]  # SQLModel says Mapped where it is a column
    wanted = select(PlanRow).options(without_maps)
    rows = session.exec(wanted.order_by(col(PlanRow.created).desc(), col(PlanRow.id))).all()
    return [summary(session, row) for row in rows]


def summary(session: Session, row: PlanRow) -> dict[str, Any]:
    """What the head of a page says about a plan."""
    parent = store.by_fingerprint(session, row.parent)
    city = session.get_one(PlanCity, row.city)
    published = store.publications_of(session, row.id)
    return {
        **{
            key: getattr(row, key)
            for key in ("id", "fingerprint", "parent", "level", "year", "author", "created", "note")
        },
        **{key: row.report[key] for key in ("objective", "gap", "feasible")},
        "city": city.name,
        "synthetic": city.synthetic,
        "parent_id": parent.id if parent else None,
        "in_force": published[0].from_year if published else None,
        "words": seal_words(chosen_language()) if published else "",
    }


def document_of(row: PlanRow) -> dict[str, Any]:
    """What a plan's map shows."""
    return _unpacked(row.document)


def backdrop_kinds(session: Session, row: PlanRow) -> set[str]:
    """Kinds of lines on the city's map: river, railway, road, street."""
    shown = _city_document(session, row)["backdrop"]["features"]
    return {line["properties"]["kind"] for line in shown}


def attribution(session: Session, row: PlanRow) -> str:
    """Whom the city's map must name; may be empty."""
    return str(_city_document(session, row)["attribution"])


def unit_facts(session: Session, row: PlanRow, unit: str) -> dict[str, Any]:
    """A unit's name, children and walks to every open school, the nearest first; why the plan gives it to its school.

    Raises:
        ZoningInputError: the plan has no such unit.
    """
    problem = store.problem_of(row.problem)
    at = problem.unit_index.get(unit)
    if at is None:
        raise ZoningInputError("There is no unit “%(unit)s” in this problem.", unit=unit)
    walks = [math.inf] * len(problem.targets) if problem.walks is None else problem.walks[at].tolist()
    nearest = sorted(zip(walks, problem.targets, strict=True))
    return {
        "unit": unit,
        "name": _unit_names(session, row).get(unit, ""),
        "demand": float(problem.demand[at]),
        "fixed": bool(problem.fixed[at] != NOWHERE),
        "schools": [{"school": school, "metres": walk if math.isfinite(walk) else None} for walk, school in nearest],
        "why": _why(session, row, unit),
    }


def _why(session: Session, row: PlanRow, unit: str) -> list[str]:
    """Sentences on the unit's school in the plan as it was saved, and on the next one by walk and prices."""
    found = explain_unit(store.plan_of(row), unit, store.measure_of(row.problem), detailed=1, anew=False)
    schools, units = _school_names(row), _unit_names(session, row)
    said = reasons(found, schools, units)
    for option in found.next:
        said += objections(found, option, schools, units) if option.bound is not None else []
    return [translate(sentence) for sentence in said]


def try_changes(session: Session, row: PlanRow, changes: Mapping[str, str]) -> dict[str, Any]:
    """Figures, broken rules and touched zones of a plan with some units moved.

    Raises:
        ZoningInputError: an unknown unit or a school that is not open.
    """
    outcome = try_out(store.plan_of(row), changes)
    figures = outcome.figures
    over = overfull(figures)
    return {
        "objective": figures.objective,
        "gap": outcome.gap,
        "feasible": figures.feasible,
        "allowed": not any(found.hard for found in figures.violations),
        "breaks": _sentences(session, row, outcome),
        "heals": [
            {
                "changes": dict.fromkeys(heal.units, heal.school),
                "sentence": translate(suggest(heal, _school_names(row), _unit_names(session, row))),
            }
            for heal in outcome.heals
        ],
        "zones": _zones(row, outcome),
        "schools": {
            school.school: {
                "demand": school.demand,
                "utilisation": school.utilisation,
                "mean_walk": school.mean_walk,
                "over": school.school in over,
            }
            for school in figures.schools
        },
    }


def save_changes(session: Session, row: PlanRow, changes: Mapping[str, str], author: str, note: str) -> PlanRow:
    """Keep the plan with some units moved.

    Raises:
        ZoningInputError: nothing differs, an unknown unit or school.
        BrokenRuleError: a rule that is never relaxed is broken.
    """
    plan = edit(store.plan_of(row), changes)
    refuse_broken(plan, _school_names(row), _unit_names(session, row))
    provenance = store.Provenance(row.city, row.level, row.year, author, note)
    return store.keep_plan(session, plan, provenance, store.shapes_of(row.city), members_of(document_of(row)))


def _zones(row: PlanRow, outcome: Outcome) -> list[dict[str, Any]]:
    """The features of zones that an edit touched; one that lost every unit has no geometry."""
    touched = set(outcome.touched)
    units = {unit: school for unit, school in outcome.plan.assignment.items() if school in touched}
    shapes = dissolve(store.shapes_of(row.city), units)
    rows = [school for school in document_of(row)["schools"] if school["school"] in touched]
    properties = {school["school"]: {key: school[key] for key in ("school", "number", "colour")} for school in rows}
    drawn: list[dict[str, Any]] = features(shapes, properties)["features"]
    gone = touched - set(shapes.index)
    return drawn + [
        {"type": "Feature", "id": school, "properties": properties[school], "geometry": None} for school in sorted(gone)
    ]


def _sentences(session: Session, row: PlanRow, outcome: Outcome) -> list[str]:
    violations = outcome.figures.violations
    cut = cut_by_barriers(outcome.plan.choice, violations, without_barriers(store.measure_of(row.problem)))
    return [translate(found) for found in explain(violations, _school_names(row), _unit_names(session, row), cut)]


def _school_names(row: PlanRow) -> dict[str, str]:
    return {school["school"]: f"{school['number']} {school['name']}" for school in document_of(row)["schools"]}


def _unit_names(session: Session, row: PlanRow) -> dict[str, str]:
    shown = _city_document(session, row)["units"]["features"]
    return {unit["id"]: unit["properties"]["name"] for unit in shown}


def _city_document(session: Session, row: PlanRow) -> dict[str, Any]:
    return _unpacked(session.get_one(PlanCity, row.city).document)


@lru_cache(maxsize=8)
def _unpacked(data: bytes) -> dict[str, Any]:
    return unpack(data)
