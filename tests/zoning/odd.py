"""Odd little problems: islands, barriers, empty units, closed schools, schools without a unit or with one zone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tests.zoning.folders import Table
from zoning.problem import NOWHERE, Problem

LIMITS = [
    "",
    "utilisation = [0.0, 1.0]\n",
    "utilisation = [0.7, 1.1]\n",
    "utilisation = [0.9, 1.05]\n",
    "walk_metres = 2.0\n",
    "cross_barrier = true\n",
    "contiguous = false\nutilisation = [0.0, 1.0]\n",
]
WEIGHTS = [
    "",
    "[weights]\ndistance = 1\nbalance = 0.3\n",
    "[weights]\nbalance = 1\n",
    "[weights]\ndistance = 0.5\ncomposition = 0.4\n",
    "[weights]\n",
]
MAPPED = "[weights]\ndistance = 1\nchange = 0.2\nbalance = 0.05\n"
SHAPED = "[weights]\nbalance = 0.7\ncompactness = 0.3\n"


def odd(seed: int, most_units: int = 13, most_schools: int = 5, shaped: bool = True) -> tuple[dict[str, Table], str]:
    """Tables and policy of a random small problem with every oddity that the formats allow."""
    noise = np.random.default_rng(seed)
    units = [f"u{at}" for at in range(noise.integers(1, most_units + 1))]
    schools = [f"s{at}" for at in range(noise.integers(1, min(most_schools, len(units)) + 1))]
    pairs = [(a, b) for at, a in enumerate(units) for b in units[at + 1 :] if noise.random() < 2.2 / len(units)]
    tables: dict[str, Table] = {
        "units": _units(noise, units),
        "schools": _schools(noise, units, schools),
        "adjacency": [
            ("unit", "neighbour", "border", "barrier"),
            *((a, b, 50, int(noise.random() < 0.2)) for a, b in pairs),
        ],
        "walks": [
            ("unit", "school", "metres"),
            *((u, s, round(noise.random() * 4, 2)) for u in units for s in schools),
        ],
    }
    if noise.random() < 0.6:
        rows = [(u, s) for u in units for s in schools if noise.random() < 1.1 / len(schools)]
        tables["current"] = [("unit", "school"), *rows]
    if noise.random() < 0.4:
        locked = noise.choice(units, min(len(units), int(noise.integers(1, 3))), replace=False)
        tables["locks"] = [("unit", "school"), *((str(unit), str(noise.choice(schools))) for unit in locked)]
    limits = LIMITS[noise.integers(len(LIMITS))]
    weights = [*WEIGHTS, *([MAPPED] if "current" in tables else []), *([SHAPED] if shaped else [])]
    if "current" in tables and noise.random() < 0.4:
        limits += "change_share = 0.2\n"
    return tables, f"[limits]\n{limits}{weights[noise.integers(len(weights))]}"


def _units(noise: np.random.Generator, units: list[str]) -> Table:
    demand = noise.integers(0, 10, len(units)) * (noise.random() < 0.9)
    if noise.random() < 0.2:
        demand = np.round(demand * 0.37, 2)
    group = np.floor(demand * noise.random(len(units)))
    header = ("unit", "demand", "group_a", "area", "perimeter")
    return [header, *((u, p, g, 10_000, 400) for u, p, g in zip(units, demand, group, strict=True))]


def _schools(noise: np.random.Generator, units: list[str], schools: list[str]) -> Table:
    homes = [u if noise.random() < 0.8 else "" for u in noise.choice(units, len(schools), replace=False)]
    seats = [0 if noise.random() < 0.15 else int(noise.integers(1, 60)) for _ in schools]
    seats[0] = 30
    zones = ["both" if at < 2 else "" for at in range(len(schools))]
    if noise.random() < 0.7:
        zones = [""] * len(schools)
    return [("school", "unit", "capacity", "zone"), *zip(schools, homes, seats, zones, strict=True)]


def every_choice(problem: Problem) -> Iterator[np.ndarray]:
    """Each assignment that keeps own units and locks."""
    targets = range(len(problem.targets))
    fixed = problem.fixed.tolist()
    yield from map(np.array, itertools.product(*(targets if at == NOWHERE else (at,) for at in fixed)))
