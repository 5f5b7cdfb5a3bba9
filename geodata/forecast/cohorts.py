"""The cohort-component method, one school year after another, for every unit at once.

Preston, Heuveline and Guillot, Demography (2001), chapter 6; here with single years of age and both sexes together, and
with births given as counts, since a bureau has those and no fertility rates of a compound.
"""

from __future__ import annotations

import numpy as np

from geodata.arrays import Floats


def grow(children: Floats, born: Floats, arriving: Floats, staying: Floats) -> Floats:
    """Children of each later year, years × units × ages; what is unknown (NaN) stays unknown as it grows older.

    Args:
        children: units × ages 0, 1, …, at the beginning of the first school year.
        born: years × units, those aged 0 at the beginning of each later year.
        arriving: years × units × ages, those who move into new homes in the year before it.
        staying: units × ages, those of this age a year before who are a year older and still here, per child;
            survival × (1 + net migration).
    """
    found = np.empty(arriving.shape)
    for year in range(len(found)):
        found[year, :, 0] = born[year]
        found[year, :, 1:] = children[:, :-1] * staying[:, :-1]
        found[year] += arriving[year]
        children = found[year]
    return found
