"""Which coordinates a file holds, and how they become the city's: never guessed, always asked for.

GCJ-02 and BD-09 are the offset degrees of Chinese map services. They have no published standard; the forward formulas
are the ones that all open implementations share (checked against 200 published points), the inverse iterates them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geodata.errors import GeodataInputError

Degrees = npt.NDArray[np.float64]
"""n × 2: longitude, latitude."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""

NAMES = {"WGS 84": "EPSG:4326", "CGCS2000": "EPSG:4490", "GCJ-02": "EPSG:4326", "BD-09": "EPSG:4326"}
SATELLITE = (4326, 4490, 4258, 4269)
"""WGS 84, CGCS2000, ETRS89, NAD83."""
CHINA = (72.0, 0.8, 137.9, 55.9)
_AXIS, _FLATTENING = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, as the offset's formulas use it
_BD = np.pi * 3000.0 / 180.0


def crs_of(datum: str, where: str) -> CRS:
    """The CRS of a datum's name or EPSG code; `where` names file or key in the error.

    Raises:
        GeodataInputError: there is no such CRS.
    """
    try:
        if datum not in NAMES and not re.fullmatch(r"(?i:EPSG):[0-9]{4,6}", datum):
            raise CRSError(datum)  # what PROJ knows besides has no area of use, or no code
        return CRS.from_user_input(NAMES.get(datum, datum))
    except CRSError as error:
        raise GeodataInputError(
            "%(where)s: the CRS %(datum)s is unknown; use WGS 84, CGCS2000, GCJ-02, BD-09 or EPSG:number.",
            where=where,
            datum=datum,
        ) from error


def city_crs(name: str, where: str) -> CRS:
    """The metric CRS that the city is written in.

    Raises:
        GeodataInputError: it is unknown, not projected, or not in metres.
    """
    crs = crs_of(name, where)
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info):
        raise GeodataInputError(
            "%(where)s: the city's CRS %(crs)s is not a projected one in metres; take one fitted to the city.",
            where=where,
            crs=name,
        )
    return crs


