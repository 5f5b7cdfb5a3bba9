"""What becomes of the synthetic city: its housing projects, and children drawn by chance for the years to come.

The sources tell of it only what a bureau would have: births so far by district, a rough rate of migration, and projects
as they are planned. Tests compare a forecast made from these with what was drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.demo.city import DemoCity
from geodata.demo.land import rectangle
from geodata.demo.names import DISTRICTS
from geodata.demo.shape import Floats, Ints

SCHOOL_YEAR = 2026
BIRTH_YEARS = range(2021, SCHOOL_YEAR + 1)
AGES = 15

PER_HOME = {"0-5": 0.18, "6-11": 0.12, "12-14": 0.03}
"""Children per new home, as the bureau expects them."""
PLANNED = (("新城家园", 1600, 2027, "在建"), ("河湾新居", 1200, 2029, "已批"), ("翠林新居", 800, 2031, "规划"))
"""Name, homes in the full city, first school year with residents, state of planning."""
FILLING = 3
TRUE_PER_HOME, TRUE_DELAY = 1.1, (0, 0, 1)
"""What really comes: so many times the children expected, and so many years late."""

FALL, FALL_NOISE = -0.045, 0.015
"""Yearly change of the births, and its standard deviation."""
RATES = (-0.014, -0.012, -0.01, -0.008, -0.006, -0.004, *(0.002,) * 6, *(-0.002,) * 3)
"""Net migration of a year by age."""
RATE_NOISE, LEAVING = 0.003, 0.03
KNOWN_RATES = (*(-0.01,) * 6, *(0.0,) * 9)
"""What the bureau takes the net migration to be."""


@dataclass(frozen=True)
class Project:
    """Homes on a block where nobody lives yet; as planned."""

    name: str
    block: int
    district: str
    homes: int
    year: int
    status: str

    def outline(self, city: DemoCity) -> shapely.Polygon:
        """Its ground on the map, 15 m inside the block's edge."""
        rect = city.blocks[self.block].rect
        return shapely.Polygon(city.shape.bend(rectangle((rect.u0 + 15, rect.v0 + 15, rect.u1 - 15, rect.v1 - 15))))


def make_projects(city: DemoCity) -> tuple[Project, ...]:
    """Three projects on large blocks without buildings; the smaller the city, the fewer homes."""
    generator = np.random.default_rng([city.seed, 11])
    built = {compound.block for compound in city.compounds}
    free = [at for at, block in enumerate(city.blocks) if at not in built and block.character != "park"]
    free.sort(key=lambda at: (-city.blocks[at].rect.area, at))
    chosen = generator.choice(free[: max(len(PLANNED), len(free) // 4)], len(PLANNED), replace=False)
    return tuple(
        Project(
            name, int(at), DISTRICTS[int(city.blocks[at].rect.v0 > 0)], round(homes * city.shape.size**2), year, status
        )
        for at, (name, homes, year, status) in zip(chosen, PLANNED, strict=True)
    )


def per_home() -> Floats:
    """Children of each age in a new home, as expected; shape (AGES,)."""
    found = np.zeros(AGES)
    for ages, children in PER_HOME.items():
        first, last = (int(age) for age in ages.split("-"))
        found[first : last + 1] = children / (last - first + 1)
    return found


def known_births(city: DemoCity) -> dict[str, dict[int, int]]:
    """Births of each district and school year up to today: today's children and those who have left since."""
    children = {district: np.zeros(AGES) for district in sorted(set(city.districts))}
    for row, district in enumerate(city.districts):
        children[district] += city.people[row, :AGES]
    kept = np.concatenate(([1.0], np.cumprod(1 + np.array(RATES))))[:AGES]
    return {
        district: {year: round(counts[SCHOOL_YEAR - year] / kept[SCHOOL_YEAR - year]) for year in BIRTH_YEARS}
        for district, counts in children.items()
    }


def true_future(city: DemoCity, years: int = 12) -> Ints:
    """Children by year, place and age: shape (years + 1, compounds + projects, AGES); the first year is today."""
    generator = np.random.default_rng([city.seed, 12])
    projects = make_projects(city)
    now = np.vstack([city.people[:, :AGES], np.zeros((len(projects), AGES), dtype=np.int64)])
    cradle = now[:, :5].sum(axis=1).astype(float)
    attraction = now.sum(axis=1) + 1e-9
    births, found = float(now[:, 0].sum()), [now]
    for year in range(SCHOOL_YEAR + 1, SCHOOL_YEAR + years + 1):
        births *= 1 + FALL + generator.normal(0, FALL_NOISE)
        homes = np.array([filled(*pair, year) for pair in zip(projects, TRUE_DELAY, strict=True)])
        more = homes - np.array([filled(*pair, year - 1) for pair in zip(projects, TRUE_DELAY, strict=True)])
        cradle[len(city.compounds) :] = homes * per_home()[:5].sum() * TRUE_PER_HOME
        later = np.zeros_like(now)
        later[:, 0] = generator.multinomial(round(births), cradle / cradle.sum())
        later[:, 1:] = moved(now, attraction / attraction.sum(), generator)[:, :-1]
        later[len(city.compounds) :] += generator.poisson(np.outer(more, per_home() * TRUE_PER_HOME))
        now = later
        found.append(now)
    return np.array(found)


def filled(project: Project, delay: int, year: int) -> float:
    """Homes of a project that are lived in at the beginning of a school year."""
    return project.homes * float(np.clip((year - project.year - delay + 1) / FILLING, 0, 1))


def moved(children: Ints, attraction: Floats, generator: np.random.Generator) -> Ints:
    """The children of each place and age after a year in which some have left and others have come."""
    rates = np.array(RATES) + generator.normal(0, RATE_NOISE)
    left = generator.binomial(children, LEAVING)
    coming = generator.poisson(np.maximum(0.0, LEAVING + rates) * children.sum(axis=0))
    came = np.array([generator.multinomial(count, attraction) for count in coming]).T
    return np.asarray(children - left + came)
