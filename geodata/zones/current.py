"""Today's catchments on the units: which schools serve each unit now."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Indices, Shapes
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.people.homes import Homes
from geodata.recipe.levels import LEVEL_NAMES
from geodata.recipe.recipe import Recipe
from geodata.units.blocks import Units
from geodata.units.faces import holders


def match_zones(given: Gathered, units: Units, homes: Homes, recipe: Recipe, notes: Notes) -> pd.DataFrame:
    """Rows (unit index, level, school) of every level that has zones."""
    tables = [pd.DataFrame({"unit": [], "level": [], "school": []})]
    for level in recipe.levels:
        zones = given.zones[given.zones["level"] == level]
        if zones.empty:
            continue
        _doubt_unknown_schools(level, zones["schools"], given.schools, notes)
        zone, elsewhere = zone_of_units(units.shapes, zones.geometry.to_numpy(), homes.points, homes.unit, homes.people)
        tables.append(current_schools(zone, zones["schools"], given.schools, level))
        notes.doubt(
            "Current zones, %(level)s: %(people).1f people (%(percent).2f %%) live in another zone than most of their "
            "unit does; %(units)s units have no current school, %(shared)s have several.",
            level=LEVEL_NAMES[level],
            people=elsewhere,
            percent=100 * elsewhere / max(homes.people.sum(), elsewhere, 1e-9),
            units=len(units.shapes) - tables[-1]["unit"].nunique(),
            shared=int((tables[-1].groupby("unit").size() > 1).sum()),
        )
    return pd.concat(tables, ignore_index=True)


def _doubt_unknown_schools(level: str, served: pd.Series[str], schools: pd.DataFrame, notes: Notes) -> None:
    named = {school for ids in served for school in ids.split(",") if school}
    here = schools[schools["level"] == level]
    unknown = [_with_likeness(school, here["name"]) for school in sorted(named - set(here["school"]))]
    if unknown:
        notes.doubt(
            "Current zones, %(level)s: they name schools that the city does not have, which count for nobody: "
            "%(schools)s.",
            level=LEVEL_NAMES[level],
            schools=", ".join(unknown),
        )


def _with_likeness(named: str, names: Iterable[str]) -> str:
    """A name that no school has, with the most similar ones that schools have."""
    alike = get_close_matches(named, sorted(set(names)), n=2)
    return f"{named} (≈ {' / '.join(alike)})" if alike else named


def zone_of_units(
    units: Shapes, zones: Shapes, places: Shapes, unit_of: Indices, people: Floats
) -> tuple[Indices, float]:
    """Index of the zone in which most of a unit's people live (−1: none), and the people who live in another one.

    `places`, `unit_of`, `people` say where people live; a unit without any goes by area.
    """
    home = holders(zones, places)
    votes = pd.DataFrame({"unit": unit_of, "zone": home, "weight": people})
    empty = np.setdiff1d(np.arange(len(units)), unit_of[people > 0])
    votes = pd.concat([votes[votes["weight"] > 0], _areas(units, zones, empty)])
    sums = votes.groupby(["unit", "zone"], as_index=False)["weight"].sum()
    most = sums.sort_values(["unit", "weight", "zone"], ascending=[True, False, True]).groupby("unit")["zone"].first()
    chosen = np.full(len(units), -1, dtype=np.int64)
    chosen[most.index] = most
    return chosen, float(people[home != chosen[unit_of]].sum())


def _areas(units: Shapes, zones: Shapes, which: Indices) -> pd.DataFrame:
    """Area of each unit of `which` in each zone and (zone −1) in none."""
    unit, zone = shapely.STRtree(zones).query(units[which], predicate="intersects")
    inside = pd.DataFrame({"unit": which[unit], "zone": zone})
    inside["weight"] = shapely.area(shapely.intersection(units[which[unit]], zones[zone]))
    covered = inside.groupby("unit")["weight"].sum().reindex(which, fill_value=0.0)
    rest = np.maximum(shapely.area(units[which]) - covered.to_numpy(), 1e-9)
    return pd.concat([inside, pd.DataFrame({"unit": which, "zone": -1, "weight": rest})])


def current_schools(zone: Indices, served: Iterable[str], schools: gpd.GeoDataFrame, level: str) -> pd.DataFrame:
    """Rows (unit index, level, school) of the zones' schools that stand in the city; a shared zone gives several."""
    known = set(schools["school"][schools["level"] == level])
    ids = [sorted({part for part in schools_of.split(",") if part in known}) for schools_of in served]
    rows = [(unit, level, school) for unit, at in enumerate(zone) if at >= 0 for school in ids[at]]
    return pd.DataFrame(rows, columns=["unit", "level", "school"])
