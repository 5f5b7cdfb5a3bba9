"""Where streets get across barriers, and streets cut where they do not."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Bools, Indices, Shapes
from geodata.streets.noding import NEAR

VERTEX = 0.05
"""Metres: a street that has a vertex on a barrier crosses it there on the level."""


@dataclass(frozen=True)
class Passages:
    """Points at which walkable streets meet barriers, the row of each in the streets, and whether one gets across."""

    points: Shapes
    street: Indices
    across: Bools

    def open(self) -> Shapes:
        """The bridges, tunnels and level crossings."""
        points: Shapes = self.points[self.across]
        return points


def passages(streets: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> Passages:
    """Find where walkable `streets` (walkable, layer, graded) meet `barriers` (layer).

    A street whose source tells bridges and tunnels gets across on another layer or in a vertex of its own; a street
    whose source does not gets across wherever it is drawn.
    """
    shapes, lines = streets.geometry.to_numpy(), barriers.geometry.to_numpy()
    walkable = np.flatnonzero(streets["walkable"].to_numpy(dtype=bool))
    street, barrier = shapely.STRtree(lines).query(shapes[walkable], predicate="intersects")
    street = walkable[street]
    parts, of = shapely.get_parts(shapely.intersection(shapes[street], lines[barrier]), return_index=True)
    dots = shapely.get_dimensions(parts) == 0
    parts, of = parts[dots], of[dots]
    street, barrier = street[of].astype(np.int64), barrier[of]
    vertex = shapely.distance(shapely.extract_unique_points(shapes[street]), parts) <= VERTEX
    graded = streets["graded"].to_numpy(dtype=bool)[street]
    other = _layers(streets)[street] != _layers(barriers)[barrier]
    return Passages(parts, street, ~graded | other | vertex)


def _layers(rows: pd.DataFrame) -> Indices:
    layers: Indices = rows["layer"].to_numpy(dtype=np.int64)
    return layers


def walkable_lines(streets: gpd.GeoDataFrame, met: Passages) -> tuple[Shapes, Indices]:
    """LineStrings on which people walk, cut where they do not get across a barrier, and the layer of each."""
    shapes = streets.geometry.to_numpy().copy()
    shut = pd.Series(met.points[~met.across]).groupby(met.street[~met.across]).agg(list)
    for street, points in shut.items():
        gaps = shapely.buffer(shapely.multipoints(points), 2 * NEAR)
        shapes[street] = shapely.difference(shapes[street], gaps)
    walkable = np.flatnonzero(streets["walkable"].to_numpy(dtype=bool))
    lines, owner = shapely.get_parts(shapes[walkable], return_index=True)
    return lines, _layers(streets)[walkable[owner]]
