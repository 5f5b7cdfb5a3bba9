"""The figures of a report, and what they make doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import GeodataInputError
from geodata.forecast.demand import assumptions, forecast_figures
from geodata.gather import Gathered
from geodata.notes import Notes
from geodata.people.homes import Placed
from geodata.recipe.recipe import Recipe
from geodata.service import service_figures
from geodata.units.versions import versions_compared

KEPT = 1e-6
"""Largest relative difference allowed between people read and people placed."""


def figures_of(
    given: Gathered, placed: Placed, layers: Mapping[str, pd.DataFrame], recipe: Recipe, notes: Notes
) -> dict[str, Any]:
    """The figures of report.json.

    Raises:
        GeodataInputError: people were lost, or units overlap (neither should ever be).
    """
    units, population = layers["units"], layers["population"]
    read, after = float(population["count"].sum()), float(units["people"].sum())
    difference = abs(after - read) / read if read else 0.0
    if difference > KEPT or not shapely.coverage_is_valid(units.geometry.to_numpy()):
        raise GeodataInputError(
            "The city cannot be made whole: people differ by %(difference).2g, or units overlap; please report this.",
            difference=difference,
        )
    unspread = population[population["unspread"] > 0]
    if len(unspread):
        notes.doubt(
            "%(people).1f people of %(records)s records stay at their record's place: no dwelling was found for them.",
            people=float(unspread["unspread"].sum()),
            records=len(unspread),
        )
    _doubt_schools(layers["schools"], notes)
    walks, adjacency = layers["walks"]["metres"], layers["adjacency"]
    return {
        "area_km2": float(given.area.area / 1e6),
        "buildings": len(layers["buildings"]),
        "dwellings": int(given.buildings["dwelling"].sum()),
        "addresses": len(layers["addresses"]),
        "people_read": read,
        "people_placed": after,
        "people_on_buildings": float(placed.people[: len(given.buildings)].sum()),
        "people_difference": difference,
        "units": len(units),
        "units_without_people": int((units["people"] <= 0).sum()),
        "pairs": len(adjacency),
        "pairs_across_barrier": int(adjacency["barrier"].sum()),
        "walks": len(walks),
        "longest_walk": float(walks.max()) if len(walks) else 0.0,
        "attendance": units.attrs["attendance"],
        "levels": {name: _level_figures(name, recipe, layers) for name in recipe.levels},
        "zone_changes": {name: found for name in recipe.levels if (found := _zone_changes(name, given, recipe, units))},
        "service": service_figures(layers, recipe.levels),
        "forecast": forecast_figures(layers, recipe),
        "forecast_assumptions": assumptions(layers["forecast"], recipe),
    }


def _doubt_schools(schools: gpd.GeoDataFrame, notes: Notes) -> None:
    shared = schools[schools.duplicated(["level", "unit"], keep=False)]
    for (_, unit), group in shared.groupby(["level", "unit"]):
        notes.doubt(
            "The schools %(schools)s stand in one unit, %(unit)s: only one of them can be given it.",
            schools=", ".join(group["school"]),
            unit=unit,
        )


def _zone_changes(name: str, given: Gathered, recipe: Recipe, units: gpd.GeoDataFrame) -> dict[str, Any]:
    before, after = (zones[zones["level"] == name] for zones in (given.earlier_zones, given.zones))
    ages = [f"age_{age}" for age in recipe.levels[name].ages]
    return versions_compared(before, after, units, ages) if len(before) else {}


def _level_figures(name: str, recipe: Recipe, layers: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    schools = layers["schools"][layers["schools"]["level"] == name]
    ages = [f"age_{age}" for age in recipe.levels[name].ages]
    children = float(layers["units"].reindex(columns=ages, fill_value=0.0).to_numpy().sum())
    return {
        "schools": len(schools),
        "seats": float(schools["capacity"].sum()),
        "children": children,
        "resident_children": children / layers["units"].attrs["attendance"],
    }
