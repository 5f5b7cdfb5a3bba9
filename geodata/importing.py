"""From the sources of a recipe to a city: blocks, people, units, walks and the current zones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Indices, Shapes
from geodata.current import current_schools, zone_of_units
from geodata.errors import GeodataInputError
from geodata.faces import find
from geodata.gather import Gathered, gather
from geodata.notes import Notes
from geodata.people import Spread, spread
from geodata.recipe import LEVEL_NAMES, Recipe
from geodata.units import Units, make_blocks, make_units, name_by_streets
from geodata.walks import REACH, distances, join, mean_by_unit, network

Progress = Callable[[str, int, int], None]
STEPS = 6
KEPT = 1e-6
"""Largest relative difference allowed between people read and people placed."""


@dataclass(frozen=True)
class Made:
    """A city before it is written: head of city.toml, layers, figures of the report, and the notes."""

    head: Mapping[str, Any]
    layers: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Any]
    notes: Notes


@dataclass(frozen=True)
class _Placed:
    """Where people are: `spread` of the population's records, unit of each building and of each record's own place."""

    spread: Spread
    people: Floats
    building_unit: Indices
    record_unit: Indices


def make_city(recipe: Recipe, progress: Progress) -> Made:
    """Make the whole city in memory.

    Raises:
        GeodataInputError: a source is not what the recipe says.
    """
    notes = Notes()
    tick = _ticker(progress)
    tick("reading the sources")
    given = gather(recipe, notes)
    tick("cutting blocks")
    barriers = given.barriers.geometry.to_numpy()
    edges = given.streets.geometry[given.streets["edge"]].to_numpy()
    inner = shapely.point_on_surface(given.buildings.geometry.to_numpy())
    blocks = make_blocks(given.area, list(edges), barriers, inner[given.buildings["dwelling"].to_numpy()])
    tick("spreading people")
    shares = spread(given.population, given.buildings, blocks.shapes)
    tick("making units")
    walkable = given.streets.geometry[given.streets["walkable"]].to_numpy()
    units = make_units(given.area, blocks, given.buildings, barriers, walkable)
    placed = _placed(given, shares, units, inner)
    ids = _ids("U", len(units.shapes))
    frame = _unit_frame(given, units, placed, ids, recipe, notes)
    tick("measuring walks")
    walks = _walks(given, units, placed, inner, notes)
    tick("matching current zones")
    current = _current(given, units, placed, inner, recipe, notes)
    layers = _layers(given, units, placed, ids, frame) | _tables(units, given, ids, walks, current)
    tick("city made")
    return Made(_head(recipe, frame), layers, _figures(given, placed, layers, recipe, notes), notes)


def _ticker(progress: Progress) -> Callable[[str], None]:
    done = iter(range(STEPS + 1))
    return lambda step: progress(step, next(done), STEPS)


def _ids(letter: str, count: int) -> list[str]:
    width = len(str(count))
    return [f"{letter}{number:0{width}}" for number in range(1, count + 1)]


def _placed(given: Gathered, shares: Spread, units: Units, inner: Shapes) -> _Placed:
    counts = given.population["count"].to_numpy()
    own_places = shapely.point_on_surface(given.population.geometry.to_numpy())
    return _Placed(
        shares,
        shares.on_buildings(counts, len(given.buildings)),
        find(units.shapes, inner),
        find(units.shapes, own_places),
    )


def _unit_frame(
    given: Gathered, units: Units, placed: _Placed, ids: list[str], recipe: Recipe, notes: Notes
) -> gpd.GeoDataFrame:
    """Units with people and children; children are multiplied by the attendance."""
    ages = [column for column in given.population.columns if column.startswith("age_")]
    values = given.population[["count", *ages]].to_numpy(dtype=float)
    sums = placed.spread.on_units(values, placed.building_unit, placed.record_unit, len(ids))
    children = pd.DataFrame(sums[:, 1:], columns=ages)
    rate = _attendance(given, children, recipe, notes)
    frame = pd.concat([pd.DataFrame({"unit": ids, "people": sums[:, 0]}), children * rate], axis=1)
    frame.insert(1, "name", name_by_streets(units, given.streets))
    frame["area"], frame["perimeter"] = shapely.area(units.shapes), shapely.length(units.shapes)
    frame.attrs["attendance"] = rate
    return gpd.GeoDataFrame(frame, geometry=units.shapes, crs=given.crs)


def _attendance(given: Gathered, children: pd.DataFrame, recipe: Recipe, notes: Notes) -> float:
    """The recipe's rate, or the latest enrolment of the city's schools ÷ the resident children of the level's ages."""
    for name, chosen in recipe.levels.items():
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


