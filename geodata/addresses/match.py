"""Places for sources that carry an address instead of coordinates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geodata.addresses.normal import normal_address, regions, without_room
from geodata.arrays import Shapes

NEAR = 50.0
"""Metres within which two entries of one address are one place."""

WIDEST = 100
"""House numbers that a range such as 4-7号 may span; more is a mistake of writing."""

_RANGE = re.compile(r"^(.*\D|)(\d+)-(\d+)(号|弄|栋)$")
_NUMBER = re.compile(r"^(.*\D|)(\d+)(号|弄|栋)$")
_BARE = re.compile(r"(?<=[\u4e00-\u9fff])(?<![元室层楼栋号梯])(\d+(?:-\d+)?[甲乙丙丁]?)$")
_INSIDE = re.compile(r"^(.*?[\u4e00-\u9fff]\d+(?:-\d+)?[甲乙丙丁]?号(?:之\d+)?)\D.*$")
_FLAT = re.compile(r" (?:apt|apartment|fl|floor|rm|room|ste|suite|unit|#) ?[\w-]+$")


@dataclass(frozen=True)
class Located:
    """A place of each text (None: none was found) and how: "exact", "house", "range", "ambiguous" or "unmatched"."""

    points: Shapes
    how: tuple[str, ...]

    def count(self, how: str) -> int:
        """How many texts were found that way."""
        return self.how.count(how)


@dataclass(frozen=True)
class _Known:
    """One known address: its regions and place."""

    regions: tuple[str, str, str]
    point: shapely.Point


class Gazetteer:
    """Known addresses by normal form, and the ranges among them by what stands before the numbers."""

    def __init__(self, known: gpd.GeoDataFrame) -> None:
        """Index `known` (text, geometry: points in a metric CRS)."""
        self._named: dict[str, list[_Known]] = defaultdict(list)
        self._ranges: dict[tuple[str, str], list[tuple[int, int, _Known]]] = defaultdict(list)
        for text, point in sorted(zip(known["text"], known.geometry, strict=True), key=_order):
            entry, normal = _Known(regions(text), point), _key(text)
            self._named[normal].append(entry)
            if (found := _RANGE.match(normal)) and int(found[2]) < int(found[3]) <= int(found[2]) + WIDEST:
                self._ranges[found[1], found[4]].append((int(found[2]), int(found[3]), entry))

    def find(self, text: str) -> tuple[shapely.Point | None, str]:
        """The place of one address and how it was found; never a guess between two places."""
        normal, said = _key(text), regions(text)
        for how, entries in self._tries(text, normal):
            fits = [entry for entry in entries if _compatible(said, entry.regions)]
            if fits:
                return _one_place(fits, how)
        return None, "unmatched"

    def _tries(self, text: str, normal: str) -> Iterable[tuple[str, list[_Known]]]:
        if not normal:
            return
        yield "exact", self._named.get(normal, [])
        houses = list(dict.fromkeys(_houses(text, normal)))
        for house in houses:
            yield "house", self._named.get(house, [])
        for house in [normal, *houses]:
            yield "range", self._around(house)

    def _around(self, house: str) -> list[_Known]:
        found = _NUMBER.match(house)
        if not found:
            return []
        listed, number = self._ranges.get((found[1], found[3]), []), int(found[2])
        return [entry for low, high, entry in listed if _in_range(number, low, high, found[1])]


def locate(texts: Sequence[str], known: gpd.GeoDataFrame) -> Located:
    """Places of addresses among known ones.

    `known` has text and geometry (points in a metric CRS). An address is found by its exact normal form; else as its
    house, without staircase, room, building and what follows a comma; else in a range that holds its number (4-7号).
    A Latin hyphen is part of one number (109-19), never a range. Where an address stands at two places more than
    `NEAR` metres apart, and province, city and district do not tell them apart, it is ambiguous and gets no place.
    """
    gazetteer = Gazetteer(known)
    seen = {text: gazetteer.find(text) for text in dict.fromkeys(texts)}
    points = np.array([seen[text][0] for text in texts] or [None], dtype=object)[: len(texts)]
    return Located(points, tuple(seen[text][1] for text in texts))


def _key(text: str) -> str:
    """The normal form, in which a Chinese house number at the end always has its 号."""
    return _BARE.sub(r"\1号", normal_address(text))


def _in_range(number: int, low: int, high: int, before: str) -> bool:
    """Whether a range holds a number: along a street 161-175 is one side, inside a lane (弄) 5-21 is every house."""
    side = low % 2 == high % 2 and not before.endswith("弄")
    return low <= number <= high and (not side or number % 2 == low % 2)


def _order(pair: tuple[str, shapely.Point]) -> tuple[str, float, float]:
    return pair[0], pair[1].x, pair[1].y


def _compatible(said: tuple[str, str, str], known: tuple[str, str, str]) -> bool:
    return all(not a or not b or a == b for a, b in zip(said, known, strict=True))


def _one_place(entries: list[_Known], how: str) -> tuple[shapely.Point | None, str]:
    points = [entry.point for entry in entries]
    apart = max(points[0].distance(point) for point in points)
    return (points[0], how) if apart <= NEAR else (None, "ambiguous")


def _houses(text: str, normal: str) -> Iterable[str]:
    """The normal forms of the house that an address lies in, nearest first."""
    yield without_room(normal)
    yield _FLAT.sub("", normal)
    before_comma = re.split(r"[,，(（]", text)[0]
    yield _key(before_comma)
    yield _FLAT.sub("", normal_address(before_comma))
    if inside := _INSIDE.match(normal):
        yield inside[1]
