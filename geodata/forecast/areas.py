"""Figures of areas (a district's births, a district's migration) on the units in which their children live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.arrays import Floats, Indices


@dataclass(frozen=True)
class Shares:
    """`weight[i]` of the children of area `area[i]` live in unit `unit[i]`; a pair may stand several times."""

    area: Indices
    unit: Indices
    weight: Floats
    areas: int
    units: int

    def of_area(self) -> Floats:
        """Sum of the weights of each area."""
        sums: Floats = np.bincount(self.area, self.weight, self.areas).astype(float)
        return sums

    def spread(self, totals: Floats) -> Floats:
        """`totals` of the areas on units, by weight; every total is kept. An area without weight must have total 0."""
        sums = self.of_area()[self.area]
        part = np.divide(self.weight, sums, out=np.zeros(len(sums)), where=sums > 0)
        found: Floats = np.bincount(self.unit, part * totals[self.area], self.units).astype(float)
        return found

    def mean(self, values: Floats) -> Floats:
        """Mean of `values` (areas × k) by weight in each unit, units × k; without weight that of all areas."""
        sums = np.bincount(self.unit, self.weight, self.units)
        whole = np.average(values, axis=0, weights=self.of_area()) if self.weight.sum() > 0 else values.mean(axis=0)
        means: Floats = np.tile(whole, (self.units, 1))
        inhabited = sums > 0
        for at, column in enumerate(values.T):
            weighed = np.bincount(self.unit, self.weight * column[self.area], self.units)
            means[inhabited, at] = weighed[inhabited] / sums[inhabited]
        return means

    def joined(self, area: Indices, unit: Indices, weight: Floats) -> Shares:
        """With further rows."""
        return Shares(
            np.concatenate((self.area, area)),
            np.concatenate((self.unit, unit)),
            np.concatenate((self.weight, weight)),
            self.areas,
            self.units,
        )
