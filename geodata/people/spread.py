"""People and children on buildings: totals of every record are kept, fractions of people stay fractions.

Dasymetric mapping (Wright 1936; pycnophylactic in the sense of Tobler 1979): a record's people are shared out over its
dwellings by floor area × storeys. The package tobler is not used, because it weighs by area or by classes of land, not
by floor area, and knows no points; `benchmarks/geodata_people.py` holds ours against its areal weighting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

from geodata.arrays import Bools, Floats, Indices, Shapes
from geodata.units.faces import find, holders

APART = 1.0e7
"""Metres between the blocks in the third dimension: no search for the nearest finds another block's point."""

SHARED = 100.0
"""Metres within which a point without a dwelling of its own (one house on two lots, say) shares the nearest one."""

Pairs = tuple[Indices, Indices]
"""Homes and records, one pair at each position."""


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
    those inside, doubtful ones only if there is no other. A point's are those of its own block to which it is the
    nearest point; a point to which none is nearest shares the nearest one of its block within SHARED metres, doubtful
    or not. Ground belongs to its owner.
    """
    able = dwellings["dwelling"].to_numpy(dtype=bool) & (dwellings["floors"].to_numpy() > 0)
    doubtful, owner = _column(dwellings, "doubtful", False), _column(dwellings, "owner", -1)
    built, ground = np.flatnonzero(able & (owner < 0)), np.flatnonzero(able & (owner >= 0))
    shapes = records.geometry.to_numpy()
    homes = _Homes(dwellings.geometry.to_numpy()[built], doubtful[built].astype(bool))
    polygon = shapely.get_dimensions(shapes) == 2
    found = [*_of_polygons(homes, shapes, np.flatnonzero(polygon))]
    found += _of_points(homes, shapes, np.flatnonzero(~polygon), blocks, found[0][0])
    home = np.concatenate([*(built[home] for home, _ in found), ground])
    return _shares(
        home,
        np.concatenate([*(record for _, record in found), owner[ground]]),
        dwellings["floors"].to_numpy(),
        len(records),
    )


def _column(dwellings: gpd.GeoDataFrame, name: str, default: Any) -> Any:
    """A column that a table of buildings alone may lack."""
    return dwellings[name].to_numpy() if name in dwellings else np.full(len(dwellings), default)


def _shares(home: Indices, record: Indices, floors: Floats, records: int) -> Spread:
    """Shares of the pairs (home, record); records without a home keep their people."""
    weight = floors[home]
    total = np.bincount(record, weight, records)
    lonely = np.setdiff1d(np.arange(records), record)
    return Spread(
        record=np.concatenate((record, lonely)),
        building=np.concatenate((home, np.full(len(lonely), -1))),
        share=np.concatenate((weight / total[record], np.ones(len(lonely)))),
    )


class _Homes:
    """Buildings in which people may live: their shapes, a point in each, and which of them are doubtful."""

    def __init__(self, shapes: Shapes, doubtful: Bools) -> None:
        self.shapes, self.doubtful = shapes, doubtful
        self.places: Shapes = shapely.point_on_surface(shapes)


def _of_polygons(homes: _Homes, shapes: Shapes, which: Indices) -> list[Pairs]:
    """Pairs (home, record) of polygons: their sure homes, and the doubtful ones of those that have no other."""
    sure = _inside(homes, np.flatnonzero(~homes.doubtful), shapes, which)
    lonely = np.setdiff1d(which, sure[1])
    return [sure, _inside(homes, np.flatnonzero(homes.doubtful), shapes, lonely)]


def _inside(homes: _Homes, some: Indices, shapes: Shapes, which: Indices) -> Pairs:
    shape = holders(shapes[which], homes.places[some])
    return some[shape >= 0], which[shape[shape >= 0]]


def _of_points(homes: _Homes, shapes: Shapes, which: Indices, blocks: Shapes, taken: Indices) -> list[Pairs]:
    """Pairs (home, record) of points: sure homes that no polygon has taken, and shared ones."""
    free = np.setdiff1d(np.flatnonzero(~homes.doubtful), taken)
    if not len(which) or not len(homes.shapes):
        return []
    points = shapely.point_on_surface(shapes[which])
    block, home_block = find(blocks, points), find(blocks, homes.places)
    far, nearest = cKDTree(_in_blocks(points, block)).query(_in_blocks(homes.places[free], home_block[free]), workers=1)
    own = far < APART / 2
    alone = np.setdiff1d(np.arange(len(which)), nearest[own])
    point, home = shapely.STRtree(homes.shapes).query_nearest(points[alone], max_distance=SHARED, all_matches=False)
    near = block[alone[point]] == home_block[home]
    return [(free[own], which[nearest[own]]), (home[near], which[alone[point[near]]])]


def _in_blocks(points: Shapes, block: Indices) -> Floats:
    return np.column_stack((shapely.get_coordinates(points), block * APART))
