"""Births of each area and year, and in which units they fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Indices, Shapes
from geodata.errors import GeodataInputError
from geodata.forecast.areas import Shares
from geodata.gathered import Gathered
from geodata.people.homes import Placed
from geodata.roles.by_area import WHOLE_CITY, AreaTable, areas_of

YOUNGEST = 5
"""So many of the youngest ages that the population holds say where children are born."""
PEOPLE_WEIGH = 1e-9
"""Weight of a resident beside a child's 1: residents decide only where there are no children."""
TREND_YEARS = 6
"""The last years of the births that make their trend."""


@dataclass(frozen=True)
class BirthPlan:
    """`table`: births, a row per area, a column per year without a gap; `shares`: the units of each area's children.

    Children who are 0 years old at the beginning of school year Y are the births of Y.
    """

    table: pd.DataFrame
    shares: Shares

    def trend(self) -> float:
        """Mean yearly change of all births over the last years of the table."""
        totals = self.table.sum(axis=0).to_numpy()[-TREND_YEARS:]
        if len(totals) < 2 or min(totals[0], totals[-1]) <= 0:
            return 0.0
        return float((totals[-1] / totals[0]) ** (1 / (len(totals) - 1)) - 1)

    def totals(self, year: int, change: float) -> Floats | None:
        """Births of each area in `year`: the table's, later ones its last × (1 + change) a year; None before it."""
        first, last = int(self.table.columns[0]), int(self.table.columns[-1])
        if year < first:
            return None
        births: Floats = self.table[min(year, last)].to_numpy(dtype=float)
        return births * (1 + change) ** max(0, year - last)


def record_areas(given: Gathered, said: AreaTable) -> Indices:
    """The row of the table for each population record; -1 where it has none, which only records without people may.

    Raises:
        GeodataInputError: people live in an area of which the table says nothing.
    """
    places: Shapes = shapely.point_on_surface(given.population.geometry.to_numpy())
    keys = areas_of(given.population, places, said)
    area: Indices = said.table.index.get_indexer(keys).astype(np.int64)
    lost = np.flatnonzero((area < 0) & (given.population["count"].to_numpy() > 0))
    if len(lost):
        raise GeodataInputError(
            "%(file)s says nothing of the area%(area)s in which %(people).0f people live; add it, or give figures of "
            "the whole city.",
            file=said.file,
            people=float(given.population["count"].to_numpy()[lost].sum()),
            area=f" ({keys.iloc[lost[0]]})" if keys.iloc[lost[0]] else "",
        )
    return area


def weights_of(given: Gathered) -> tuple[list[int], Floats]:
    """The youngest ages that the population holds, and how much each of its records weighs in births."""
    columns = [column for column in given.population.columns if column.startswith("age_")]
    ages = sorted(int(column.removeprefix("age_")) for column in columns)[:YOUNGEST]
    children = given.population[[f"age_{age}" for age in ages]].to_numpy(dtype=float).sum(axis=1)
    return ages, children + PEOPLE_WEIGH * given.population["count"].to_numpy(dtype=float)


def shares_of(area: Indices, areas: int, given: Gathered, placed: Placed, units: int) -> Shares:
    """Where the youngest children of each area live; `area` of each population record, -1 for none."""
    spread = placed.spread
    unit = placed.record_unit[spread.record]
    housed = spread.building >= 0
    unit[housed] = placed.building_unit[spread.building[housed]]
    weight = spread.share * weights_of(given)[1][spread.record]
    of = area[spread.record]
    return Shares(of[of >= 0], unit[of >= 0], weight[of >= 0], areas, units)


def birth_plan(given: Gathered, placed: Placed, units: int) -> BirthPlan | None:
    """The births of the recipe on the units; None where it names none, or the city has no people.

    Raises:
        GeodataInputError: an area has births but no people, or people but no births.
    """
    births = given.births
    if births is None or given.population.empty:
        return None
    shares = shares_of(record_areas(given, births), len(births.table), given, placed, units)
    empty = np.flatnonzero((shares.of_area() <= 0) & (births.table.to_numpy().sum(axis=1) > 0))
    if len(empty):
        raise GeodataInputError(
            "%(file)s has births for the area %(area)s, in which nobody lives; correct the key, or leave it out.",
            file=births.file,
            area=births.table.index[empty[0]],
        )
    return BirthPlan(births.table, shares)


def from_newborn(newborn: float, year: int, given: Gathered, placed: Placed, units: int) -> BirthPlan:
    """A plan that starts from the children who are 0 years old in the school year `year`, of the whole city."""
    area = np.zeros(len(given.population), dtype=np.int64)
    return BirthPlan(pd.DataFrame({year: [newborn]}, index=[WHOLE_CITY]), shares_of(area, 1, given, placed, units))
