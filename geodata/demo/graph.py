"""From lines and blocks to a planar street graph: junctions, edges, and the block on each side of an edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geodata.demo.layout import Block, Layout, Line
from geodata.demo.shape import LATTICE, Flags, Floats, Ints, Shape

NOTHING = -1
"""The label of what is no block: river, railway, country."""


@dataclass(frozen=True)
class Streets:
    """The street graph inside the outline.

    `ends` (e, 4): u, v of both ends of each edge, integer metres; `street` (e,): index into `lines`;
    `sides` (e, 2): the blocks left/below and right/above, `NOTHING` where there is none.
    """

    lines: tuple[Line, ...]
    ends: Ints
    street: Ints
    sides: Ints

    @property
    def along_u(self) -> Ints:
        """Whether each edge runs along u; shape (e,), 0 or 1."""
        return np.asarray(self.ends[:, 1] == self.ends[:, 3]).astype(np.int64)

    @property
    def crosses(self) -> Ints:
        """The edges that are bridges over the river or cross the railway: no block on either side; indices."""
        return np.asarray(np.flatnonzero((self.sides == NOTHING).all(axis=1)))


def make_streets(layout: Layout, shape: Shape) -> tuple[Streets, tuple[Block, ...]]:
    """Node the lines, keep what lies inside the outline, and return it with the blocks kept (renumbered)."""
    lines = tuple(merge(layout.lines))
    ends, street = node(lines)
    sides = side_labels(layout.blocks, ends)
    inside = inner_blocks(layout.blocks, sides, shape)
    number = np.full(len(layout.blocks) + 1, NOTHING, dtype=np.int64)
    number[inside] = np.arange(inside.size)
    sides = number[sides]
    kept = keep(ends, sides, shape.rail)
    streets = Streets(lines, ends[kept], street[kept], sides[kept])
    return streets, tuple(layout.blocks[i] for i in inside)


def inner_blocks(blocks: tuple[Block, ...], sides: Ints, shape: Shape) -> Ints:
    """Return the blocks inside the outline, in each quarter between river and railway only one connected piece."""
    middles = np.array([block.rect.middle for block in blocks])
    inside = shape.radius(middles[:, 0], middles[:, 1]) < 1
    pairs = sides[(sides != NOTHING).all(axis=1)]
    pairs = pairs[inside[pairs].all(axis=1)]
    network = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(blocks), len(blocks)))
    _, piece = connected_components(network, directed=False)
    quarter = (middles[:, 0] > shape.rail) + 2 * (middles[:, 1] > 0)
    for part in range(4):
        mine = inside & (quarter == part)
        if mine.any():
            inside &= (quarter != part) | (piece == np.bincount(piece[mine]).argmax())
    return np.asarray(np.flatnonzero(inside))


def merge(lines: Iterable[Line]) -> Iterable[Line]:
    """Join lines of one kind that touch end to end, so that a street has one name all along."""
    last: Line | None = None
    for line in sorted(lines, key=lambda item: (item.along_u, item.at, item.low, item.high)):
        if last and (last.along_u, last.at, last.kind, last.high) == (line.along_u, line.at, line.kind, line.low):
            last = Line(last.along_u, last.at, last.low, line.high, last.kind)
            continue
        if last:
            yield last
        last = line
    if last:
        yield last


def node(lines: tuple[Line, ...]) -> tuple[Ints, Ints]:
    """Cut every line where another meets it; returns the edges' ends (e, 4) and the line of each (e,)."""
    table = np.array([(line.along_u, line.at, line.low, line.high) for line in lines], dtype=np.int64)
    ends, street = [], []
    for index, (along_u, at, low, high) in enumerate(table):
        across = table[table[:, 0] != along_u]
        meets = (across[:, 2] <= at) & (at <= across[:, 3]) & (low <= across[:, 1]) & (across[:, 1] <= high)
        cuts = np.unique(np.concatenate([across[meets, 1], [low, high]]))
        fixed = np.full(cuts.size - 1, at)
        columns = (cuts[:-1], fixed, cuts[1:], fixed) if along_u else (fixed, cuts[:-1], fixed, cuts[1:])
        ends.append(np.column_stack(columns))
        street.append(np.full(cuts.size - 1, index))
    return np.concatenate(ends), np.concatenate(street)


def side_labels(blocks: tuple[Block, ...], ends: Ints) -> Ints:
    """Return the block on both sides of each edge, by looking it up in a 10 m raster of labels."""
    rects = np.array([(b.rect.u0, b.rect.v0, b.rect.u1, b.rect.v1) for b in blocks]) // LATTICE
    low = np.minimum(rects[:, :2].min(axis=0), ends[:, :2].min(axis=0) // LATTICE) - 2
    high = np.maximum(rects[:, 2:].max(axis=0), ends[:, 2:].max(axis=0) // LATTICE) + 2
    raster = np.full(high - low, NOTHING, dtype=np.int64)
    for label, (u0, v0, u1, v1) in enumerate(rects - np.tile(low, 2)):
        raster[u0:u1, v0:v1] = label
    middle = (ends[:, :2] + ends[:, 2:]) / 2
    normal = np.where((ends[:, 1] == ends[:, 3])[:, None], [0, 1], [1, 0]) * LATTICE / 2
    shift = np.where((ends[:, 1] == ends[:, 3])[:, None], [1, 0], [0, 1]) * 0.1
    places = [np.floor((middle + shift + sign * normal) / LATTICE).astype(np.int64) - low for sign in (-1, 1)]
    return np.column_stack([raster[place[:, 0], place[:, 1]] for place in places])


def keep(ends: Ints, sides: Ints, rail: int) -> Ints:
    """Return the edges beside a kept block, and the crossings that join two of them; one connected network."""
    beside = (sides != NOTHING).any(axis=1)
    first, second = junctions(ends)
    touched = np.zeros(max(first.max(), second.max()) + 1, dtype=bool)
    touched[first[beside]] = touched[second[beside]] = True
    kept = np.flatnonzero(beside | (touched[first] & touched[second] & spans(ends, rail)))
    count = touched.size
    network = coo_matrix((np.ones(kept.size), (first[kept], second[kept])), shape=(count, count))
    _, part = connected_components(network, directed=False)
    largest = np.bincount(part[first[kept]]).argmax()
    return np.asarray(kept[part[first[kept]] == largest])


def spans(ends: Ints, rail: int) -> Flags:
    """Whether an edge leads from one bank to the other or from one side of the railway to the other."""
    over_water = (ends[:, 1] < 0) & (ends[:, 3] > 0)
    over_track = (ends[:, 0] < rail) & (ends[:, 2] > rail)
    return np.asarray(over_water | over_track)


def junctions(ends: Ints) -> tuple[Ints, Ints]:
    """Number the junctions; returns the number of both ends of each edge, in order of (u, v)."""
    points = np.concatenate([ends[:, :2], ends[:, 2:]])
    _, number = np.unique(points, axis=0, return_inverse=True)
    number = np.asarray(number).reshape(-1)
    return number[: len(ends)], number[len(ends) :]


def lengths(shape: Shape, ends: Ints) -> Floats:
    """Length of each edge on the map, metres."""
    delta = shape.bend(ends[:, 2:].astype(float)) - shape.bend(ends[:, :2].astype(float))
    return np.asarray(np.hypot(delta[:, 0], delta[:, 1]))
