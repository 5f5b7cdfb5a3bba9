"""How far two layers of one city lie apart, seen only from their shapes.

Both are drawn on a grid; the cross-correlation of the two drawings, after each has lost its local mean, tells for every
move of the one how well it then fits the other. Streets avoid buildings, addresses lie in them, zones end at streets:
so the true move stands out as one sharp peak, and without such a peak nothing is said. (Cross-correlation by FFT:
J. P. Lewis, Fast Normalized Cross-Correlation, 1995.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import fft, ndimage

from geodata.arrays import Bools, Floats, Shapes

CELL = 5.0
"""Metres of a cell, and so the precision of a move."""
REACH = 1500.0
"""Metres of the largest move that is tried: BD-09 read as WGS 84 lies up to 1,300 m off."""
WIDEST = 10_000.0
"""Metres of the grid at most: of a larger city its densest part speaks for all."""
MOST = 60_000
"""Shapes drawn at most, evenly chosen."""
LOCAL = 51
"""Cells of the square whose mean counts as local."""
TOLERANCE = 50.0
"""Metres: what lies closer fits, and one peak is as wide."""
CLEAR = 12.0
"""A peak must be so many times the usual deviation (1.4826 × the median absolute one) …"""
AHEAD = 1.5
"""… and so many times as high as any other place."""


@dataclass(frozen=True)
class Grid:
    """A grid of cells over a box: its west and north edge, and its rows and columns."""

    west: float
    north: float
    rows: int
    columns: int

    @property
    def box(self) -> shapely.Geometry:
        """The box that it covers."""
        return shapely.box(self.west, self.north - self.rows * CELL, self.west + self.columns * CELL, self.north)


@dataclass(frozen=True)
class Match:
    """The move (metres east and north) with which a layer fits another best, and how well before and after.

    Scores are correlations from -1 to 1, or, where `in_metres`, metres to the street that is named. `clear`: the peak
    stands out, so that the move means something.
    """

    east: float
    north: float
    as_is: float
    moved: float
    clear: bool
    in_metres: bool = False

    @property
    def metres(self) -> float:
        """Length of the move."""
        return float(np.hypot(self.east, self.north))


def grid_around(shapes: Shapes) -> Grid:
    """A grid over `shapes`, or around their median place where they reach too far."""
    places = shapely.get_coordinates(shapely.centroid(shapes))
    middle, (low, high) = np.median(places, axis=0), (places.min(axis=0) - 100, places.max(axis=0) + 100)
    low = np.maximum(low, np.minimum(middle - WIDEST / 2, high - WIDEST))
    high = np.minimum(high, low + WIDEST)
    columns, rows = np.ceil((high - low) / CELL).astype(int)
    return Grid(float(low[0]), float(high[1]), int(rows), int(columns))


def drawn(shapes: Shapes, grid: Grid, filled: bool = False) -> Floats:
    """Points, lines and outlines of polygons (`filled`: with their insides) as cells of 1, less the local mean."""
    shapes = shapes[shapely.intersects(shapely.envelope(shapes), grid.box)]
    shapes = shapes[:: max(1, -(-len(shapes) // MOST))]
    lines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    places = shapely.get_coordinates(shapely.segmentize(lines, CELL))
    row = np.floor((grid.north - places[:, 1]) / CELL).astype(int)
    column = np.floor((places[:, 0] - grid.west) / CELL).astype(int)
    within = (row >= 0) & (column >= 0) & (row < grid.rows) & (column < grid.columns)
    cells: Bools = np.zeros((grid.rows, grid.columns), dtype=bool)
    cells[row[within], column[within]] = True
    values = (ndimage.binary_fill_holes(cells) if filled else cells).astype(float)
    flat: Floats = values - ndimage.uniform_filter(values, size=LOCAL, mode="constant")
    return flat


def best_move(layer: Floats, reference: Floats, together: bool) -> Match:
    """The move of `layer` that fits `reference` best: the two lie `together`, or else they avoid each other."""
    scores = _correlation(layer, reference) * (1 if together else -1)
    middle = scores.shape[0] // 2
    steps = (np.arange(scores.shape[0]) - middle) * CELL
    at = np.unravel_index(int(scores.argmax()), scores.shape)
    east, north = steps[at[1]], -steps[at[0]]
    apart = np.hypot(steps[None, :] - steps[at[1]], steps[:, None] - steps[at[0]]) > TOLERANCE
    usual = 1.4826 * float(np.median(np.abs(scores - np.median(scores))))
    peak, second = float(scores[at]), float(scores[apart].max())
    clear = usual > 0 and peak > CLEAR * usual and peak > AHEAD * second
    return Match(float(east), float(north), float(scores[middle, middle]), peak, bool(clear))


def _correlation(layer: Floats, reference: Floats) -> Floats:
    """Correlation for every move up to `REACH`: rows are moves south, columns east, the middle is no move."""
    reach = int(REACH / CELL)
    size = [fft.next_fast_len(max(length + reach, 2 * reach + 1), real=True) for length in layer.shape]
    product = np.conj(fft.rfft2(layer, size)) * fft.rfft2(reference, size)
    scores = np.roll(fft.irfft2(product, size), (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    weight = float(np.sqrt((layer**2).sum() * (reference**2).sum()))
    found: Floats = scores / weight if weight else np.zeros_like(scores)
    return found
