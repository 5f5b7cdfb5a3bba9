"""Children who come with new homes: homes × children per home, over the years in which a project fills."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Floats, Indices, Shapes
from geodata.recipe.forecast import VARIANTS
from geodata.units.faces import find


@dataclass(frozen=True)
class Housing:
    """The projects on units.

    `project`, `unit`, `part`: which part of a project stands in which unit; per_home: children per home, projects ×
    ages 0, 1, …; homes: of each project, those that fill in each year after the first (projects × years).
    """

    project: Indices
    unit: Indices
    part: Floats
    per_home: Floats
    homes: Floats
    counts: dict[str, Floats]

    def filled(self, variant: str, factor: float) -> Floats:
        """Homes that count in a variant, by the year in which they fill: projects × years."""
        return self.homes * (self.counts[variant] * factor)[:, None]

    def arriving(self, variant: str, factor: float, units: int) -> Floats:
        """Children who move in: years × units × ages."""
        filled = self.filled(variant, factor)
        found = np.zeros((filled.shape[1], units, self.per_home.shape[1]))
        for project, unit, part in zip(self.project, self.unit, self.part, strict=True):
            found[:, unit, :] += part * np.outer(filled[project], self.per_home[project])
        return found


def housing_of(
    projects: gpd.GeoDataFrame, shapes: Shapes, profile: Floats, ages: int, school_year: int, years: int
) -> Housing:
    """Put the projects on the units (`shapes`); `profile`: children of each age per resident of the city.

    Of the children per home the first `ages` ages are kept; a project's own figure is of all ages. Homes that filled by
    the school year are not counted: their children are in the population already.
    """
    project, unit, part = _on_units(projects.geometry.to_numpy(), shapes)
    start, filling = projects["year"].to_numpy(dtype=float), projects["filling"].to_numpy(dtype=float)
    steps = school_year + np.arange(years + 1)[None, :] - start[:, None] + 1
    lived_in = np.clip(steps / filling[:, None], 0.0, 1.0)
    homes = np.diff(lived_in, axis=1) * projects["dwellings"].to_numpy(dtype=float)[:, None]
    per_home = np.reshape([_per_home(row, profile)[:ages] for row in projects.itertuples()], (len(projects), ages))
    counts = {name: projects[f"in_{name}"].to_numpy(dtype=float) for name in VARIANTS}
    return Housing(project, unit, part, per_home, homes, counts)


def _on_units(places: Shapes, shapes: Shapes) -> tuple[Indices, Indices, Floats]:
    """A point to its unit; a polygon to the units that it covers, by area."""
    project, unit = shapely.STRtree(shapes).query(places, predicate="intersects")
    part = shapely.area(shapely.intersection(places[project], shapes[unit]))
    inside = part > 0
    project, unit, part = project[inside], unit[inside], part[inside]
    others = np.setdiff1d(np.arange(len(places)), project)
    at = find(shapes, shapely.point_on_surface(places[others]))
    sums = np.bincount(project, part, len(places))
    return (
        np.concatenate((project, others)),
        np.concatenate((unit, at)),
        np.concatenate((part / sums[project], np.ones(len(others)))),
    )


def _per_home(row: object, profile: Floats) -> Floats:
    """Children of each age in one home: the recipe's, or the city's own ages; scaled to the project's own figure."""
    given = getattr(row, "ages", {})
    people = float(getattr(row, "people", 0.0))
    span = range(max(len(profile), *given, 0) + 1)
    own = np.array([given.get(age, 0.0) for age in span]) if given else profile * people
    wanted, sum_ = float(getattr(row, "children", np.nan)), own.sum()
    return own if np.isnan(wanted) or sum_ <= 0 else own * (wanted / sum_)
