"""The synthetic city in figures, for people who want to know what they are looking at."""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.demo.city import DemoCity, Schools
from geodata.demo.graph import lengths


def figures(city: DemoCity) -> dict[str, Any]:
    """Return counts of everything in the city, as plain values ready for JSON."""
    return {
        "seed": city.seed,
        "residents": int(city.people.sum()),
        "children_by_age": city.people[:, :15].sum(axis=0).tolist(),
        "compounds_with_residents": len(city.homes),
        "buildings": len(city.addresses),
        "addresses": len(set(city.addresses)),
        "streets": len({city.street_names[street] for street in city.streets.street}),
        "street_km": round(float(lengths(city.shape, city.streets.ends).sum()) / 1000),
        "bridges": crossings(city, along_u=0),
        "level_crossings": crossings(city, along_u=1),
        "built_up_km2": round(sum(block.rect.area for block in city.blocks) / 1e6, 1),
        "schools": {schools.level.name: school_figures(city, schools) for schools in city.schools},
    }


def crossings(city: DemoCity, along_u: int) -> int:
    """Return how many streets cross the river (`along_u` 0) or the railway (1)."""
    return int(np.sum(city.streets.along_u[city.streets.crosses] == along_u))


def school_figures(city: DemoCity, schools: Schools) -> dict[str, Any]:
    """Return schools, seats and children of the entry age, and how full today's catchments make the schools."""
    level = schools.level
    children = np.zeros(len(city.blocks))
    np.add.at(children, [compound.block for compound in city.compounds], city.people[:, level.age])
    seats = schools.classes * level.class_size
    lived_in = children > 0
    served = np.bincount(schools.zone[lived_in], children[lived_in], len(seats)) / seats
    return {
        "schools": len(seats),
        "seats": int(seats.sum()),
        "children_2026": int(city.people[:, level.age].sum()),
        "children_2027": int(city.people[:, level.age - 1].sum()),
        "utilisation_today": [round(float(served.min()), 2), round(float(served.max()), 2)],
    }
