"""The map of a data report: an inline SVG of units, barriers and schools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Shapes

WIDTH = 1000.0
STEPS = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of children per hectare at which the five classes begin (over the units with children)."""


class Frame:
    """Maps the city's metres to the drawing: x to the right, y down, `WIDTH` wide."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        self.west, _, _, self.north = bounds
        self.scale = WIDTH / (bounds[2] - bounds[0])
        self.height = (bounds[3] - bounds[1]) * self.scale

    def path(self, shapes: Iterable[shapely.Geometry]) -> str:
        """SVG path data of lines or polygons, to a tenth of the drawing's unit."""
        parts = shapely.get_parts(np.array(list(shapes), dtype=object))
        polygons = shapely.get_dimensions(parts) == 2
        lines = np.concatenate((parts[~polygons], shapely.get_rings(parts[polygons])))
        return "".join(self._line(shapely.get_coordinates(line)) for line in lines)

    def _line(self, points: Floats) -> str:
        x = np.round((points[:, 0] - self.west) * self.scale, 1)
        y = np.round((self.north - points[:, 1]) * self.scale, 1)
        return "M" + "L".join(f"{a:g} {b:g}" for a, b in zip(x, y, strict=True))

    def point(self, shape: shapely.Geometry) -> tuple[float, float]:
        """Place of a point in the drawing."""
        return round((shape.x - self.west) * self.scale, 1), round((self.north - shape.y) * self.scale, 1)


def classes(units: gpd.GeoDataFrame, ages: Iterable[str]) -> tuple[pd.Series[int], list[float]]:
    """Class 0 (no children) to 5 of each unit by children per hectare, and the densities at which 1 … 5 begin."""
    density = units[list(ages)].sum(axis=1) / units["area"] * 10_000
    some = density > 0
    if not some.any():
        return pd.Series(0, index=units.index), [0.0] * len(STEPS)
    starts = [float(density[some].quantile(step)) for step in STEPS]
    level = np.searchsorted(starts, density, side="right")
    return pd.Series(np.where(some, np.maximum(level, 1), 0), index=units.index), starts


def city_map(layers: Mapping[str, gpd.GeoDataFrame], ages: Iterable[str], title: str) -> str:
    """The SVG; schools carry the numbers of their rows in the report's table."""
    units, streets = layers["units"], layers["streets"]
    frame = Frame(tuple(units.total_bounds))
    fine = 1.0 / frame.scale
    shapes: Shapes = shapely.coverage_simplify(units.geometry.to_numpy(), fine)
    level, _ = classes(units, ages)
    groups = [f'<path class="c{at}" d="{frame.path(shapes[level == at])}"/>' for at in range(6)]
    barriers = shapely.simplify(streets.geometry[streets["barrier"]].to_numpy(), fine)
    clip = f'<clipPath id="city"><rect width="{WIDTH:g}" height="{frame.height:.1f}"/></clipPath>'
    return (
        f'<svg viewBox="-8 -8 {WIDTH + 16:g} {frame.height + 16:.1f}" role="img" aria-label="{escape(title)}">{clip}'
        f'<g class="units">{"".join(groups)}</g>'
        f'<path class="barrier" clip-path="url(#city)" d="{frame.path(barriers)}"/>'
        f"{_unspread(frame, layers['population'])}{_schools(frame, layers['schools'])}</svg>"
    )


def _unspread(frame: Frame, population: gpd.GeoDataFrame) -> str:
    """Places whose people found no dwelling."""
    places = shapely.point_on_surface(population.geometry[population["unspread"] > 0].to_numpy())
    dots = (frame.point(place) for place in places)
    return "".join(f'<circle class="doubt" cx="{x:g}" cy="{y:g}" r="2"/>' for x, y in dots)


def _schools(frame: Frame, schools: gpd.GeoDataFrame) -> str:
    marks = []
    for number, school in enumerate(schools.itertuples(), 1):
        x, y = frame.point(school.geometry)
        shape = f'<circle cx="{x:g}" cy="{y:g}" r="12"/>'
        if school.level == "junior":
            shape = f'<rect x="{x - 12:g}" y="{y - 12:g}" width="24" height="24"/>'
        marks.append(
            f'<g class="school"><title>{escape(school.name)}</title>{shape}'
            f'<text x="{x:g}" y="{y + 4.5:g}">{number}</text></g>'
        )
    return "".join(marks)
