"""The catchments: today's, and earlier yearly versions of them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from geodata.reading.reader import Reader, text, together
from geodata.recipe.levels import known_level
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table


def _options(table: Table) -> dict[str, Any]:
    if not 1900 <= table.take("year", int, 2000) <= 2200:
        table.refuse("needs a year such as 2026")
    return {"level": known_level(table), "year": table.values.get("year")}


ZONES = role("zones", "schools", needed="schools", options="level year", read=_options)


def gather_zones(sources: tuple[Source, ...], reader: Reader, school_year: int) -> gpd.GeoDataFrame:
    """Polygons: schools (ids, comma-separated), level, year (of the version; where the recipe names none, this one)."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "polygon")
        ids = text(rows, "schools").str.split(",")
        rows["schools"] = [",".join(part.strip() for part in parts if part.strip()) for parts in ids]
        rows["level"], rows["year"] = source.options["level"], source.options["year"] or school_year
        frames.append(rows)
    return together(frames, ["schools", "level", "year"], reader.crs)
