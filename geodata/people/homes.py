"""Where people live: their dwellings, and the places of those for whom none was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.arrays import Floats, Indices, Shapes
from geodata.gathered import Gathered
from geodata.people.spread import Spread
from geodata.units.blocks import Units
from geodata.units.faces import find


@dataclass(frozen=True)
class Placed:
    """Where people are: `spread` of the population's records, unit of each building and of each record's own place."""

    spread: Spread
    people: Floats
    building_unit: Indices
    record_unit: Indices


def place(given: Gathered, shares: Spread, units: Units, inner: Shapes) -> Placed:
    """Find the unit of each dwelling (`inner`: a point in each) and of each record's own place."""
    counts = given.population["count"].to_numpy()
    own_places = shapely.point_on_surface(given.population.geometry.to_numpy())
    return Placed(
        shares,
        shares.on_buildings(counts, len(inner)),
        find(units.shapes, inner),
        find(units.shapes, own_places),
    )


@dataclass(frozen=True)
class Homes:
    """Points at which people live, the unit of each, and how many live there."""

    points: Shapes
    unit: Indices
    people: Floats


def homes_of(given: Gathered, placed: Placed, inner: Shapes) -> Homes:
    """Where people live: points, units, people. Records without a dwelling live at their own place."""
    lived = np.flatnonzero(placed.people > 0)
    counts = given.population["count"].to_numpy()
    stay = np.flatnonzero(placed.spread.staying(len(counts)) & (counts > 0))
    own = shapely.point_on_surface(given.population.geometry.to_numpy()[stay])
    return Homes(
        np.concatenate((inner[lived], own)),
        np.concatenate((placed.building_unit[lived], placed.record_unit[stay])),
        np.concatenate((placed.people[lived], counts[stay])),
    )
