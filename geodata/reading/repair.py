"""Defects of geometry: what is repaired, what is left out, each counted and listed with its row."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Bools
from geodata.errors import GeodataInputError
from geodata.notes import Notes, SourceNote
from geodata.recipe.source import Source
from ledger.errors import Phrase

KINDS = {
    "point": ((0,), Phrase("point")),
    "line": ((1,), Phrase("line")),
    "polygon": ((2,), Phrase("polygon")),
    "point or polygon": ((0, 2), Phrase("point or polygon")),
    "line or polygon": ((1, 2), Phrase("line or polygon")),
}
"""What a source's geometry may be: its dimensions, and how a sentence calls it."""

SLIVER = 1.0
"""Square metres: a smaller polygon is what a cut or an intersection has left, not a building or a zone."""
NO_SLIVERS = ("buildings", "zones", "units")
"""Roles that leave slivers out; elsewhere one may carry people, or is an outline."""
NO_TWINS = ("buildings", "streets", "barriers", "zones")
"""Roles in which a row that stands twice is once too many. Two equal points of people may be two households."""


def drop(
    rows: gpd.GeoDataFrame, note: SourceNote, reason: str, which: pd.Series[bool] | Bools, listed: bool = False
) -> gpd.GeoDataFrame:
    """The rows that are not `which`; the others are counted, and `listed` with their row numbers."""
    chosen = np.asarray(which, dtype=bool)
    note.drop(reason, int(chosen.sum()), rows["row"].to_numpy()[chosen] if listed else ())
    return rows[~chosen].reset_index(drop=True)


def right_kind(source: Source, rows: gpd.GeoDataFrame, kind: str, note: SourceNote) -> gpd.GeoDataFrame:
    """Repair invalid polygons and collections, leave out what has no extent, then refuse rows of another kind.

    A drawing (DXF) mixes kinds, so there the others are left out.

    Raises:
        GeodataInputError: naming the first row of another kind.
    """
    shapes = rows.geometry.to_numpy()
    invalid = ~shapely.is_valid(shapes) | (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    shapes[invalid] = [_repaired(shape) for shape in shapes[invalid]]
    note.repair("invalid polygon", rows["row"].to_numpy()[invalid & ~shapely.is_empty(shapes)])
    rows = rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs))
    rows = drop(rows, note, "geometry without extent", rows.geometry.is_empty, listed=True)
    dimensions, called = KINDS[kind]
    found = shapely.get_dimensions(rows.geometry.to_numpy())
    wrong = ~np.isin(found, dimensions)
    if source.path.suffix.lower() == ".dxf":
        rows, wrong = drop(rows, note, "another kind of geometry", wrong), np.zeros(0, dtype=bool)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise GeodataInputError(
            "%(file)s, row %(row)s is a %(found)s, but %(role)s must be %(kind)s.",
            file=source.label,
            row=rows["row"].iloc[at],
            found=KINDS[("point", "line", "polygon")[found[at]]][1],
            role=source.role,
            kind=called,
        )
    return _without_slivers(source, rows, note)


def _repaired(shape: shapely.Geometry) -> shapely.Geometry:
    """The valid shape of the same kind; what collapses to a lower dimension is left out."""
    dimension = shapely.get_dimensions(shape)
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])


def _without_slivers(source: Source, rows: gpd.GeoDataFrame, note: SourceNote) -> gpd.GeoDataFrame:
    if source.role not in NO_SLIVERS:
        return rows
    shapes = rows.geometry.to_numpy()
    return drop(
        rows,
        note,
        "sliver under 1 m²",
        (shapely.get_dimensions(shapes) == 2) & (shapely.area(shapes) < SLIVER),
        listed=True,
    )


def without_twins(source: Source, rows: gpd.GeoDataFrame, note: SourceNote, notes: Notes) -> gpd.GeoDataFrame:
    """Rows of our columns without those that stand twice, equal in shape and in all that the recipe names."""
    if source.role not in (*NO_TWINS, "population") or rows.empty:
        return rows
    alike = rows.geometry.bounds.duplicated(keep=False)
    shapes = pd.Series(shapely.to_wkb(shapely.normalize(rows.geometry[alike].to_numpy())), index=rows.index[alike])
    same = shapes.duplicated(keep="first").reindex(rows.index, fill_value=False)
    if not same.any():
        return rows
    values = rows.loc[alike].drop(columns=["row", "geometry"]).astype(str).assign(shape=shapes)
    twins = same & values.duplicated(keep="first").reindex(rows.index, fill_value=False)
    if source.role == "population":
        _doubt_twins(source, rows[twins], notes)
        return rows
    if source.role == "buildings":
        _doubt_same_place(source, rows[same & ~twins], notes)
    return drop(rows, note, "stands there twice", twins, listed=True)


def _doubt_twins(source: Source, rows: gpd.GeoDataFrame, notes: Notes) -> None:
    if len(rows):
        notes.doubt(
            "%(file)s: %(count)s rows equal an earlier one in place and figures (rows %(rows)s); all are counted, so "
            "look whether their people stand there twice.",
            file=source.label,
            count=len(rows),
            rows=first_of(rows["row"]),
        )


def _doubt_same_place(source: Source, rows: gpd.GeoDataFrame, notes: Notes) -> None:
    if len(rows):
        notes.doubt(
            "%(file)s: %(count)s buildings have the outline of an earlier row, but other values (rows %(rows)s); all "
            "are kept, so the people of such a place are shared out over each.",
            file=source.label,
            count=len(rows),
            rows=first_of(rows["row"]),
        )


def first_of(rows: pd.Series[int], most: int = 10) -> str:
    """The first row numbers, as a sentence lists them."""
    return ", ".join(str(row) for row in rows[:most]) + (", …" if len(rows) > most else "")
