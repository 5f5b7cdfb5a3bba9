"""The small map of a look-up: zone, schools and house as plain SVG coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

WIDTH, HEIGHT, MARGIN = 640.0, 440.0, 36.0
METRES_PER_DEGREE = 111_195.0
"""Along a meridian of a sphere of 6,371 km; the picture needs no better."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Locator:
    """What the template draws, in units of the view box `WIDTH` × `HEIGHT`; paths are SVG path data."""

    zone: str
    neighbours: tuple[str, ...]
    schools: tuple[Point, ...]
    house: Point
    scale_length: float
    scale_metres: int
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class _View:
    """Degrees to view-box units: local equirectangular, north up."""

    west: float
    north: float
    per_lon: float
    per_lat: float

    def point(self, lon: float, lat: float) -> Point:
        return round((lon - self.west) * self.per_lon, 1), round((self.north - lat) * self.per_lat, 1)


def box_around(zone: bytes, places: Sequence[Point]) -> tuple[float, float, float, float]:
    """West, south, east, north (degrees) of what the picture shows: the zone (WKB), the schools and the house."""
    west, south, east, north = shapely.from_wkb(zone).bounds
    lons, lats = [west, east, *(lon for lon, _ in places)], [south, north, *(lat for _, lat in places)]
    view = _view(min(lons), min(lats), max(lons), max(lats))
    return (
        view.west,
        view.north - HEIGHT / view.per_lat,
        view.west + WIDTH / view.per_lon,
        view.north,
    )


def locator(zone: bytes, neighbours: Sequence[bytes], schools: Sequence[Point], house: Point) -> Locator:
    """The picture of one house in its zone; shapes are WKB in WGS 84, points (lon, lat)."""
    west, south, east, north = box_around(zone, [*schools, house])
    per_lon = WIDTH / (east - west)
    view = _View(west, north, per_lon, HEIGHT / (north - south))
    metres_per_unit = METRES_PER_DEGREE / view.per_lat
    length = _round_length(WIDTH / 4 * metres_per_unit)
    return Locator(
        zone=_path(shapely.from_wkb(zone), view),
        neighbours=tuple(path for path in (_path(shapely.from_wkb(shape), view) for shape in neighbours) if path),
        schools=tuple(view.point(*place) for place in schools),
        house=view.point(*house),
        scale_length=round(length / metres_per_unit, 1),
        scale_metres=length,
    )


def _view(west: float, south: float, east: float, north: float) -> _View:
    shrink = math.cos(math.radians((south + north) / 2))
    wide, tall = max(east - west, 1e-4) * shrink, max(north - south, 1e-4)
    per_lat = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / tall)
    per_lon = per_lat * shrink
    return _View((west + east) / 2 - WIDTH / 2 / per_lon, (south + north) / 2 + HEIGHT / 2 / per_lat, per_lon, per_lat)


def _path(shape: shapely.Geometry, view: _View) -> str:
    """Path data of the shape's rings inside the picture, points thinned to one unit."""
    frame = shapely.box(
        view.west, view.north - HEIGHT / view.per_lat, view.west + WIDTH / view.per_lon, view.north
    ).buffer(0.05 * WIDTH / view.per_lon, join_style="mitre")
    seen = shapely.intersection(shape.simplify(1.0 / view.per_lon), frame)
    rings = [
        ring
        for part in shapely.get_parts(seen)
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    return "".join(_ring(ring, view) for ring in rings)


def _ring(ring: shapely.LinearRing, view: _View) -> str:
    points = (view.point(lon, lat) for lon, lat in list(ring.coords)[:-1])
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def _round_length(metres: float) -> int:
    """The largest 1, 2 or 5 times a power of ten that is not longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return int(max(power * factor for factor in (1, 2, 5) if power * factor <= metres))
