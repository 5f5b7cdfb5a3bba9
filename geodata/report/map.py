"""The map of a data report: an inline SVG of units, today's zones, barriers and schools. It holds no words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from math import floor, log10

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Shapes

WIDTH = 1000.0
STEPS = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of children per hectare at which the five classes begin (over the units with children)."""
HOUSES = 5000
"""Most buildings that a map without children shows; more would only blacken it."""
CROWD = 60
"""More schools than this get smaller marks."""


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
    known = [age for age in ages if age in units.columns]
    density = units[known].sum(axis=1) / units["area"] * 10_000
    some = density > 0
    if not some.any():
        return pd.Series(0, index=units.index), []
    starts = [float(density[some].quantile(step)) for step in STEPS]
    level = np.searchsorted(starts, density, side="right")
    return pd.Series(np.where(some, np.maximum(level, 1), 0), index=units.index), starts


def city_map(layers: Mapping[str, gpd.GeoDataFrame], ages: Iterable[str]) -> str:
    """The SVG; schools carry the numbers of their rows in the report's table."""
    units, streets = layers["units"], layers["streets"]
    frame = Frame(tuple(units.total_bounds))
    fine = 1.0 / frame.scale
    shapes: Shapes = shapely.coverage_simplify(units.geometry.to_numpy(), fine)
    level, starts = classes(units, ages)
    groups = [f'<path class="c{at}" d="{frame.path(shapes[level == at])}"/>' for at in range(6) if (level == at).any()]
    barriers = shapely.simplify(streets.geometry[streets["barrier"].astype(bool)].to_numpy(), fine)
    houses = "" if starts else _houses(frame, layers["buildings"])
    clip = f'<clipPath id="city"><rect width="{WIDTH:g}" height="{frame.height:.1f}"/></clipPath>'
    return (
        f'<svg viewBox="-8 -8 {WIDTH + 16:g} {frame.height + 16:.1f}" aria-hidden="true">{clip}'
        f'<g class="units{"" if starts else " plain"}">{"".join(groups)}</g>'
        f'<g clip-path="url(#city)">{houses}{_zones(frame, layers["zones"])}'
        f'<path class="barrier" d="{frame.path(barriers)}"/></g>'
        f"{_unspread(frame, layers['population'])}{_schools(frame, layers['schools'])}{_scale(frame)}</svg>"
    )


def _houses(frame: Frame, buildings: gpd.GeoDataFrame) -> str:
    if not 0 < len(buildings) <= HOUSES:
        return ""
    outlines = shapely.simplify(buildings.geometry.to_numpy(), 1.0 / frame.scale)
    return f'<path class="houses" d="{frame.path(outlines)}"/>'


def shown_level(zones: gpd.GeoDataFrame) -> str:
    """The level whose zones the map shows: one, or their borders could not be told apart."""
    return max(zones["level"], default="")


def _zones(frame: Frame, zones: gpd.GeoDataFrame) -> str:
    zones = zones[zones["level"] == shown_level(zones)]
    outlines = shapely.simplify(shapely.boundary(zones.geometry.to_numpy()), 1.0 / frame.scale)
    return f'<path class="zone" d="{frame.path(outlines)}"/>' if len(zones) else ""


def _unspread(frame: Frame, population: gpd.GeoDataFrame) -> str:
    """Places whose people found no dwelling."""
    places = shapely.point_on_surface(population.geometry[population["unspread"] > 0].to_numpy())
    dots = (frame.point(place) for place in places)
    return "".join(f'<circle class="doubt" cx="{x:g}" cy="{y:g}" r="2"/>' for x, y in dots)


def _schools(frame: Frame, schools: gpd.GeoDataFrame) -> str:
    size = 12 if len(schools) <= CROWD else 9
    marks = []
    for number, school in enumerate(schools.itertuples(), 1):
        x, y = frame.point(school.geometry)
        shape = f'<circle r="{size}"/>'
        if school.level == "junior":
            shape = f'<rect x="-{size}" y="-{size}" width="{2 * size}" height="{2 * size}"/>'
        marks.append(
            f'<g transform="translate({x:g} {y:g})"><g class="pin"><title>{escape(school.name)}</title>{shape}'
            f'<text y="4.5">{number}</text></g></g>'
        )
    return "".join(marks)


def _scale(frame: Frame) -> str:
    """A bar of a round length, about an eighth of the width."""
    most = WIDTH / 8 / frame.scale
    step = 10.0 ** floor(log10(most))
    metres = max(step * times for times in (1, 2, 5) if step * times <= most)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    right, foot = WIDTH - 12, frame.height - 14
    return (
        f'<g class="scale"><path d="M{right - metres * frame.scale:.1f} {foot - 6:.1f}v6H{right:g}v-6"/>'
        f'<text x="{right:g}" y="{foot - 12:.1f}" text-anchor="end">{words}</text></g>'
    )
