"""House numbers along each street and the address of every building."""

from __future__ import annotations

import numpy as np

from geodata.demo.buildings import Buildings
from geodata.demo.graph import Streets
from geodata.demo.land import EAST, NORTH, Compound
from geodata.demo.shape import Ints

ONE_EACH = ("lanes", "village", "shops", "office", "works")
"""Uses whose buildings stand on the street one by one; the others have a gate and 号楼 inside."""


def addresses(
    buildings: Buildings, compounds: list[Compound], names: list[str], streets: Streets, street_names: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """Return the address of every building, and its own number inside the compound (`3号楼`, or nothing).

    Numbers grow along a street in order of the houses, odd on its southern or western side, even on the other.
    """
    count = len(buildings.place)
    own = np.array([item.use in ONE_EACH for item in compounds])[buildings.compound] | (buildings.shop == 1)
    claimant = np.where(own, np.arange(count), count + buildings.compound)
    doors = np.unique(claimant)
    compound = np.where(doors < count, buildings.compound[np.minimum(doors, count - 1)], doors - count)
    middles = np.array([[(c.inside[0] + c.inside[2]) / 2, (c.inside[1] + c.inside[3]) / 2] for c in compounds])
    place = np.where((doors < count)[:, None], buildings.place[np.minimum(doors, count - 1)], middles[compound])
    street = streets.street[np.array([compounds[c].edge for c in compound])]
    along = np.array([streets.lines[s].along_u for s in street])
    far_side = np.array([compounds[c].front not in (EAST, NORTH) for c in compound]).astype(np.int64)
    position = np.where(along, place[:, 0], place[:, 1])
    across = np.where(along, place[:, 1], place[:, 0])
    named = np.unique(np.array(street_names), return_inverse=True)[1].reshape(-1)[street]
    number = numbers(named, far_side, position, across)
    found = np.searchsorted(doors, claimant)
    block = block_numbers(buildings, own)
    texts, inner = [], []
    for i in range(count):
        door = int(found[i])
        text = f"{street_names[street[door]]}{number[door]}号"
        inside = "" if own[i] else f"{block[i]}号楼"
        texts.append(text + ("" if own[i] else names[buildings.compound[i]] + inside))
        inner.append(inside)
    return texts, inner


def numbers(street: Ints, far_side: Ints, position: Ints, across: Ints) -> Ints:
    """Number the doors of each side of each street: 1, 3, 5 … on one, 2, 4, 6 … on the other."""
    order = np.lexsort((across, position, far_side, street))
    key = street[order] * 2 + far_side[order]
    starts = np.concatenate([[True], key[1:] != key[:-1]])
    rank = np.arange(len(order)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    result = np.empty(len(order), dtype=np.int64)
    result[order] = 2 * rank + 1 + far_side[order]
    return result


def block_numbers(buildings: Buildings, own: Ints) -> Ints:
    """Number the buildings inside each compound from 1, row by row from the north-west."""
    order = np.lexsort((buildings.place[:, 0], -buildings.place[:, 1], own, buildings.compound))
    compound = buildings.compound[order]
    first = np.searchsorted(compound, compound, side="left")
    result = np.empty(len(order), dtype=np.int64)
    result[order] = np.arange(len(order)) - first + 1
    return result
