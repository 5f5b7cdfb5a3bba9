"""Units of about the size that the recipe wants: large blocks are divided between their homes, small units joined."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Indices, Shapes
from geodata.gathered import Gathered
from geodata.ids import ids_of
from geodata.notes import Notes
from geodata.people.ground import dwellings_of
from geodata.people.spread import spread
from geodata.recipe.recipe import Recipe
from geodata.recipe.unit_size import UnitSize
from geodata.units.blocks import Blocks, Units
from geodata.units.faces import find
from geodata.units.land import Land, units_of
from geodata.units.merge import merge, merged_units

FAR_ABOVE = 2.0
"""A block without compounds is divided where it holds more than this many times the target."""
PART = "\0"
"""Begins the name that a part of a divided block has while it is cut: no compound is called so."""


@dataclass(frozen=True)
class Counts:
    """Places, and how many live there of those whom the target counts."""

    places: Shapes
    counts: Floats


def sized_units(given: Gathered, land: Land, bridges: Shapes, recipe: Recipe, notes: Notes) -> Units:
    """The city's units; where the recipe names a size, they come near it without crossing a barrier."""
    size = recipe.unit_size
    if size is None or not isinstance(land.made_of, Blocks):
        return units_of(given, land, bridges)
    living = _living(given, land, size, recipe)
    divided = given.buildings.assign(compound=_with_parts(given.buildings, living, land.pieces, size.target))
    cut = units_of(replace(given, buildings=divided), land, bridges)
    counts = np.bincount(find(cut.shapes, living.places), living.counts, len(cut.shapes)).astype(float)
    # A bridge lets a zone cross a river, but no unit lies on both banks.
    dry = cut.pairs.assign(crossings=0)
    found = merge(counts[:, None], dry, lambda sums: bool(sums[0] < size.target))
    joined = merged_units(cut, found.labels)
    notes.doubt(
        "Units are joined and divided to hold about %(target)g each: %(before)s are now %(after)s; %(small)s stay "
        "smaller because barriers or the boundary shut them in.",
        target=size.target,
        before=len(cut.shapes),
        after=len(joined.shapes),
        small=len(found.left),
    )
    names = ["" if name.startswith(PART) else name for name in joined.names]
    return replace(joined, names=names, ids=ids_of("U", len(names)))


def _living(given: Gathered, land: Land, size: UnitSize, recipe: Recipe) -> Counts:
    """Where those live whom the target counts: spread as in the city, or as the register says."""
    ages = sorted({age for level in recipe.levels.values() for age in level.ages})
    if given.population.empty:
        register = given.register
        chosen = register if size.of == "people" else register[register["age"].isin(ages)]
        return Counts(chosen.geometry.to_numpy(), chosen["children"].to_numpy(dtype=float))
    counts = given.population["count"].to_numpy(dtype=float)
    if size.of == "children":
        columns = [f"age_{age}" for age in ages]
        counts = given.population.reindex(columns=columns, fill_value=0.0).sum(axis=1).to_numpy(dtype=float)
    dwellings = dwellings_of(given.buildings, given.population, land.pieces, Notes())
    shares = spread(given.population, dwellings, land.pieces)
    stay = np.flatnonzero(shares.staying(len(counts)))
    shapes = np.concatenate((dwellings.geometry.to_numpy(), given.population.geometry.to_numpy()[stay]))
    return Counts(
        shapely.point_on_surface(shapes), np.concatenate((shares.on_buildings(counts, len(dwellings)), counts[stay]))
    )


def _with_parts(buildings: gpd.GeoDataFrame, living: Counts, blocks: Shapes, target: float) -> Shapes:
    """The buildings' compounds; in a block far above the target that has none, the part of each home instead."""
    compounds: Shapes = buildings["compound"].to_numpy(dtype=object).copy()
    if not len(compounds):
        return compounds
    shapes = buildings.geometry.to_numpy()
    nearest = shapely.STRtree(shapes).nearest(living.places)
    lived = np.bincount(nearest, living.counts, len(shapes))
    inner = shapely.point_on_surface(shapes)
    table = pd.DataFrame({"block": find(blocks, inner), "lived": lived, "named": compounds != ""})
    blocks_of = table.groupby("block").agg(lived=("lived", "sum"), named=("named", "any"))
    large = blocks_of.index[(blocks_of["lived"] > FAR_ABOVE * target) & ~blocks_of["named"]]
    homes = table[(table["lived"] > 0) & table["block"].isin(large)]
    places = shapely.get_coordinates(inner)
    for rows in homes.groupby("block").indices.values():
        here = homes.index.to_numpy()[rows]
        part = bisected(places[here], lived[here], max(1, round(lived[here].sum() / target)))
        compounds[here] = [f"{PART}{number}" for number in part]
    return compounds


def bisected(places: Floats, weights: Floats, parts: int) -> Indices:
    """Number each of n × 2 places with one of `parts` of about equal weight: halved across the longer side, and again.

    Recursive coordinate bisection (Berger and Bokhari 1987).
    """
    number = np.zeros(len(places), dtype=np.int64)
    if parts <= 1 or len(places) <= 1:
        return number
    extent = np.ptp(places, axis=0)
    along = places[:, int(extent[1] > extent[0])]
    order = np.argsort(along, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    first = parts // 2
    cut = int(np.clip(np.searchsorted(middle, weights.sum() * first / parts), 1, len(places) - 1))
    low, high = order[:cut], order[cut:]
    number[low] = bisected(places[low], weights[low], first)
    number[high] = first + bisected(places[high], weights[high], parts - first)
    return number
