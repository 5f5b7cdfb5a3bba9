"""The whole synthetic city in memory, made from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.demo.addresses import addresses
from geodata.demo.buildings import Buildings, make_buildings, outlines, use_of
from geodata.demo.graph import NOTHING, Streets, make_streets
from geodata.demo.land import Compound, block_uses, make_compounds, rectangle
from geodata.demo.layout import Block, make_layout
from geodata.demo.names import DISTRICTS, compound_names, school_names, street_names
from geodata.demo.people import make_people
from geodata.demo.schools import LEVELS, Level, Sites, choose_sites, grown_zones, offer_classes, part_of, reach
from geodata.demo.shape import Floats, Ints, Shape, make_shape

RESIDENTS = 450_000


@dataclass(frozen=True)
class Schools:
    """The schools of one level: ids, names, their block, classes, and the school (row) of every block today
    (`NOTHING` in a quarter where nobody lives)."""

    level: Level
    ids: tuple[str, ...]
    names: tuple[str, ...]
    blocks: Ints
    classes: Ints
    zone: Ints


@dataclass(frozen=True)
class DemoCity:
    """Everything that is known about the synthetic city; one row per compound or building in its parts.

    `people` (compounds, 101) by single age; `places` (blocks, 2) block middles and
    `outlines` (buildings, 5, 2) in EPSG:4551.
    """

    seed: int
    shape: Shape
    blocks: tuple[Block, ...]
    streets: Streets
    street_names: tuple[str, ...]
    compounds: tuple[Compound, ...]
    compound_names: tuple[str, ...]
    districts: tuple[str, ...]
    people: Ints
    buildings: Buildings
    outlines: Floats
    uses: tuple[str, ...]
    addresses: tuple[str, ...]
    numbers: tuple[str, ...]
    schools: tuple[Schools, ...]
    places: Floats

    @property
    def homes(self) -> Ints:
        """The compounds in which people live; indices."""
        return np.flatnonzero(self.people.sum(axis=1) > 0)

    def outline(self, compound: int) -> shapely.Polygon:
        """The compound's polygon on the map."""
        return shapely.Polygon(self.shape.bend(rectangle(self.compounds[compound].inside)))


def make_city(seed: int = 2026, size: float = 1.0) -> DemoCity:
    """Make the city of `seed`; the same seed gives the same city everywhere.

    Args:
        seed: a whole number ≥ 0.
        size: 1 for the full city; smaller for a smaller one of the same build (its area and people fall by the square).
    """
    shape = make_shape(seed, size)
    streets, blocks = make_streets(make_layout(shape, seed), shape)
    uses, sites = settle(blocks, shape, seed)
    compounds = make_compounds(blocks, uses, streets, seed)
    kinds = [streets.lines[streets.street[compound.edge]].kind for compound in compounds]
    buildings = make_buildings(compounds, kinds, seed)
    expected = np.bincount(buildings.compound, buildings.residents, len(compounds)).astype(float)
    expected *= crowding(shape, compounds)
    people = make_people(expected, [c.use for c in compounds], round(RESIDENTS * size**2), seed)
    named_streets = street_names(streets, shape, seed)
    districts = [DISTRICTS[int(blocks[c.block].rect.v0 > 0)] for c in compounds]
    children = np.zeros((len(blocks), people.shape[1]), dtype=np.int64)
    np.add.at(children, [compound.block for compound in compounds], people)
    schools = [
        make_schools(level, site, children[:, level.age], blocks, streets, shape, seed)
        for level, site in zip(LEVELS, sites, strict=True)
    ]
    schools = [name_schools(item, compounds, districts, streets, named_streets, seed) for item in schools]
    names = compound_names(compounds, districts, seed)
    name_school_grounds(names, compounds, schools)
    texts, numbers = addresses(buildings, compounds, names, streets, named_streets)
    return DemoCity(
        seed=seed,
        shape=shape,
        blocks=blocks,
        streets=streets,
        street_names=named_streets,
        compounds=tuple(compounds),
        compound_names=tuple(names),
        districts=tuple(districts),
        people=people,
        buildings=buildings,
        outlines=outlines(buildings, shape),
        uses=tuple(
            use_of(int(shop), compounds[c].use) for shop, c in zip(buildings.shop, buildings.compound, strict=True)
        ),
        addresses=tuple(texts),
        numbers=tuple(numbers),
        schools=tuple(schools),
        places=shape.bend(np.array([block.rect.middle for block in blocks])),
    )


def settle(blocks: tuple[Block, ...], shape: Shape, seed: int) -> tuple[list[str], list[Sites]]:
    """Return the use of every block, and each level's sites among them."""
    uses = block_uses(blocks, seed)
    sites = []
    for level in LEVELS:
        sites.append(choose_sites(level, blocks, uses, shape, seed))
        for block in sites[-1].blocks:
            uses[block] = "school"
    return uses, sites


def name_school_grounds(names: list[str], compounds: list[Compound], schools: list[Schools]) -> None:
    """Call the first compound of a school's block by the school, in place."""
    first = {compound.block: number for number, compound in reversed(list(enumerate(compounds)))}
    for item in schools:
        for block, name in zip(item.blocks, item.names, strict=True):
            names[first[int(block)]] = name


def crowding(shape: Shape, compounds: list[Compound]) -> Floats:
    """Return how much more densely each compound's flats are lived in near the centre than at the edge."""
    boxes = np.array([compound.inside for compound in compounds])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    far = np.hypot(*(middles - np.array(shape.centre)).T) / shape.size
    return np.asarray(0.7 + 0.8 * np.exp(-((far / 1700) ** 2)))


def make_schools(
    level: Level, sites: Sites, children: Ints, blocks: tuple[Block, ...], streets: Streets, shape: Shape, seed: int
) -> Schools:
    """Give one level's schools their classes and today's catchments; still without names."""
    far = reach(sites, blocks, streets, shape)
    grown = grown_zones(far, sites, seed)
    served = [np.bincount(owner, children, len(far)) for owner in (far.argmin(axis=0), grown)]
    zone = np.where(np.isfinite(far.min(axis=0)), grown, NOTHING)
    classes = offer_classes(level, sites, (served[0] + served[1]) / 2, children, part_of(blocks, shape), seed)
    letter = level.name[0].upper()
    ids = tuple(f"{letter}{number + 1:02d}" for number in range(len(sites.blocks)))
    return Schools(level, ids, (), sites.blocks, classes, zone)


def name_schools(
    schools: Schools,
    compounds: list[Compound],
    districts: list[str],
    streets: Streets,
    named_streets: tuple[str, ...],
    seed: int,
) -> Schools:
    """Name the schools after their district or the street at their gate."""
    at = {compound.block: number for number, compound in enumerate(compounds)}
    rows = [at[int(block)] for block in schools.blocks]
    gates = [named_streets[streets.street[compounds[row].edge]] for row in rows]
    names = school_names(schools.level.name, [districts[row] for row in rows], gates, seed)
    return Schools(schools.level, schools.ids, tuple(names), schools.blocks, schools.classes, schools.zone)
