"""Births by year, of the whole city or of each of its areas."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import GeodataInputError
from geodata.reading.reader import Reader, numbers, text
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table
from geodata.roles.by_area import AreaTable, whole


def _years(table: Table) -> dict[str, Any]:
    """Births in a column per year (`years`), or a row per year (`fields.year` and `fields.count`)."""
    long = {"year", "count"} & set(table.values.get("fields", {}))
    if "years" not in table.values:
        if len(long) < 2:
            table.refuse("needs fields.year and fields.count, or years = { column, from, to }")
        if "datum" in table.values:
            table.refuse("has polygons, so it needs a column per year: years = { column, from, to }")
        return {}
    years = table.table("years", {"column", "from", "to"})
    pattern = years.take("column", str)
    if "{year}" not in pattern or long:
        years.refuse("needs {year} in its column, and no fields.year or fields.count beside it")
    first, last = years.take("from", int), years.take("to", int)
    if not 1900 <= first <= last <= 2200:
        years.refuse("needs from and to as years, from ≤ to")
    return {"columns": {f"y{year}": (pattern.replace("{year}", str(year)),) for year in range(first, last + 1)}}


BIRTHS = role("births", "key year count", options="years", read=_years, placeless=True)


def gather_births(sources: tuple[Source, ...], reader: Reader) -> AreaTable | None:
    """Births by area and year; None where the recipe names none.

    Raises:
        GeodataInputError: an area or a year stands twice, or a year is missing in between.
    """
    if not sources:
        return None
    frames, shapes = [], None
    for source in sources:
        rows = _drawn(source, reader) if source.datum else reader.plain(source)
        shapes = rows.geometry.to_numpy() if source.datum else shapes
        frames.append(_long(rows, source))
    if len(sources) > 1 and (shapes is not None or len({"key" in source.columns for source in sources}) > 1):
        raise GeodataInputError(
            "%(file)s: births come in one source of polygons, or in tables that all have fields.key or all have none.",
            file=sources[0].label,
        )
    births = pd.concat(frames, ignore_index=True)
    return AreaTable(sources[0].label, _checked(births, sources[0]), shapes)


def _drawn(source: Source, reader: Reader) -> gpd.GeoDataFrame:
    """Polygons in order of their keys; without keys, of their rows."""
    rows, _ = reader.read(source, "polygon")
    if "key" not in source.columns:
        rows["key"] = [f"{row:06d}" for row in rows["row"]]
    return rows.assign(key=text(rows, "key")).sort_values("key", ignore_index=True)


def _long(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """A row per area and year: key, year, count."""
    key = text(rows, "key")
    wide = [column for column in source.columns if column.startswith("y") and column[1:].isdecimal()]
    if not wide:
        year = whole(rows, "year", source)
        return pd.DataFrame({"key": key, "year": year, "count": numbers(rows, "count", source)})
    parts = [pd.DataFrame({"key": key, "year": int(c[1:]), "count": numbers(rows, c, source)}) for c in wide]
    return pd.concat(parts, ignore_index=True)


def _checked(births: pd.DataFrame, source: Source) -> pd.DataFrame:
    twice = births[births.duplicated(["key", "year"])]
    if len(twice):
        raise GeodataInputError(
            "%(file)s gives the births of %(year)s%(area)s twice; one figure per year and area is needed.",
            file=source.label,
            year=int(twice["year"].iloc[0]),
            area=_of(twice["key"].iloc[0]),
        )
    table = births.pivot(index="key", columns="year", values="count").sort_index()
    table = table.reindex(columns=range(int(table.columns.min()), int(table.columns.max()) + 1))
    missing = np.argwhere(table.isna().to_numpy())
    if len(missing):
        raise GeodataInputError(
            "%(file)s lacks the births of %(year)s%(area)s; from the first to the last year every one is needed.",
            file=source.label,
            year=int(table.columns[missing[0][1]]),
            area=_of(str(table.index[missing[0][0]])),
        )
    return table


def _of(area: str) -> str:
    return f" ({area})" if area else ""
