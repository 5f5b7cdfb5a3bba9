"""Rules that name each known address for its own zone and for no other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geodata.catchments.assign import APART, Addresses
from geodata.catchments.places import place_name
from geodata.catchments.rules import House, Rule, Span, kind_of
from zoning.text.spans import spans_for

MOST_EXCEPTIONS = 2
"""Spans that may be taken out of a whole street instead of listing the rest of it."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class _Entry:
    """One address under one of the names that it bears."""

    address: int
    houses: tuple[House, ...]
    zone: int


def rules_of(addresses: Addresses, zones: Sequence[int]) -> tuple[tuple[int, Rule], ...]:
    """Zone and rule, such that each address is named by rules of its own zone alone; names are in normal form.

    `zones` gives each address its zone's number. First by the name that an address begins with, and by compounds that
    lie in one zone; what these cannot tell apart by the names that follow (a building of a compound). An address that
    stands in two zones under all its names is named by none.
    """
    groups = _groups(addresses, zones)
    heads = {places[0].name for places in addresses.places if places}
    within = {name for name, found in groups.items() if name not in heads and _one_compound(name, found)}
    made = _Made(addresses)
    for name in sorted((heads | within) & groups.keys()):
        made.add(name, groups[name])
    rest = {place.name for at, places in enumerate(addresses.places) if at not in made.named for place in places[1:]}
    for name in sorted((rest - heads - within) & groups.keys()):
        made.add(name, groups[name])
    return tuple(made.rules)


def _groups(addresses: Addresses, zones: Sequence[int]) -> dict[str, list[_Entry]]:
    groups: dict[str, list[_Entry]] = defaultdict(list)
    for at, places in enumerate(addresses.places):
        for place in places:
            groups[place.name].append(_Entry(at, place.houses, zones[at]))
    # A name that begins like a district loses that when it stands in a rule: no rule can mean it.
    return {name: found for name, found in groups.items() if place_name(name) == name}


def _one_compound(name: str, entries: list[_Entry]) -> bool:
    compound = bool(_CHINESE.search(name)) and kind_of(name) == "compound"
    return compound and _clear(entries)


class _Made:
    """The rules made so far, and the addresses that they name."""

    def __init__(self, addresses: Addresses) -> None:
        self.rules: list[tuple[int, Rule]] = []
        self.named: set[int] = set()
        self._addresses = addresses

    def add(self, name: str, entries: list[_Entry]) -> None:
        """The rules of one name, apart for each district that bears it."""
        said = self._addresses.districts
        districts = sorted({said[entry.address] for entry in entries} - {""})
        if len(districts) < 2:
            self._add(name, entries)
            return
        for district in districts:
            self._add(district + name, [entry for entry in entries if said[entry.address] in ("", district)])

    def _add(self, name: str, entries: list[_Entry]) -> None:
        if _clear(entries) and not self._far(name, entries):
            self._keep(entries[0].zone, Rule(kind_of(name), name), entries)
            return
        self._add_unnumbered(name, [entry for entry in entries if not entry.houses])
        numbered = [entry for entry in entries if entry.houses]
        if self._far(name, entries):
            self._add_singly(name, numbered)
            return
        whole = all(entry.houses for entry in entries)
        unclear = self._add_numbers(Rule("numbers", name), numbered, whole)
        self._add_lanes(name, numbered, {entry.houses[0].number for entry in unclear})

    def _keep(self, zone: int, rule: Rule, entries: Iterable[_Entry]) -> None:
        self.rules.append((zone, rule))
        self.named.update(entry.address for entry in entries)

    def _far(self, name: str, entries: list[_Entry]) -> bool:
        """Whether a reader may take one compound name for two places."""
        if kind_of(name) != "compound":
            return False
        points = self._addresses.points[np.array([entry.address for entry in entries])]
        west, south, east, north = shapely.total_bounds(points)
        return bool(np.hypot(east - west, north - south) > APART / 2)

    def _add_unnumbered(self, name: str, entries: list[_Entry]) -> None:
        if entries and _clear(entries):
            self._keep(entries[0].zone, Rule("numbers", name), entries)

    def _add_singly(self, name: str, entries: list[_Entry]) -> None:
        """House by house, so that what is far apart stands in rules of its own."""
        for _place, found in sorted(_by_place(entries, 0).items()):
            if _clear(found):
                house = found[0].houses[0]
                self._keep(found[0].zone, Rule("numbers", name, (Span(house, house),)), found)

    def _add_lanes(self, name: str, entries: list[_Entry], unclear: set[int]) -> None:
        """Houses inside the lanes that lie in several zones."""
        for number in sorted(unclear):
            inside = [entry for entry in entries if entry.houses[0].number == number and len(entry.houses) > 1]
            if inside and all(entry.houses[0].unit == "弄" for entry in inside):
                self._add_numbers(Rule("numbers", name, lane=f"{number}弄"), inside, False)

    def _add_numbers(self, rule: Rule, entries: list[_Entry], whole: bool) -> list[_Entry]:
        """Spans of each zone along the street, or inside the rule's lane; `whole`: or the street but for some numbers.

        Returns the entries that share their number with another zone.
        """
        level = 1 if rule.lane else 0
        counts = list(_counts(entries, level))
        for zone in sorted({entry.zone for entry in entries}):
            mine = [[_clear(found) and found[0].zone == zone for found in count] for count in counts]
            held = [entry for count, flags in zip(counts, mine, strict=True) for entry in _chosen(count, flags)]
            if held:
                self._keep(zone, _said(rule, counts, mine, whole), held)
        return [entry for count in counts for found in count if not _clear(found) for entry in found]


def _clear(entries: list[_Entry]) -> bool:
    """Whether entries of one number lie in one zone."""
    return len({entry.zone for entry in entries}) == 1


def _by_place(entries: Iterable[_Entry], level: int) -> dict[tuple[bool, tuple[int, str, int]], list[_Entry]]:
    """Entries by count (栋 or not) and place of their number."""
    found: dict[tuple[bool, tuple[int, str, int]], list[_Entry]] = defaultdict(list)
    for entry in entries:
        house = entry.houses[level]
        found[house.unit == "栋", house.place].append(entry)
    return found


def _counts(entries: Iterable[_Entry], level: int) -> Iterator[list[list[_Entry]]]:
    """The entries of each count, in the order of their places, those of one place together."""
    places = _by_place(entries, level)
    for blocks in (False, True):
        count = [found for (block, _place), found in sorted(places.items()) if block == blocks]
        if count:
            yield count


def _chosen(count: list[list[_Entry]], flags: list[bool]) -> list[_Entry]:
    return [entry for found, wanted in zip(count, flags, strict=True) if wanted for entry in found]


def _said(rule: Rule, counts: list[list[list[_Entry]]], mine: list[list[bool]], whole: bool) -> Rule:
    """The rule of one zone: its spans, or the whole street without the spans of others where that is shorter."""
    level = 1 if rule.lane else 0
    houses = [[found[0].houses[level] for found in count] for count in counts]
    own = _spans(houses, mine)
    others = _spans(houses, [[not flag for flag in flags] for flags in mine])
    if whole and len(others) <= MOST_EXCEPTIONS and len(own) > len(others):
        taken_out = Rule("numbers", rule.name, others)
        return Rule(kind_of(rule.name), rule.name, exceptions=(taken_out,))
    return Rule("numbers", rule.name, own, rule.lane)


def _spans(houses: list[list[House]], wanted: list[list[bool]]) -> tuple[Span, ...]:
    return tuple(span for count, flags in zip(houses, wanted, strict=True) for span in spans_for(count, flags))
