"""Residents by single age and compound: an ageing city in which fewer children are born every year."""

from __future__ import annotations

import numpy as np

from geodata.demo.shape import Floats, Ints

AGES = 101
"""Single ages 0 … 99 and 100 for all who are older."""

CHILDREN = (1810, 1940, 2070, 2210, 2350, 2480, 2600, 2730, 2860, 2990, 3120, 3240, 3350, 3450, 3540, 3600, 3650, 3690)
"""Children of age 0 … 17 among 450,000 residents: about 5 % fewer each year."""

ADULTS = (
    (18, 3700), (23, 3900), (28, 5200), (33, 6900), (38, 7300), (43, 6900), (48, 7600), (53, 8900), (58, 9100),
    (63, 8000), (68, 6800), (73, 4700), (78, 2900), (83, 1800), (88, 900), (93, 280), (98, 40), (100, 12),
)  # fmt: skip
"""Adults of some ages; between them a straight line, then scaled so that the total is kept."""

YOUTH = {"lanes": 0.62, "village": 0.8, "walkup": 0.86, "midrise": 1.2, "tower": 1.4}
"""How many times the city's share of children, and of their parents, live in each kind of compound."""


def age_totals(residents: int) -> Ints:
    """Return the residents of each single age, shape (AGES,), that sum to `residents`."""
    children = np.array(CHILDREN) * residents / 450_000
    ages, counts = np.array(ADULTS, dtype=float).T
    adults = np.interp(np.arange(len(CHILDREN), AGES), ages, counts)
    adults *= (residents - children.sum()) / adults.sum()
    return whole(np.concatenate([children, adults]), residents)


def whole(shares: Floats, total: int) -> Ints:
    """Round to integers that sum to `total` (largest remainder, ties to the first)."""
    floors = np.floor(shares).astype(np.int64)
    order = np.argsort(floors - shares, kind="stable")
    floors[order[: total - int(floors.sum())]] += 1
    return floors


def make_people(expected: Floats, uses: list[str], residents: int, seed: int) -> Ints:
    """Spread the ages over the compounds.

    Args:
        expected: residents that each compound would hold by its floor area, before scaling; shape (n,).
        uses: the use of each compound; only dwellings hold people.
        residents: people of the whole city.
        seed: of the city.

    Returns:
        Whole people by compound and single age, shape (n, AGES); each column sums to its `age_totals`.
    """
    generator = np.random.default_rng([seed, 6])
    totals = age_totals(residents)
    youth = np.array([YOUTH.get(use, 1.0) for use in uses]) * np.exp(generator.normal(0, 0.18, len(uses)))
    ages = np.arange(AGES)
    young = np.exp(-(((ages - 6) / 12) ** 2)) + 0.8 * np.exp(-(((ages - 36) / 9) ** 2))
    old = 1 / (1 + np.exp(-(ages - 60) / 4))
    weights = youth[:, None] ** young[None, :] * youth[:, None] ** (-0.7 * old[None, :])
    table = fit(weights, expected / expected.sum() * residents, totals.astype(float))
    return whole_columns(table, totals, generator)


def fit(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """Scale `table` to the row and column sums in turn (Deming and Stephan 1940); the columns are met exactly."""
    for _ in range(12):
        table = table * (rows / np.maximum(table.sum(axis=1), 1e-12))[:, None]
        table = table * (columns / table.sum(axis=0))[None, :]
    return table


def whole_columns(table: Floats, totals: Ints, generator: np.random.Generator) -> Ints:
    """Round each column by systematic sampling: every cell within 1 of its share, the column's sum kept."""
    offsets = generator.uniform(0, 1, table.shape[1])
    running = np.cumsum(table, axis=0) + offsets
    steps = np.floor(running).astype(np.int64)
    steps[-1] = np.floor(offsets).astype(np.int64) + totals
    return np.diff(np.vstack([np.floor(offsets).astype(np.int64), steps]), axis=0)
