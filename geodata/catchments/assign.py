"""Rules on addresses: which text names each address, and what cannot be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.cluster.hierarchy import fcluster, linkage

from geodata.addresses.normal import regions
from geodata.arrays import Indices, Shapes
from geodata.catchments.areas import Roads
from geodata.catchments.places import Place, place_name, places_of
from geodata.catchments.rules import House, Rule, kind_of

APART = 1_000.0
"""Metres between two groups of addresses of one compound name beyond which they are two compounds."""

CELL = 50.0
"""Metres to which addresses are rounded when such groups are looked for."""

NOWHERE = "no known address has this name or number"
NO_ROAD = "a road that bounds it is not among the streets"
NO_LAND = "its roads do not enclose any land"
SEVERAL = "several places of the city have this name"


@dataclass(frozen=True)
class Doubtful:
    """A rule that gives nobody a school: the text it is of, why, and what it may mean (examples, or missing roads)."""

    text: int
    rule: Rule
    why: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """An address that several texts name."""

    address: int
    texts: tuple[int, ...]


@dataclass(frozen=True)
class Assigned:
    """For each address the index of the one text that names it (−1: none, or several), and what is doubtful."""

    text: Indices
    conflicts: tuple[Conflict, ...]
    doubtful: tuple[Doubtful, ...]

    @property
    def uncovered(self) -> Indices:
        """Indices of the addresses that no text names."""
        several = {conflict.address for conflict in self.conflicts}
        return np.array([at for at in np.flatnonzero(self.text < 0) if at not in several], dtype=np.int64)


@dataclass(frozen=True)
class Addresses:
    """Addresses as texts, the places and the district ("": none) that each names, and points in a metric CRS."""

    texts: Sequence[str]
    places: tuple[tuple[Place, ...], ...]
    points: Shapes
    districts: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str], points: Shapes) -> Addresses:
        """Take the texts apart once."""
        return cls(texts, tuple(map(places_of, texts)), points, tuple(regions(text)[2] for text in texts))


def matches(rule: Rule, place: Place) -> bool:
    """Whether a rule names a place, by name and numbers; its bounds and exceptions do not count here."""
    if rule.kind in ("heading", "bounded") or place_name(rule.name) != place.name:
        return False
    if rule.kind != "numbers":
        return True
    houses = _houses(rule, place)
    if not rule.numbers:
        return not place.houses
    return bool(houses) and any(span.holds(houses[0]) for span in rule.numbers)


def _houses(rule: Rule, place: Place) -> tuple[House, ...]:
    """The numbers that the rule's spans count: along the street, or inside its lane."""
    if not rule.lane:
        return place.houses
    in_lane = bool(place.houses) and str(place.houses[0].number) == rule.lane.removesuffix("弄")
    return place.houses[1:] if in_lane else ()


def assign(texts: Sequence[Sequence[Rule]], addresses: Addresses, roads: Roads) -> Assigned:
    """Give each address the text whose rules name it.

    `texts` are the rules of each catchment. Nothing is guessed: an address that several texts name is a conflict; a
    compound whose name stands at several places of the city, an area whose roads are unknown, and a rule that names no
    known address are doubtful and give nobody a school.
    """
    index = _index(addresses)
    named: dict[int, set[int]] = defaultdict(set)
    doubtful: list[Doubtful] = []
    for number, rules in enumerate(texts):
        for rule in rules:
            if rule.kind == "heading":
                continue
            found, doubt = _named_by(rule, addresses, index, roads)
            if doubt:
                doubtful.append(Doubtful(number, rule, *doubt))
            for address in found:
                named[address].add(number)
    chosen = np.full(len(addresses.texts), -1, dtype=np.int64)
    for address, numbers in named.items():
        chosen[address] = next(iter(numbers)) if len(numbers) == 1 else -1
    conflicts = (Conflict(address, tuple(sorted(numbers))) for address, numbers in sorted(named.items()))
    return Assigned(chosen, tuple(conflict for conflict in conflicts if len(conflict.texts) > 1), tuple(doubtful))


def _index(addresses: Addresses) -> Mapping[str, list[tuple[int, Place]]]:
    index: dict[str, list[tuple[int, Place]]] = defaultdict(list)
    for number, places in enumerate(addresses.places):
        for place in places:
            index[place.name].append((number, place))
    return index


def _named_by(
    rule: Rule, addresses: Addresses, index: Mapping[str, list[tuple[int, Place]]], roads: Roads
) -> tuple[list[int], tuple[str, tuple[str, ...]] | None]:
    """Addresses that a rule names, or why it names none."""
    land = None
    if rule.bounds:
        missing = roads.missing(rule.bounds)
        land = None if missing else roads.inside(rule.bounds)
        if land is None:
            return [], (NO_ROAD, missing) if missing else (NO_LAND, ())
    if rule.kind == "bounded":
        found = list(range(len(addresses.texts)))
    else:
        found = [number for number, place in index.get(place_name(rule.name), []) if matches(rule, place)]
        found = _in_district(regions(rule.name)[2], found, addresses)
    if land is not None:
        inside = shapely.intersects(land, addresses.points[np.array(found, dtype=np.int64)])
        found = [number for number, within in zip(found, inside, strict=True) if within]
    if not found:
        return [], (NOWHERE, ())
    candidates = _places_apart(rule, found, addresses)
    if candidates:
        return [], (SEVERAL, candidates)
    return [number for number in found if not _excepted(rule, addresses.places[number])], None


def _in_district(said: str, found: list[int], addresses: Addresses) -> list[int]:
    """Of addresses of one name those that may lie in the district `said`; "" says none."""
    return [number for number in found if not said or addresses.districts[number] in ("", said)]


def _excepted(rule: Rule, places: tuple[Place, ...]) -> bool:
    return any(matches(exception, place) for exception in rule.exceptions for place in places)


def _places_apart(rule: Rule, found: list[int], addresses: Addresses) -> tuple[str, ...]:
    """One address of each place of the city that a rule may mean, if there are several: districts, or far compounds."""
    if rule.bounds:
        return ()
    texts = [addresses.texts[number] for number in found]
    said = regions(rule.name)[2]
    pairs = zip(texts, (addresses.districts[number] for number in found), strict=True)
    districts = {district: text for text, district in sorted(pairs, reverse=True)}
    districts.pop("", None)
    if len(districts) > 1 and said not in districts:
        return tuple(districts[name] for name in sorted(districts))
    if kind_of(rule.name) != "compound" or len(found) == 1:
        return ()
    cells = np.round(shapely.get_coordinates(addresses.points[np.array(found)]) / CELL)
    cells, at = np.unique(cells, axis=0, return_inverse=True)
    if len(cells) == 1:
        return ()
    group = fcluster(linkage(cells, "single"), APART / CELL, "distance")[at.reshape(-1)]
    examples = [min(text for text, one in zip(texts, group, strict=True) if one == which) for which in np.unique(group)]
    return tuple(sorted(examples)) if len(examples) > 1 else ()
