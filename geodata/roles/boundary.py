"""The city's edge: a box, or all polygons of a source together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import CRS

from geodata.datum import area_of, crs_of, to_city
from geodata.notes import Notes
from geodata.reading.reader import Reader
from geodata.recipe.source import Source, read_source, role
from geodata.recipe.table import Table

BOUNDARY = role("boundary", "")


@dataclass(frozen=True)
class Boundary:
    """The city's edge: a box (west, south, east, north) in `datum`, or a source of polygons."""

    datum: str
    bbox: tuple[float, float, float, float] | None = None
    source: Source | None = None


def read_boundary(given: Table, folder: Path) -> Boundary | None:
    """The table [boundary], which a recipe with drawn units may leave out."""
    if "boundary" not in given.values:
        return None
    table = given.table("boundary")
    if "bbox" not in table.values:
        source = read_source(table, BOUNDARY, folder)
        return Boundary(source.datum, source=source)
    table.refuse_others({"bbox", "datum"})
    numbers = table.take("bbox", list)
    if len(numbers) != 4 or not all(type(number) in (int, float) for number in numbers):
        table.refuse("needs bbox = [west, south, east, north]")
    west, south, east, north = (float(number) for number in numbers)
    if not (west < east and south < north):
        table.refuse("has an empty bbox; its order is west, south, east, north")
    datum = table.take("datum", str)
    crs_of(datum, f"{given.path.name} [boundary]")
    least_x, least_y, most_x, most_y = area_of(datum)
    if west < least_x or south < least_y or east > most_x or north > most_y:
        table.refuse("has a bbox outside the area of %(datum)s; its order is west, south, east, north", datum=datum)
    return Boundary(datum, bbox=(west, south, east, north))


def gather_area(boundary: Boundary, crs: CRS, notes: Notes) -> shapely.Geometry:
    """The city's area in its CRS."""
    if boundary.source is not None:
        rows, _ = Reader(crs, None, notes).read(boundary.source, "polygon")
        return shapely.union_all(rows.geometry.to_numpy())
    assert boundary.bbox is not None  # noqa: S101  (the recipe gives one or the other)
    crs_of(boundary.datum, "[boundary]")
    west, south, east, north = boundary.bbox
    fine = max(east - west, north - south) / 100
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(*boundary.bbox), fine)])
    return to_city(box, boundary.datum, crs).iloc[0]
