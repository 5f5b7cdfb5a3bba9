"""People and children on buildings: totals of every record are kept, fractions of people stay fractions.

Dasymetric mapping (Wright 1936; pycnophylactic in the sense of Tobler 1979): a record's people are shared out over its
dwellings by floor area × storeys.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geodata.arrays import Bools, Floats, Indices, Shapes
from geodata.units.faces import find

APART = 1.0e7
"""Metres between the blocks in the third dimension: no search for the nearest finds another block's point."""


@dataclass(frozen=True)
class Spread:
    """Record `record[i]` gives `share[i]` of its people to `building[i]`; −1: they stay at their own place."""

    record: Indices
    building: Indices
    share: Floats

    def on_buildings(self, counts: Floats, buildings: int) -> Floats:
        """People of each building."""
        placed = self.building >= 0
        people = self.share[placed] * counts[self.record[placed]]
        on: Floats = np.bincount(self.building[placed], people, buildings).astype(float)
        return on

    def staying(self, records: int) -> Bools:
        """Which records found no dwelling."""
        stays = np.zeros(records, dtype=bool)
        stays[self.record[self.building < 0]] = True
        return stays

    def on_units(self, values: Floats, building_unit: Indices, record_unit: Indices, units: int) -> Floats:
        """Sums by unit of a records × k array (people, children by age)."""
        at = record_unit[self.record]
        placed = self.building >= 0
        at[placed] = building_unit[self.building[placed]]
        sums = np.zeros((units, values.shape[1]))
        np.add.at(sums, at, self.share[:, None] * values[self.record])
        return sums


def spread(records: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, blocks: Shapes) -> Spread:
    """Give each record its dwellings (`buildings.dwelling`, `.floors` = floor area × storeys in m²) and their shares.

    A polygon's dwellings are those inside; a point's are those of its own block to which it is the nearest point.
    """
    homes = np.flatnonzero(buildings["dwelling"].to_numpy() & (buildings["floors"].to_numpy() > 0))
    places = shapely.point_on_surface(buildings.geometry.to_numpy()[homes])
    polygon = shapely.get_dimensions(records.geometry.to_numpy()) == 2
    taken_by = np.full(len(homes), -1, dtype=np.int64)
    _take_inside(taken_by, places, records.geometry.to_numpy(), np.flatnonzero(polygon))
    _take_nearest(taken_by, places, records.geometry.to_numpy(), np.flatnonzero(~polygon), blocks)
    given = np.flatnonzero(taken_by >= 0)
    shares = pd.DataFrame({"record": taken_by[given], "building": homes[given]})
    shares["weight"] = buildings["floors"].to_numpy()[shares["building"]]
    shares["share"] = shares["weight"] / shares.groupby("record")["weight"].transform("sum")
    lonely = np.setdiff1d(np.arange(len(records)), shares["record"])
    return Spread(
        record=np.concatenate((shares["record"].to_numpy(), lonely)),
        building=np.concatenate((shares["building"].to_numpy(), np.full(len(lonely), -1))),
        share=np.concatenate((shares["share"].to_numpy(), np.ones(len(lonely)))),
    )


def _take_inside(taken_by: Indices, places: Shapes, shapes: Shapes, which: Indices) -> None:
    if not len(which) or not len(places):
        return
    place, shape = shapely.STRtree(shapes[which]).query(places, predicate="intersects")
    taken_by[place[::-1]] = which[shape[::-1]]


def _take_nearest(
    taken_by: Indices,
    places: Shapes,
    shapes: Shapes,
    which: Indices,
    blocks: Shapes,
) -> None:
    free = np.flatnonzero(taken_by < 0)
    if not len(which) or not len(free):
        return
    points = shapely.point_on_surface(shapes[which])
    there = cKDTree(_in_blocks(points, find(blocks, points)))
    far, nearest = there.query(_in_blocks(places[free], find(blocks, places[free])), workers=1)
    same_block = far < APART / 2
    taken_by[free[same_block]] = which[nearest[same_block]]


def _in_blocks(points: Shapes, block: Indices) -> Floats:
    return np.column_stack((shapely.get_coordinates(points), block * APART))
