"""What each block is used for, and the walled compounds (小区) inside the residential ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geodata.demo.graph import NOTHING, Streets
from geodata.demo.layout import HALF_WIDTH, Block
from geodata.demo.shape import Floats, Ints

USES = {
    "lanes": {"lanes": 0.92, "shops": 0.05, "garden": 0.03},
    "walkup": {"walkup": 0.82, "midrise": 0.04, "shops": 0.05, "office": 0.04, "garden": 0.05},
    "midrise": {"midrise": 0.66, "walkup": 0.16, "shops": 0.06, "office": 0.05, "garden": 0.07},
    "tower": {"tower": 0.62, "midrise": 0.2, "shops": 0.06, "office": 0.04, "garden": 0.08},
    "village": {"village": 0.8, "garden": 0.2},
    "centre": {"shops": 0.3, "office": 0.14, "walkup": 0.29, "tower": 0.22, "garden": 0.05},
    "works": {"works": 0.94, "garden": 0.06},
    "park": {"garden": 1.0},
    "campus": {"campus": 1.0},
}
"""Shares of block uses in a neighbourhood of each character."""

DWELLINGS = ("lanes", "village", "walkup", "midrise", "tower")

WEST, EAST, SOUTH, NORTH = range(4)
"""The sides of a block."""


@dataclass(frozen=True)
class Frontage:
    """Which edge lies on which side of which block; one row each: `rows` (n, 3) = block, side, edge."""

    rows: Ints


@dataclass(frozen=True)
class Compound:
    """A walled group of buildings: plan rectangle `inside` (u0, v0, u1, v1), its block, use and the edge of its gate.

    `front` is the side that faces the gate's street.
    """

    block: int
    use: str
    inside: tuple[float, float, float, float]
    edge: int
    front: int


def block_uses(blocks: tuple[Block, ...], seed: int) -> list[str]:
    """Choose the use of each block by the character of its neighbourhood."""
    generator = np.random.default_rng([seed, 3])
    uses = []
    for block in blocks:
        shares = USES[block.character]
        uses.append(str(generator.choice(list(shares), p=list(shares.values()))))
    return uses


def frontage(streets: Streets) -> Frontage:
    """List the edges around each block."""
    along = streets.along_u == 1
    edges = np.arange(len(streets.ends))
    below = np.column_stack([streets.sides[:, 0], np.where(along, NORTH, EAST), edges])
    above = np.column_stack([streets.sides[:, 1], np.where(along, SOUTH, WEST), edges])
    rows = np.concatenate([below, above])
    rows = rows[rows[:, 0] != NOTHING]
    return Frontage(rows[np.lexsort(rows.T[::-1])])


def half_widths(streets: Streets, front: Frontage, count: int) -> Floats:
    """Return how far the widest street on each side reaches into a block, metres; shape (count, 4)."""
    widths = np.array([HALF_WIDTH[line.kind] for line in streets.lines], dtype=float)
    reach = np.zeros((count, 4))
    np.maximum.at(reach, (front.rows[:, 0], front.rows[:, 1]), widths[streets.street[front.rows[:, 2]]])
    return reach


def make_compounds(blocks: tuple[Block, ...], uses: list[str], streets: Streets, seed: int) -> list[Compound]:
    """Wall in every block that has buildings; long residential blocks hold two compounds."""
    generator = np.random.default_rng([seed, 4])
    front = frontage(streets)
    reach = half_widths(streets, front, len(blocks)) + 4
    starts = np.searchsorted(front.rows[:, 0], np.arange(len(blocks) + 1))
    compounds: list[Compound] = []
    for number, (block, use) in enumerate(zip(blocks, uses, strict=True)):
        rows = front.rows[starts[number] : starts[number + 1]]
        if use == "garden" or not len(rows):
            continue
        rect = block.rect
        west, east, south, north = reach[number]
        inside = (rect.u0 + west, rect.v0 + south, rect.u1 - east, rect.v1 - north)
        for part, open_sides in split(inside, use, generator):
            edge, side = gate(part, open_sides, rows, streets)
            compounds.append(Compound(number, use, part, edge, side))
    return compounds


def split(
    inside: tuple[float, float, float, float], use: str, generator: np.random.Generator
) -> list[tuple[tuple[float, float, float, float], frozenset[int]]]:
    """Return the compounds of a block with the sides on which each meets a street."""
    u0, v0, u1, v1 = inside
    along_u = u1 - u0 > v1 - v0
    length = max(u1 - u0, v1 - v0)
    if use not in ("walkup", "midrise", "tower") or length < 105 or generator.random() > 0.45:
        return [(inside, frozenset(range(4)))]
    middle = (u0 + u1 if along_u else v0 + v1) / 2 + float(generator.uniform(-0.08, 0.08)) * length
    if along_u:
        parts = [(u0, v0, middle - 4, v1), (middle + 4, v0, u1, v1)]
        return [(parts[0], frozenset({WEST, SOUTH, NORTH})), (parts[1], frozenset({EAST, SOUTH, NORTH}))]
    parts = [(u0, v0, u1, middle - 4), (u0, middle + 4, u1, v1)]
    return [(parts[0], frozenset({WEST, EAST, SOUTH})), (parts[1], frozenset({WEST, EAST, NORTH}))]


def gate(
    part: tuple[float, float, float, float], open_sides: frozenset[int], rows: Ints, streets: Streets
) -> tuple[int, int]:
    """Return the edge and side of a compound's gate: on its widest street, as near to its middle as can be."""
    middle = np.array([part[0] + part[2], part[1] + part[3]]) / 2
    rows = rows[np.isin(rows[:, 1], sorted(open_sides))]
    widths = np.array([HALF_WIDTH[streets.lines[street].kind] for street in streets.street[rows[:, 2]]])
    ends = streets.ends[rows[:, 2]]
    far = np.abs((ends[:, :2] + ends[:, 2:]) / 2 - middle).sum(axis=1)
    best = np.lexsort((rows[:, 2], far, -widths))[0]
    return int(rows[best, 2]), int(rows[best, 1])


def ring(corners: list[tuple[float, float]], step: float = 60.0) -> Floats:
    """Return a closed ring with extra points every `step` metres, so that it follows the bend; shape (n, 2)."""
    points: list[Floats] = []
    for start, end in pairwise([*corners, corners[0]]):
        count = max(1, int(np.ceil(np.hypot(end[0] - start[0], end[1] - start[1]) / step)))
        points.append(np.linspace(start, end, count, endpoint=False))
    return np.concatenate([*points, np.array([corners[0]])])


def rectangle(inside: tuple[float, float, float, float]) -> Floats:
    """Return the ring of a plan rectangle (u0, v0, u1, v1)."""
    u0, v0, u1, v1 = inside
    return ring([(u0, v0), (u1, v0), (u1, v1), (u0, v1)])
