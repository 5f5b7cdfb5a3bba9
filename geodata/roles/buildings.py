"""Buildings: their use, storeys and floor area, and whether people live in them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Bools, Floats
from geodata.reading.reader import Reader, text, together
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table, texts

STOREY = 3.0
"""Metres, where only a building's height is known."""

SMALLEST = 20.0
"""m² of footprint: what is smaller is a garage, a shed or a shelter."""

LARGEST_UNKNOWN = 5000.0
"""m² of footprint: a building that does not say its use and is larger is more likely a hall, a shop or a school."""

UNKNOWN_USES = ("", "yes")
"""What a file says of a building whose use nobody has noted (`building=yes` is OpenStreetMap's word for it)."""

COLUMNS = ["use", "levels", "name", "compound", "dwelling", "doubtful", "floors"]


def _options(table: Table) -> dict[str, Any]:
    return {
        "not_dwellings": texts(table, "not_dwellings"),
        "default_levels": _default_levels(table),
        "smallest": _square_metres(table, "smallest", SMALLEST),
        "largest_unknown": _square_metres(table, "largest_unknown", LARGEST_UNKNOWN),
    }


def _default_levels(table: Table) -> dict[str, float]:
    """Storeys by use; '*' stands for every other use."""
    given = table.take("default_levels", (int, float, dict), 1)
    by_use = given if isinstance(given, dict) else {"*": given}
    if not all(type(levels) in (int, float) and 0 < levels <= 1000 for levels in by_use.values()):
        table.refuse("needs default_levels above 0 and at most 1000")
    return {"*": 1.0} | {use: float(levels) for use, levels in by_use.items()}


def _square_metres(table: Table, key: str, default: float) -> float:
    value = table.take(key, (int, float), default)
    if not 0 <= value <= 1e9:
        table.refuse("needs %(key)s in m², from 0 to 1e9", key=key)
    return float(value)


BUILDINGS = role(
    "buildings",
    "use levels height name compound",
    options="not_dwellings default_levels smallest largest_unknown",
    read=_options,
)


def gather_buildings(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Polygons: use, levels, name, compound, dwelling, doubtful (a dwelling only where there is no other), floors (m²).

    People live in a building unless its use is one of `not_dwellings` or its footprint is under `smallest`.
    """
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "polygon")
        for column in ("use", "name", "compound"):
            rows[column] = text(rows, column)
        rows["levels"] = _levels(rows, source, reader)
        footprint = shapely.area(rows.geometry.to_numpy())
        rows["floors"] = footprint * rows["levels"]
        rows["dwelling"], rows["doubtful"] = _dwellings(rows["use"], footprint, source, reader)
        frames.append(rows)
    return together(frames, COLUMNS, reader.crs)


def _dwellings(use: pd.Series[str], footprint: Floats, source: Source, reader: Reader) -> tuple[Bools, Bools]:
    lived_in = ~use.isin(source.options["not_dwellings"]).to_numpy()
    small = lived_in & (footprint < source.options["smallest"])
    large = lived_in & use.isin(UNKNOWN_USES).to_numpy() & (footprint > source.options["largest_unknown"])
    if small.any():
        reader.notes.doubt(
            "%(file)s: %(count)s buildings have a footprint under %(area)g m² and count as no dwellings.",
            file=source.label,
            count=int(small.sum()),
            area=source.options["smallest"],
        )
    if large.any():
        reader.notes.doubt(
            "%(file)s: %(count)s buildings that do not state their use have a footprint over %(area)g m²; people are "
            "given to them only where no other dwelling can take them.",
            file=source.label,
            count=int(large.sum()),
            area=source.options["largest_unknown"],
        )
    return lived_in & ~small, large


def _levels(rows: gpd.GeoDataFrame, source: Source, reader: Reader) -> Floats:
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
    if unreadable:
        reader.notes.doubt(
            "%(file)s: %(count)s figures of storeys or height cannot be read and count as missing.",
            file=source.label,
            count=unreadable,
        )
    return _with_defaults(levels, rows["use"], source, reader)


def _with_defaults(levels: Floats, use: pd.Series[str], source: Source, reader: Reader) -> Floats:
    defaults = source.options["default_levels"]
    key = use.where(use.isin(set(defaults)), "*")
    missing = np.isnan(levels)
    taken = key[missing].value_counts()
    for used in sorted(taken.index):
        values = {"file": source.label, "count": int(taken[used]), "levels": defaults[used]}
        if used == "*":
            reader.notes.doubt(
                "%(file)s: %(count)s of %(all)s buildings state neither storeys nor height; %(levels)g is taken.",
                **values,
                all=len(levels),
            )
        else:
            reader.notes.doubt(
                "%(file)s: %(count)s buildings of use %(use)s state neither storeys nor height; %(levels)g is taken.",
                **values,
                use=used,
            )
    return np.where(missing, key.map(defaults).to_numpy(dtype=float), levels)
