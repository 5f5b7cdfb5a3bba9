"""People and children of each unit."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import GeodataInputError
from geodata.forecast.fill import with_births
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.people.homes import Placed
from geodata.people.small import Counted, count_on_units
from geodata.recipe.levels import LEVEL_NAMES
from geodata.recipe.recipe import Recipe
from geodata.units.blocks import Units, name_by_streets


def with_register(
    given: Gathered, units: Units, recipe: Recipe, notes: Notes
) -> tuple[Gathered, Units, Counted | None]:
    """Count a register's children in units (None without one); units that show too few of them are joined.

    Where there is no other population, the children are the people, and live spread over their unit's dwellings.
    """
    if given.register.empty:
        return given, units, None
    totals = given.register.groupby("age")["children"].sum()
    totals.index = [f"age_{age}" for age in totals.index]
    counted = count_on_units(given, units, attendance(given, totals, recipe), recipe, notes)
    if given.population.empty:
        people = {"count": counted.children.to_numpy().sum(axis=1)}
        records = gpd.GeoDataFrame(people, geometry=counted.units.shapes, crs=given.crs)
        given = replace(given, population=records)
    return given, counted.units, counted


def unit_frame(
    given: Gathered, units: Units, placed: Placed, counted: Counted | None, recipe: Recipe, notes: Notes
) -> gpd.GeoDataFrame:
    """Units with people and children; children are multiplied by the attendance."""
    ages = [column for column in given.population.columns if column.startswith("age_")]
    values = given.population[["count", *ages]].to_numpy(dtype=float)
    sums = placed.spread.on_units(values, placed.building_unit, placed.record_unit, len(units.ids))
    children = pd.DataFrame(sums[:, 1:], columns=ages) if counted is None else counted.children
    children = with_births(children, given, placed, recipe)
    _refuse_missing_ages(children, recipe)
    rate = attendance(given, children.sum(), recipe, notes)
    groups = pd.DataFrame() if counted is None else counted.groups
    frame = pd.concat([pd.DataFrame({"unit": units.ids, "people": sums[:, 0]}), children * rate, groups * rate], axis=1)
    frame.insert(1, "name", name_by_streets(units, given.streets))
    frame["area"], frame["perimeter"] = shapely.area(units.shapes), shapely.length(units.shapes)
    frame.attrs["attendance"] = rate
    return gpd.GeoDataFrame(frame, geometry=units.shapes, crs=given.crs)


def _refuse_missing_ages(children: pd.DataFrame, recipe: Recipe) -> None:
    for name, chosen in recipe.levels.items() if len(children.columns) else ():
        missing = [f"age_{age}" for age in chosen.ages if f"age_{age}" not in children.columns]
        if missing:
            raise GeodataInputError(
                "%(recipe)s: the level %(level)s needs children of the ages in %(column)s, which the population lacks.",
                recipe=recipe.path.name,
                level=LEVEL_NAMES[name],
                column=missing[0],
            )


def attendance(given: Gathered, totals: pd.Series[float], recipe: Recipe, notes: Notes | None = None) -> float:
    """The recipe's rate, or the latest enrolment of the city's schools ÷ the resident children of the level's ages.

    `totals` are the city's children by age_<n>.
    """
    if recipe.attendance is not None:
        return recipe.attendance
    (level,) = recipe.levels.values()
    resident = float(totals.reindex([f"age_{age}" for age in level.ages], fill_value=0.0).sum())
    enrolled = float(given.schools["latest"].sum())
    if resident <= 0 or enrolled <= 0:
        raise GeodataInputError("No attendance can be reckoned: there are no resident children, or none is enrolled.")
    if notes is not None:
        _say_attendance(enrolled, resident, notes)
    return enrolled / resident


def _say_attendance(enrolled: float, resident: float, notes: Notes) -> None:
    notes.doubt(
        "Attendance %(rate).4f is reckoned: %(enrolled).1f enrolled (reduced as said) of %(resident).1f resident "
        "children of the planned ages; children of every age are multiplied by it.",
        rate=enrolled / resident,
        enrolled=enrolled,
        resident=resident,
    )
