"""Net migration on units, and the ages that the population does not hold but the births do."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.arrays import Floats
from geodata.forecast.births import birth_plan, record_areas, shares_of
from geodata.gathered import Gathered
from geodata.people.homes import Placed
from geodata.recipe.recipe import Recipe


def migration_of(given: Gathered, placed: Placed, units: int, ages: int) -> Floats:
    """Net yearly migration that the sources give, units × ages 0, 1, …; 0 where they give none."""
    if given.migration is None:
        return np.zeros((units, ages))
    rates = given.migration.table.reindex(columns=range(ages), fill_value=0.0).to_numpy()
    area = record_areas(given, given.migration)
    return shares_of(area, len(rates), given, placed, units).mean(rates)


def staying(moving: Floats, more: float, survival: float) -> Floats:
    """Of a child of each age, what is there a year later; never below 0."""
    return survival * np.maximum(0.0, 1.0 + moving + more)


def with_births(children: pd.DataFrame, given: Gathered, placed: Placed, recipe: Recipe) -> pd.DataFrame:
    """Children of units by age, with the ages that only the births tell of, grown older as in the middle variant."""
    births = birth_plan(given, placed, len(children))
    if births is None:
        return children
    oldest = max(max(level.ages) for level in recipe.levels.values())
    moving = migration_of(given, placed, len(children), oldest + 1)
    stay = staying(moving, recipe.forecast.variants["middle"].migration, recipe.forecast.survival)
    change = recipe.forecast.births_change
    change = births.trend() if change is None else change
    found = dict(children)
    for age in range(oldest + 1):
        totals = births.totals(recipe.school_year - age, change)
        if f"age_{age}" not in found and totals is not None:
            found[f"age_{age}"] = births.shares.spread(totals) * stay[:, :age].prod(axis=1)
    return pd.DataFrame({f"age_{age}": found[f"age_{age}"] for age in range(130) if f"age_{age}" in found})
