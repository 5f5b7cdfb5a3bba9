"""The levels of school that a city plans for."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.recipe.table import Table
from ledger.errors import Phrase

CLASS_SIZES = {"primary": 45, "junior": 50}
RADII = {"primary": 500, "junior": 1000}
"""Metres of walk within which a school should be (service radius of GB 50180)."""
LEVEL_NAMES = {"primary": Phrase("primary"), "junior": Phrase("junior")}


@dataclass(frozen=True)
class Level:
    """Ages a level plans for, the seats of one of its classes, and the metres of walk that are near enough."""

    ages: tuple[int, ...]
    class_size: float
    radius: float


def read_levels(given: Table) -> dict[str, Level]:
    """The levels that a recipe names, primary first."""
    levels = given.table("levels", set(CLASS_SIZES))
    if not levels.values:
        levels.refuse("names no level")
    return {name: _level(levels, name) for name in CLASS_SIZES if name in levels.values}


def _level(levels: Table, name: str) -> Level:
    level = levels.table(name, {"ages", "class_size", "radius"})
    ages = level.take("ages", list)
    if not ages or not all(type(age) is int and 0 <= age < 30 for age in ages) or len(set(ages)) < len(ages):
        level.refuse("needs ages as a list of different whole numbers")
    size = level.take("class_size", (int, float), CLASS_SIZES[name])
    if not 0 < size <= 1000:
        level.refuse("needs class_size above 0 and at most 1000")
    radius = level.take("radius", (int, float), RADII[name])
    if not 0 < radius <= 100_000:
        level.refuse("needs radius in metres above 0 and at most 100000")
    return Level(tuple(sorted(ages)), float(size), float(radius))


def known_level(table: Table) -> str:
    """The level that a source is of."""
    level: str = table.take("level", str)
    if level not in CLASS_SIZES:
        table.refuse("has a level %(level)s; known are primary and junior", level=level)
    return level
