"""Walks of a unit's residents to every school."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.arrays import Floats
from geodata.gather import Gathered
from geodata.notes import Notes
from geodata.people.homes import Homes
from geodata.streets.walks import REACH, Foothold, distances, join, mean_by_unit, network
from geodata.units.blocks import Units


def walks_to_schools(given: Gathered, units: Units, homes: Homes, notes: Notes) -> Floats:
    """Mean walk of each unit's residents (from its inner point where nobody lives), units × schools.

    Without streets nobody walks: the array has no rows.
    """
    if given.streets.empty or given.schools.empty:
        return np.empty((0, len(given.schools)))
    net = network(given.streets.geometry[given.streets["walkable"]].to_numpy())
    empty = np.setdiff1d(np.arange(len(units.shapes)), homes.unit)
    places = np.concatenate((homes.points, shapely.point_on_surface(units.shapes[empty])))
    unit = np.concatenate((homes.unit, empty))
    weight = np.concatenate((homes.people, np.ones(len(empty))))
    barriers = shapely.get_parts(given.barriers.geometry.to_numpy())
    start, end = join(net, places, barriers), join(net, given.schools.geometry.to_numpy(), barriers)
    _doubt_walks(net.left_out, start, end, homes.people, notes)
    return mean_by_unit(distances(net, start, end), unit, weight, len(units.shapes))


def _doubt_walks(left_out: float, homes: Foothold, schools: Foothold, people: Floats, notes: Notes) -> None:
    if left_out > 0:
        notes.doubt(
            "%(km).1f km of walkable streets are not connected with the rest and are not walked on.", km=left_out / 1000
        )
    hidden = homes.hidden[: len(people)]
    if hidden.any() or schools.hidden.any():
        notes.doubt(
            "%(people).1f people and %(schools)s schools have no street within %(reach)g m on their side of a barrier; "
            "they are taken to the nearest street all the same.",
            people=float(people[hidden].sum()),
            schools=int(schools.hidden.sum()),
            reach=REACH,
        )
    far = homes.approach[: len(people)] > REACH
    if far.any():
        notes.doubt(
            "%(people).1f people live more than %(reach)g m from a walkable street.",
            people=float(people[far].sum()),
            reach=REACH,
        )
