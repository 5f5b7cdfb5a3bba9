"""四至: the named roads that run along a zone in the north, east, south and west."""

from __future__ import annotations

from collections import defaultdict

import geopandas as gpd
import numpy as np
import shapely

from geodata.catchments.rules import SIDES, Bound

STEP = 25.0
"""Metres of outline that are looked at together."""

NEAR = 30.0
"""Metres within which a road runs along an outline."""

SHARE = 0.2
"""Least share of a side along which a road must run to be named as its bound."""


def sides_of(zones: gpd.GeoSeries, streets: gpd.GeoDataFrame) -> dict[str, tuple[Bound, ...]]:
    """For each zone the road that runs along most of each side; a side along which none runs is left out.

    `zones` (areas) and `streets` (name, lines) are in one metric CRS. A piece of outline belongs to the side to which
    its outer face looks.
    """
    named = streets[streets["name"].fillna("") != ""]
    names, tree = [str(name) for name in named["name"]], shapely.STRtree(named.geometry.to_numpy())
    return {str(zone): _sides(shape, names, tree) for zone, shape in zones.items()}


def _sides(shape: shapely.Geometry, names: list[str], tree: shapely.STRtree) -> tuple[Bound, ...]:
    middles, lengths, sides = _outline(shape)
    near, road = tree.query_nearest(shapely.points(middles), max_distance=NEAR, all_matches=False)
    along: dict[str, dict[str, float]] = {side: defaultdict(float) for side in SIDES}
    for at, which in zip(near.tolist(), road.tolist(), strict=True):
        along[sides[at]][names[which]] += float(lengths[at])
    whole = {side: float(lengths[np.array(sides) == side].sum()) for side in SIDES}
    found = []
    for side in SIDES:
        longest = max(along[side].items(), key=lambda item: (item[1], item[0]), default=("", 0.0))
        if longest[1] >= SHARE * whole[side] and longest[0]:
            found.append(Bound(side, longest[0]))
    return tuple(found)


def _outline(shape: shapely.Geometry) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Middles (n, 2) and lengths (n) of the pieces of the outer outline, and the side that each looks to."""
    starts, ends = [], []
    for part in shapely.get_parts(shapely.orient_polygons(shape)):
        points = shapely.get_coordinates(shapely.segmentize(part.exterior, STEP))
        starts.append(points[:-1])
        ends.append(points[1:])
    start, end = np.concatenate(starts), np.concatenate(ends)
    x, y = (end - start)[:, 1], -(end - start)[:, 0]  # counter-clockwise: the outside lies to the right
    upright = np.abs(y) >= np.abs(x)
    names = np.where(upright, np.where(y > 0, "north", "south"), np.where(x > 0, "east", "west"))
    return (start + end) / 2, np.hypot(x, y), names.tolist()
