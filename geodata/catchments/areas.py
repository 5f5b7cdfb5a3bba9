"""Areas that a text bounds by roads, as polygons."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely

from geodata.catchments.places import place_name
from geodata.catchments.rules import Bound

TOUCH = 15.0
"""Metres within which the edge of a piece of land runs along a road."""


class Roads:
    """The named streets of a city, and the land between those that a rule names."""

    def __init__(self, streets: gpd.GeoDataFrame, area: shapely.Geometry) -> None:
        """Index `streets` (name, lines in a metric CRS) within the city's `area`."""
        self._area = area
        self._lines: dict[str, list[shapely.Geometry]] = {}
        for name, line in zip(streets["name"], streets.geometry, strict=True):
            if name:
                self._lines.setdefault(place_name(str(name)), []).append(line)

    def missing(self, bounds: Iterable[Bound]) -> tuple[str, ...]:
        """The roads of `bounds` that the streets do not have."""
        return tuple(bound.road for bound in bounds if place_name(bound.road) not in self._lines)

    def inside(self, bounds: tuple[Bound, ...]) -> shapely.Geometry | None:
        """The land inside `bounds`, cut out by their roads and the city's edge; None where there is no such land.

        A piece counts if it lies on the right side of each road; each road must run along the pieces taken.
        """
        roads = [shapely.union_all(self._lines[place_name(bound.road)]) for bound in bounds]
        edges = shapely.node(shapely.union_all([*roads, self._area.boundary]))
        pieces = [piece for piece in shapely.get_parts(shapely.polygonize([edges])) if self._area.covers(piece)]
        pieces = [piece for piece in pieces if all(map(_on_its_side, [piece] * len(roads), roads, bounds))]
        taken = shapely.union_all(pieces)
        if taken.is_empty or not all(_runs_along(taken, road) for road in roads):
            return None
        return taken


def _on_its_side(piece: shapely.Geometry, road: shapely.Geometry, bound: Bound) -> bool:
    """Whether a piece lies south of its northern road, and so on: straight across from its middle, else by nearness."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(piece))[0]
    west, south, east, north = shapely.total_bounds([road, piece])
    upright = bound.side in ("north", "south")
    ray = shapely.LineString([(x, south), (x, north)] if upright else [(west, y), (east, y)])
    met = shapely.get_coordinates(shapely.intersection(road, ray))
    if not len(met):
        met = shapely.get_coordinates(shapely.shortest_line(shapely.Point(x, y), road))[1:]
    own, axis = (y, 1) if upright else (x, 0)
    ahead = met[:, axis] - own
    nearest = float(ahead[np.abs(ahead).argmin()])
    return nearest > 0 if bound.side in ("north", "east") else nearest < 0


def _runs_along(land: shapely.Geometry, road: shapely.Geometry) -> bool:
    return bool(shapely.intersection(land.boundary, road.buffer(TOUCH)).length > 2 * TOUCH)
