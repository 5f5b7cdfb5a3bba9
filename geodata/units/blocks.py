"""Units: the blocks between streets and barriers, divided between the compounds that stand in them.

The division is an enclosed tessellation: see `cells`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Bools, Indices, Shapes
from geodata.ids import ids_of
from geodata.units.cells import compound_cells
from geodata.units.faces import (
    GRID,
    borders,
    connected,
    cut,
    dissolve,
    find,
    join_scraps,
    mark,
    nearest_line,
    north_first,
    segments,
    touched,
)

NEAR = 1.0
"""Metres within which a street that just ends is continued to another line."""
OPEN_END = 300.0
"""Metres from the boundary within which a street that just ends is continued straight to it."""


@dataclass(frozen=True)
class Blocks:
    """Faces of the street network, the block of each, and the blocks' shapes."""

    faces: Shapes
    block: Indices
    shapes: Shapes


@dataclass(frozen=True)
class Units:
    """Shapes, names and ids of units in order of the ids.

    `pairs` are those that touch: a < b, border and barrier (m), crossings.
    """

    shapes: Shapes
    names: list[str]
    pairs: pd.DataFrame
    ids: list[str]


def make_blocks(area: shapely.Geometry, edges: Sequence[shapely.Geometry], barriers: Shapes, homes: Shapes) -> Blocks:
    """Cut the area along `edges` and `barriers`; scraps join a neighbour. `homes` are points of dwellings.

    A street that ends just before another is continued to it. An extract cuts its streets off short of its boundary;
    without their last metres its whole rim would be one block.
    """
    faces = cut(area, [*edges, *_last_metres(area, np.array(edges, dtype=object), barriers), *barriers])
    labels = _without_scraps(faces, barriers, homes)
    return Blocks(faces, labels, dissolve(faces, labels))


def make_units(
    area: shapely.Geometry, blocks: Blocks, buildings: gpd.GeoDataFrame, barriers: Shapes, bridges: Shapes
) -> Units:
    """Divide the blocks that hold several compounds (`buildings.compound`, `.dwelling`); name and order the units.

    A pair has a crossing where one of the points `bridges` lies on a barrier on their border.
    """
    places = shapely.point_on_surface(buildings.geometry.to_numpy())
    cells = compound_cells(blocks.shapes, find(blocks.shapes, places), buildings)
    faces, labels, names = blocks.faces, blocks.block, _only_compound(blocks.shapes, places, buildings)
    if len(cells):
        faces = cut(area, [*shapely.boundary(blocks.shapes), *shapely.boundary(cells.geometry.to_numpy())])
        labels, names = _labels(faces, blocks.shapes, cells, names)
        parts = connected(faces, labels)
        names = [names[label] for label in pd.Series(labels).groupby(parts).first()]
        pieces = dissolve(faces, parts)
        homes = places[buildings["dwelling"].to_numpy()]
        joined = _without_scraps(pieces, barriers, homes)
        labels, names = joined[parts], _names_of_joined(pieces, joined, names)
    return _ordered(faces, labels, names, barriers, bridges)


def name_by_streets(units: Units, streets: gpd.GeoDataFrame) -> list[str]:
    """A unit without a name is called after the two streets (`name`) that bound it longest."""
    named = streets[streets["name"] != ""]
    pieces = segments(units.shapes)
    line = nearest_line(pieces, named.geometry.to_numpy())
    on = line >= 0
    sides = pd.concat(pieces[on].assign(unit=pieces["a" if side == 0 else "b"][on], line=line[on]) for side in (0, 1))
    sides["street"] = named["name"].to_numpy()[sides["line"]]
    longest = sides.groupby(["unit", "street"])["length"].sum().reset_index()
    longest = longest.sort_values(["unit", "length", "street"], ascending=[True, False, True]).groupby("unit").head(2)
    found = longest.groupby("unit")["street"].agg(" / ".join).to_dict()
    return [name or str(found.get(at, "")) for at, name in enumerate(units.names)]


