"""People and children of each unit."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import GeodataInputError
from geodata.forecast.fill import with_births
from geodata.gather import Gathered
from geodata.notes import Notes
from geodata.people.homes import Placed
from geodata.recipe.levels import LEVEL_NAMES
from geodata.recipe.recipe import Recipe
from geodata.units.blocks import Units, name_by_streets


def unit_frame(given: Gathered, units: Units, placed: Placed, recipe: Recipe, notes: Notes) -> gpd.GeoDataFrame:
    """Units with people and children; children are multiplied by the attendance."""
    ages = [column for column in given.population.columns if column.startswith("age_")]
    values = given.population[["count", *ages]].to_numpy(dtype=float)
    sums = placed.spread.on_units(values, placed.building_unit, placed.record_unit, len(units.ids))
    children = with_births(pd.DataFrame(sums[:, 1:], columns=ages), given, placed, recipe)
    rate = _attendance(given, children, recipe, notes)
    frame = pd.concat([pd.DataFrame({"unit": units.ids, "people": sums[:, 0]}), children * rate], axis=1)
    frame.insert(1, "name", name_by_streets(units, given.streets))
    frame["area"], frame["perimeter"] = shapely.area(units.shapes), shapely.length(units.shapes)
    frame.attrs["attendance"] = rate
    return gpd.GeoDataFrame(frame, geometry=units.shapes, crs=given.crs)


def _attendance(given: Gathered, children: pd.DataFrame, recipe: Recipe, notes: Notes) -> float:
    """The recipe's rate, or the latest enrolment of the city's schools ÷ the resident children of the level's ages."""
    for name, chosen in recipe.levels.items() if len(children.columns) else ():
        missing = [f"age_{age}" for age in chosen.ages if f"age_{age}" not in children.columns]
        if missing:
            raise GeodataInputError(
                "%(recipe)s: the level %(level)s needs children of the ages in %(column)s, which the population lacks.",
                recipe=recipe.path.name,
                level=LEVEL_NAMES[name],
                column=missing[0],
            )
    if recipe.attendance is not None:
        return recipe.attendance
    (level,) = recipe.levels.values()
    resident = float(children[[f"age_{age}" for age in level.ages]].to_numpy().sum())
    enrolled = float(given.schools["latest"].sum())
    if resident <= 0 or enrolled <= 0:
        raise GeodataInputError("No attendance can be reckoned: there are no resident children, or none is enrolled.")
    notes.doubt(
        "Attendance %(rate).4f is reckoned: %(enrolled).1f enrolled (reduced as said) of %(resident).1f resident "
        "children of the planned ages; children of every age are multiplied by it.",
        rate=enrolled / resident,
        enrolled=enrolled,
        resident=resident,
    )
    return enrolled / resident
