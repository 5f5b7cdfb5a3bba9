"""Buildings: their use, storeys and floor area, and whether people live in them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats
from geodata.notes import Notes
from geodata.reading.reader import Reader, text, together
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table, texts

STOREY = 3.0
"""Metres, where only a building's height is known."""


def _options(table: Table) -> dict[str, Any]:
    levels = table.take("default_levels", (int, float), 1)
    if not 0 < levels <= 1000:
        table.refuse("needs default_levels above 0 and at most 1000")
    return {"not_dwellings": texts(table, "not_dwellings"), "default_levels": float(levels)}


BUILDINGS = role("buildings", "use levels height name compound", options="not_dwellings default_levels", read=_options)


def gather_buildings(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Polygons: use, levels, name, compound, dwelling, floors (m²)."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "polygon")
        for column in ("use", "name", "compound"):
            rows[column] = text(rows, column)
        rows["levels"] = _levels(rows, source, reader.notes)
        rows["dwelling"] = ~rows["use"].isin(source.options["not_dwellings"])
        rows["floors"] = shapely.area(rows.geometry.to_numpy()) * rows["levels"]
        frames.append(rows)
    return together(frames, ["use", "levels", "name", "compound", "dwelling", "floors"], reader.crs)


def _levels(rows: gpd.GeoDataFrame, source: Source, notes: Notes) -> Floats:
    """Storeys: given, else from the height, else the recipe's default; unreadable figures count as missing."""
    unreadable = 0
    levels = np.full(len(rows), np.nan)
    for column, size in (("levels", 1.0), ("height", STOREY)):
        if column not in rows:
            continue
        cells = text(rows, column)
        values = pd.to_numeric(cells.str.removesuffix(" m"), errors="coerce").to_numpy(dtype=float) / size
        usable = (values > 0) & (values <= 1000)
        unreadable += int(((cells != "").to_numpy() & ~usable).sum())
        levels = np.where(np.isnan(levels) & usable, np.maximum(values, 1.0), levels)
    missing = int(np.isnan(levels).sum())
    if unreadable:
        notes.doubt(
            "%(file)s: %(count)s figures of storeys or height cannot be read and count as missing.",
            file=source.label,
            count=unreadable,
        )
    if missing:
        notes.doubt(
            "%(file)s: %(count)s of %(all)s buildings state neither storeys nor height; %(levels)g is taken.",
            file=source.label,
            count=missing,
            all=len(rows),
            levels=source.options["default_levels"],
        )
    return np.where(np.isnan(levels), source.options["default_levels"], levels)
