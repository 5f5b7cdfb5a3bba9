"""The layers of a city folder, and the head of its city.toml."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.arrays import Floats
from geodata.gathered import Gathered
from geodata.ids import ids_of
from geodata.people.homes import Placed
from geodata.recipe.recipe import Recipe
from geodata.units.blocks import Units
from geodata.units.faces import find
from geodata.units.merge import blocked


def map_layers(given: Gathered, units: Units, placed: Placed, frame: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The layers with geometry."""
    unit = np.array(units.ids, dtype=object)
    buildings = given.buildings[["use", "levels", "name", "compound", "geometry"]].copy()
    buildings.insert(0, "building", ids_of("B", len(buildings)))
    here = slice(len(buildings))  # without buildings, people live on the ground of their records
    buildings["people"], buildings["unit"] = placed.people[here], unit[placed.building_unit[here]]
    addresses = given.addresses.assign(unit=unit[find(units.shapes, given.addresses.geometry.to_numpy())])
    addresses = addresses.drop_duplicates(["text", "unit"]).sort_values(["text", "unit"], ignore_index=True)
    streets = given.streets[["name", "kind", "walkable", "geometry"]].assign(barrier=False)
    barriers = given.barriers[["name", "kind", "geometry"]].assign(walkable=False, barrier=True)
    stay = placed.spread.staying(len(given.population))
    population = given.population[["count", "geometry"]].copy()
    population["unspread"] = np.where(stay, population["count"], 0.0)
    population["unit"] = np.where(stay, unit[placed.record_unit], "")
    schools = given.schools[["school", "name", "level", "capacity", "classes", "class_size", "geometry"]].copy()
    schools["unit"] = unit[find(units.shapes, schools.geometry.to_numpy())]
    earlier = {"earlier_zones": given.earlier_zones} if len(given.earlier_zones) else {}
    return earlier | {
        "schools": schools,
        "buildings": buildings,
        "addresses": addresses,
        "streets": pd.concat([streets, barriers], ignore_index=True),
        "population": population,
        "units": frame,
        "zones": given.zones.drop(columns="year"),
    }


def table_layers(units: Units, given: Gathered, walks: Floats, current: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The layers without geometry."""
    unit, pairs = np.array(units.ids, dtype=object), units.pairs
    school = given.schools["school"].to_numpy()
    return {
        "adjacency": pd.DataFrame(
            {
                "unit": unit[pairs["a"]],
                "neighbour": unit[pairs["b"]],
                "border": pairs["border"],
                "barrier": blocked(pairs).astype(np.int64),
            }
        ),
        "walks": pd.DataFrame(
            {
                "unit": np.repeat(unit[: len(walks)], len(school)),
                "school": np.tile(school, len(walks)),
                "metres": np.round(walks.ravel(), 3),
            }
        ),
        "current": current.assign(unit=unit[current["unit"].astype(np.int64)]),
    }


def head_of(recipe: Recipe, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """What city.toml says."""
    sources = [source for role in recipe.sources.values() for source in role]
    return {
        "name": recipe.name,
        "crs": recipe.crs,
        "school_year": recipe.school_year,
        "synthetic": recipe.synthetic,
        "attribution": recipe.attribution,
        "attendance": frame.attrs["attendance"],
        "levels": {name: {"ages": list(level.ages)} for name, level in recipe.levels.items()},
        "datums": {f"{source.role}: {source.label}": source.datum for source in sources},
    }
