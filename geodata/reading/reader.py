"""A source of the recipe as rows in the city's CRS, under our names, checked and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geodata.addresses.located import at_addresses
from geodata.arrays import Bools, Floats, Shapes
from geodata.datum import Bounds, area_of, crs_of, is_exact, to_city, window_of
from geodata.errors import GeodataInputError
from geodata.notes import Notes, SourceNote
from geodata.reading.files import is_table, read_table
from geodata.reading.looks import likely
from geodata.reading.repair import drop, right_kind, without_twins
from geodata.reading.shapes import Opened, check_fields, read_shapes
from geodata.recipe.source import NEEDED_ROLES, PLACE_FIELDS, Source
from ledger.errors import Phrase

MOST = 1e12
"""No count of people or seats is above it; sums stay finite."""

MAY_BE_ELSEWHERE = ("barriers", "addresses")
"""Roles of which a city may have nothing, though the file has some elsewhere."""

EDGE = 0.5
"""Metres within which a place on the boundary counts as inside: coordinates are rounded."""

AROUND = 1_000.0
"""Metres around the city that are read of a large file."""


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

        Left out and counted: rows that the filters leave out, without geometry, outside the city, and what `repair`
        leaves out. Repaired: invalid polygons.

        Raises:
            GeodataInputError: see the sentences below and in `files`.
        """
        note = self.notes.source(source)
        rows = self._at_addresses(source, note) if "address" in source.columns else self._as_drawn(source, note)
        rows = right_kind(source, rows, kind, note)
        rows = self._inside(source, rows, note)
        rows = without_twins(source, _our_columns(source, rows), note, self.notes)
        note.kept = len(rows)
        return rows, note

    def plain(self, source: Source) -> pd.DataFrame:
        """Rows of a table without places: our columns (texts joined) and `row`; filters are counted."""
        note = self.notes.source(source)
        rows = _table(source)
        note.read = len(rows)
        rows = _filtered(source, rows, note)
        if rows.empty:
            raise GeodataInputError(
                "%(file)s has no row that the recipe chooses; look at `only` and `except`.", file=source.label
            )
        note.kept = len(rows)
        ours = {name: _joined(source, rows, columns) for name, columns in source.columns.items()}
        return pd.DataFrame({**ours, "row": rows["row"]}).reset_index(drop=True)

    def _at_addresses(self, source: Source, note: SourceNote) -> gpd.GeoDataFrame:
        """Rows of a table where their addresses stand."""
        rows = _table(source)
        note.read = len(rows)
        rows = _filtered(source, rows, note)
        texts = _joined(source, rows, source.columns["address"])
        known = together([], ["text"], self.crs) if self.known is None else self.known
        return at_addresses(source, rows, text(rows.assign(address=texts), "address").tolist(), known, note, self.notes)

    def _as_drawn(self, source: Source, note: SourceNote) -> gpd.GeoDataFrame:
        """Rows with a geometry of their own, in the city's CRS."""
        crs_of(source.datum, source.label)
        opened = _with_points(source) if is_table(source.path) else read_shapes(source, self._window(source))
        note.read, note.stated = len(opened.rows) + (opened.beyond or 0), opened.stated
        note.drop("not read: far outside the city, or without geometry", opened.beyond or 0)
        if opened.beyond is None:
            self.notes.doubt(
                "%(file)s is large, so only what lies within %(km)g km of the city was read; how many rows lie "
                "elsewhere is not known.",
                file=source.label,
                km=AROUND / 1000,
            )
        rows = _filtered(source, opened.rows, note)
        missing = rows.geometry.isna() | rows.geometry.is_empty
        rows = drop(rows, note, "no geometry", missing, listed=True)
        _refuse_nothing(source, rows)
        bounds = shapely.bounds(rows.geometry.to_numpy())
        self._check_area(source, rows, bounds)
        if not is_exact(source.datum, self.crs):
            self.notes.doubt(
                "%(file)s: no transformation from %(datum)s to the city's CRS is known here, so that its rows may lie "
                "up to 150 m off; ask for the same data in the city's CRS.",
                file=source.label,
                datum=source.datum,
            )
        shapes = to_city(rows.geometry, source.datum, self.crs)
        if not self._comes_near(shapes) and not self._may_be_elsewhere(source, opened.rows):
            self._refuse_outside(source, len(shapes), likely(bounds[:, :2], source, self.crs, self.area))
        return gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=shapes)

    def _window(self, source: Source) -> Bounds | None:
        """Where a large file is read; schools are few, and those outside the city are named."""
        if self.area is None or source.role == "schools":
            return None
        west, south, east, north = window_of(self.area, self.crs, source.datum, AROUND)
        return (south, west, north, east) if source.axes == "north-east" else (west, south, east, north)

    def _check_area(self, source: Source, rows: gpd.GeoDataFrame, bounds: Floats) -> None:
        west, south, east, north = area_of(source.datum)
        fine = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
        if not fine.all():
            at = int(np.flatnonzero(~fine)[0])
            raise GeodataInputError(
                "%(file)s, row %(row)s: the coordinates %(x).9g, %(y).9g lie outside the area of %(datum)s; %(hint)s.",
                file=source.label,
                row=rows["row"].iloc[at],
                x=bounds[at, 0],
                y=bounds[at, 1],
                datum=source.datum,
                hint=likely(bounds[~fine, :2], source, self.crs, self.area),
            )

    def _comes_near(self, shapes: gpd.GeoSeries) -> bool:
        """Whether any shape touches the city's box, or there is none to ask of."""
        if self.area is None or not len(shapes):
            return True
        west, south, east, north = shapely.buffer(self.area, EDGE).bounds
        placed = shapely.bounds(shapes.to_numpy())
        near = (placed[:, 0] <= east) & (placed[:, 1] <= north) & (placed[:, 2] >= west) & (placed[:, 3] >= south)
        return bool(near.any())

    def _may_be_elsewhere(self, source: Source, rows: gpd.GeoDataFrame) -> bool:
        """Whether the city just has no motorway, say: other rows of the file lie in it, so that its datum is right."""
        whole = rows.geometry[~(rows.geometry.isna() | rows.geometry.is_empty)]
        return source.role in MAY_BE_ELSEWHERE and self._comes_near(to_city(whole, source.datum, self.crs))

    def _refuse_outside(self, source: Source, count: int, hint: Phrase) -> NoReturn:
        raise GeodataInputError(
            "%(file)s: none of its %(count)s rows lies inside the city's boundary when they are read as %(datum)s; "
            "%(hint)s.",
            file=source.label,
            count=count,
            datum=source.datum,
            hint=hint,
        )

    def _inside(self, source: Source, rows: gpd.GeoDataFrame, note: SourceNote) -> gpd.GeoDataFrame:
        """Points and polygons (by a point inside) within the city; lines that touch it; zones that overlap it."""
        if self.area is None or rows.empty:
            return rows
        shapely.prepare(self.area)
        whole = source.role in ("streets", "barriers", "zones", "units")
        shapes = rows.geometry.to_numpy() if whole else inner_points(rows.geometry.to_numpy())
        inside = shapely.dwithin(self.area, shapes, EDGE)
        if not inside.any() and source.role not in MAY_BE_ELSEWHERE:
            self._refuse_outside(
                source,
                len(rows),
                Phrase("check whether they are of this city, their datum and the order of the coordinates"),
            )
        if source.role == "schools":
            _name_schools_outside(source, rows, ~inside, self.notes)
        return drop(rows, note, "outside the city", ~inside)


