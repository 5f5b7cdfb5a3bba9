"""A small picture of each layer as read, over the streets: a layer that is shifted or wrong is seen at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine

from geodata.arrays import Bools, Floats, Shapes
from geodata.report.png import data_url, png

PIXELS = 640
"""Longer side of a picture."""
SMALL = 16
"""Pixels of area under which a polygon is not drawn but dotted: there are many of them."""
COLOURS = ("#ffffff", "#b9b6a8", "#7fb9a5", "#135748")
PAPER, STREET, FILL, MARK = range(4)
LAYERS = ("boundary", "streets", "barriers", "buildings", "population", "addresses", "schools", "zones", "units")
"""Order in which the layers are shown."""
DOTS = ((100, 4), (1000, 2), (10_000, 1))
"""Up to so many points, a point's mark reaches so many pixels to each side of its own."""


@dataclass(frozen=True)
class Preview:
    """A layer's picture (an SVG that holds a PNG) and how many things it shows."""

    layer: str
    count: int
    svg: str


def previews(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Preview]:
    """A picture of each layer that holds something; units are made and not read, so they have none."""
    frame = layers["units"]
    if frame.empty:
        return []
    grid = _Grid(tuple(frame.total_bounds))
    streets = layers["streets"]
    barrier = streets["barrier"].to_numpy(dtype=bool)
    read = {**layers, "streets": streets[~barrier], "barriers": streets[barrier]}
    under = grid.lines(read["streets"].geometry.to_numpy())
    shown = [name for name in LAYERS if name != "units" and name in read and len(read[name])]
    return [
        Preview(name, len(read[name]), _picture(grid, under, name, read[name].geometry.to_numpy())) for name in shown
    ]


def _picture(grid: _Grid, under: Bools, name: str, shapes: Shapes) -> str:
    pixels = np.where(under, STREET, PAPER).astype(np.uint8)
    flat = shapely.get_dimensions(shapes)
    fill = grid.areas(shapes[flat == 2])
    if name in ("zones", "population"):
        pixels[fill & ~under] = PAPER
        pixels[grid.lines(shapely.boundary(shapes[flat == 2]))] = MARK
    else:
        pixels[fill] = FILL
        pixels[fill & under] = MARK
    pixels[grid.lines(shapes[flat == 1])] = MARK
    reach = next((reach for most, reach in DOTS if len(shapes) <= most), 0)
    pixels[grid.points(shapes[flat == 0], reach)] = MARK
    return _svg(grid, pixels)


def changed_ground(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> str:
    """Ground that is in a zone of another name than before (filled), with the old borders (grey) and the new ones."""
    grid = _Grid(tuple(units.total_bounds))
    number = {name: at for at, name in enumerate(sorted({*before["schools"], *after["schools"]}), 1)}
    old, new = (grid.numbered(zones.geometry.to_numpy(), zones["schools"].map(number)) for zones in (before, after))
    pixels = np.where((old != new) & (old > 0) & (new > 0), FILL, PAPER).astype(np.uint8)
    for zones, colour in ((before, STREET), (after, MARK)):
        pixels[grid.lines(shapely.boundary(zones.geometry.to_numpy()))] = colour
    return _svg(grid, pixels)


def _svg(grid: _Grid, pixels: NDArray[np.uint8]) -> str:
    return (
        f'<svg viewBox="0 0 {grid.width} {grid.height}" aria-hidden="true"><image width="{grid.width}" '
        f'height="{grid.height}" href="{data_url(png(pixels, COLOURS))}"/></svg>'
    )


class _Grid:
    """The pixels of a picture over the city, with a little room around it."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        room = 0.02 * max(east - west, north - south)
        self.metres = (max(east - west, north - south) + 2 * room) / PIXELS
        self.width = int(np.ceil((east - west + 2 * room) / self.metres))
        self.height = int(np.ceil((north - south + 2 * room) / self.metres))
        self.west, self.north = west - room, north + room

    def areas(self, shapes: Shapes) -> Bools:
        """Pixels whose middle a polygon covers; of a polygon of few pixels those of its corners and its centre."""
        small = shapely.area(shapes) < SMALL * self.metres**2
        corners = shapely.get_coordinates(shapes[small])
        centres = shapely.get_coordinates(shapely.centroid(shapes))
        return self._burn(shapes[~small], all_touched=False) | self._at(np.vstack((corners, centres)), 0)

    def numbered(self, shapes: Shapes, numbers: Iterable[int]) -> NDArray[np.int32]:
        """For each pixel the number of the polygon that covers its middle; 0: none."""
        return np.asarray(rasterize(zip(shapes, numbers, strict=True), **self._frame, dtype="int32"))

    def lines(self, shapes: Shapes) -> Bools:
        """Pixels that a line touches."""
        return self._burn(shapes, all_touched=True)

    def points(self, shapes: Shapes, reach: int = 0) -> Bools:
        """Pixels of points, and the square of `reach` pixels around each."""
        return self._at(shapely.get_coordinates(shapes), reach)

    def _at(self, places: Floats, reach: int) -> Bools:
        found = np.zeros((self.height, self.width), dtype=bool)
        column = np.floor((places[:, 0] - self.west) / self.metres).astype(np.int64)
        row = np.floor((self.north - places[:, 1]) / self.metres).astype(np.int64)
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                y, x = row + down, column + right
                inside = (y >= 0) & (y < self.height) & (x >= 0) & (x < self.width)
                found[y[inside], x[inside]] = True
        return found

    def _burn(self, shapes: Shapes, all_touched: bool) -> Bools:
        whole = shapes[~shapely.is_empty(shapes)]
        if not len(whole):
            return np.zeros((self.height, self.width), dtype=bool)
        return np.asarray(rasterize(whole, **self._frame, all_touched=all_touched, dtype="uint8"), dtype=bool)

    @property
    def _frame(self) -> dict[str, Any]:
        transform = Affine(self.metres, 0, self.west, 0, -self.metres, self.north)
        return {"out_shape": (self.height, self.width), "transform": transform}
