"""What a plan's map shows: zones dissolved from units, four colours, GeoJSON in WGS 84."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

COLOURS = 4
"""Enough for zones in one piece (Appel & Haken 1977); zones in several pieces may need one or two more."""

SEARCH_STEPS = 200_000
"""How long the exact colouring may search before the greedy one is taken."""

GRID = 0.001
"""Grid in metres on which shared borders are made to meet when units become zones."""


def zone_neighbours(pairs: Iterable[tuple[str, str]], assignment: Mapping[str, str]) -> dict[str, set[str]]:
    """Which zones touch: `pairs` are adjacent units, `assignment` unit -> school; every school of it is a key."""
    touching: dict[str, set[str]] = {school: set() for school in sorted(set(assignment.values()))}
    for unit, neighbour in pairs:
        one, other = assignment.get(unit), assignment.get(neighbour)
        if one is None or other is None or one == other:
            continue
        touching[one].add(other)
        touching[other].add(one)
    return touching


def four_colours(neighbours: Mapping[str, AbstractSet[str]]) -> dict[str, int]:
    """A colour number per zone, different from those of its neighbours; 0–3 wherever four are enough.

    Exact search in the order of saturation (DSATUR, Brélaz 1979); the greedy colouring in the same order where four
    colours do not do, which may use more. The least used colour is tried first, so that none rules the map.
    """
    found: dict[str, int] = {}
    steps = [SEARCH_STEPS]
    if _colour_rest(neighbours, found, steps):
        return found
    return _greedy_colours(neighbours)


def _colour_rest(neighbours: Mapping[str, AbstractSet[str]], found: dict[str, int], steps: list[int]) -> bool:
    zone = _most_bound(neighbours, found)
    if zone is None:
        return True
    for colour in _free_colours(neighbours[zone], found, COLOURS):
        steps[0] -= 1
        if steps[0] < 0:
            return False
        found[zone] = colour
        if _colour_rest(neighbours, found, steps):
            return True
        del found[zone]
    return False


def _greedy_colours(neighbours: Mapping[str, AbstractSet[str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    while (zone := _most_bound(neighbours, found)) is not None:
        found[zone] = min(set(range(len(neighbours) + 1)) - {found.get(other, -1) for other in neighbours[zone]})
    return found


def _most_bound(neighbours: Mapping[str, AbstractSet[str]], found: Mapping[str, int]) -> str | None:
    """The uncoloured zone with most colours beside it, then most neighbours, then the first by name."""
    rest = [zone for zone in neighbours if zone not in found]
    if not rest:
        return None
    return min(
        rest, key=lambda zone: (-len({found[o] for o in neighbours[zone] if o in found}), -len(neighbours[zone]), zone)
    )


def _free_colours(beside: AbstractSet[str], found: Mapping[str, int], colours: int) -> list[int]:
    used = Counter(found.values())
    taken = {found[zone] for zone in beside if zone in found}
    return sorted(set(range(colours)) - taken, key=lambda colour: (used[colour], colour))


def dissolve(shapes: gpd.GeoSeries, assignment: Mapping[str, str]) -> gpd.GeoSeries:
    """One shape per school: the union of its units' `shapes` (indexed by unit, metres), without slivers.

    Units that `assignment` does not name are left out. The index is the sorted school ids.
    """
    members: dict[str, list[Any]] = {}
    for unit in sorted(assignment.keys() & set(shapes.index)):
        members.setdefault(assignment[unit], []).append(shapes.loc[unit])
    schools = sorted(members)
    unions = [shapely.union_all(members[school], grid_size=GRID) for school in schools]
    return gpd.GeoSeries([_areas_only(union) for union in unions], index=schools, crs=shapes.crs)


def _areas_only(shape: Any) -> Any:
    """The polygons of `shape` without holes thinner than the map can show."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    whole = [
        shapely.Polygon(part.exterior, [r for r in part.interiors if shapely.Polygon(r).area > 1.0]) for part in parts
    ]
    return shapely.MultiPolygon(whole) if len(whole) != 1 else whole[0]


def lighten(shapes: gpd.GeoSeries, metres: float = 1.0) -> gpd.GeoSeries:
    """The same coverage with fewer points, shared borders kept shared; `metres` = the deviation allowed."""
    simple = shapely.coverage_simplify(shapes.to_numpy(), metres)
    return gpd.GeoSeries(simple, index=shapes.index, crs=shapes.crs)


def features(shapes: gpd.GeoSeries, properties: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946) in WGS 84, coordinates to a millionth of a degree (0.1 m).

    `properties` gives each index value its properties; the index value itself is the feature's id.
    """
    turned = shapes.to_crs(4326)
    geometries = shapely.transform(shapely.orient_polygons(turned.to_numpy()), lambda points: np.round(points, 6))
    rows = [
        {"type": "Feature", "id": key, "properties": dict(properties[key]), "geometry": shapely.geometry.mapping(shape)}
        for key, shape in zip(shapes.index, geometries, strict=True)
        if not shape.is_empty
    ]
    return {"type": "FeatureCollection", "features": rows}


def bounds(shapes: gpd.GeoSeries) -> list[float]:
    """West, south, east, north of all `shapes` in WGS 84, degrees to six digits."""
    return [round(float(value), 6) for value in shapes.to_crs(4326).total_bounds]
