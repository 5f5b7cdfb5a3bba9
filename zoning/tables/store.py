"""Keeping plans and finding them again: rows in the database, folders of plans and problems beside it.

A folder is named by its content's fingerprint, so one that is there already is the right one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import shapely
from sqlmodel import Session, col, select

from doors import database, settings
from geodata.city import City
from ledger.files import whole_folder
from zoning.documents import city_document, pack, plan_document
from zoning.errors import ZoningError
from zoning.maps import lighten
from zoning.measure import Measure
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.publication import School
from zoning.tables.models import AssignmentRow, PlanCity, PlanRow, PlanUnit, PublicationRow

PROBLEM_FILES = (
    "units.csv", "schools.csv", "adjacency.csv", "walks.csv", "current.csv", "locks.csv", "policy.toml", "problem.json",
)  # fmt: skip
ID_DIGITS = 8


class NoSuchPlanError(ZoningError):
    """There is no plan of that id."""

    exit_code = 2
    http_status = 404


def find_plan(session: Session, plan_id: str) -> PlanRow:
    """The plan of that id.

    Raises:
        NoSuchPlanError: there is none.
    """
    row = session.get(PlanRow, plan_id)
    if row is None:
        raise NoSuchPlanError("There is no plan %(plan)s.", plan=plan_id)
    return row


def by_fingerprint(session: Session, fingerprint: str | None) -> PlanRow | None:
    """The plan with that fingerprint, if it was added."""
    return session.exec(select(PlanRow).where(PlanRow.fingerprint == fingerprint)).first() if fingerprint else None


def publications_of(session: Session, plan_id: str) -> list[PublicationRow]:
    """How often a plan was put in force, the first school year first."""
    wanted = select(PublicationRow).where(PublicationRow.plan == plan_id).order_by(col(PublicationRow.from_year))
    return list(session.exec(wanted))


def keep_problem(source: Path) -> Problem:
    """Copy a problem folder into the instance (once) and read it there."""
    fingerprint = Problem.read(source).fingerprint
    kept = problem_folder(fingerprint)
    if not kept.exists():
        with whole_folder(kept) as new:
            _copy(source, new, PROBLEM_FILES)
    return problem_of(fingerprint)


def problem_folder(fingerprint: str) -> Path:
    """Where the problem with that fingerprint is kept."""
    return settings.current().plans / "problems" / fingerprint[:16]


def problem_of(fingerprint: str) -> Problem:
    """The kept problem with that fingerprint.

    Raises:
        ZoningError: its folder was changed.
    """
    problem = _measure(problem_folder(fingerprint)).problem
    if problem.fingerprint != fingerprint:
        raise ZoningError("The kept problem %(folder)s was changed.", folder=problem_folder(fingerprint))
    return problem


def measure_of(fingerprint: str) -> Measure:
    """What measures assignments of that problem; kept between requests."""
    return _measure(problem_folder(fingerprint))


@lru_cache(maxsize=4)
def _measure(folder: Path) -> Measure:
    return Measure(Problem.read(folder))


def plan_of(row: PlanRow) -> Plan:
    """The plan of a row.

    Raises:
        ZoningError: its folder was changed since it was added.
    """
    folder = settings.current().plans / row.id
    plan = _plan(folder, row.problem)
    if plan.fingerprint != row.fingerprint:
        raise ZoningError("The kept plan %(folder)s was changed.", folder=folder)
    return plan


@lru_cache(maxsize=8)
def _plan(folder: Path, problem: str) -> Plan:
    return Plan.read(problem_of(problem), folder)


def keep_city(session: Session, city: City, fingerprint: str) -> PlanCity:
    """The city's row, made with its units if this is its first plan."""
    known = session.get(PlanCity, fingerprint)
    if known:
        return known
    row = PlanCity(
        fingerprint=fingerprint,
        name=city.name,
        crs=city.crs,
        folder=str(city.folder),
        synthetic=city.synthetic,
        document=pack(city_document(city)),
    )
    session.add(row)
    session.flush()
    units = city.units()
    boxes = units.geometry.bounds.to_numpy().tolist()
    shapes = shapely.to_wkb(units.geometry.to_numpy())
    names = [name or "" for name in units["name"]]
    for unit, name, shape, box in zip(units["unit"], names, shapes, boxes, strict=True):
        west, south, east, north = box
        session.add(
            PlanUnit(
                city=fingerprint, unit=unit, name=name, shape=shape, west=west, south=south, east=east, north=north
            )
        )
    session.flush()
    return row


def city_of(session: Session, row: PlanRow) -> City:
    """The city folder of a plan.

    Raises:
        ZoningError: it was moved or changed since the plan was added.
    """
    kept = session.get_one(PlanCity, row.city)
    city = City.open(Path(kept.folder))
    if city.fingerprint() != kept.fingerprint:
        raise ZoningError(
            "The city in %(folder)s was changed since this plan was added: make a new plan for it.", folder=kept.folder
        )
    return city


def shapes_of(fingerprint: str) -> gpd.GeoSeries:
    """The light shapes of a kept city's units, by unit id; kept between requests."""
    return _shapes(fingerprint)


@lru_cache(maxsize=2)
def _shapes(fingerprint: str) -> gpd.GeoSeries:
    with database.session() as session:
        crs = session.get_one(PlanCity, fingerprint).crs
        rows = session.exec(select(PlanUnit).where(PlanUnit.city == fingerprint).order_by(col(PlanUnit.unit))).all()
        units = [row.unit for row in rows]
        shapes = shapely.from_wkb([row.shape for row in rows])
    return lighten(gpd.GeoSeries(shapes, index=units, crs=crs))


@dataclass(frozen=True)
class Provenance:
    """Where a plan comes from: city (its fingerprint), level, school year; who made it (empty: the terminal), why."""

    city: str
    level: str
    year: int
    author: str = ""
    note: str = ""


def keep_plan(
    session: Session, plan: Plan, provenance: Provenance, units: gpd.GeoSeries, schools: Iterable[School]
) -> PlanRow:
    """Keep a plan whose problem and city are kept; the row that is there already if it was added before.

    `units` are the light shapes of the city's units, `schools` those of the problem.
    """
    known = by_fingerprint(session, plan.fingerprint)
    if known:
        return known
    plan_id = f"{provenance.level}-{provenance.year}-{plan.fingerprint[:ID_DIGITS]}"
    folder = settings.current().plans / plan_id
    if not folder.exists():
        plan.write(folder)
    row = PlanRow(
        id=plan_id,
        fingerprint=plan.fingerprint,
        parent=plan.parent,
        city=provenance.city,
        problem=plan.problem.fingerprint,
        level=provenance.level,
        year=provenance.year,
        author=provenance.author,
        note=provenance.note,
        report=plan.report(),
        document=pack(plan_document(plan, plan.figures, units, schools)),
    )
    session.add(row)
    session.flush()
    session.add_all(AssignmentRow(plan=plan_id, unit=unit, school=school) for unit, school in plan.assignment.items())
    session.flush()
    return row


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
