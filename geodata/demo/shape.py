"""Where things are: the plan plane (u, v), in which streets are straight, and the map plane (x, y), in which they bend.

The city is drawn in the plan plane: the river is the strip around v = 0, the railway the strip around u = `rail`,
streets are axis-parallel on a 10 m lattice. One smooth map bends the whole plane, so that the river curves and
the streets follow it while every junction stays exact. Lengths are metres in both planes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LATTICE = 10
"""Spacing of the lattice on which streets of the plan plane lie, in metres."""

BANK = 110
"""Distance of the two riverside roads from the middle of the river, in metres."""

RAILSIDE = 40
"""Distance of the two roads beside the railway from its track, in metres."""

CRS = "EPSG:4551"
ORIGIN = (464_000.0, 4_935_000.0)
"""Map coordinates of the plan plane's origin (125.55° E, 44.55° N: farmland, no real city stands there)."""


@dataclass(frozen=True)
class Shape:
    """The city's outline and its landmarks in the plan plane, metres; `size` 1 is the full city."""

    size: float
    half_width: float
    half_height: float
    rail: int
    phases: tuple[float, ...]

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the old town, north of the river and west of the railway."""
        return 250.0 * self.size, 950.0 * self.size

    def radius(self, u: Floats, v: Floats) -> Floats:
        """Distance from the middle as a share of the outline's: below 1 inside the city."""
        du, dv = u / self.half_width, v / self.half_height
        angle = np.arctan2(dv, du)
        first, second, third = self.phases[:3]
        lobes = 0.09 * np.sin(2 * angle + first) + 0.08 * np.sin(3 * angle + second) + 0.04 * np.sin(5 * angle + third)
        return np.asarray(np.hypot(du, dv) / (1 + lobes))

    def noise(self, u: Floats, v: Floats, wave: float, shift: int) -> Floats:
        """Smooth noise in [-1, 1] with features of about `wave` metres."""
        phases = np.roll(np.array(self.phases), shift)
        k = 2 * np.pi / wave
        waves = (
            np.sin(k * u + phases[0]) * np.sin(0.83 * k * v + phases[1]),
            np.sin(0.61 * k * (u + v) + phases[2]),
            np.sin(0.71 * k * (u - 0.6 * v) + phases[3]),
        )
        return np.asarray(sum(waves) / 3)

    def bend(self, points: Floats) -> Floats:
        """Map plan points to the map plane.

        Args:
            points: shape (n, 2), plan plane.

        Returns:
            Shape (n, 2): x, y in EPSG:4551, rounded to the centimetre so that equal points stay equal.
        """
        u, v = points[:, 0], points[:, 1]
        scale = self.size
        river = 520 * scale * np.sin(u / (1150 * scale) + 0.9) * np.exp(-((v / (2600 * scale)) ** 2))
        track = 420 * scale * np.sin(v / (1500 * scale) - 0.5) * np.exp(-(((u - self.rail) / (2300 * scale)) ** 2))
        x = u + track + 26 * self.noise(u, v, 1700, 1) + 60 * scale * self.noise(u, v, 5200 * scale, 2)
        y = v + river + 26 * self.noise(u, v, 1900, 3) + 60 * scale * self.noise(u, v, 4700 * scale, 4)
        turn = np.deg2rad(11.0)
        east = x * np.cos(turn) - y * np.sin(turn) + ORIGIN[0]
        north = x * np.sin(turn) + y * np.cos(turn) + ORIGIN[1]
        return np.round(np.column_stack([east, north]), 2)

    def direction(self, points: Floats) -> Floats:
        """Angle in the map plane, radians, of a step along u at each plan point; shape (n,)."""
        step = np.array([5.0, 0.0])
        delta = self.bend(points + step) - self.bend(points - step)
        return np.asarray(np.arctan2(delta[:, 1], delta[:, 0]))


def make_shape(seed: int, size: float) -> Shape:
    """Return the outline and bends that belong to `seed`; `size` scales the city's diameter."""
    generator = np.random.default_rng([seed, 1])
    phases = tuple(float(phase) for phase in generator.uniform(0, 2 * np.pi, 8))
    return Shape(size, 3950.0 * size, 3150.0 * size, LATTICE * round(165 * size), phases)
