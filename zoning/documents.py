"""What the planner's map loads: one document for a city, one for a plan. Plain values, ready to be JSON."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import shapely

from geodata.city import City
from zoning.maps import bounds, dissolve, features, four_colours, lighten, zone_neighbours
from zoning.measure import Figures
from zoning.plan import Plan
from zoning.publication import School, target_names

CLASSES = (
    ("railway", ("rail", "铁路", "轨道")),
    ("river", ("river", "canal", "stream", "water", "河", "江", "渠", "湖", "水")),
    ("road", ("motorway", "trunk", "primary", "secondary", "arterial", "干道", "干路", "快速", "高速", "国道", "省道")),
    ("path", ("way", "path", "corridor", "elevator", "pedestrian", "platform", "service", "steps", "track", "步道")),
)
"""Words in a street's kind, as sources in both languages use them, and how the map draws it; the first that fits."""

STREET_DETAIL = 3.0
"""Metres by which a street of the backdrop may be simplified."""


def pack(document: Mapping[str, Any]) -> bytes:
    """The document as gzipped JSON; the same bytes for the same document."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return gzip.compress(text.encode(), 6, mtime=0)


def unpack(data: bytes) -> dict[str, Any]:
    """The document in gzipped JSON."""
    return dict(json.loads(gzip.decompress(data)))


def light_units(city: City) -> gpd.GeoSeries:
    """The city's units by id, drawn with fewer points."""
    return lighten(city.units().set_index("unit").sort_index().geometry)


def city_document(city: City) -> dict[str, Any]:
    """Units with names, streets and barriers by kind, the box around them (WGS 84), and whom the map must name."""
    units = city.units().set_index("unit").sort_index()
    names = {str(unit): {"unit": str(unit), "name": name or ""} for unit, name in units["name"].items()}
    return {
        "bounds": bounds(units.geometry),
        "units": features(lighten(units.geometry), names),
        "backdrop": _backdrop(city.streets(), units.geometry),
        "attribution": city.attribution,
    }


def _backdrop(streets: gpd.GeoDataFrame, units: gpd.GeoSeries) -> dict[str, Any]:
    lines = streets.geometry.to_numpy()
    kinds = [
        street_class(str(kind), bool(barrier))
        for kind, barrier in zip(streets["kind"], streets["barrier"], strict=True)
    ]
    # A river given by its banks is a closed line: water is drawn between them.
    kinds = ["water" if kind == "river" and line.is_ring else kind for kind, line in zip(kinds, lines, strict=True)]
    inside = shapely.box(*units.total_bounds).buffer(500.0)
    merged = {}
    for kind in sorted(set(kinds) - {""}):
        found = lines[[at for at, other in enumerate(kinds) if other == kind]]
        if kind == "water":
            found = shapely.make_valid([shapely.Polygon(line.coords) for line in found])
        whole = shapely.intersection(shapely.union_all(found), inside)
        merged[kind] = shapely.simplify(whole if kind == "water" else shapely.line_merge(whole), STREET_DETAIL)
    shapes = gpd.GeoSeries(merged, crs=streets.crs)
    return features(shapes, {kind: {"kind": kind} for kind in merged})


def street_class(kind: str, barrier: bool) -> str:
    """How the map draws a street of this `kind`: river, railway, barrier, road, street; "" for what it leaves out."""
    drawn = next((drawn for drawn, words in CLASSES if any(word in kind.lower() for word in words)), "street")
    if barrier and drawn not in ("river", "railway"):
        return "barrier"
    return "" if drawn == "path" else drawn


def plan_document(plan: Plan, figures: Figures, units: gpd.GeoSeries, schools: Iterable[School]) -> dict[str, Any]:
    """Zones with colours and numbers, every unit's school, and the schools' figures; `units` are the city's shapes."""
    members = list(schools)
    names = target_names(members)
    numbers = {target: at for at, target in enumerate(sorted(plan.problem.targets), start=1)}
    pairs = ((plan.problem.units[one], plan.problem.units[other]) for one, other in plan.problem.edges)
    colours = four_colours(zone_neighbours(pairs, plan.assignment))
    properties = {
        target: {"school": target, "number": number, "colour": colours.get(target, 0)}
        for target, number in numbers.items()
    }
    over = overfull(figures)
    rows = [
        {
            **properties[school.school],
            "name": names[school.school],
            "places": [[member.lon, member.lat] for member in members if member.target == school.school],
            "capacity": school.capacity,
            "demand": school.demand,
            "utilisation": school.utilisation,
            "mean_walk": school.mean_walk,
            "over": school.school in over,
        }
        for school in figures.schools
    ]
    zones = features(dissolve(units, plan.assignment), properties)
    return {"zones": zones, "assignment": dict(sorted(plan.assignment.items())), "schools": rows}


def members_of(document: Mapping[str, Any]) -> list[School]:
    """The schools that a plan's document shows, for the document of a plan that follows it."""
    return [
        School(row["school"], row["school"], row["name"], lon, lat)
        for row in document["schools"]
        for lon, lat in row["places"]
    ]


def overfull(figures: Figures) -> frozenset[str]:
    """Schools above the limit of utilisation."""
    return frozenset(found.school for found in figures.violations if found.kind == "above" and found.school)
