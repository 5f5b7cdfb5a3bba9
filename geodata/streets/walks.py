"""Walks in metres on the street network: from every unit to every school, every pair present.

Streets meet where they share a vertex. Homes and schools join the largest connected piece of the walkable network at
its nearest point; where a barrier lies between, at the nearest point in reach that no barrier hides. Shortest paths are
Dijkstra's (1959), once from each school.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.arrays import Bools, Floats, Indices, Shapes
from geodata.errors import GeodataInputError

REACH = 400.0
"""Metres within which a place looks for a street that no barrier hides."""
SAME = 100
"""Vertices are one where they agree to 1/100 m."""


@dataclass(frozen=True)
class Network:
    """The largest connected piece of the walkable streets: straight segments between numbered nodes.

    `ends` is n × 2 node numbers, `lengths` n metres, `lines` n LineStrings; `left_out` metres lie in other pieces.
    """

    nodes: int
    ends: Indices
    lengths: Floats
    lines: Shapes
    left_out: float


@dataclass(frozen=True)
class Foothold:
    """Where places join the network: segment, metres from its first node, metres to get there, through a barrier?"""

    segment: Indices
    offset: Floats
    approach: Floats
    hidden: Bools


def network(streets: Shapes) -> Network:
    """The network of walkable streets (LineStrings, MultiLineStrings in metres).

    Raises:
        GeodataInputError: there is no walkable street.
    """
    points, owner = shapely.get_coordinates(shapely.get_parts(streets), return_index=True)
    keys, node = np.unique(np.round(points * SAME).astype(np.int64), axis=0, return_inverse=True)
    same_line = owner[1:] == owner[:-1]
    ends = np.sort(np.column_stack((node[:-1], node[1:]))[same_line], axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    if not len(ends):
        raise GeodataInputError("The recipe's streets leave none on which people walk; look at its no_walk.")
    place = keys / SAME
    lengths = np.hypot(*(place[ends[:, 0]] - place[ends[:, 1]]).T)
    piece = connected_components(_matrix(len(keys), ends, lengths), directed=False)[1]
    sizes = np.bincount(piece[ends[:, 0]], weights=lengths)
    kept = piece[ends[:, 0]] == int(np.argmax(sizes))
    lines = shapely.linestrings(place[ends[kept]])
    return Network(len(keys), ends[kept], lengths[kept], lines, float(lengths[~kept].sum()))


def join(net: Network, places: Shapes, barriers: Shapes) -> Foothold:
    """The foothold of each point."""
    tree = shapely.STRtree(net.lines)
    segment = tree.nearest(places).astype(np.int64)
    hidden = _hidden(net, places, segment, barriers)
    for place in np.flatnonzero(hidden):
        found = _in_sight(net, tree, places[place], barriers)
        if found >= 0:
            segment[place], hidden[place] = found, False
    lines = net.lines[segment]
    return Foothold(segment, shapely.line_locate_point(lines, places), shapely.distance(lines, places), hidden)


def _hidden(net: Network, places: Shapes, segment: Indices, barriers: Shapes) -> Bools:
    """Which straight approaches cross a barrier."""
    hidden = np.zeros(len(places), dtype=bool)
    if len(barriers):
        approach = shapely.shortest_line(places, net.lines[segment])
        hidden[shapely.STRtree(barriers).query(approach, predicate="crosses")[0]] = True
    return hidden


def _in_sight(net: Network, tree: Any, place: shapely.Geometry, barriers: Shapes) -> int:
    near = tree.query(place, predicate="dwithin", distance=REACH)
    near = near[np.lexsort((near, shapely.distance(net.lines[near], place)))]
    seen = ~_hidden(net, np.full(len(near), place), near, barriers)
    return int(near[np.argmax(seen)]) if seen.any() else -1


def distances(net: Network, homes: Foothold, schools: Foothold) -> Floats:
    """Metres of the shortest walk, homes × schools: approach, streets, approach."""
    first, last = net.ends[schools.segment].T
    count = len(first)
    own = net.nodes + np.arange(count)
    ends = np.vstack((net.ends, np.column_stack((first, own)), np.column_stack((last, own))))
    rest = net.lengths[schools.segment] - schools.offset
    lengths = np.concatenate((net.lengths, schools.offset, rest))
    graph = _matrix(net.nodes + count, ends, np.maximum(lengths, 1e-6))
    from_school = dijkstra(graph, directed=False, indices=own)
    start, end = net.ends[homes.segment].T
    walk = np.empty((len(start), count))
    for school in range(count):
        by_start = from_school[school, start] + homes.offset
        by_end = from_school[school, end] + net.lengths[homes.segment] - homes.offset
        along = np.where(
            homes.segment == schools.segment[school], np.abs(homes.offset - schools.offset[school]), np.inf
        )
        streets = np.minimum(np.minimum(by_start, by_end), along)
        walk[:, school] = streets + homes.approach + schools.approach[school]
    return walk


def mean_by_unit(walk: Floats, unit: Indices, weight: Floats, units: int) -> Floats:
    """Weighted mean walk of each unit, units × schools; each unit needs a place with weight."""
    total = np.bincount(unit, weights=weight, minlength=units)
    sums = [np.bincount(unit, weights=weight * column, minlength=units) for column in walk.T]
    return np.column_stack(sums) / total[:, None]


def _matrix(nodes: int, ends: Indices, lengths: Floats) -> Any:
    """Sparse symmetric-by-use graph; each pair of nodes stands in it once, or lengths would add up."""
    order = np.lexsort((lengths, ends[:, 1], ends[:, 0]))
    ends, lengths = ends[order], lengths[order]
    once = np.ones(len(ends), dtype=bool)
    once[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    return csr_array((lengths[once], (ends[once, 0], ends[once, 1])), shape=(nodes, nodes))
