"""Zones drawn from units: neighbours differ in colour, nothing of the city is lost, coordinates are WGS 84."""

from __future__ import annotations

import random

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.maps import bounds, dissolve, features, four_colours, lighten, zone_neighbours

SIDE = 12


def _square(row: int, column: int, side: float = 100.0) -> shapely.Polygon:
    x, y = 500_000 + column * side, 4_800_000 + row * side
    return shapely.box(x, y, x + side, y + side)


def _grid() -> gpd.GeoSeries:
    cells = {f"u{r:02d}{c:02d}": _square(r, c) for r in range(SIDE) for c in range(SIDE)}
    return gpd.GeoSeries(cells, crs=4551)


def _pairs() -> list[tuple[str, str]]:
    across = [(f"u{r:02d}{c:02d}", f"u{r:02d}{c + 1:02d}") for r in range(SIDE) for c in range(SIDE - 1)]
    up = [(f"u{r:02d}{c:02d}", f"u{r + 1:02d}{c:02d}") for r in range(SIDE - 1) for c in range(SIDE)]
    return across + up


def _grown_zones(seed: int, zones: int) -> dict[str, str]:
    """A random partition of the grid into connected zones: grown from seeds one cell at a time."""
    draw = random.Random(seed)
    beside: dict[str, list[str]] = {}
    for one, other in _pairs():
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    starts = draw.sample(sorted(beside), zones)
    found = {unit: f"s{number}" for number, unit in enumerate(starts)}
    edge = list(starts)
    while edge:
        unit = edge.pop(draw.randrange(len(edge)))
        for other in beside[unit]:
            if other not in found:
                found[other] = found[unit]
                edge.append(other)
    return found


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), zones=st.integers(2, 60))
def test_connected_zones_need_four_colours_at_most(seed: int, zones: int) -> None:
    beside = zone_neighbours(_pairs(), _grown_zones(seed, zones))
    colours = four_colours(beside)
    assert set(colours) == set(beside)
    assert max(colours.values()) <= 3
    assert all(colours[zone] != colours[other] for zone in beside for other in beside[zone])


def test_zones_in_pieces_get_a_fifth_colour_rather_than_a_wrong_one() -> None:
    everyone = [f"s{n}" for n in range(5)]
    beside = {zone: set(everyone) - {zone} for zone in everyone}
    assert sorted(four_colours(beside).values()) == [0, 1, 2, 3, 4]


def test_colours_do_not_depend_on_the_order_of_the_zones() -> None:
    beside = zone_neighbours(_pairs(), _grown_zones(7, 30))
    turned = {zone: beside[zone] for zone in reversed(beside)}
    assert four_colours(beside) == four_colours(turned)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_zones_keep_the_area_of_their_units(seed: int) -> None:
    grid = _grid()
    zones = dissolve(grid, _grown_zones(seed, 8))
    assert zones.area.sum() == pytest.approx(grid.area.sum(), rel=1e-9)
    assert list(zones.index) == sorted(zones.index)


def test_a_zone_in_two_pieces_stays_in_two_pieces() -> None:
    grid = _grid()
    assignment = dict.fromkeys(grid.index, "a") | {"u0000": "b", "u1111": "b"}
    zones = dissolve(grid, assignment)
    assert zones["b"].geom_type == "MultiPolygon"
    assert zones["a"].geom_type == "Polygon"


def test_hair_gaps_between_units_are_closed() -> None:
    left, right = _square(0, 0), shapely.affinity.translate(_square(0, 1), xoff=0.0002)
    zones = dissolve(gpd.GeoSeries({"l": left, "r": right}, crs=4551), {"l": "a", "r": "a"})
    assert zones["a"].geom_type == "Polygon"


def test_features_are_wgs84_with_six_digits_and_counter_clockwise() -> None:
    collection = features(_grid()[:1], {"u0000": {"name": "锦绣家园"}})
    feature = collection["features"][0]
    ring = feature["geometry"]["coordinates"][0]
    assert feature["id"] == "u0000"
    assert feature["properties"] == {"name": "锦绣家园"}
    assert all(125 < x < 127 and 43 < y < 44 for x, y in ring)
    assert all(value == round(value, 6) for point in ring for value in point)
    assert shapely.LinearRing(ring).is_ccw


def test_lighter_shapes_still_tile() -> None:
    wavy = gpd.GeoSeries({"a": _wavy(0), "b": _wavy(1)}, crs=4551)
    light = lighten(wavy, 2.0)
    points = shapely.get_num_coordinates(light.to_numpy()).sum()
    assert points < shapely.get_num_coordinates(wavy.to_numpy()).sum() / 4
    assert shapely.coverage_is_valid(light.to_numpy())


def _wavy(side: int) -> shapely.Polygon:
    edge = [(100 + (i % 2) * 0.5, float(i)) for i in range(101)]
    corner = (0.0, 200.0)[side]
    return shapely.Polygon([*edge, (corner, 100.0), (corner, 0.0)])


def test_bounds_are_degrees() -> None:
    west, south, east, north = bounds(_grid())
    assert 125 < west < east < 127
    assert 43 < south < north < 44