def _last_metres(area: shapely.Geometry, edges: Shapes, barriers: Shapes) -> Shapes:
    """Straight continuations of streets that end nowhere: to a line within NEAR, to the boundary within OPEN_END."""
    lines: Shapes = shapely.get_parts(edges)
    points, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        return lines
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    last = np.r_[first[1:], len(points)] - 1
    ends, before = np.r_[first, last], np.r_[first + 1, last - 1]
    alone = _alone(lines, shapely.points(points[ends]), barriers)
    near, links = _links(lines, shapely.points(points[ends]), barriers, alone)
    alone &= ~near
    ends, before = ends[alone], before[alone]
    ways = points[ends] - points[before]
    lengths = np.hypot(*ways.T)
    far = points[ends] + ways / np.maximum(lengths, GRID)[:, None] * OPEN_END
    rays = shapely.linestrings(np.stack((points[ends], far), axis=1))
    hits = shapely.intersection(rays, area.boundary)
    reached = ~shapely.is_empty(hits) & shapely.intersects(area, shapely.points(points[ends])) & (lengths > 0)
    continued = shapely.shortest_line(shapely.points(points[ends][reached]), hits[reached])
    return np.concatenate((links, continued))


def _links(lines: Shapes, ends: Shapes, barriers: Shapes, alone: Bools) -> tuple[Bools, Shapes]:
    """Which of the ends that are alone have another line within NEAR, and the links from these to the nearest one."""
    others = np.array([*lines, *barriers], dtype=object)
    line, end = shapely.STRtree(ends).query(others, predicate="dwithin", distance=NEAR)
    near = alone[end] & (line != end % len(lines))
    end, line = end[near], line[near]
    order = np.lexsort((line, shapely.distance(ends[end], others[line]), end))
    end, line = end[order], line[order]
    first = np.r_[True, end[1:] != end[:-1]] if len(end) else np.zeros(0, dtype=bool)
    found = np.zeros(len(ends), dtype=bool)
    found[end] = True
    links: Shapes = shapely.shortest_line(ends[end[first]], others[line[first]])
    return found, links


def _alone(lines: Shapes, ends: Shapes, barriers: Shapes) -> Bools:
    """Which ends (all first ones, then all last ones) touch no other line, nor their own line's other end."""
    line, end = shapely.STRtree(ends).query([*lines, *barriers], predicate="dwithin", distance=GRID)
    alone: Bools = ~np.tile(shapely.is_closed(lines), 2)
    alone[end[line != end % len(lines)]] = False
    return alone


def _without_scraps(shapes: Shapes, barriers: Shapes, homes: Shapes) -> Indices:
    pieces = segments(shapes)
    pieces["barrier"] = mark(pieces, barriers)
    pairs = borders(pieces, np.arange(len(shapes)))
    return join_scraps(shapes, pairs, np.bincount(find(shapes, homes), minlength=len(shapes)))


def _only_compound(blocks: Shapes, places: Shapes, buildings: gpd.GeoDataFrame) -> list[str]:
    """The compound of each block that holds just one, else ''."""
    table = pd.DataFrame({"block": find(blocks, places), "compound": buildings["compound"].to_numpy()})
    compounds = table[table["compound"] != ""].groupby("block")["compound"]
    names = compounds.first()[compounds.nunique() == 1].to_dict()
    return [str(names.get(block, "")) for block in range(len(blocks))]


def _labels(faces: Shapes, blocks: Shapes, cells: gpd.GeoDataFrame, names: list[str]) -> tuple[Indices, list[str]]:
    """Each face's label (its block, or its cell in a divided block) and each label's name."""
    points = shapely.point_on_surface(faces)
    block = find(blocks, points)
    labels = block.copy()
    for at, group in cells.groupby("block", sort=True):
        here = np.flatnonzero(block == at)
        labels[here] = len(blocks) + group.index.to_numpy()[find(group.geometry.to_numpy(), points[here])]
    return labels, [*names, *cells["compound"]]


def _names_of_joined(pieces: Shapes, joined: Indices, names: list[str]) -> list[str]:
    """The name of the largest piece that has one."""
    table = pd.DataFrame({"unit": joined, "area": shapely.area(pieces), "name": names})
    named = table[table["name"] != ""].sort_values(["unit", "area"], ascending=[True, False])
    first = named.groupby("unit")["name"].first().to_dict()
    return [str(first.get(unit, "")) for unit in range(int(joined.max()) + 1)]


def _ordered(faces: Shapes, labels: Indices, names: list[str], barriers: Shapes, bridges: Shapes) -> Units:
    shapes = dissolve(faces, labels)
    order = north_first(shapes)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    pieces = segments(faces)
    pieces["barrier"] = mark(pieces, barriers)
    pieces["crossing"] = pieces["barrier"] & touched(pieces, bridges)
    ids = ids_of("U", len(order))
    return Units(shapes[order], [names[at] for at in order], borders(pieces, place[labels]), ids)
