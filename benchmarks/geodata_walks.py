"""Walks from 20,000 units to 100 schools against networkx, its Dijkstra looped over the schools on the same network.

Both find the shortest path from each school to every node and then each unit's walk from the ends of its street; the
walks must be equal to 0.01 mm. The reading of the streets into a network is counted for neither.
`python -m benchmarks.geodata_walks`.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import shapely

from benchmarks.geodata_city import ACROSS, make_mesh, make_streets
from benchmarks.measure import Lines, timed
from geodata.arrays import Floats
from geodata.streets.walks import Foothold, Network, join, network, walks_from

BAR = 20.0
REACH = 400.0
UNITS, SCHOOLS = 20_000, 100


def by_networkx(net: Network, homes: Foothold, schools: Foothold) -> Floats:
    """The same walks, homes × schools."""
    graph = nx.Graph()
    graph.add_weighted_edges_from((int(a), int(b), float(m)) for (a, b), m in zip(net.ends, net.lengths, strict=True))
    walk = np.empty((len(homes.segment), len(schools.segment)))
    start, end = net.ends[homes.segment].T
    for school, segment in enumerate(schools.segment):
        first, last = (int(node) for node in net.ends[segment])
        graph.add_edge("school", first, weight=float(schools.offset[school]))
        graph.add_edge("school", last, weight=float(net.lengths[segment] - schools.offset[school]))
        found = nx.single_source_dijkstra_path_length(graph, "school")
        graph.remove_node("school")
        far = np.full(net.nodes, np.inf)
        far[[node for node in found if node != "school"]] = [m for node, m in found.items() if node != "school"]
        by_start = far[start] + homes.offset
        by_end = far[end] + net.lengths[homes.segment] - homes.offset
        along = np.where(homes.segment == segment, np.abs(homes.offset - schools.offset[school]), np.inf)
        streets = np.minimum(np.minimum(by_start, by_end), along)
        walk[:, school] = streets + homes.approach + schools.approach[school]
    return walk


def main() -> None:
    """Print the one case."""
    noise = np.random.default_rng(1)
    mesh = make_mesh(UNITS * ACROSS**2, noise)
    net = network(make_streets(mesh, noise).geometry.to_numpy())
    cells = mesh.blocks()[:UNITS]
    places = shapely.points(mesh.inside(cells, *noise.uniform(0.2, 0.8, (2, len(cells)))))
    nobody = np.array([], dtype=object)
    homes = join(net, places, nobody, REACH)
    schools = join(net, places[noise.choice(len(places), SCHOOLS, replace=False)], nobody, REACH)
    ours, seconds = timed(lambda: np.column_stack(list(walks_from(net, homes, schools))))
    theirs, peer_seconds = timed(lambda: by_networkx(net, homes, schools))
    np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=1e-5)
    Lines("geodata_walks").say(
        case=f"{len(places)} units x {SCHOOLS} schools",
        nodes=net.nodes,
        segments=len(net.ends),
        seconds=round(seconds, 3),
        peer="networkx single_source_dijkstra_path_length, once per school",
        peer_seconds=round(peer_seconds, 2),
        ratio=round(peer_seconds / seconds, 1),
        bar=BAR,
        met=peer_seconds / seconds >= BAR,
    )


if __name__ == "__main__":
    main()
