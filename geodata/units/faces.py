"""Dividing an area by lines, and joining the pieces again: all borders stay shared, so nothing gapes or overlaps."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.arrays import Bools, Indices, Shapes

GRID = 0.01
"""Metres: vertices nearer than this are one."""
ON = 5 * GRID
"""Metres within which a border lies on a line."""
SCRAP_AREA = 4000.0
SCRAP_WIDTH = 12.0


def cut(area: shapely.Geometry, lines: Sequence[shapely.Geometry]) -> Shapes:
    """The pieces into which `lines` cut `area`, north first; they cover it (a line that ends inside cuts nothing)."""
    shapely.prepare(area)
    within = np.array(lines, dtype=object)
    rest = ~shapely.contains_properly(area, within)  # quick, while each intersection meets every vertex of the area
    within[rest] = shapely.intersection(within[rest], area)
    noded = shapely.union_all([area.boundary, *within], grid_size=GRID)
    pieces: Shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    pieces = pieces[shapely.intersects(area, shapely.point_on_surface(pieces))]
    ordered: Shapes = pieces[north_first(pieces)]
    return ordered


def north_first(shapes: Shapes) -> Indices:
    """An order that depends on the places alone: by centre, north to south, then west to east."""
    centres = shapely.centroid(shapes)
    order: Indices = np.lexsort((np.round(shapely.get_x(centres), 2), -np.round(shapely.get_y(centres), 0)))
    return order


def find(shapes: Shapes, points: Shapes) -> Indices:
    """Index of the shape that holds each point; on a border the first, outside all the nearest."""
    found = holders(shapes, points)
    lost = np.flatnonzero(found < 0)
    if len(lost):
        found[lost] = shapely.STRtree(shapes).nearest(points[lost])
    return found


def holders(shapes: Shapes, points: Shapes) -> Indices:
    """Index of the shape that holds each point; on a border the first, outside all −1.

    The tree is of the points: so each shape, however many vertices it has, is prepared once for all of them.
    """
    found = np.full(len(points), len(shapes), dtype=np.int64)
    holder, which = shapely.STRtree(points).query(shapes, predicate="intersects")
    np.minimum.at(found, which, holder)
    found[found == len(shapes)] = -1
    return found


def segments(shapes: Shapes) -> pd.DataFrame:
    """Each straight piece of border once: shapes `a`, `b` on its sides (b = −1: outside), `length`, middle `x`, `y`.

    Its ends are `x0`, `y0`, `x1`, `y1` in units of GRID.
    """
    rings, ring_of = shapely.get_rings(shapes, return_index=True)
    points, owner = shapely.get_coordinates(rings, return_index=True)
    within = owner[1:] == owner[:-1]
    start, end = points[:-1][within], points[1:][within]
    keys = np.round(np.hstack((start, end)) / GRID).astype(np.int64)
    backward = (keys[:, 0] > keys[:, 2]) | ((keys[:, 0] == keys[:, 2]) & (keys[:, 1] > keys[:, 3]))
    keys[backward] = keys[backward][:, [2, 3, 0, 1]]
    pieces = pd.DataFrame(keys, columns=["x0", "y0", "x1", "y1"])
    pieces["shape"] = ring_of[owner[:-1][within]]
    pieces["length"] = np.hypot(*(end - start).T)
    pieces[["x", "y"]] = (start + end) / 2
    edges = pieces.groupby(["x0", "y0", "x1", "y1"], sort=True)
    sides = edges[["length", "x", "y"]].first()
    sides["a"], sides["b"] = edges["shape"].min(), edges["shape"].max()
    sides.loc[edges.size() == 1, "b"] = -1
    return sides[sides["a"] != sides["b"]].reset_index()


def connected(shapes: Shapes, labels: Indices) -> Indices:
    """Numbers of the connected parts of equal labels."""
    pieces = segments(shapes)
    pieces = pieces[pieces["b"] >= 0]
    a, b = pieces["a"].to_numpy(), pieces["b"].to_numpy()
    same = labels[a] == labels[b]
    graph = coo_array((np.ones(same.sum()), (a[same], b[same])), shape=(len(shapes), len(shapes)))
    parts: Indices = connected_components(graph, directed=False)[1].astype(np.int64)
    return parts


def mark(pieces: pd.DataFrame, lines: Shapes, reach: float = ON) -> Bools:
    """Which border pieces lie on one of `lines`, to `reach` metres."""
    return nearest_line(pieces, lines, reach) >= 0


def touched(pieces: pd.DataFrame, points: Shapes, reach: float = ON) -> Bools:
    """Which border pieces one of `points` lies on, to `reach` metres."""
    found = np.zeros(len(pieces), dtype=bool)
    if len(points) and len(pieces):
        ends = pieces[["x0", "y0", "x1", "y1"]].to_numpy(dtype=float).reshape(-1, 2, 2) * GRID
        near = shapely.STRtree(points).query(shapely.linestrings(ends), predicate="dwithin", distance=reach)[0]
        found[near] = True
    return found


def nearest_line(pieces: pd.DataFrame, lines: Shapes, reach: float = ON) -> Indices:
    """Index of the first line on which each border piece lies, −1 for none (the tree is of the points: see holders)."""
    found = np.full(len(pieces), len(lines), dtype=np.int64)
    middles = shapely.points(pieces["x"], pieces["y"])
    line, which = shapely.STRtree(middles).query(lines, predicate="dwithin", distance=reach)
    np.minimum.at(found, which, line)
    found[found == len(lines)] = -1
    return found


def borders(pieces: pd.DataFrame, labels: Indices) -> pd.DataFrame:
    """Pairs of labels with a common border: `a` < `b`, `border` and `barrier` in metres (from `pieces.barrier`).

    `crossings` counts the pieces with one, where `pieces.crossing` says so.
    """
    pieces = pieces[pieces["b"] >= 0]
    pair = np.sort(np.column_stack((labels[pieces["a"]], labels[pieces["b"]])), axis=1)
    table = pd.DataFrame({"a": pair[:, 0], "b": pair[:, 1], "border": pieces["length"].to_numpy()})
    table["barrier"] = table["border"] * pieces["barrier"].to_numpy()
    table["crossings"] = pieces["crossing"].to_numpy(dtype=np.int64) if "crossing" in pieces else 0
    table = table[table["a"] != table["b"]]
    return table.groupby(["a", "b"], sort=True, as_index=False).sum()


@dataclass
class _Group:
    area: float
    perimeter: float
    homes: int
    around: dict[int, tuple[float, float]]
    """Neighbouring group -> metres of border, of these metres without a barrier."""

    def is_scrap(self) -> bool:
        empty_and_small = self.homes == 0 and self.area < SCRAP_AREA
        return empty_and_small or 2 * self.area / self.perimeter < SCRAP_WIDTH


def join_scraps(shapes: Shapes, pairs: pd.DataFrame, homes: Indices) -> Indices:
    """A label per shape after each scrap has joined the neighbour of the longest common border, smallest scraps first.

    A scrap has no home and less than SCRAP_AREA, or is narrower than SCRAP_WIDTH. Borders without a barrier go first.
    """
    groups = _groups(shapes, pairs, homes)
    labels = np.arange(len(shapes))
    waiting = [(group.area, label) for label, group in groups.items()]
    heapq.heapify(waiting)
    while waiting:
        area, label = heapq.heappop(waiting)
        group = groups.get(label)
        if group is None or group.area != area or not group.around or not group.is_scrap():
            continue
        target = max(group.around, key=lambda other: (group.around[other][1], group.around[other][0], -other))
        _join(groups, label, target)
        labels[labels == label] = target
        heapq.heappush(waiting, (groups[target].area, target))
    return np.unique(labels, return_inverse=True)[1]


def _groups(shapes: Shapes, pairs: pd.DataFrame, homes: Indices) -> dict[int, _Group]:
    areas, perimeters = shapely.area(shapes), shapely.length(shapes)
    groups = {at: _Group(float(areas[at]), float(perimeters[at]), int(homes[at]), {}) for at in range(len(shapes))}
    for row in pairs.itertuples(index=False):
        lengths = (float(row.border), float(row.border - row.barrier))
        groups[int(row.a)].around[int(row.b)] = lengths
        groups[int(row.b)].around[int(row.a)] = lengths
    return groups


def _join(groups: dict[int, _Group], label: int, target: int) -> None:
    gone, kept = groups.pop(label), groups[target]
    kept.area += gone.area
    kept.perimeter += gone.perimeter - 2 * gone.around[target][0]
    kept.homes += gone.homes
    del kept.around[label]
    for other, lengths in gone.around.items():
        if other == target:
            continue
        del groups[other].around[label]
        before = kept.around.get(other, (0.0, 0.0))
        both = (before[0] + lengths[0], before[1] + lengths[1])
        kept.around[other] = groups[other].around[target] = both


def dissolve(shapes: Shapes, labels: Indices) -> Shapes:
    """One shape per label 0, 1, …: the union of its pieces with their shared borders taken out, vertices unmoved."""
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(labels.max() + 2))
    merged = np.empty(len(bounds) - 1, dtype=object)
    for label, (start, end) in enumerate(pairwise(bounds)):
        members = shapes[order[start:end]]
        merged[label] = members[0] if len(members) == 1 else _one(shapely.coverage_union_all(members))
    return merged


def _one(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape
