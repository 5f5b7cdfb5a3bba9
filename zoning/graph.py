"""The graph of units: neighbours in compressed rows, components, shortest paths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """Neighbours of unit u: `neighbour[start[u]:start[u + 1]]`, ascending; `edge` holds the rows they come from."""

    start: IntArray
    neighbour: IntArray
    edge: IntArray

    @classmethod
    def of(cls, units: int, edges: IntArray, kept: NDArray[np.bool_]) -> Graph:
        """The graph of `units` units with those rows of `edges` (E×2) that are `kept`."""
        rows = np.flatnonzero(kept)
        ends = np.concatenate([edges[rows], edges[rows][:, ::-1]])
        order = np.lexsort((ends[:, 1], ends[:, 0]))
        start = np.zeros(units + 1, dtype=np.int64)
        np.cumsum(np.bincount(ends[:, 0], minlength=units), out=start[1:])
        return cls(start, ends[order, 1], np.concatenate([rows, rows])[order])


def components(units: int, edges: IntArray) -> IntArray:
    """The component of each unit, numbered by its first unit."""
    ones = np.ones(len(edges), dtype=np.int8)
    matrix = csr_array((ones, (edges[:, 0], edges[:, 1])), shape=(units, units))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def shortest(units: int, edges: IntArray, lengths: FloatArray, sources: IntArray) -> FloatArray:
    """Shortest path lengths, sources × units; infinite where there is no path."""
    matrix = csr_array((lengths, (edges[:, 0], edges[:, 1])), shape=(units, units))
    return np.asarray(dijkstra(matrix, directed=False, indices=sources), dtype=np.float64)
