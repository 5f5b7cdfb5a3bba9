"""The figures of a report, and what they make doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import GeodataInputError
from geodata.forecast.demand import assumptions, forecast_figures
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.people.homes import Placed
from geodata.recipe.recipe import Recipe
from geodata.service import service_figures
from geodata.zones.versions import versions_compared

KEPT = 1e-6
"""Largest relative difference allowed between people read and people placed."""
CROWDED = 5.0
"""m² of floor a resident under which nobody lives so, but a file is wrong."""


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
    _doubt_crowds(given, placed, notes)
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


def _doubt_crowds(given: Gathered, placed: Placed, notes: Notes) -> None:
    """Doubt people packed into too few homes, as happens where one point stands for a whole village."""
    people = placed.people[: len(given.buildings)]
    crowded = float(people[people * CROWDED > given.buildings["floors"].to_numpy()].sum())
    if crowded > people.sum() / 100:
        notes.doubt(
            "%(people).0f people would have less than %(floor).0f m² of floor each: buildings or storeys are missing "
            "there, or a point stands for a whole village or district, which needs its outline.",
            people=crowded,
            floor=CROWDED,
        )


def _doubt_schools(schools: gpd.GeoDataFrame, notes: Notes) -> None:
    shared = schools[schools.duplicated(["level", "unit"], keep=False)]
    for (_, unit), group in shared.groupby(["level", "unit"]):
        notes.doubt(
            "The schools %(schools)s stand in one unit, %(unit)s, so a plan gives them one common zone; to part them, "
            "divide the unit: with [unit_size], with more streets (see no_block), or by drawing [[units]].",
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
