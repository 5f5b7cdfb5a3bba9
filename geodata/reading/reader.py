"""A source of the recipe as rows in the city's CRS, under our names, checked and counted."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geodata.addresses.located import at_addresses
from geodata.arrays import Bools, Floats, Shapes
from geodata.datum import area_of, crs_of, to_city
from geodata.errors import GeodataInputError
from geodata.notes import Notes, SourceNote
from geodata.reading.files import read_shapes, read_table
from geodata.recipe.source import NEEDED_ROLES, PLACE_FIELDS, Source
from ledger.errors import Phrase

KINDS = {
    "point": ((0,), Phrase("point")),
    "line": ((1,), Phrase("line")),
    "polygon": ((2,), Phrase("polygon")),
    "point or polygon": ((0, 2), Phrase("point or polygon")),
    "line or polygon": ((1, 2), Phrase("line or polygon")),
}
"""What a source's geometry may be: its dimensions, and how a sentence calls it."""

MOST = 1e12
"""No count of people or seats is above it; sums stay finite."""

EDGE = 0.5
"""Metres within which a place on the boundary counts as inside: coordinates are rounded."""


@dataclass(frozen=True)
class Reader:
    """What every source is read with: the city's CRS, its area (None for the boundary itself) and the notes.

    `known` are the city's addresses (text, point), by which rows with an address but no coordinates find their place.
    """

    crs: CRS
    area: shapely.Geometry | None
    notes: Notes
    known: gpd.GeoDataFrame | None = None

    def read(self, source: Source, kind: str) -> tuple[gpd.GeoDataFrame, SourceNote]:
        """Rows of a source as `kind` of geometry: our columns (texts joined), `row`, `geometry`; index from 0.

        Left out and counted: rows that the filters leave out, without geometry, outside the city. Repaired: invalid
        polygons.

        Raises:
            GeodataInputError: see the sentences below and in `files`.
        """
        note = self.notes.source(source)
        rows = self._at_addresses(source, note) if "address" in source.columns else self._as_drawn(source, note)
        rows = _right_kind(source, rows, kind, note)
        rows = self._inside(source, rows, note)
        note.kept = len(rows)
        return _our_columns(source, rows), note

    def _at_addresses(self, source: Source, note: SourceNote) -> gpd.GeoDataFrame:
        """Rows of a table where their addresses stand."""
        rows = read_table(source.path)
        note.read = len(rows)
        _check_columns(source, rows)
        rows = _filtered(source, rows, note)
        texts = _joined(source, rows, source.columns["address"])
        known = together([], ["text"], self.crs) if self.known is None else self.known
        return at_addresses(source, rows, text(rows.assign(address=texts), "address").tolist(), known, note, self.notes)

    def _as_drawn(self, source: Source, note: SourceNote) -> gpd.GeoDataFrame:
        """Rows with a geometry of their own, in the city's CRS."""
        crs_of(source.datum, source.label)
        rows = _with_points(source) if source.path.suffix.lower() == ".csv" else read_shapes(source)
        note.read = len(rows)
        _check_columns(source, rows)
        rows = _filtered(source, rows, note)
        rows = _drop(rows, note, "no geometry", rows.geometry.isna() | rows.geometry.is_empty)
        _refuse_nothing(source, rows)
        _check_area(source, rows)
        shapes = to_city(rows.geometry, source.datum, self.crs)
        return gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=shapes)

    def _inside(self, source: Source, rows: gpd.GeoDataFrame, note: SourceNote) -> gpd.GeoDataFrame:
        """Points and polygons (by a point inside) within the city; lines that touch it; zones that overlap it."""
        if self.area is None or rows.empty:
            return rows
        shapely.prepare(self.area)
        whole = source.role in ("streets", "barriers", "zones", "units")
        shapes = rows.geometry.to_numpy() if whole else inner_points(rows.geometry.to_numpy())
        inside = shapely.dwithin(self.area, shapes, EDGE)
        if not inside.any():
            raise GeodataInputError(
                "%(file)s: none of its %(count)s rows lies inside the city's boundary; check the datum %(datum)s and "
                "the order of longitude and latitude.",
                file=source.label,
                count=len(rows),
                datum=source.datum,
            )
        if source.role == "schools":
            _name_schools_outside(source, rows, ~inside, self.notes)
        return _drop(rows, note, "outside the city", pd.Series(~inside, index=rows.index))


