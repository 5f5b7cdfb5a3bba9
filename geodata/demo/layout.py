"""Streets and blocks in the plan plane: arterials, then the cells between them halved until they are blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geodata.demo.shape import BANK, LATTICE, RAILSIDE, Shape

MAIN, SECONDARY, BRANCH, LANE = "主干道", "次干道", "支路", "胡同"

HALF_WIDTH = {MAIN: 20, SECONDARY: 14, BRANCH: 9, LANE: 5}
"""Metres from a street's middle to the walls beside it, by kind."""

BLOCK_AREA = {
    "lanes": 7_500,
    "walkup": 11_500,
    "midrise": 13_500,
    "tower": 19_000,
    "village": 13_000,
    "centre": 10_500,
    "works": 60_000,
    "park": 1_000_000,
    "campus": 1_000_000,
}
"""Area in m² at which a block of each character is no longer halved."""


@dataclass(frozen=True)
class Line:
    """A straight stretch of street from `low` to `high`: along u at v = `at` if `along_u`, else along v at u = `at`."""

    along_u: bool
    at: int
    low: int
    high: int
    kind: str


@dataclass(frozen=True)
class Rect:
    """A rectangle of the plan plane; integer metres on the lattice."""

    u0: int
    v0: int
    u1: int
    v1: int

    @property
    def area(self) -> int:
        """Square metres."""
        return (self.u1 - self.u0) * (self.v1 - self.v0)

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre (u, v)."""
        return (self.u0 + self.u1) / 2, (self.v0 + self.v1) / 2


@dataclass(frozen=True)
class Block:
    """A rectangle between streets and the character of its neighbourhood."""

    rect: Rect
    character: str


@dataclass(frozen=True)
class Layout:
    """Every street line and every block, also those outside the outline."""

    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Arterials:
    """Positions of the main roads in u and in v, and those that cross the river or the railway."""

    us: tuple[int, ...]
    vs: tuple[int, ...]
    bridges: frozenset[int]
    crossings: frozenset[int]


def make_layout(shape: Shape, seed: int) -> Layout:
    """Draw the streets of the city of `seed` and cut its blocks."""
    generator = np.random.default_rng([seed, 2])
    arterials = make_arterials(shape, generator)
    lines = list(arterial_lines(arterials, shape))
    blocks: list[Block] = []
    favourites = favourite_halves(arterials, generator)
    for cell in cells(arterials, shape):
        quarters, streets = quarter(cell, favourites, generator)
        lines += streets
        for part in quarters:
            character = character_of(part, shape, generator)
            leaves, streets = halve(part, character, generator)
            lines += streets
            blocks += [Block(leaf, character) for leaf in leaves]
    return Layout(tuple(lines), tuple(blocks))


def make_arterials(shape: Shape, generator: np.random.Generator) -> Arterials:
    """Space the main roads 850–1,150 m apart and choose which of them cross the water and the track."""
    reach_u, reach_v = shape.half_width * 1.25, shape.half_height * 1.25
    east = spaced(0, reach_u, generator)
    west = [-at for at in spaced(0, reach_u, generator)[1:]]
    free = [at for at in west[::-1] + east if abs(at - shape.rail) > 380]
    us = sorted({*free, shape.rail - RAILSIDE, shape.rail + RAILSIDE})
    north, south = spaced(BANK, reach_v, generator), spaced(BANK, reach_v, generator)
    vs = sorted({*north, *(-at for at in south)})
    inside = [at for at in free if float(shape.radius(np.array(at), np.array(0.0))) < 0.92]
    chosen = np.linspace(0, len(inside) - 1, min(len(inside), 6)).round().astype(int)
    crossings = {BANK, -BANK, *north[2::2], *(-at for at in south[1::2])}
    return Arterials(tuple(us), tuple(vs), frozenset(inside[i] for i in chosen), frozenset(crossings))


def spaced(start: int, reach: float, generator: np.random.Generator) -> list[int]:
    """Return positions from `start` until beyond `reach`."""
    places = [start]
    while places[-1] < reach:
        places.append(places[-1] + LATTICE * int(generator.integers(85, 116)))
    return places


def arterial_lines(arterials: Arterials, shape: Shape) -> Iterable[Line]:
    """Yield the main roads, broken at the river and the railway where they do not cross."""
    low, high = arterials.vs[0], arterials.vs[-1]
    sides = (shape.rail - RAILSIDE, shape.rail + RAILSIDE)
    for at in arterials.us:
        kind = SECONDARY if at in sides else MAIN
        banks = [(low, high)] if at in arterials.bridges else [(low, -BANK), (BANK, high)]
        yield from (Line(False, at, start, end, kind) for start, end in banks)
    low, high = arterials.us[0], arterials.us[-1]
    for at in arterials.vs:
        ends = [(low, high)] if at in arterials.crossings else [(low, sides[0]), (sides[1], high)]
        yield from (Line(True, at, start, end, MAIN) for start, end in ends)


def cells(arterials: Arterials, shape: Shape) -> Iterable[Rect]:
    """Yield the rectangles between neighbouring main roads, without the river's and the railway's strips."""
    for u0, u1 in pairwise(arterials.us):
        for v0, v1 in pairwise(arterials.vs):
            if u0 != shape.rail - RAILSIDE and v0 != -BANK:
                yield Rect(u0, v0, u1, v1)


def favourite_halves(arterials: Arterials, generator: np.random.Generator) -> dict[tuple[bool, int], int]:
    """Return for each column (False, u0) and row (True, v0) of cells where a secondary street would best run."""
    pairs = [(False, pair) for pair in pairwise(arterials.us)] + [(True, pair) for pair in pairwise(arterials.vs)]
    return {(along_u, low): cut_place(low, high, generator, 0.42, 0.58) for along_u, (low, high) in pairs}


def cut_place(low: int, high: int, generator: np.random.Generator, first: float, last: float) -> int:
    """Return a lattice position between the shares `first` and `last` of the way from `low` to `high`."""
    return LATTICE * round((low + (high - low) * generator.uniform(first, last)) / LATTICE)


def quarter(
    cell: Rect, favourites: dict[tuple[bool, int], int], generator: np.random.Generator
) -> tuple[list[Rect], list[Line]]:
    """Cut a cell by secondary streets, mostly in line with those of the neighbouring cells."""
    lines: list[Line] = []
    parts = [cell]
    for along_u, low, high in ((False, cell.u0, cell.u1), (True, cell.v0, cell.v1)):
        if high - low < 480:
            continue
        aligned = generator.random() < 0.78
        at = favourites[(along_u, cell.v0 if along_u else cell.u0)]
        if not aligned:
            at = cut_place(low, high, generator, 0.35, 0.65)
        parts, streets = cut_all(parts, along_u, at, SECONDARY)
        lines += streets
    return parts, lines


def cut_all(parts: list[Rect], along_u: bool, at: int, kind: str) -> tuple[list[Rect], list[Line]]:
    """Cut every part at the same position."""
    cut = [cut_one(part, along_u, at, kind) for part in parts]
    return [half for halves, _ in cut for half in halves], [line for _, line in cut]


def cut_one(rect: Rect, along_u: bool, at: int, kind: str) -> tuple[tuple[Rect, Rect], Line]:
    """Cut one rectangle and return its halves and the street between them."""
    if along_u:
        halves = Rect(rect.u0, rect.v0, rect.u1, at), Rect(rect.u0, at, rect.u1, rect.v1)
        return halves, Line(True, at, rect.u0, rect.u1, kind)
    halves = Rect(rect.u0, rect.v0, at, rect.v1), Rect(at, rect.v0, rect.u1, rect.v1)
    return halves, Line(False, at, rect.v0, rect.v1, kind)


def halve(part: Rect, character: str, generator: np.random.Generator) -> tuple[list[Rect], list[Line]]:
    """Halve a quarter by branch streets (lanes in the old town) until its pieces are blocks."""
    kind = LANE if character == "lanes" else BRANCH
    leaves: list[Rect] = []
    lines: list[Line] = []
    stack = [part]
    while stack:
        rect = stack.pop()
        width, height = rect.u1 - rect.u0, rect.v1 - rect.v0
        target = BLOCK_AREA[character] * generator.uniform(0.85, 1.6)
        if rect.area <= target or max(width, height) < 170:
            leaves.append(rect)
            continue
        along_u = height * 1.15 > width
        at = cut_place(*((rect.v0, rect.v1) if along_u else (rect.u0, rect.u1)), generator, 0.41, 0.59)
        halves, street = cut_one(rect, along_u, at, kind)
        lines.append(street)
        stack += halves
    return leaves, lines


def character_of(part: Rect, shape: Shape, generator: np.random.Generator) -> str:
    """Choose what kind of neighbourhood a quarter is, by where it lies."""
    u, v = part.middle
    size = shape.size
    for name, (at_u, at_v, near) in {
        "park": (-1250, 1650, 260),
        "campus": (-2350, 1750, 300),
        "hill": (-3000, 2750, 480),
        "mere": (2350, -1500, 260),
    }.items():
        if np.hypot(u - at_u * size, v - at_v * size) < near * size:
            return "campus" if name == "campus" else "park"
    options, shares = mixture(u, v, shape)
    return str(generator.choice(options, p=np.array(shares) / sum(shares)))


def mixture(u: float, v: float, shape: Shape) -> tuple[list[str], list[float]]:
    """Return the characters possible at a plan point and their weights."""
    size = shape.size
    to_centre = np.hypot(u - shape.centre[0], v - shape.centre[1]) / size
    edge = float(shape.radius(np.array(u), np.array(v)))
    if u > shape.rail and v > 500 * size:
        return ["works", "walkup", "village"], [0.78, 0.16, 0.06]
    if to_centre < 620:
        return ["centre", "lanes", "walkup"], [0.7, 0.15, 0.15]
    if np.hypot(u + 900 * size, v - 620 * size) < 850 * size:
        return ["lanes", "walkup", "centre"], [0.6, 0.25, 0.15]
    if np.hypot(u + 1900 * size, v + 1500 * size) < 1500 * size:
        return ["tower", "midrise", "walkup"], [0.55, 0.33, 0.12]
    if edge > 0.8:
        return ["village", "walkup", "midrise", "tower"], [0.5, 0.3, 0.1, 0.1]
    return ["walkup", "midrise", "tower", "lanes"], [0.66, 0.2, 0.09, 0.05]