def inner_points(shapes: Shapes) -> Shapes:
    """A point inside each shape; points are themselves."""
    points: Shapes = shapely.point_on_surface(shapes)
    return points


def text(rows: pd.DataFrame, column: str) -> pd.Series[str]:
    """A column as texts without surrounding blanks: empty where missing, whole numbers without a point."""
    if column not in rows.columns:
        return pd.Series("", index=rows.index, dtype=object)
    which, values = pd.factorize(rows[column], use_na_sentinel=False)
    texts = np.array([_as_text(value) for value in values], dtype=object)
    return pd.Series(texts[which], index=rows.index, dtype=object)


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


def _table(source: Source) -> pd.DataFrame:
    rows = read_table(source.path, source.layer, source.encoding)
    check_fields(source, [str(name) for name in rows.columns if name != "row"])
    return rows


def _with_points(source: Source) -> Opened:
    rows = _table(source)
    for axis in ("x", "y"):
        if axis not in source.columns:
            raise GeodataInputError(
                "%(file)s is a table, so the recipe must name its columns of coordinates: fields = { x = …, y = … }.",
                file=source.label,
            )
    cells = [rows[source.columns[axis][0]].str.strip() for axis in ("x", "y")]
    x, y = (pd.to_numeric(cell, errors="coerce").to_numpy(dtype=float) for cell in cells)
    blank = ((cells[0] == "") & (cells[1] == "")).to_numpy()
    wrong = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)) & ~blank)
    if len(wrong):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the coordinates %(value)s are no numbers; correct them, or leave the row out "
            "with `except`.",
            file=source.label,
            row=rows["row"].iloc[wrong[0]],
            value=", ".join(cell.iloc[wrong[0]] for cell in cells),
        )
    if source.axes == "north-east":
        x, y = y, x
    points = shapely.points(np.where(blank, 0.0, x), np.where(blank, 0.0, y))
    points[blank] = None
    return Opened(gpd.GeoDataFrame(rows, geometry=points), 0)


def _filtered(source: Source, rows: gpd.GeoDataFrame, note: SourceNote) -> gpd.GeoDataFrame:
    keep = pd.Series(True, index=rows.index)
    for column, values in source.only.items():
        keep &= _matches(rows, column, values)
    for column, values in source.without.items():
        keep &= ~_matches(rows, column, values)
    return drop(rows, note, "not chosen by the recipe", ~keep)


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
    parts = [text(rows, column) for column in columns]
    joined = parts[0].str.cat(parts[1:], sep=source.options.get("join", " "))
    return joined.where(np.logical_and.reduce([part != "" for part in parts]), "")


def together(frames: list[gpd.GeoDataFrame], columns: list[str], crs: CRS) -> gpd.GeoDataFrame:
    """Frames of one role, one after the other, with exactly `columns` and the geometry.

    `attrs["rows_of_sources"]` counts the rows of each frame, until somebody sorts or drops rows.
    """
    if not frames:
        return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=crs)
    together = gpd.GeoDataFrame(
        pd.concat([frame[[*columns, "geometry"]] for frame in frames], ignore_index=True), crs=crs
    )
    together.attrs["rows_of_sources"] = [len(frame) for frame in frames]
    return together