def inner_points(shapes: Shapes) -> Shapes:
    """A point inside each shape; points are themselves."""
    points: Shapes = shapely.point_on_surface(shapes)
    return points


def text(rows: pd.DataFrame, column: str) -> pd.Series[str]:
    """A column as texts without surrounding blanks: empty where missing, whole numbers without a point."""
    if column not in rows.columns:
        return pd.Series("", index=rows.index, dtype=object)
    return rows[column].map(_as_text).astype(object)


def _as_text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def numbers(rows: pd.DataFrame, column: str, source: Source) -> Floats:
    """A column as numbers of at least 0, none missing.

    Raises:
        GeodataInputError: a cell is empty, no number, negative, or above `MOST`.
    """
    values: Floats = pd.to_numeric(rows[column], errors="coerce").to_numpy(dtype=float)
    wrong = ~((values >= 0) & (values <= MOST))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise GeodataInputError(
            '%(file)s, row %(row)s: %(field)s is "%(value)s", but it must be a number from 0 to 1e12.',
            file=source.label,
            row=rows["row"].iloc[at],
            field=source.columns[column][0],
            value=_as_text(rows[column].iloc[at]),
        )
    return values


def _with_points(source: Source) -> gpd.GeoDataFrame:
    rows = read_table(source.path)
    _check_columns(source, rows)
    for axis in ("x", "y"):
        if axis not in source.columns:
            raise GeodataInputError(
                "%(file)s is a CSV, so the recipe must name its columns of coordinates: fields = { x = …, y = … }.",
                file=source.label,
            )
    xy = [pd.to_numeric(rows[source.columns[axis][0]], errors="coerce").to_numpy(dtype=float) for axis in ("x", "y")]
    blank = np.logical_and.reduce([rows[source.columns[axis][0]].str.strip() == "" for axis in ("x", "y")])
    wrong = np.flatnonzero(~(np.isfinite(xy[0]) & np.isfinite(xy[1])) & ~blank)
    if len(wrong):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the coordinates %(value)s are no numbers.",
            file=source.label,
            row=rows["row"].iloc[wrong[0]],
            value=", ".join(str(rows[source.columns[axis][0]].iloc[wrong[0]]) for axis in ("x", "y")),
        )
    points = shapely.points(np.where(blank, 0.0, xy[0]), np.where(blank, 0.0, xy[1]))
    points[np.asarray(blank)] = None
    return gpd.GeoDataFrame(rows, geometry=points)


def _check_columns(source: Source, rows: pd.DataFrame) -> None:
    present = [str(name) for name in rows.columns if name not in ("row", "geometry")]
    missing = [name for name in source.named() if name not in present]
    if missing:
        raise GeodataInputError(
            "%(file)s has no field %(field)s, which the recipe names for %(role)s; it has %(present)s.",
            file=source.label,
            field=missing[0],
            role=source.role,
            present=", ".join(present[:30]),
        )


def _filtered(source: Source, rows: gpd.GeoDataFrame, note: SourceNote) -> gpd.GeoDataFrame:
    keep = pd.Series(True, index=rows.index)
    for column, values in source.only.items():
        keep &= _matches(rows, column, values)
    for column, values in source.without.items():
        keep &= ~_matches(rows, column, values)
    return _drop(rows, note, "not chosen by the recipe", ~keep)


def _matches(rows: pd.DataFrame, column: str, values: object) -> pd.Series[bool]:
    cells = text(rows, column)
    return cells != "" if values is True else cells.isin(values)


def _refuse_nothing(source: Source, rows: gpd.GeoDataFrame) -> None:
    if rows.empty and source.role in NEEDED_ROLES:
        raise GeodataInputError(
            "%(file)s has no row with a geometry that the recipe chooses for %(role)s; look at `only` and `except`.",
            file=source.label,
            role=source.role,
        )


