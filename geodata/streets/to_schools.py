"""Walks of a unit's residents to every school, every pair present."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from geodata.arrays import Bools, Floats, Indices
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.people.homes import Homes
from geodata.streets.noding import NEAR
from geodata.streets.passages import Passages, walkable_lines
from geodata.streets.walks import Foothold, Network, join, mean_by_unit, network, walks_from
from geodata.units.blocks import Units

LISTED = 10
"""Units that a sentence names."""


def walks_to_schools(given: Gathered, met: Passages, units: Units, homes: Homes, reach: float, notes: Notes) -> Floats:
    """Mean walk of each unit's residents (from its inner point where nobody lives), units × schools.

    Where there is no way on streets it is the straight line and the city's longest walk together: finite, and longer
    than any walk there is. Without streets nobody walks: the array has no rows.
    """
    if given.streets.empty or given.schools.empty:
        return np.empty((0, len(given.schools)))
    net = network(*walkable_lines(given.streets, met))
    empty = np.setdiff1d(np.arange(len(units.shapes)), homes.unit[homes.people > 0])
    lived = homes.people > 0
    inner = shapely.point_on_surface(units.shapes)
    places = np.concatenate((homes.points[lived], inner[empty]))
    unit = np.concatenate((homes.unit[lived], empty))
    weight = np.concatenate((homes.people[lived], np.ones(len(empty))))
    barriers = shapely.get_parts(given.barriers.geometry.to_numpy())
    sites = given.schools.geometry.to_numpy()
    start, end = join(net, places, barriers, reach), join(net, sites, barriers, reach)
    people = np.where(np.arange(len(places)) < lived.sum(), weight, 0.0)
    _doubt_network(net, int((~met.across).sum()), notes)
    _doubt_places(start, end, people, _names(units, unit), reach, notes)
    columns = [mean_by_unit(walk, unit, weight, len(units.shapes)) for walk in walks_from(net, start, end)]
    walks = np.column_stack(columns)
    lost = np.isnan(walks)
    if lost.any():
        _doubt_lost(lost, units, given.schools["school"].to_numpy(), notes)
        straight = shapely.distance(inner[:, None], sites[None, :])
        walks[lost] = straight[lost] + (np.nanmax(walks) if not lost.all() else 0.0)
    return walks


def _names(units: Units, unit: Indices) -> list[str]:
    return [units.ids[at] for at in unit]


def _listed(names: Sequence[str]) -> str:
    """The first names of some, each once."""
    once = sorted(set(names))
    return ", ".join(once[:LISTED]) + (", …" if len(once) > LISTED else "")


def _doubt_network(net: Network, shut: int, notes: Notes) -> None:
    if net.crossings or net.snapped:
        notes.doubt(
            "Streets are joined where the file has no common vertex: at %(crossings)s crossings, and at %(ends)s ends "
            "within %(near)g m of another street.",
            crossings=net.crossings,
            ends=net.snapped,
            near=NEAR,
        )
    if shut:
        notes.doubt(
            "At %(count)s places a street is cut by a barrier, which no bridge, tunnel or crossing passes.", count=shut
        )
    if net.left_out > 0:
        notes.doubt(
            "%(km).1f km of walkable streets are not connected with the rest and are not walked on.",
            km=net.left_out / 1000,
        )


def _doubt_places(
    homes: Foothold, schools: Foothold, people: Floats, names: Sequence[str], reach: float, notes: Notes
) -> None:
    hidden = homes.hidden & (people > 0)
    if hidden.any() or schools.hidden.any():
        notes.doubt(
            "%(people).1f people and %(schools)s schools have no street within %(reach)g m on their side of a barrier; "
            "they are taken to the nearest street all the same (units: %(units)s).",
            people=float(people[hidden].sum()),
            schools=int(schools.hidden.sum()),
            reach=reach,
            units=_listed(_chosen(names, hidden)),
        )
    far = (homes.approach > reach) & (people > 0)
    if far.any():
        notes.doubt(
            "%(people).1f people live more than %(reach)g m from a walkable street and reach it in a straight line "
            "(units: %(units)s).",
            people=float(people[far].sum()),
            reach=reach,
            units=_listed(_chosen(names, far)),
        )


def _chosen(names: Sequence[str], which: Bools) -> list[str]:
    return [name for name, chosen in zip(names, which, strict=True) if chosen]


def _doubt_lost(lost: Bools, units: Units, schools: Sequence[str], notes: Notes) -> None:
    units_lost, schools_lost = np.any(lost, axis=1), np.any(lost, axis=0)
    notes.doubt(
        "%(units)s units have no way on streets to %(schools)s schools (units %(names)s; schools %(ids)s): their walk "
        "is given as the straight line and the city's longest walk together.",
        units=int(units_lost.sum()),
        schools=int(schools_lost.sum()),
        names=_listed(_chosen(units.ids, units_lost)),
        ids=_listed(_chosen(schools, schools_lost)),
    )
