"""People and children on buildings: totals of every record are kept, fractions of people stay fractions.

Dasymetric mapping (Wright 1936; pycnophylactic in the sense of Tobler 1979): a record's people are shared out over its
dwellings by floor area × storeys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
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
        shares = coo_array((self.share, (at, self.record)), shape=(units, len(values)))
        sums: Floats = shares.tocsr() @ values
        return sums


def spread(records: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame, blocks: Shapes) -> Spread:
    """Give each record its dwellings and their shares, by `dwellings.floors` (floor area × storeys in m²).

    `dwellings` are buildings and ground (see `ground`): dwelling, doubtful, floors, owner. A polygon's dwellings are
    those inside; a point's are those of its own block to which it is the nearest point. Doubtful ones are taken only
    by records that have no other; ground belongs to its owner.
    """
    able = dwellings["dwelling"].to_numpy(dtype=bool) & (dwellings["floors"].to_numpy() > 0)
    doubtful, owner = _column(dwellings, "doubtful", False), _column(dwellings, "owner", -1)
    shapes = records.geometry.to_numpy()
    sure = _Homes(dwellings, np.flatnonzero(able & ~doubtful & (owner < 0)))
    taken = [(sure.index, sure.takers(shapes, np.arange(len(shapes)), blocks))]
    rest = _Homes(dwellings, np.flatnonzero(able & doubtful & (owner < 0)))
    lonely = np.setdiff1d(np.arange(len(shapes)), taken[0][1])
    taken.append((rest.index, rest.takers(shapes, lonely, blocks)))
    ground = np.flatnonzero(able & (owner >= 0))
    taken.append((ground, owner[ground]))
    return _shares(
        np.concatenate([home for home, _ in taken]),
        np.concatenate([record for _, record in taken]),
        dwellings["floors"].to_numpy(),
        len(records),
    )


def _column(dwellings: gpd.GeoDataFrame, name: str, default: Any) -> Any:
    """A column that a table of buildings alone may lack."""
    return dwellings[name].to_numpy() if name in dwellings else np.full(len(dwellings), default)


def _shares(home: Indices, taken_by: Indices, floors: Floats, records: int) -> Spread:
    given = np.flatnonzero(taken_by >= 0)
    shares = pd.DataFrame({"record": taken_by[given], "building": home[given]})
    shares["weight"] = floors[shares["building"]]
    shares["share"] = shares["weight"] / shares.groupby("record")["weight"].transform("sum")
    lonely = np.setdiff1d(np.arange(records), shares["record"])
    return Spread(
        record=np.concatenate((shares["record"].to_numpy(dtype=np.int64), lonely)),
        building=np.concatenate((shares["building"].to_numpy(dtype=np.int64), np.full(len(lonely), -1))),
        share=np.concatenate((shares["share"].to_numpy(dtype=float), np.ones(len(lonely)))),
    )


class _Homes:
    """Some of the dwellings: their index and a point in each."""

    def __init__(self, dwellings: gpd.GeoDataFrame, index: Indices) -> None:
        self.index = index
        self.places: Shapes = shapely.point_on_surface(dwellings.geometry.to_numpy()[index])

    def takers(self, shapes: Shapes, records: Indices, blocks: Shapes) -> Indices:
        """Which of `records` takes each dwelling, −1 for none."""
        taken_by = np.full(len(self.index), -1, dtype=np.int64)
        polygon = shapely.get_dimensions(shapes[records]) == 2
        _take_inside(taken_by, self.places, shapes, records[polygon])
        _take_nearest(taken_by, self.places, shapes, records[~polygon], blocks)
        return taken_by


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
