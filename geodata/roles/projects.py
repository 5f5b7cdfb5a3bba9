"""Housing projects: how many homes, when, and the children who will live in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import GeodataInputError
from geodata.reading.reader import Reader, numbers, text, together
from geodata.recipe.forecast import VARIANTS
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table, texts
from geodata.roles.by_area import whole

PEOPLE = 2.6
"""People in a home, where the recipe gives no children (mean household of China's census of 2020: 2.62)."""
FILLING = 3
"""School years in which a project fills, in equal parts."""
COLUMNS = ["name", "dwellings", "year", "children", "people", "filling", "ages", *(f"in_{name}" for name in VARIANTS)]


def _options(table: Table) -> dict[str, Any]:
    people = table.take("people", (int, float), PEOPLE)
    filling = table.take("filling", int, FILLING)
    if not 0 < people <= 20:
        table.refuse("needs people above 0 and at most 20")
    if not 1 <= filling <= 12:
        table.refuse("needs filling from 1 to 12")
    return {
        "people": float(people),
        "filling": filling,
        "children": _children(table.table("children", default={})),
        "statuses": _statuses(table),
    }


def _children(table: Table) -> dict[int, float]:
    """Children per home of single ages, from groups such as "6-11" = 0.2 (split evenly over its ages)."""
    found: dict[int, float] = {}
    for ages, value in table.values.items():
        first, dash, last = str(ages).partition("-")
        if not first.isdecimal() or not (last.isdecimal() if dash else True) or int(last or first) < int(first):
            table.refuse('has a group "%(ages)s"; write "5-9" or "6"', ages=ages)
        number = table.take(ages, (int, float))
        if not 0 <= number <= 10:
            table.refuse("needs from 0 to 10 children per home, not %(value)s", value=repr(value))
        span = range(int(first), int(last or first) + 1)
        if found.keys() & set(span):
            table.refuse("names an age of %(ages)s twice", ages=ages)
        found |= dict.fromkeys(span, number / len(span))
    return dict(sorted(found.items()))


def _statuses(table: Table) -> Mapping[str, tuple[str, ...]]:
    if "statuses" not in table.values:
        return {}
    if "status" not in table.values.get("fields", {}):
        table.refuse("has statuses, so it needs fields.status")
    given = table.table("statuses", set(VARIANTS))
    statuses = {name: texts(given, name) for name in VARIANTS}
    if not set(statuses["low"]) <= set(statuses["middle"]) <= set(statuses["high"]):
        given.refuse("needs every status of low in middle, and every status of middle in high")
    return statuses


PROJECTS = role(
    "projects",
    "name dwellings year children status",
    needed="dwellings year",
    options="people filling children statuses",
    read=_options,
)


def gather_projects(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Points or polygons.

    name, dwellings, year (first school year with children), children (per home and all ages; NaN: not given), people
    (per home), filling (years), ages (children per home by age, maybe empty), in_<variant> (does it count there).
    """
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "point or polygon")
        rows["name"], rows["dwellings"] = text(rows, "name"), numbers(rows, "dwellings", source)
        rows["year"] = whole(rows, "year", source)
        given = "children" in source.columns
        rows["children"] = numbers(rows, "children", source) if given else np.nan
        rows["people"], rows["filling"] = source.options["people"], source.options["filling"]
        rows["ages"] = pd.Series([source.options["children"]] * len(rows), index=rows.index, dtype=object)
        _check_status(rows, source)
        for name in VARIANTS:
            listed = source.options["statuses"]
            rows[f"in_{name}"] = text(rows, "status").isin(listed[name]) if listed else True
        frames.append(rows)
    return together(frames, COLUMNS, reader.crs)


def _check_status(rows: gpd.GeoDataFrame, source: Source) -> None:
    """A status that no variant knows is most likely misspelt: `only` leaves out what shall not count."""
    listed = source.options["statuses"]
    if not listed:
        return
    unknown = np.flatnonzero(~text(rows, "status").isin(listed["high"]))
    if len(unknown):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the status %(status)s stands in none of the recipe's statuses; add it to high, or "
            "leave such projects out with `only`.",
            file=source.label,
            row=rows["row"].iloc[unknown[0]],
            status=text(rows, "status").iloc[unknown[0]],
        )
