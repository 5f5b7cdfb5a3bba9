"""An address as the places it names: street with numbers, then the compound with its building, and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from geodata.addresses.normal import normal_address
from geodata.catchments.rules import HYPHEN, House

_HOUSE = re.compile(r"(\d+)(?:-(\d+))?([a-z甲乙丙丁戊])?(?:(号|弄|栋)(?:之(\d+))?|(?:之(\d+))?$)")
_LATIN_FIRST = re.compile(r"^(\d+)(?:-(\d+))?([a-z])?(?: |(?=[\u4e00-\u9fff]))(?=\D|\d+ )(.+)$")
_LATIN_LAST = re.compile(r"^(.+?) (\d+)(?:-(\d+))?([a-z])?$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Place:
    """A name in normal form and the numbers right after it: 仙霞路 628弄 4号, or 阳光小区 3栋; none for a bare name."""

    name: str
    houses: tuple[House, ...]


def places_of(address: str) -> tuple[Place, ...]:
    """The places that an address names, outermost first.

    A Chinese range (4-7号) counts as its first house; a Latin hyphen (109-19) makes one number.
    """
    normal = normal_address(address)
    return _chinese(normal) if _CHINESE.search(normal) else _latin(normal)


@lru_cache(maxsize=65_536)
def place_name(name: str) -> str:
    """The normal form in which names of rules and of addresses are compared."""
    return normal_address(name)


def _chinese(normal: str) -> tuple[Place, ...]:
    found: list[Place] = []
    houses: list[House] = []
    name, at = "", 0
    for match in _HOUSE.finditer(normal):
        between = normal[at : match.start()].strip(" -")
        if between and houses:
            found.append(Place(name, tuple(houses)))
            name, houses = "", []
        name += between
        houses.append(_house(match))
        at = match.end()
    rest = normal[at:].strip(" -")
    found.append(Place(name or rest, tuple(houses)))
    if name and rest and houses:
        found.append(Place(rest, ()))
    return tuple(place for place in found if place.name)


def _house(match: re.Match[str]) -> House:
    return House(int(match[1]), (match[3] or "").upper(), int(match[5] or match[6] or 0), match[4] or "号")


def _latin(normal: str) -> tuple[Place, ...]:
    if match := _LATIN_FIRST.match(normal):
        return (Place(match[4], (_latin_house(match[1], match[2], match[3]),)),)
    if match := _LATIN_LAST.match(normal):
        house = Place(match[1], (_latin_house(match[2], match[3], match[4]),))
        return house, Place(normal, ())  # a name may end with a number: Nuthestrand 2
    return (Place(normal, ()),) if normal else ()


def _latin_house(number: str, second: str | None, letter: str | None) -> House:
    return House(int(number), HYPHEN, int(second)) if second else House(int(number), (letter or "").upper())
