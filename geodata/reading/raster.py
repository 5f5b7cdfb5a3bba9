"""Population rasters (GeoTIFF): the cells in which people live, read piece by piece within the city."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import CRS, Transformer
from rasterio.windows import Window

from geodata.arrays import Bools, Floats
from geodata.datum import crs_of, to_city
from geodata.errors import GeodataInputError
from geodata.notes import Notes, SourceNote
from geodata.reading.files import must_exist
from geodata.recipe.source import Source

SUFFIXES = (".tif", ".tiff")
PIECE = 1024
"""Pixels along each side of what is read at once: 8 MB of numbers, however large the raster is."""

CACHE = 64
"""Megabytes of GDAL's own cache of blocks; its default is a twentieth of the machine's memory."""

MOST = 1e9
"""No cell holds more people, nor more per km²: a larger value is a missing one that the file does not declare."""


@dataclass
class _Cells:
    """What was found: values, corners (n × 5 × 2, the raster's coordinates), and counts of what is no population."""

    values: list[Floats]
    corners: list[Floats]
    negative: Counter[float]
    empty: int = 0
    outside: float = 0.0
    outside_cells: int = 0


def is_raster(source: Source) -> bool:
    """Whether the source is a raster file."""
    return source.path.suffix.lower() in SUFFIXES


def read_cells(source: Source, crs: CRS, area: shapely.Geometry, notes: Notes) -> gpd.GeoDataFrame:
    """Cells (polygons in the city's CRS) whose centre lies in the city and in which somebody lives: `count`.

    `source.options`: `unit`, "count" (people in each cell) or "per_km2" (× the cell's true area on the ellipsoid), and
    `band`. A cell is kept whole or not at all. Nodata as the file declares it (value, mask, NaN) is nobody; so are
    negative values, which are counted.

    Raises:
        GeodataInputError: the file is no raster, states another CRS or none of its cells has people in the city.
    """
    note = notes.source(source)
    must_exist(source.path)
    crs_of(source.datum, source.label)
    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE), warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(source.path) as raster:
                _check(source, raster)
                found = _search(source, raster, crs, area)
    except rasterio.errors.RasterioError as error:
        raise GeodataInputError(
            "%(file)s cannot be read: %(reason)s.", file=source.label, reason=str(error).rstrip(".")
        ) from error
    if not found.values:
        raise GeodataInputError(
            "%(file)s has no cell with people inside the city's boundary; check the datum %(datum)s.",
            file=source.label,
            datum=source.datum,
        )
    values, corners = np.concatenate(found.values), shapely.polygons(np.concatenate(found.corners))
    cells = to_city(gpd.GeoSeries(corners), source.datum, crs)
    if source.options["unit"] == "per_km2":
        values = values * true_areas(cells) / 1e6
    _say(source, note, found, cells, values, area, notes)
    return gpd.GeoDataFrame({"count": values}, geometry=cells, crs=crs)


