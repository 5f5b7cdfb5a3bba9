"""Units that a planner has drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Shapes
from geodata.errors import GeodataInputError
from geodata.notes import SourceNote
from geodata.reading.reader import Reader, text, together
from geodata.recipe.source import Source, role

UNITS = role("units", "unit name")
LEAST = 1.0
"""Square metres of a drawn unit inside the city: with less it only touches the boundary."""


def gather_units(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Polygons, in the recipe's order: unit (id, empty where the source names no column of ids), name.

    Raises:
        GeodataInputError: an id is empty or stands twice, or only some of the sources have ids.
    """
    frames = []
    for source in sources:
        rows, note = reader.read(source, "polygon")
        rows["unit"], rows["name"] = text(rows, "unit"), text(rows, "name")
        rows["file"] = source.label
        rows = _cut_to(rows, reader.area, note)
        frames.append(rows)
    units = together(frames, ["unit", "name", "row", "file"], reader.crs)
    if any("unit" in source.columns for source in sources):
        _check_ids(units)
    return units[["unit", "name", "geometry"]]


def _cut_to(rows: gpd.GeoDataFrame, area: shapely.Geometry | None, note: SourceNote) -> gpd.GeoDataFrame:
    """The part of each unit inside the area; what only touches it from outside is left out."""
    if area is None:
        return rows
    inside = _polygons(shapely.intersection(rows.geometry.to_numpy(), area))
    kept = shapely.area(inside) > LEAST
    note.drop("outside the city", int((~kept).sum()))
    note.kept = int(kept.sum())
    return rows.set_geometry(gpd.GeoSeries(inside, rows.index, rows.crs))[kept]


def _polygons(shapes: Shapes) -> Shapes:
    """The shapes without the lines and points in which they only touch the boundary."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for at in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[at])
        shapes[at] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def _check_ids(units: pd.DataFrame) -> None:
    empty, twice = np.flatnonzero(units["unit"] == ""), np.flatnonzero(units["unit"].duplicated())
    if len(empty):
        first = units.iloc[empty[0]]
        raise GeodataInputError(
            "%(file)s, row %(row)s: the unit's id is empty; each unit needs its own.",
            file=first["file"],
            row=first["row"],
        )
    if len(twice):
        first = units.iloc[twice[0]]
        raise GeodataInputError(
            "%(file)s, row %(row)s: the unit's id %(unit)s stands there twice; each unit needs its own.",
            file=first["file"],
            row=first["row"],
            unit=first["unit"],
        )