def grids_at(lon: float, lat: float) -> list[str]:
    """EPSG codes of the grids at a place: Gauss–Krüger of CGCS2000 in 3° and 6° zones, or UTM."""
    if CHINA[0] < lon < CHINA[2] and CHINA[1] < lat < CHINA[3]:
        three, six = [round(lon / 3) + step for step in (0, -1, 1)], [int(lon // 6) + 1 + step for step in (0, -1, 1)]
        narrow = [code + zone - 25 for code in (4534, 4513) for zone in three if 25 <= zone <= 45]
        wide = [code + zone - 13 for code in (4502, 4491) for zone in six if 13 <= zone <= 23]
        return [f"EPSG:{code}" for code in narrow + wide]
    zone = int((lon + 180) // 6) + 1
    europe = [f"EPSG:{25800 + zone}"] if 28 <= zone <= 38 and lat > 34 else []
    return [*europe, f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"]


def area_of(datum: str) -> Bounds:
    """Where coordinates of `datum` may lie, in its own units: west, south, east, north (with 1 % of margin)."""
    if datum in ("GCJ-02", "BD-09"):
        return CHINA
    crs = CRS.from_user_input(NAMES.get(datum, datum))
    use = crs.area_of_use
    if use is None:
        return (-np.inf, -np.inf, np.inf, np.inf)
    corners = gpd.GeoSeries([shapely.box(*use.bounds).segmentize(0.25)], crs="EPSG:4326").to_crs(crs)
    west, south, east, north = corners.total_bounds
    margin = 0.01 * max(east - west, north - south)
    return (west - margin, south - margin, east + margin, north + margin)


def to_city(shapes: gpd.GeoSeries, datum: str, crs: CRS) -> gpd.GeoSeries:
    """Bring shapes whose coordinates are of `datum` into the city's CRS."""
    undo: dict[str, Callable[[Degrees], Degrees]] = {"GCJ-02": gcj_to_wgs, "BD-09": bd_to_wgs}
    if datum in undo:
        shapes = gpd.GeoSeries(shapely.transform(shapes.to_numpy(), undo[datum]), index=shapes.index)
    return shapes.set_crs(NAMES.get(datum, datum), allow_override=True).to_crs(crs)


def same_place(label: CRS, datum: str) -> bool:
    """Whether coordinates of the CRS `label` are those of `datum`: the same numbers to 1 m, however it is called.

    GCJ-02 and BD-09 have no CRS of their own; files of them are labelled with WGS 84 or CGCS2000.
    """
    if datum in ("GCJ-02", "BD-09"):
        return label.to_epsg() in (4326, 4490)
    named = CRS.from_user_input(NAMES.get(datum, datum))
    if label.equals(named, ignore_axis_order=True):
        return True
    if label.is_projected != named.is_projected or named.area_of_use is None or not is_exact(datum, label):
        return False
    west, south, east, north = named.area_of_use.bounds
    x, y = np.meshgrid(np.linspace(west, east, 5)[1:-1], np.linspace(south, north, 5)[1:-1])
    ours = Transformer.from_crs(4326, named, always_xy=True).transform(x.ravel(), y.ravel())
    theirs = Transformer.from_crs(named, label, always_xy=True).transform(*ours)
    metre = 1.0 if named.is_projected else 1e-5
    return bool(np.abs(np.subtract(ours, theirs)).max() < metre)


def is_exact(datum: str, crs: CRS) -> bool:
    """Whether a transformation from `datum` to `crs` is known here.

    Without one PROJ takes the degrees over as they are, which from Beijing 1954 or Xi'an 1980 is up to 150 m off.
    Between the satellite systems that is right to 1 m.
    """
    given = CRS.from_user_input(NAMES.get(datum, datum))
    frames = [frame.geodetic_crs and frame.geodetic_crs.to_epsg() for frame in (given, crs)]
    if frames[0] == frames[1] or all(frame in SATELLITE for frame in frames):
        return True
    try:
        Transformer.from_crs(given, crs, allow_ballpark=False)
    except ProjError:
        return False
    return True


def window_of(area: shapely.Geometry, crs: CRS, datum: str, margin: float) -> Bounds:
    """The box, in coordinates of `datum`, around `area` (of `crs`) and `margin` metres more."""
    box = shapely.box(*shapely.buffer(area.envelope, margin).bounds)
    edge = gpd.GeoSeries([shapely.segmentize(box, max(box.length / 100, 1.0))], crs=crs).to_crs(NAMES.get(datum, datum))
    if datum in ("GCJ-02", "BD-09"):
        edge = gpd.GeoSeries(shapely.transform(edge.to_numpy(), lambda degrees: from_wgs(datum, degrees)))
    west, south, east, north = edge.total_bounds
    return (float(west), float(south), float(east), float(north))


def from_wgs(datum: str, degrees: Degrees) -> Degrees:
    """WGS 84 to the degrees of GCJ-02 or BD-09; those of any other datum as they are."""
    if datum not in ("GCJ-02", "BD-09"):
        return degrees
    shifted = wgs_to_gcj(degrees)
    return gcj_to_bd(shifted) if datum == "BD-09" else shifted


def wgs_to_gcj(degrees: Degrees) -> Degrees:
    """WGS 84 to GCJ-02, degrees."""
    x, y = degrees[:, 0] - 105.0, degrees[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    latitude = np.radians(degrees[:, 1])
    bend = 1.0 - _FLATTENING * np.sin(latitude) ** 2
    north_degrees = np.degrees(north / (_AXIS * (1.0 - _FLATTENING) / (bend * np.sqrt(bend))))
    east_degrees = np.degrees(east / (_AXIS / np.sqrt(bend) * np.cos(latitude)))
    shifted: Degrees = degrees + np.column_stack((east_degrees, north_degrees))
    return shifted


def gcj_to_bd(degrees: Degrees) -> Degrees:
    """GCJ-02 to BD-09, degrees."""
    x, y = degrees[:, 0], degrees[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))


def gcj_to_wgs(degrees: Degrees) -> Degrees:
    """GCJ-02 to WGS 84, degrees, to well under 1 cm."""
    return _inverse(wgs_to_gcj, degrees)


def bd_to_wgs(degrees: Degrees) -> Degrees:
    """BD-09 to WGS 84, degrees, to well under 1 cm."""
    return gcj_to_wgs(_inverse(gcj_to_bd, degrees))


def _inverse(forward: Callable[[Degrees], Degrees], target: Degrees) -> Degrees:
    """Fixed-point iteration: the offset changes so slowly that each round gains more than two digits."""
    guess = target
    for _ in range(8):
        guess = guess + target - forward(guess)
    return guess
