"""Schools and their seats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.notes import Notes
from geodata.reading.reader import Reader, inner_points, text, together
from geodata.recipe.levels import Level, known_level
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table
from geodata.roles.seats import check_ids, reduced_enrolment, seats, share_inside


def _enrolment(table: Table) -> dict[str, Any]:
    """Capacity and classes, or enrolment, say what a school's seats are; without any they are unknown."""
    if "enrolment" not in table.values:
        return {}
    if {"capacity", "classes"} & set(table.values.get("fields", {})):
        table.refuse("can name either fields.capacity and fields.classes, or enrolment")
    history = table.table("enrolment", {"history", "latest", "grades", "shares", "zone_share"})
    shares = history.table("shares").values
    return {
        "columns": {"history": (history.take("history", str),), "grades": (history.take("grades", str),)},
        "latest": history.take("latest", str),
        "shares": {name: _fraction(history, value) for name, value in sorted(shares.items())},
        "zone_share": history.take("zone_share", bool, False),
    }


def _fraction(table: Table, value: Any) -> float:
    pair = isinstance(value, list) and len(value) == 2 and all(type(part) is int and part > 0 for part in value)
    if not pair or value[0] > value[1]:
        table.refuse("needs a share as [planned grades, all grades], not %(value)s", value=repr(value))
    return float(value[0] / value[1])


SCHOOLS = role(
    "schools",
    "school name capacity classes class_size",
    needed="school name",
    options="level enrolment",
    read=lambda table: {"level": known_level(table), **_enrolment(table)},
)

COLUMNS = ["school", "name", "level", "capacity", "classes", "class_size", "latest"]


def gather_schools(
    sources: tuple[Source, ...], levels: Mapping[str, Level], reader: Reader, zones: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Points: school, name, level, capacity, classes (NaN: unknown), class_size, latest (enrolment or 0); by id."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "point or polygon")
        rows = rows.set_geometry(inner_points(rows.geometry.to_numpy()), crs=reader.crs)
        check_ids(rows, source)
        level = source.options["level"]
        rows["school"], rows["name"], rows["level"] = text(rows, "school"), text(rows, "name"), level
        if "latest" in source.options:
            wanted = source.options["zone_share"]
            inside = share_inside(zones[zones["level"] == level], reader.area) if wanted else {}
            enrolment = reduced_enrolment(rows, source, inside)
            rows["capacity"], rows["latest"] = enrolment["highest"], enrolment["latest"]
            rows["classes"], rows["class_size"] = np.nan, levels[level].class_size
            _say_reduced(rows, enrolment["share"], source, reader.notes)
        else:
            told = seats(rows, source, levels[level].class_size, reader.notes)
            rows[list(told.columns)], rows["latest"] = told, 0.0
        frames.append(rows)
    schools = together(frames, COLUMNS, reader.crs)
    if sources:
        check_ids(schools.assign(row="?"), sources[0])
    return schools.sort_values("school", ignore_index=True)


def _say_reduced(rows: gpd.GeoDataFrame, share: pd.Series[float], source: Source, notes: Notes) -> None:
    factors = ", ".join(f"{school} {factor:.3f}" for school, factor in zip(rows["school"], share, strict=True))
    notes.doubt(
        "%(file)s gives no seats: the highest yearly enrolment of each school is taken, reduced to the planned grades "
        "by an even split, and to its zone's part inside the city where the recipe says so (factors: %(factors)s).",
        file=source.label,
        factors=factors,
    )
