"""Walks in metres on the street network, by Dijkstra's shortest paths (1959), once from each school.

Homes and schools join the walkable network at its nearest point; where a barrier lies between, at the nearest point in
reach that no barrier hides. Only the network's large pieces count: a place beside a small one joins a large one.
Between two large pieces (an island and the shore) there is no walk: it is infinite here, and `to_schools` says what is
done.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.arrays import Bools, Floats, Indices, Shapes
from geodata.errors import GeodataInputError
from geodata.streets.noding import noded

LARGE = 0.05
"""Share of all streets from which on a piece that is not connected with the rest counts as a network of its own."""
AT_ONCE = 16
"""Schools whose walks to every node are held in memory at the same time."""
SEARCHED = 2000
"""Hidden places that look for a street in sight at the same time."""


@dataclass(frozen=True)
class Network:
    """The large pieces of the walkable streets: straight segments between numbered nodes.

    `ends` is n × 2 node numbers, `lengths` n metres, `lines` n LineStrings; `left_out` metres lie in small pieces;
    `crossings` and `snapped` count the joints that the streets' vertices did not have.
    """

    nodes: int
    ends: Indices
    lengths: Floats
    lines: Shapes
    left_out: float
    crossings: int = 0
    snapped: int = 0


@dataclass(frozen=True)
class Foothold:
    """Where places join the network: segment, metres from its first node, metres to get there, through a barrier?"""

    segment: Indices
    offset: Floats
    approach: Floats
    hidden: Bools


def network(streets: Shapes, layers: Indices | None = None) -> Network:
    """The network of walkable streets (LineStrings, MultiLineStrings in metres) on their layers (default: the ground).

    Raises:
        GeodataInputError: there is no walkable street.
    """
    lines, owner = shapely.get_parts(streets, return_index=True)
    given = np.zeros(len(lines), dtype=np.int64) if layers is None else layers[owner]
    found = noded(lines, given)
    if not len(found.ends):
        raise GeodataInputError("The recipe's streets leave none on which people walk; look at its no_walk.")
    places, ends = found.places, found.ends
    lengths = np.hypot(*(places[ends[:, 0]] - places[ends[:, 1]]).T)
    piece = connected_components(_matrix(len(places), ends, lengths), directed=False)[1][ends[:, 0]]
    sizes = np.bincount(piece, weights=lengths)
    kept = (sizes >= min(LARGE * sizes.sum(), sizes.max()))[piece]
    return Network(
        nodes=len(places),
        ends=ends[kept],
        lengths=lengths[kept],
        lines=shapely.linestrings(places[ends[kept]]),
        left_out=float(lengths[~kept].sum()),
        crossings=found.crossings,
        snapped=found.snapped,
    )


def join(net: Network, places: Shapes, barriers: Shapes, reach: float) -> Foothold:
    """The foothold of each point; a hidden one looks for another street within `reach` metres."""
    tree = shapely.STRtree(net.lines)
    segment = tree.nearest(places).astype(np.int64)
    hidden = _hidden(net, places, segment, barriers)
    every = np.flatnonzero(hidden)
    for first in range(0, len(every), SEARCHED):
        some = every[first : first + SEARCHED]
        found = _in_sight(net, tree, places[some], barriers, reach)
        segment[some[found >= 0]] = found[found >= 0]
        hidden[some[found >= 0]] = False
    lines = net.lines[segment]
    return Foothold(segment, shapely.line_locate_point(lines, places), shapely.distance(lines, places), hidden)


def _hidden(net: Network, places: Shapes, segment: Indices, barriers: Shapes) -> Bools:
    """Which straight approaches cross a barrier: of those that meet one, which is quick to find out."""
    hidden = np.zeros(len(places), dtype=bool)
    approach = shapely.shortest_line(places, net.lines[segment])
    barrier, place = shapely.STRtree(approach).query(barriers, predicate="intersects")
    hidden[place[shapely.crosses(approach[place], barriers[barrier])]] = True
    return hidden


def _in_sight(net: Network, tree: shapely.STRtree, places: Shapes, barriers: Shapes, reach: float) -> Indices:
    """The nearest segment of each place that no barrier hides, −1 for none: all try their nearest, then the next."""
    place, segment = tree.query(places, predicate="dwithin", distance=reach)
    order = np.lexsort((segment, shapely.distance(net.lines[segment], places[place]), place))
    place, segment = place[order], segment[order].astype(np.int64)
    start = np.searchsorted(place, np.arange(len(places) + 1))
    found = np.full(len(places), -1, dtype=np.int64)
    looking, at = np.flatnonzero(start[1:] > start[:-1]), start[:-1].copy()
    while len(looking):
        seen = ~_hidden(net, places[looking], segment[at[looking]], barriers)
        found[looking[seen]] = segment[at[looking[seen]]]
        at[looking] += 1
        looking = looking[~seen & (at[looking] < start[1:][looking])]
    return found


def walks_from(net: Network, homes: Foothold, schools: Foothold) -> Iterator[Floats]:
    """For each school in turn the metres of every home's shortest walk: approach, streets, approach; infinite: none."""
    first, last = net.ends[schools.segment].T
    count = len(first)
    own = net.nodes + np.arange(count)
    ends = np.vstack((net.ends, np.column_stack((first, own)), np.column_stack((last, own))))
    rest = net.lengths[schools.segment] - schools.offset
    lengths = np.concatenate((net.lengths, schools.offset, rest))
    graph = _matrix(net.nodes + count, ends, np.maximum(lengths, 1e-6))
    start, end = net.ends[homes.segment].T
    behind = net.lengths[homes.segment] - homes.offset
    for some in range(0, count, AT_ONCE):
        from_schools = dijkstra(graph, directed=False, indices=own[some : some + AT_ONCE])
        for school, reached in enumerate(from_schools, some):
            streets = np.minimum(reached[start] + homes.offset, reached[end] + behind)
            same = np.flatnonzero(homes.segment == schools.segment[school])
            streets[same] = np.minimum(streets[same], np.abs(homes.offset[same] - schools.offset[school]))
            yield streets + homes.approach + schools.approach[school]


def mean_by_unit(walk: Floats, unit: Indices, weight: Floats, units: int) -> Floats:
    """Weighted mean of one school's walks by unit; not a number where most of a unit's people have none.

    Each unit needs a place with weight.
    """
    finite = np.isfinite(walk)
    total = np.bincount(unit, weights=weight, minlength=units)
    walking = np.bincount(unit, weights=weight * finite, minlength=units)
    sums = np.bincount(unit, weights=weight * np.where(finite, walk, 0.0), minlength=units)
    mean: Floats = np.where(walking >= total / 2, sums / np.where(walking > 0, walking, 1.0), np.nan)
    return mean


def _matrix(nodes: int, ends: Indices, lengths: Floats) -> csr_array:
    """Sparse symmetric-by-use graph; each pair of nodes stands in it once, or lengths would add up."""
    order = np.lexsort((lengths, ends[:, 1], ends[:, 0]))
    ends, lengths = ends[order], lengths[order]
    once = np.ones(len(ends), dtype=bool)
    once[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    return csr_array((lengths[once], (ends[once, 0], ends[once, 1])), shape=(nodes, nodes))