def _walks(given: Gathered, units: Units, placed: _Placed, inner: Shapes, notes: Notes) -> Floats:
    """Mean walk of each unit's residents (from its inner point where nobody lives), units × schools."""
    net = network(given.streets.geometry[given.streets["walkable"]].to_numpy())
    places, unit, weight = _homes(given, placed, inner)
    empty = np.setdiff1d(np.arange(len(units.shapes)), unit)
    places = np.concatenate((places, shapely.point_on_surface(units.shapes[empty])))
    unit = np.concatenate((unit, empty))
    weight = np.concatenate((weight, np.ones(len(empty))))
    barriers = shapely.get_parts(given.barriers.geometry.to_numpy())
    homes, schools = join(net, places, barriers), join(net, given.schools.geometry.to_numpy(), barriers)
    _doubt_walks(net.left_out, homes, schools, weight[: len(weight) - len(empty)], notes)
    return mean_by_unit(distances(net, homes, schools), unit, weight, len(units.shapes))


def _homes(given: Gathered, placed: _Placed, inner: Shapes) -> tuple[Shapes, Indices, Floats]:
    """Where people live: points, units, people. Records without a dwelling live at their own place."""
    lived = np.flatnonzero(placed.people > 0)
    counts = given.population["count"].to_numpy()
    stay = np.flatnonzero(placed.spread.staying(len(counts)) & (counts > 0))
    own = shapely.point_on_surface(given.population.geometry.to_numpy()[stay])
    return (
        np.concatenate((inner[lived], own)),
        np.concatenate((placed.building_unit[lived], placed.record_unit[stay])),
        np.concatenate((placed.people[lived], counts[stay])),
    )


def _doubt_walks(left_out: float, homes: Any, schools: Any, people: Floats, notes: Notes) -> None:
    if left_out > 0:
        notes.doubt(
            "%(km).1f km of walkable streets are not connected with the rest and are not walked on.", km=left_out / 1000
        )
    hidden = homes.hidden[: len(people)]
    if hidden.any() or schools.hidden.any():
        notes.doubt(
            "%(people).1f people and %(schools)s schools have no street within %(reach)g m on their side of a barrier; "
            "they are taken to the nearest street all the same.",
            people=float(people[hidden].sum()),
            schools=int(schools.hidden.sum()),
            reach=REACH,
        )
    far = homes.approach[: len(people)] > REACH
    if far.any():
        notes.doubt(
            "%(people).1f people live more than %(reach)g m from a walkable street.",
            people=float(people[far].sum()),
            reach=REACH,
        )


def _current(
    given: Gathered, units: Units, placed: _Placed, inner: Shapes, recipe: Recipe, notes: Notes
) -> pd.DataFrame:
    places, unit, people = _homes(given, placed, inner)
    tables = [pd.DataFrame({"unit": [], "level": [], "school": []})]
    for level in recipe.levels:
        zones = given.zones[given.zones["level"] == level]
        if zones.empty:
            continue
        _doubt_unknown_schools(level, zones["schools"], given.schools, notes)
        zone, elsewhere = zone_of_units(units.shapes, zones.geometry.to_numpy(), places, unit, people)
        tables.append(current_schools(zone, zones["schools"], given.schools, level))
        notes.doubt(
            "Current zones, %(level)s: %(people).1f people (%(percent).2f %%) live in another zone than most of their "
            "unit does; %(units)s units have no current school, %(shared)s have several.",
            level=LEVEL_NAMES[level],
            people=elsewhere,
            percent=100 * elsewhere / people.sum(),
            units=len(units.shapes) - tables[-1]["unit"].nunique(),
            shared=int((tables[-1].groupby("unit").size() > 1).sum()),
        )
    return pd.concat(tables, ignore_index=True)