def true_areas(cells: gpd.GeoSeries) -> Floats:
    """Areas in m² on the ellipsoid: of each cell in an equal-area projection centred on all of them (Snyder 1987)."""
    degrees = cells.to_crs("EPSG:4326")
    west, south, east, north = degrees.total_bounds
    areas: Floats = shapely.area(
        degrees.to_crs(f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84").to_numpy()
    )
    return areas


def _check(source: Source, raster: Any) -> None:
    band = source.options["band"]
    if band > raster.count or (band == 0 and raster.count > 1):
        raise GeodataInputError(
            "%(file)s has %(count)s bands; name the one that holds the people with `band` in the recipe.",
            file=source.label,
            count=raster.count,
        )
    if raster.transform.is_identity:
        raise GeodataInputError(
            "%(file)s does not say where it lies (it has no georeference); export it as GeoTIFF with its coordinates.",
            file=source.label,
        )
    if raster.crs is None:
        return
    stated, named = CRS.from_wkt(raster.crs.to_wkt()), crs_of(source.datum, source.label)
    if stated.to_epsg() == 4326 or stated.equals(named, ignore_axis_order=True) or stated.to_epsg() == named.to_epsg():
        return
    raise GeodataInputError(
        "%(file)s states the CRS %(stated)s, but the recipe gives it the datum %(datum)s; correct one of them.",
        file=source.label,
        stated=f"EPSG:{stated.to_epsg()}" if stated.to_epsg() else stated.name,
        datum=source.datum,
    )


def _search(source: Source, raster: Any, crs: CRS, area: shapely.Geometry) -> _Cells:
    """Read the window of the city piece by piece; only cells with people in the city are kept."""
    found = _Cells([], [], Counter())
    shapely.prepare(area)
    for window in _pieces(_window_of(source, raster, crs, area)):
        values, known = _values(source, raster, window)
        below = known & (values < 0)
        found.empty += int((~known | (values == 0)).sum())
        found.negative.update(values[below].tolist())
        rows, columns = np.nonzero(known & (values > 0))
        if not len(rows):
            continue
        people = values[rows, columns]
        _refuse_too_many(source, people)
        rows, columns = rows + window.row_off, columns + window.col_off
        inside = _centres_inside(source, raster, crs, area, rows, columns)
        found.outside_cells += int((~inside).sum())
        found.outside += float(people[~inside].sum())
        if inside.any():
            found.values.append(people[inside])
            found.corners.append(_corners(raster, rows[inside], columns[inside]))
    return found


def _pieces(window: Window) -> Iterator[Window]:
    """Windows of at most PIECE × PIECE pixels, aligned with the raster's own blocks where these are powers of two."""
    bottom, right = window.row_off + window.height, window.col_off + window.width
    for row in range(window.row_off // PIECE * PIECE, bottom, PIECE):
        for column in range(window.col_off // PIECE * PIECE, right, PIECE):
            top, left = max(row, window.row_off), max(column, window.col_off)
            yield Window(left, top, min(column + PIECE, right) - left, min(row + PIECE, bottom) - top)


def _window_of(source: Source, raster: Any, crs: CRS, area: shapely.Geometry) -> Window:
    """The pixels around the city, two more on each side (and 1,500 m, for the offset of GCJ-02 and BD-09)."""
    reach = 1500.0 if source.datum in ("GCJ-02", "BD-09") else 0.0
    west, south, east, north = area.buffer(reach).bounds
    to_raster = Transformer.from_crs(crs, crs_of(source.datum, source.label), always_xy=True)
    bounds = to_raster.transform_bounds(west, south, east, north, densify_pts=51)
    columns, rows = _applied(~raster.transform, np.repeat(bounds[::2], 2), np.tile(bounds[1::2], 2))
    left, top = max(math.floor(columns.min()) - 2, 0), max(math.floor(rows.min()) - 2, 0)
    right, bottom = min(math.ceil(columns.max()) + 2, raster.width), min(math.ceil(rows.max()) + 2, raster.height)
    return Window(left, top, max(right - left, 0), max(bottom - top, 0))


def _values(source: Source, raster: Any, window: Window) -> tuple[Floats, Bools]:
    """Values of a window, scaled as the file says, and which of them are known."""
    band = source.options["band"] or 1
    read = raster.read(band, window=window, masked=True)
    values: Floats = np.ma.getdata(read).astype(float)
    known: Bools = ~np.ma.getmaskarray(read) & np.isfinite(values)
    return values * raster.scales[band - 1] + raster.offsets[band - 1], known


def _refuse_too_many(source: Source, people: Floats) -> None:
    if people.max() > MOST:
        raise GeodataInputError(
            "%(file)s holds a cell of %(value)g people: that stands for «no data», but the file does not declare it. "
            "Set it, for instance with gdal_edit.py -a_nodata %(value)g.",
            file=source.label,
            value=float(people.max()),
        )


def _corners(raster: Any, rows: Any, columns: Any) -> Floats:
    across, down = np.array([0, 1, 1, 0, 0]), np.array([0, 0, 1, 1, 0])
    return np.stack(_applied(raster.transform, columns[:, None] + across, rows[:, None] + down), axis=2)


def _applied(transform: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """An affine transform of many points."""
    a, b, c, d, e, f = transform[:6]
    return a * x + b * y + c, d * x + e * y + f


def _centres_inside(source: Source, raster: Any, crs: CRS, area: shapely.Geometry, rows: Any, columns: Any) -> Bools:
    points = shapely.points(*_applied(raster.transform, columns + 0.5, rows + 0.5))
    inside: Bools = shapely.intersects(area, to_city(gpd.GeoSeries(points), source.datum, crs).to_numpy())
    return inside


def _say(
    source: Source,
    note: SourceNote,
    found: _Cells,
    cells: gpd.GeoSeries,
    people: Floats,
    area: shapely.Geometry,
    notes: Notes,
) -> None:
    """Count what was read and left out; what is doubtful becomes a sentence."""
    note.kept = len(cells)
    note.read = len(cells) + found.empty + found.outside_cells + found.negative.total()
    note.drop("cells without people", found.empty)
    note.drop("outside the city", found.outside_cells)
    note.drop("cells below 0", found.negative.total())
    if found.negative:
        notes.doubt(
            "%(file)s: %(count)s cells hold a number below 0 (%(values)s) that the file does not declare as «no "
            "data»; nobody is taken to live there.",
            file=source.label,
            count=found.negative.total(),
            values=", ".join(f"{value:g}" for value in sorted(found.negative)[:5]),
        )
    cut = ~shapely.covers(area, cells.to_numpy())
    if cut.any():
        notes.doubt(
            "%(file)s: the boundary cuts %(count)s cells whose centre is inside; each counts whole (together "
            "%(people).1f people). Cells whose centre is outside are left out.",
            file=source.label,
            count=int(cut.sum()),
            people=float(people[cut].sum()),
        )
