"""Streets as straight edges between numbered nodes: joined where they share a vertex, cross, or almost touch.

Real files leave out vertices at crossings and end a street centimetres before another. So lines of the same layer also
meet where they cross, and a line's end meets a line of its layer within `NEAR` metres. Lines of different layers
(bridges, tunnels) meet in common vertices only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.arrays import Floats, Indices, Shapes

SAME = 100
"""Vertices are one where they agree to 1/100 m."""
NEAR = 1.0
"""Metres within which the end of a street is taken to another street."""


@dataclass(frozen=True)
class Noded:
    """Nodes (n × 2 metres) and edges (m × 2 node numbers, each once); how many joints the lines did not have."""

    places: Floats
    ends: Indices
    crossings: int
    snapped: int


@dataclass(frozen=True)
class _Pieces:
    """Straight pieces of lines: their two points (n × 2 × 2), shapes, the line of each and its layer."""

    points: Floats
    shapes: Shapes
    line: Indices
    layer: Indices


def noded(lines: Shapes, layers: Indices) -> Noded:
    """The edges of LineStrings (metres) with a layer each."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    coordinates = np.round(coordinates * SAME) / SAME
    inner = owner[1:] == owner[:-1]
    points = np.stack((coordinates[:-1], coordinates[1:]), axis=1)[inner]
    long = (points[:, 0] != points[:, 1]).any(axis=1)
    line = owner[:-1][inner][long]
    pieces = _Pieces(points[long], shapely.linestrings(points[long]), line, layers[line])
    crossed, crossings = _crossings(pieces)
    snapped, ends = _loose_ends(pieces, lines, layers)
    at, where = np.concatenate((crossed, snapped)), np.concatenate((crossings, ends))
    places, edges = _edges(pieces, at, where)
    return Noded(places, edges, len(crossed) // 2, len(snapped))


def _crossings(pieces: _Pieces) -> tuple[Indices, Floats]:
    """Pieces and places where two pieces of one layer cross, each pair given twice: once for each of them."""
    a, b = shapely.STRtree(pieces.shapes).query(pieces.shapes, predicate="crosses")
    once = (a < b) & (pieces.layer[a] == pieces.layer[b])
    a, b = a[once], b[once]
    where = shapely.get_coordinates(shapely.intersection(pieces.shapes[a], pieces.shapes[b])).reshape(-1, 2)
    where = np.round(where * SAME) / SAME
    return np.concatenate((a, b)).astype(np.int64), np.concatenate((where, where))


def _loose_ends(pieces: _Pieces, lines: Shapes, layers: Indices) -> tuple[Indices, Floats]:
    """Pieces that the end of another line of their layer almost touches, and the place of that end."""
    tips = np.concatenate((shapely.get_point(lines, 0), shapely.get_point(lines, -1)))
    layer, places = np.tile(layers, 2), np.round(shapely.get_coordinates(tips) * SAME) / SAME
    tip, piece = shapely.STRtree(pieces.shapes).query(shapely.points(places), predicate="dwithin", distance=NEAR)
    touching = (pieces.points[piece] == places[tip][:, None, :]).all(axis=2).any(axis=1)
    met = np.zeros(len(places), dtype=bool)
    met[_of_several(places, tip[touching])] = True
    other = pieces.line[piece] != tip % len(lines)
    good = other & (layer[tip] == pieces.layer[piece]) & ~touching & ~met[tip]
    tip, piece = tip[good], piece[good]
    far = shapely.distance(shapely.points(places[tip]), pieces.shapes[piece])
    order = np.lexsort((piece, far, tip))
    tip, piece = tip[order], piece[order]
    first = np.r_[True, tip[1:] != tip[:-1]] if len(tip) else np.zeros(0, dtype=bool)
    return piece[first].astype(np.int64), places[tip[first]]


def _of_several(places: Floats, touched: Indices) -> Indices:
    """Ends that touch more than the one piece they belong to: they meet something already."""
    return np.flatnonzero(np.bincount(touched, minlength=len(places)) > 1)


def _edges(pieces: _Pieces, at: Indices, where: Floats) -> tuple[Floats, Indices]:
    """Cut the pieces `at` the places `where`: numbered nodes, and each edge between two of them once."""
    count = len(pieces.points)
    piece = np.concatenate((np.arange(count), np.arange(count), at))
    points = np.concatenate((pieces.points[:, 0], pieces.points[:, 1], where))
    way = pieces.points[:, 1] - pieces.points[:, 0]
    share = ((where - pieces.points[at, 0]) * way[at]).sum(axis=1) / (way[at] ** 2).sum(axis=1)
    along = np.concatenate((np.zeros(count), np.ones(count), np.clip(share, 0.0, 1.0)))
    places, node = _numbered(points)
    order = np.lexsort((np.r_[np.zeros(count), np.full(count, 2), np.ones(len(at))], along, piece))
    piece, node = piece[order], node[order]
    ends = np.column_stack((node[:-1], node[1:]))[(piece[1:] == piece[:-1]) & (node[1:] != node[:-1])]
    ends.sort(axis=1)
    packed = np.unique(ends[:, 0] * len(places) + ends[:, 1])
    return places, np.column_stack((packed // len(places), packed % len(places)))


def _numbered(points: Floats) -> tuple[Floats, Indices]:
    """Different points in order of x, then y, and the number of each."""
    keys = np.round(points * SAME).astype(np.int64)
    low = keys.min(axis=0) if len(keys) else np.zeros(2, dtype=np.int64)
    high = int(keys[:, 1].max() - low[1]) + 1 if len(keys) else 1
    packed, node = np.unique((keys[:, 0] - low[0]) * high + keys[:, 1] - low[1], return_inverse=True)
    places = np.column_stack((packed // high + low[0], packed % high + low[1])) / SAME
    return places, node.astype(np.int64)