def _doubt_unknown_schools(level: str, served: pd.Series[str], schools: pd.DataFrame, notes: Notes) -> None:
    named = {school for ids in served for school in ids.split(",") if school}
    unknown = sorted(named - set(schools["school"][schools["level"] == level]))
    if unknown:
        notes.doubt(
            "Current zones, %(level)s: they name schools that the city does not have, which count for nobody: "
            "%(schools)s.",
            level=LEVEL_NAMES[level],
            schools=", ".join(unknown),
        )


def _layers(
    given: Gathered, units: Units, placed: _Placed, ids: list[str], frame: gpd.GeoDataFrame
) -> dict[str, gpd.GeoDataFrame]:
    """The layers with geometry."""
    unit = np.array(ids, dtype=object)
    buildings = given.buildings[["use", "levels", "name", "compound", "geometry"]].copy()
    buildings.insert(0, "building", _ids("B", len(buildings)))
    buildings["people"], buildings["unit"] = placed.people, unit[placed.building_unit]
    addresses = given.addresses.assign(unit=unit[find(units.shapes, given.addresses.geometry.to_numpy())])
    addresses = addresses.drop_duplicates(["text", "unit"]).sort_values(["text", "unit"], ignore_index=True)
    streets = given.streets[["name", "kind", "walkable", "geometry"]].assign(barrier=False)
    barriers = given.barriers.assign(walkable=False, barrier=True)
    stay = placed.spread.staying(len(given.population))
    population = given.population[["count", "geometry"]].copy()
    population["unspread"] = np.where(stay, population["count"], 0.0)
    population["unit"] = np.where(stay, unit[placed.record_unit], "")
    schools = given.schools[["school", "name", "level", "capacity", "geometry"]].copy()
    schools["unit"] = unit[find(units.shapes, schools.geometry.to_numpy())]
    return {
        "schools": schools,
        "buildings": buildings,
        "addresses": addresses,
        "streets": pd.concat([streets, barriers], ignore_index=True),
        "population": population,
        "units": frame,
        "zones": given.zones,
    }


def _tables(
    units: Units, given: Gathered, ids: list[str], walks: Floats, current: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The layers without geometry."""
    unit, pairs = np.array(ids, dtype=object), units.pairs
    school = given.schools["school"].to_numpy()
    return {
        "adjacency": pd.DataFrame(
            {
                "unit": unit[pairs["a"]],
                "neighbour": unit[pairs["b"]],
                "border": pairs["border"],
                "barrier": ((pairs["barrier"] > pairs["border"] / 2) & (pairs["crossings"] == 0)).astype(np.int64),
            }
        ),
        "walks": pd.DataFrame(
            {
                "unit": np.repeat(unit, len(school)),
                "school": np.tile(school, len(unit)),
                "metres": np.round(walks.ravel(), 3),
            }
        ),
        "current": current.assign(unit=unit[current["unit"].astype(np.int64)]),
    }


def _head(recipe: Recipe, frame: gpd.GeoDataFrame) -> dict[str, Any]:
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


def _figures(
    given: Gathered, placed: _Placed, layers: Mapping[str, pd.DataFrame], recipe: Recipe, notes: Notes
) -> dict[str, Any]:
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
        "people_on_buildings": float(placed.people.sum()),
        "people_difference": difference,
        "units": len(units),
        "units_without_people": int((units["people"] <= 0).sum()),
        "pairs": len(adjacency),
        "pairs_across_barrier": int(adjacency["barrier"].sum()),
        "walks": len(walks),
        "longest_walk": float(walks.max()),
        "attendance": units.attrs["attendance"],
        "levels": {name: _level_figures(name, recipe, layers) for name in recipe.levels},
    }


def _doubt_schools(schools: gpd.GeoDataFrame, notes: Notes) -> None:
    shared = schools[schools.duplicated(["level", "unit"], keep=False)]
    for (_, unit), group in shared.groupby(["level", "unit"]):
        notes.doubt(
            "The schools %(schools)s stand in one unit, %(unit)s: only one of them can be given it.",
            schools=", ".join(group["school"]),
            unit=unit,
        )


def _level_figures(name: str, recipe: Recipe, layers: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    schools = layers["schools"][layers["schools"]["level"] == name]
    ages = [f"age_{age}" for age in recipe.levels[name].ages]
    children = float(layers["units"][ages].to_numpy().sum())
    return {
        "schools": len(schools),
        "seats": float(schools["capacity"].sum()),
        "children": children,
        "resident_children": children / layers["units"].attrs["attendance"],
    }
