"""The land of a city: cut into blocks and then into units, or as a planner has drawn it."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geodata.arrays import Shapes
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.units.blocks import Blocks, Units, make_blocks, make_units
from geodata.units.drawn import drawn_units


@dataclass(frozen=True)
class Land:
    """The pieces within which people are spread, and what they came from: cut blocks, or units as drawn."""

    pieces: Shapes
    made_of: Blocks | Units


def land_of(given: Gathered, bridges: Shapes, notes: Notes) -> Land:
    """Cut the city into blocks, or take the units that a planner has drawn; streets cross barriers at `bridges`.

    Raises:
        GeodataInputError: the drawn units cannot be a coverage.
    """
    barriers = given.barriers.geometry.to_numpy()
    if len(given.units):
        units = drawn_units(given.area, given.units, barriers, bridges, notes)
        return Land(units.shapes, units)
    edges = given.streets.geometry[given.streets["edge"].astype(bool)].to_numpy()
    homes = given.buildings.geometry[given.buildings["dwelling"].astype(bool)].to_numpy()
    blocks = make_blocks(given.area, list(edges), barriers, shapely.point_on_surface(homes))
    return Land(blocks.shapes, blocks)


def units_of(given: Gathered, land: Land, bridges: Shapes) -> Units:
    """The city's units; streets cross barriers at `bridges`."""
    if isinstance(land.made_of, Units):
        return land.made_of
    return make_units(given.area, land.made_of, given.buildings, given.barriers.geometry.to_numpy(), bridges)