def _drop(rows: gpd.GeoDataFrame, note: SourceNote, reason: str, which: pd.Series[bool]) -> gpd.GeoDataFrame:
    note.drop(reason, int(which.sum()))
    return rows[~which].reset_index(drop=True)


def _check_area(source: Source, rows: gpd.GeoDataFrame) -> None:
    bounds = shapely.bounds(rows.geometry.to_numpy())
    west, south, east, north = area_of(source.datum)
    fine = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    if not fine.all():
        at = int(np.flatnonzero(~fine)[0])
        raise GeodataInputError(
            "%(file)s, row %(row)s: the coordinates %(x).6g, %(y).6g lie outside the area of %(datum)s; check the "
            "datum and the order of the coordinates.",
            file=source.label,
            row=rows["row"].iloc[at],
            x=bounds[at, 0],
            y=bounds[at, 1],
            datum=source.datum,
        )


def _right_kind(source: Source, rows: gpd.GeoDataFrame, kind: str, note: SourceNote) -> gpd.GeoDataFrame:
    """Repair invalid polygons, then refuse rows of another kind of geometry."""
    dimensions, called = KINDS[kind]
    shapes = rows.geometry.to_numpy()
    invalid = ~shapely.is_valid(shapes)
    note.repaired = int(invalid.sum())
    shapes[invalid] = [_repaired(shape) for shape in shapes[invalid]]
    rows = rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs))
    rows = _drop(rows, note, "geometry without extent", rows.geometry.is_empty)
    found = shapely.get_dimensions(rows.geometry.to_numpy())
    wrong = np.flatnonzero(~np.isin(found, dimensions))
    if len(wrong):
        raise GeodataInputError(
            "%(file)s, row %(row)s is a %(found)s, but %(role)s must be %(kind)s.",
            file=source.label,
            row=rows["row"].iloc[wrong[0]],
            found=KINDS[("point", "line", "polygon")[found[wrong[0]]]][1],
            role=source.role,
            kind=called,
        )
    return rows


def _repaired(shape: shapely.Geometry) -> shapely.Geometry:
    """The valid shape of the same kind; what collapses to a lower dimension is left out."""
    dimension = shapely.get_dimensions(shape)
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])


def _name_schools_outside(source: Source, rows: pd.DataFrame, outside: Bools, notes: Notes) -> None:
    names = [f"{school} {name}" for school, name in _school_names(source, rows[outside])]
    if names:
        notes.doubt(
            "Left out because they stand outside the city's boundary, so that their homes are open to other schools: "
            "%(schools)s.",
            schools="; ".join(names),
        )


def _school_names(source: Source, rows: pd.DataFrame) -> list[tuple[str, str]]:
    columns = [text(rows, source.columns[field][0]) for field in ("school", "name")]
    return sorted(zip(*columns, strict=True))


def _our_columns(source: Source, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    named = {name: columns for name, columns in source.columns.items() if name not in PLACE_FIELDS}
    ours = {name: _joined(source, rows, columns) for name, columns in named.items()}
    return gpd.GeoDataFrame({**ours, "row": rows["row"]}, geometry=rows.geometry, crs=rows.crs)


def _joined(source: Source, rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series[str]:
    if len(columns) == 1:
        return rows[columns[0]]
    parts = pd.DataFrame({number: text(rows, column) for number, column in enumerate(columns)})
    joined = parts.agg(source.options.get("join", " ").join, axis=1)
    return joined.where((parts != "").all(axis=1), "")


def together(frames: list[gpd.GeoDataFrame], columns: list[str], crs: CRS) -> gpd.GeoDataFrame:
    """Frames of one role, one after the other, with exactly `columns` and the geometry."""
    if not frames:
        return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=crs)
    together = pd.concat([frame[[*columns, "geometry"]] for frame in frames], ignore_index=True)
    return gpd.GeoDataFrame(together, crs=crs)
