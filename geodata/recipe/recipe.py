"""RECIPE.toml as plain values: which files make the city and how they are read (reference: docs/guide/en/recipe.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.errors import GeodataInputError
from geodata.recipe.forecast import Forecast, read_forecast
from geodata.recipe.levels import Level, read_levels
from geodata.recipe.source import Source, read_sources
from geodata.recipe.table import Table
from geodata.recipe.unit_size import UnitSize, read_unit_size
from geodata.roles.addresses import ADDRESSES
from geodata.roles.births import BIRTHS
from geodata.roles.boundary import Boundary, read_boundary
from geodata.roles.buildings import BUILDINGS
from geodata.roles.catchments import CATCHMENTS
from geodata.roles.migration import MIGRATION
from geodata.roles.population import POPULATION, Ages, read_age_groups
from geodata.roles.projects import PROJECTS
from geodata.roles.register import REGISTER
from geodata.roles.schools import SCHOOLS
from geodata.roles.streets import BARRIERS, STREETS
from geodata.roles.units import UNITS
from geodata.roles.zones import ZONES
from ledger.errors import Phrase

ROLES = (
    BUILDINGS,
    ADDRESSES,
    STREETS,
    BARRIERS,
    UNITS,
    POPULATION,
    REGISTER,
    SCHOOLS,
    ZONES,
    CATCHMENTS,
    BIRTHS,
    MIGRATION,
    PROJECTS,
)
REACH = 400.0
"""Metres within which a home looks for a street that no barrier hides."""
MOST_REACH = 5000.0


@dataclass(frozen=True)
class Recipe:
    """A whole recipe; `attendance` is None where it is to be taken from the schools' enrolment.

    `boundary` is None where the drawn units together are the city; `reach` is how far homes look for a street (m).
    """

    path: Path
    name: str
    crs: str
    school_year: int
    synthetic: bool
    attribution: str
    levels: Mapping[str, Level]
    boundary: Boundary | None
    sources: Mapping[str, tuple[Source, ...]]
    age_groups: Ages
    attendance: float | None
    forecast: Forecast
    reach: float
    unit_size: UnitSize | None


def read_recipe(path: Path, data: Path | None = None) -> Recipe:
    """Read and check a recipe; source paths are relative to `data`, by default to the recipe's folder.

    Raises:
        GeodataInputError: the file is missing, is no TOML, or says something that cannot be done.
    """
    given = Table(path, "", _load(path))
    folder = data or path.parent
    city = given.table("city", {"name", "crs", "school_year", "synthetic", "attribution"})
    if not city.take("name", str).strip():
        city.refuse("has an empty name")
    if not 1900 <= city.take("school_year", int) <= 2200:
        city.refuse("needs a school_year such as 2026")
    recipe = Recipe(
        path=path,
        name=city.take("name", str),
        crs=city.take("crs", str),
        school_year=city.take("school_year", int),
        synthetic=city.take("synthetic", bool, False),
        attribution=city.take("attribution", str, ""),
        levels=read_levels(given),
        boundary=read_boundary(given, folder),
        sources={role.name: read_sources(given, role, folder) for role in ROLES},
        age_groups=read_age_groups(given, folder),
        attendance=_attendance(given),
        forecast=read_forecast(given),
        reach=_reach(given),
        unit_size=read_unit_size(given),
    )
    tables = {"city", "levels", "age_groups", "demand", "forecast", "boundary", "walks", "unit_size"}
    given.refuse_others(tables | {role.name for role in ROLES})
    _check_together(recipe)
    return recipe


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise GeodataInputError("There is no recipe %(path)s.", path=path) from error
    except UnicodeDecodeError as error:
        raise GeodataInputError("%(file)s is not UTF-8: save it in UTF-8.", file=path) from error
    except (ValueError, RecursionError) as error:
        raise GeodataInputError(
            "The recipe %(path)s cannot be read: %(reason)s.", path=path, reason=_said(error)
        ) from error


def _said(error: Exception) -> Phrase:
    """Where a recipe is no TOML, in our words."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    if found:
        return Phrase("line %(line)s is no TOML from column %(column)s on", line=found[1], column=found[2])
    return Phrase("%(said)s", said=str(error).rstrip("."))


def _attendance(given: Table) -> float | None:
    demand = given.table("demand", {"attendance"}, default={})
    value = demand.take("attendance", (int, float, str), 1)
    if value == "enrolment":
        return None
    if isinstance(value, str) or not 0 < value <= 2:
        demand.refuse('needs attendance = a number above 0 or "enrolment"')
    return float(value)


def _reach(given: Table) -> float:
    walks = given.table("walks", {"reach"}, default={})
    reach = walks.take("reach", (int, float), REACH)
    if not 0 < reach <= MOST_REACH:
        walks.refuse("needs reach in metres above 0 and at most 5000")
    return float(reach)


def _check_together(recipe: Recipe) -> None:
    top = Table(recipe.path, "", {})
    if not recipe.sources["streets"] and not recipe.sources["units"]:
        top.refuse("names neither [[streets]] nor [[units]], from one of which a city's units are made")
    if recipe.boundary is None and not recipe.sources["units"]:
        top.refuse("needs [boundary] where it names no [[units]]")
    levels = {source.options["level"] for role in ("schools", "zones", "catchments") for source in recipe.sources[role]}
    for level in sorted(levels - set(recipe.levels)):
        top.refuse("names a source of level %(level)s, but has no [levels.%(level)s]", level=level)
    both = {source.options["level"] for source in recipe.sources["zones"]}
    both &= {source.options["level"] for source in recipe.sources["catchments"]}
    for level in sorted(both):
        top.refuse("gives today's catchments of level %(level)s twice: as [[zones]] and as [[catchments]]", level=level)
    own_ages = any(column.startswith("age") for source in recipe.sources["population"] for column in source.columns)
    if recipe.sources["register"] and (own_ages or recipe.age_groups is not None):
        top.refuse("gives the children's ages twice: in [[register]], and in [[population]] or [age_groups]")
    if recipe.attendance is not None:
        return
    schools = recipe.sources["schools"]
    if len(recipe.levels) != 1 or not schools or not all("latest" in source.options for source in schools):
        top.refuse('can take attendance = "enrolment" only with one level whose schools all have [schools.enrolment]')
