"""What coordinates look like that do not fit the datum which the recipe names: the likely cause, and what to write.

Nothing is read by such a guess: it only ends the sentence that refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from geodata.arrays import Floats
from geodata.datum import NAMES, area_of, grids_at, to_city
from geodata.recipe.source import Source
from ledger.errors import Phrase

NEAR = 500.0
"""Metres around the city within which a place speaks for a guess: its edge may be drawn roughly."""
FOOT = 0.3048
Guess = tuple[str, bool, float]
"""A datum, whether the axes are exchanged, and the factor of the numbers."""


def likely(places: Floats, source: Source, crs: CRS, area: shapely.Geometry | None) -> Phrase:
    """The words that say what `places` (n × 2, as in the file, axes as the recipe says) look like.

    `area` is the city's in `crs`; for the boundary itself it is None, and the area for which `crs` is made stands in.
    """
    if _filler(places):
        return Phrase(
            "figures such as -99999 or 0, 0 often mean that the place is unknown: leave both cells empty then"
        )
    there = shapely.box(*area_of(f"EPSG:{crs.to_epsg()}")) if area is None else shapely.buffer(area, NEAR)
    best, most = None, 0
    for guess in _guesses(source.datum, crs, there):
        hits = _hits(places, guess, crs, there)
        if hits > most:
            best, most = guess, hits
    return (
        Phrase("check whether they are of this city, their datum and the order of the coordinates")
        if best in (None, (source.datum, False, 1.0))
        else _said(source, best)
    )


def _filler(places: Floats) -> bool:
    strange = (np.abs(places) >= 9999).all(axis=1) & (places[:, 0] == places[:, 1]) | (places == 0).all(axis=1)
    return bool(strange.all())


def _hits(places: Floats, guess: Guess, crs: CRS, there: shapely.Geometry) -> int:
    datum, swapped, factor = guess
    points = shapely.points((places[:, ::-1] if swapped else places) * factor)
    west, south, east, north = area_of(datum)
    inside = shapely.intersects(shapely.box(west, south, east, north), points)
    if not inside.any():
        return 0
    shown = to_city(gpd.GeoSeries(points[inside]), datum, crs).to_numpy()
    shapely.prepare(there)
    return int(shapely.intersects(there, shown).sum())


def _guesses(named: str, crs: CRS, there: shapely.Geometry) -> Iterator[Guess]:
    """Datums that a file of this city may have, the likeliest first."""
    lon, lat = gpd.GeoSeries([there.centroid], crs=crs).to_crs(4326).iloc[0].coords[0]
    datums = [named, "WGS 84", f"EPSG:{crs.to_epsg()}", *grids_at(lon, lat), "EPSG:3857"]
    for swapped in (False, True):
        for datum in dict.fromkeys(datums):
            yield datum, swapped, 1.0
    if CRS.from_user_input(NAMES.get(named, named)).is_projected:
        for factor in (FOOT, 1 / FOOT):
            yield named, False, factor


def _said(source: Source, guess: Guess) -> Phrase:
    datum, swapped, factor = guess
    if factor != 1.0:
        unit = Phrase("feet") if factor == FOOT else Phrase("metres")
        return Phrase("they look like %(unit)s: name a datum in that unit", unit=unit)
    axes = "north-east" if source.axes == "east-north" else "east-north"
    if swapped and datum == source.datum:
        return Phrase('their axes look exchanged: write axes = "%(axes)s"', axes=axes)
    if swapped:
        return Phrase(
            'they look like %(datum)s with the axes exchanged: write datum = "%(datum)s" and axes = "%(axes)s"',
            datum=datum,
            axes=axes,
        )
    if _prefix(source.datum) is not None and _prefix(datum) not in (None, _prefix(source.datum)):
        return Phrase(
            "with or without the zone's number before the easting it is another datum, and they look like %(datum)s: "
            'write datum = "%(datum)s"',
            datum=datum,
        )
    return Phrase('they look like %(datum)s: write datum = "%(datum)s"', datum=datum)


def _prefix(datum: str) -> bool | None:
    """Whether eastings of a Gauss–Krüger grid begin with the zone's number; None for other datums."""
    crs = CRS.from_user_input(NAMES.get(datum, datum))
    if not crs.is_projected or crs.coordinate_operation is None:
        return None
    easting = next((step.value for step in crs.coordinate_operation.params if step.name == "False easting"), 0.0)
    return float(easting) > 1_000_000 if "Gauss" in crs.name else None
