"""Demand of later school years by level and variant, the layer `forecast` (method: docs/guide/en/forecast.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Indices
from geodata.forecast.births import PEOPLE_WEIGH, BirthPlan, birth_plan, from_newborn, record_areas, weights_of
from geodata.forecast.cohorts import grow
from geodata.forecast.fill import migration_of, staying
from geodata.forecast.housing import Housing, housing_of
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.people.homes import Placed
from geodata.recipe.forecast import VARIANTS, column_of
from geodata.recipe.levels import LEVEL_NAMES
from geodata.recipe.recipe import Recipe
from geodata.units.blocks import Units

CHILDHOOD = 15
"""Ages 0 … 14 are children, where a project gives a figure of all of them."""


@dataclass(frozen=True)
class Outlook:
    """What all variants share; ages are 0, 1, … to the oldest that a level needs, units × ages where two-dimensional.

    children: at the school year, times attendance, NaN where unknown; moving: net migration that the sources give;
    change: of births after the last known year; cradle: the ages by which births fall to units;
    project_area: the area of births in which each project stands.
    """

    recipe: Recipe
    attendance: float
    children: Floats
    moving: Floats
    births: BirthPlan | None
    change: float
    housing: Housing
    cradle: list[int]
    project_area: Indices

    def by_age(self, variant: str) -> Floats:
        """Children of each later year: years × units × ages."""
        said = self.recipe.forecast.variants[variant]
        units = len(self.children)
        arriving = self.housing.arriving(variant, said.housing, units) * self.attendance
        stay = staying(self.moving, said.migration, self.recipe.forecast.survival)
        return grow(self.children, self._born(variant), arriving, stay)

    def _born(self, variant: str) -> Floats:
        """Those aged 0 at the beginning of each later year: years × units; NaN where no births are known."""
        said, first = self.recipe.forecast.variants[variant], self.recipe.school_year + 1
        middle = self.recipe.forecast.variants["middle"].housing
        filled = self.housing.filled("middle", middle).cumsum(
            axis=1
        )  # one division of births: no unit falls from low to high
        born = np.full((filled.shape[1], len(self.children)), np.nan)
        weight = self.housing.per_home[:, self.cradle].sum(axis=1) + PEOPLE_WEIGH
        project, unit, part = self.housing.project, self.housing.unit, self.housing.part
        for ahead in range(len(born)):
            totals = None if self.births is None else self.births.totals(first + ahead, self.change)
            if self.births is None or totals is None:
                continue
            new = part * (weight * filled[:, ahead])[project]
            shares = self.births.shares.joined(self.project_area[project], unit, new)
            born[ahead] = shares.spread(totals * (1 + said.births) ** (ahead + 1) * self.attendance)
        return born


def forecast_layer(
    given: Gathered, units: Units, placed: Placed, frame: gpd.GeoDataFrame, recipe: Recipe, notes: Notes
) -> pd.DataFrame:
    """Unit, and children of each level, later school year and variant (`column_of`), times attendance.

    A level's year for which a needed age is not known has no column; the notes say so.
    """
    layer = pd.DataFrame({"unit": units.ids})
    if given.population.empty or not recipe.forecast.years:
        return layer
    outlook = _outlook(given, units, placed, frame, recipe, notes)
    columns: dict[str, Floats] = {}
    for variant in VARIANTS:
        by_age = outlook.by_age(variant)
        for level, chosen in recipe.levels.items():
            demand = by_age[:, :, list(chosen.ages)].sum(axis=2)
            for ahead in np.flatnonzero(~np.isnan(demand).any(axis=1)):
                columns[column_of(level, recipe.school_year + 1 + int(ahead), variant)] = demand[ahead]
    _say_ends(columns, recipe, notes)
    found = pd.concat([layer, pd.DataFrame(columns)], axis=1)
    found.attrs["births_change"] = None if outlook.births is None else outlook.change
    return found


def _outlook(
    given: Gathered, units: Units, placed: Placed, frame: gpd.GeoDataFrame, recipe: Recipe, notes: Notes
) -> Outlook:
    rate, count = float(frame.attrs["attendance"]), len(units.ids)
    columns = [f"age_{age}" for age in range(1 + max(max(level.ages) for level in recipe.levels.values()))]
    children = frame.reindex(columns=columns).to_numpy(dtype=float)
    people = float(given.population["count"].sum())
    by_age = frame.reindex(columns=[f"age_{age}" for age in range(max(CHILDHOOD, len(columns)))]).sum().to_numpy()
    profile = by_age / rate / max(people, 1.0)
    births = birth_plan(given, placed, count)
    change = recipe.forecast.births_change
    newborn = float(children[:, 0].sum()) / rate
    if births is None and change is not None and not np.isnan(newborn):
        births = from_newborn(newborn, recipe.school_year, given, placed, count)
    cradle = [age for age in weights_of(given)[0] if age < len(columns)]
    _say_assumptions(births, given, recipe, notes)
    housing = housing_of(given.projects, units.shapes, profile, len(columns), recipe.school_year, recipe.forecast.years)
    return Outlook(
        recipe=recipe,
        attendance=rate,
        children=children,
        moving=migration_of(given, placed, count, len(columns)),
        births=births,
        change=births.trend() if births is not None and change is None else change or 0.0,
        housing=housing,
        cradle=cradle,
        project_area=_project_areas(given, births),
    )


def _project_areas(given: Gathered, births: BirthPlan | None) -> Indices:
    """The area of births of each project: that of the nearest population record."""
    if given.births is None or births is None or given.projects.empty:
        return np.zeros(len(given.projects), dtype=np.int64)
    area = record_areas(given, given.births)
    known = np.flatnonzero(area >= 0)
    places = shapely.point_on_surface(given.population.geometry.to_numpy()[known])
    nearest = shapely.STRtree(places).nearest(shapely.point_on_surface(given.projects.geometry.to_numpy()))
    found: Indices = area[known[nearest]]
    return found


def _say_assumptions(births: BirthPlan | None, given: Gathered, recipe: Recipe, notes: Notes) -> None:
    last = recipe.school_year + recipe.forecast.years
    if births is not None and recipe.forecast.births_change is None and births.table.columns[-1] < last:
        notes.doubt(
            "The known births end with %(year)s; the forecast lets later ones change by %(rate).2f %% a year, as the "
            "last ones did; births_change in the recipe's [forecast] says it otherwise.",
            year=int(births.table.columns[-1]),
            rate=100 * births.trend(),
        )
    silent = given.projects["children"].isna() & (given.projects["ages"].map(len) == 0)
    if silent.any():
        notes.doubt(
            "%(count)s housing projects do not say how many children will live there: each home is given %(people).1f "
            "people of the city's own ages.",
            count=int(silent.sum()),
            people=float(given.projects["people"][silent].iloc[0]),
        )


def _say_ends(columns: dict[str, Floats], recipe: Recipe, notes: Notes) -> None:
    years = range(recipe.school_year + 1, recipe.school_year + recipe.forecast.years + 1)
    for level in recipe.levels:
        missing = [str(year) for year in years if column_of(level, year, VARIANTS[0]) not in columns]
        if missing:
            notes.doubt(
                "Children of %(level)s age are not forecast for %(years)s: neither population nor births tell of them; "
                "name [[births]], or births_change in [forecast], in the recipe.",
                level=LEVEL_NAMES[level],
                years=", ".join(missing),
            )


def forecast_figures(layers: Mapping[str, pd.DataFrame], recipe: Recipe) -> dict[str, dict[str, dict[str, float]]]:
    """Demand of the whole city: level, variant, year (as text); the school year itself is the same in each variant."""
    units, layer = layers["units"], layers["forecast"]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for level, chosen in recipe.levels.items():
        now = float(units.reindex(columns=[f"age_{age}" for age in chosen.ages], fill_value=0.0).to_numpy().sum())
        found[level] = {variant: {str(recipe.school_year): now} for variant in VARIANTS}
        for variant in VARIANTS:
            for ahead in range(1, recipe.forecast.years + 1):
                column = column_of(level, recipe.school_year + ahead, variant)
                if column in layer.columns:
                    found[level][variant][str(recipe.school_year + ahead)] = float(layer[column].sum())
    return found


def assumptions(layer: pd.DataFrame, recipe: Recipe) -> dict[str, Any]:
    """What the forecast assumes: births_change (None without births), survival, and each variant's numbers."""
    return {
        "births_change": layer.attrs.get("births_change"),
        "survival": recipe.forecast.survival,
        **{variant: asdict(said) for variant, said in recipe.forecast.variants.items()},
    }
