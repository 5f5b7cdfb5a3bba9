"""Children of a household register on units, so that no published number of them is from 1 to 4.

Units with a smaller number are joined with a neighbour before anything is written (docs/adr/0011-small-counts.md): the
threshold rule of statistical disclosure control (Hundepool et al., Statistical Disclosure Control, 2012, ch. 4–5).
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.arrays import Floats, Indices
from geodata.errors import GeodataInputError
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.recipe.levels import LEVEL_NAMES
from geodata.recipe.recipe import Recipe
from geodata.units.blocks import Units
from geodata.units.faces import find
from geodata.units.merge import merge, merged_units

LEAST = 5
"""Children: a published number of them is 0 or at least this."""


@dataclass(frozen=True)
class Counted:
    """Units in which every published number of register children is 0 or ≥ LEAST, and the children in them.

    children: age_<n>, one row a unit; groups: group_<level>_<name>, children of the level's ages at the school year.
    """

    units: Units
    children: pd.DataFrame
    groups: pd.DataFrame


def count_on_units(given: Gathered, units: Units, rate: float, recipe: Recipe, notes: Notes) -> Counted:
    """Count the register's children in units, and join units that would show 1–4 of them.

    `rate` is the attendance by which every published number is multiplied.

    Raises:
        GeodataInputError: a unit would show 1–4 children, and a barrier parts it from every neighbour.
    """
    register, ages = given.register, needed_ages(recipe)
    unit = find(units.shapes, register.geometry.to_numpy())
    counts = _table(register, unit, len(units.ids), ages, "children")
    moving = 0.0 if given.migration is None else min(0.0, float(given.migration.table.to_numpy().min()))
    cells, least = published(counts, rate, moving, recipe)
    schools = _schools(given.schools, units, list(recipe.levels))
    merged = merge(cells, units.pairs, lambda sums: bool(((sums > 0) & (sums < least)).any()), schools)
    if len(merged.left):
        _refuse(units, merged.labels, merged.left)
    joined = merged_units(units, merged.labels) if len(units.ids) > merged.labels.max() + 1 else units
    _say(len(units.ids), len(joined.ids), register, ages, notes)
    at = merged.labels[unit]
    children = _table(register, at, len(joined.ids), ages, "children")
    return Counted(joined, children, _groups(register, at, children, rate, recipe, notes))


def _schools(schools: gpd.GeoDataFrame, units: Units, levels: list[str]) -> Floats:
    """How many schools of each level stand in each unit: two in one would have to share a zone."""
    at, count = find(units.shapes, schools.geometry.to_numpy()), len(units.ids)
    return np.column_stack(
        [np.bincount(at[(schools["level"] == level).to_numpy()], minlength=count) for level in levels]
    )


def needed_ages(recipe: Recipe) -> list[int]:
    """Ages at the school year that some level needs now or in a year of the forecast; no other is kept."""
    years = range(recipe.forecast.years + 1)
    return sorted({age - k for level in recipe.levels.values() for age in level.ages for k in years if age >= k})


def published(children: pd.DataFrame, rate: float, moving: float, recipe: Recipe) -> tuple[Floats, Floats]:
    """Every number of register children that a problem folder may show, units × k, and the least of each (k).

    `moving` is the lowest net migration that the sources give.

    These are the children of each level's ages in the school year, in each year before and after it, and all together.
    A number is shown times the attendance, and a later year's times what stays in the forecast's lowest variant: where
    that is less than 1 it takes more than LEAST children.
    """
    low = recipe.forecast.variants["low"].migration
    stay = min(1.0, recipe.forecast.survival * max(0.0, 1.0 + low + moving))
    ages = [int(name.removeprefix("age_")) for name in children.columns]
    columns, parts = [children.to_numpy().sum(axis=1)], [1.0]
    for level in recipe.levels.values():
        for k in range(-max(ages), recipe.forecast.years + 1):
            window = [f"age_{age - k}" for age in level.ages if age - k in ages]
            if window and (k > 0 or len(window) == len(level.ages)):
                columns.append(children[window].to_numpy().sum(axis=1))
                parts.append(min(1.0, rate * stay ** max(k, 0)))
    cells, where = np.unique(np.column_stack(columns), axis=1, return_inverse=True)
    least = np.full(cells.shape[1], float(LEAST))
    np.maximum.at(least, where.ravel(), [_least(part) for part in parts])
    return cells, least


def _least(part: float) -> float:
    """Children of whom `part` are at least LEAST, safe from rounding."""
    return float(LEAST) if part >= 1 else LEAST / max(part, 1e-9) * (1 + 1e-9)


def _table(register: gpd.GeoDataFrame, unit: Indices, units: int, ages: list[int], column: str) -> pd.DataFrame:
    """Sums of a column by unit and age."""
    sums = register.assign(unit=unit).groupby(["unit", "age"])[column].sum().unstack(fill_value=0.0)
    return sums.reindex(index=range(units), columns=ages, fill_value=0.0).set_axis(
        [f"age_{age}" for age in ages], axis=1
    )


def _refuse(units: Units, labels: Indices, left: Indices) -> None:
    alone = sorted(units.ids[int(np.flatnonzero(labels == label)[0])] for label in left)
    raise GeodataInputError(
        "%(count)s units (%(units)s) hold so few register children that their number could tell of one, and a barrier "
        "parts them from every neighbour. Leave out that barrier, add the street that crosses it, draw larger "
        "[[units]], or let [forecast] reach fewer years.",
        count=len(alone),
        units=", ".join(alone[:10]),
    )


def _say(before: int, after: int, register: gpd.GeoDataFrame, ages: list[int], notes: Notes) -> None:
    kept = register["age"].isin(ages)
    notes.doubt(
        "Children come from a household register: %(children)d of the needed ages are counted, %(others)d of other "
        "ages left out. So that no published number is from 1 to 4 children, %(before)s units became %(after)s.",
        children=int(register["children"][kept].sum()),
        others=int(register["children"][~kept].sum()),
        before=before,
        after=after,
    )


def _groups(
    register: gpd.GeoDataFrame, unit: Indices, children: pd.DataFrame, rate: float, recipe: Recipe, notes: Notes
) -> pd.DataFrame:
    """The groups of each level whose every cell can be shown: the group, the rest, and those of no group of a column.

    Without the last, girls and boys would tell how many are neither.
    """
    least, found = _least(rate), pd.DataFrame(index=children.index)
    column = {
        name: source.columns[f"group_{name}"]
        for source in recipe.sources["register"]
        for name in source.options["groups"]
    }
    names = [column.removeprefix("group_") for column in register.columns if column.startswith("group_")]
    for level, chosen in recipe.levels.items():
        ages = list(chosen.ages)
        everybody = children[[f"age_{age}" for age in ages]].to_numpy().sum(axis=1)
        others = {of: everybody for of in column.values()}
        for name in names:
            group = _table(register, unit, len(children), ages, f"group_{name}").to_numpy().sum(axis=1)
            cells = np.column_stack((group, everybody - group, others[column[name]] - group))
            small = ((cells > 0) & (cells < least)).any(axis=1)
            if not small.any():
                found[f"group_{level}_{name}"] = group
                others[column[name]] = others[column[name]] - group
                continue
            notes.doubt(
                "The group %(group)s of %(level)s age is left out: in %(units)s units it, or the rest of the children, "
                "would be from 1 to 4.",
                group=name,
                level=LEVEL_NAMES[level],
                units=int(small.sum()),
            )
    return found
