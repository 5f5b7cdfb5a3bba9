"""Schools: where they stand, how many classes each offers, and which blocks their catchments have grown over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from geodata.demo.graph import NOTHING, Streets
from geodata.demo.land import DWELLINGS
from geodata.demo.layout import Block
from geodata.demo.people import YOUTH, whole
from geodata.demo.shape import Floats, Ints, Shape

RESIDENTS_PER_HECTARE = {"lanes": 125.0, "village": 35.0, "walkup": 190.0, "midrise": 210.0, "tower": 290.0}
"""Roughly, to choose the sites before anything is built."""


@dataclass(frozen=True)
class Level:
    """What is planned for one level: entry age, seats of a class, number of schools, seats ÷ demand, fewest classes."""

    name: str
    age: int
    class_size: int
    schools: int
    slack: float
    least: int


PRIMARY = Level("primary", 6, 45, 38, 1.03, 1)
JUNIOR = Level("junior", 12, 50, 14, 1.03, 2)
LEVELS = (PRIMARY, JUNIOR)


@dataclass(frozen=True)
class Sites:
    """The blocks of one level's schools, in order of block number, and the quarter of the city each serves."""

    blocks: Ints
    parts: Ints


def part_of(blocks: tuple[Block, ...], shape: Shape) -> Ints:
    """Number the four parts into which river and railway cut the city; shape (blocks,), 0 … 3."""
    middles = np.array([block.rect.middle for block in blocks])
    return (middles[:, 0] > shape.rail).astype(np.int64) + 2 * (middles[:, 1] > 0)


def block_children(blocks: tuple[Block, ...], uses: list[str]) -> Floats:
    """Return roughly how many children live in each block, in arbitrary units; shape (blocks,)."""
    return np.array(
        [
            block.rect.area / 10_000 * RESIDENTS_PER_HECTARE[use] * YOUTH[use] if use in DWELLINGS else 0.0
            for block, use in zip(blocks, uses, strict=True)
        ]
    )


def choose_sites(level: Level, blocks: tuple[Block, ...], uses: list[str], shape: Shape, seed: int) -> Sites:
    """Choose the blocks of a level's schools among the dwelling blocks.

    Each part of the city gets its share of the schools (at least one); in a part they stand near the middles of its
    people (k-means on a few rounds), shifted at random as history does.
    """
    generator = np.random.default_rng([seed, 7, level.age])
    parts = part_of(blocks, shape)
    children = block_children(blocks, uses)
    present = np.unique(parts[children > 0])
    count = max(present.size, round(level.schools * shape.size**2))
    share = np.array([children[parts == part].sum() for part in present])
    numbers = 1 + whole(share / share.sum() * (count - present.size), count - present.size)
    points = shape.bend(np.array([block.rect.middle for block in blocks]))
    chosen: list[int] = []
    for part, number in zip(present, numbers, strict=True):
        homes = np.flatnonzero((parts == part) & (children > 0))
        middles = k_means(points[homes], children[homes], int(number), generator)
        middles += generator.normal(0, 110, middles.shape)
        chosen += nearest_free(points, homes, middles)
    sites = np.array(sorted(chosen))
    return Sites(sites, parts[sites])


def k_means(points: Floats, weights: Floats, count: int, generator: np.random.Generator) -> Floats:
    """Return `count` weighted middles of `points`, shape (count, 2), after eight rounds of Lloyd's algorithm."""
    middles = points[generator.choice(len(points), count, replace=False, p=weights / weights.sum())]
    for _ in range(8):
        owner = np.hypot(*(points[:, None] - middles[None]).transpose(2, 0, 1)).argmin(axis=1)
        mass = np.bincount(owner, weights, count)
        sums = np.column_stack([np.bincount(owner, weights * points[:, axis], count) for axis in (0, 1)])
        middles = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-9)[:, None], middles)
    return np.asarray(middles)


def nearest_free(points: Floats, homes: Ints, middles: Floats) -> list[int]:
    """Return a different block of `homes` for each middle, the nearest that is free."""
    taken: list[int] = []
    for middle in middles:
        order = homes[np.argsort(np.hypot(*(points[homes] - middle).T), kind="stable")]
        taken.append(next(int(block) for block in order if int(block) not in taken))
    return taken


def reach(sites: Sites, blocks: tuple[Block, ...], streets: Streets, shape: Shape) -> Floats:
    """Distance from each site to each block over neighbouring blocks of one part; shape (sites, blocks), inf if cut."""
    sides = streets.sides[(streets.sides != NOTHING).all(axis=1)]
    points = shape.bend(np.array([block.rect.middle for block in blocks]))
    pairs = np.unique(np.sort(sides, axis=1), axis=0)
    far = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    table = coo_matrix((far, (pairs[:, 0], pairs[:, 1])), shape=(len(blocks), len(blocks))).tocsr()
    return np.asarray(dijkstra(table, directed=False, indices=sites.blocks))


def offer_classes(level: Level, sites: Sites, served: Floats, children: Ints, parts: Ints, seed: int) -> Ints:
    """Return the classes that each school offers, shape (sites,).

    The city offers `slack` × demand; each part has a little more than its own children need, since a zone does not
    cross the river or the railway. Inside a part the classes follow the children whom each school served yesterday,
    `served` give or take a fifth.
    """
    generator = np.random.default_rng([seed, 8, level.age])
    yesterday = served * np.exp(generator.normal(0, 0.22, len(served)))
    present = np.unique(sites.parts)
    demand = np.array([children[parts == part].sum() for part in present])
    schools = np.array([(sites.parts == part).sum() for part in present])
    least = np.maximum(schools * level.least, np.ceil(demand * 1.01 / level.class_size).astype(np.int64))
    total = max(int(least.sum()), int(np.ceil(children.sum() * level.slack / level.class_size)))
    most = least + whole(demand / demand.sum() * (total - least.sum()), total - int(least.sum()))
    classes = np.full(len(served), level.least)
    for part, number in zip(present, most, strict=True):
        mine = np.flatnonzero(sites.parts == part)
        classes[mine] = apportion(yesterday[mine], int(number), level.least)
    return classes


def apportion(weights: Floats, total: int, least: int) -> Ints:
    """Share out `total` classes by the divisor method of Sainte-Laguë, `least` for each first."""
    classes = np.full(len(weights), least)
    for _ in range(total - int(classes.sum())):
        classes[np.argmax(weights / (2 * classes + 1))] += 1
    return classes


def grown_zones(far: Floats, sites: Sites, seed: int) -> Ints:
    """Return the school (row of `sites`) in whose catchment each block lies today; shape (blocks,).

    Each school has a head start or a handicap of up to 0.3 of its distance to the next school, so that a zone is
    a connected piece around its school and yet not the nearest one for all.
    """
    generator = np.random.default_rng([seed, 9, len(sites.blocks)])
    between = far[:, sites.blocks] + np.where(np.eye(len(sites.blocks), dtype=bool), np.inf, 0)
    near = np.where(np.isfinite(between.min(axis=1)), between.min(axis=1), 0)
    return np.asarray((far + (generator.uniform(-0.3, 0.3, len(near)) * near)[:, None]).argmin(axis=0))
