from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.streets.passages import passages
from geodata.units.blocks import Units, make_blocks, make_units
from geodata.units.faces import borders, cut, dissolve, find, holders, join_scraps, segments
from tests.geodata.town import RIVER_Y

AREA = shapely.box(0, 0, 400, 400)
NONE = np.array([], dtype=object)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def homes(rows: list[tuple[float, float, str]]) -> gpd.GeoDataFrame:
    """Buildings of 20 × 10 m at places, each of a compound."""
    shapes = [shapely.box(x, y, x + 20, y + 10) for x, y, _ in rows]
    return gpd.GeoDataFrame({"compound": [name for _, _, name in rows], "dwelling": True}, geometry=shapes)


def units_of(
    edges: list[shapely.Geometry],
    barriers: list[shapely.Geometry],
    built: gpd.GeoDataFrame,
    walkable: list[shapely.Geometry] | None = None,
) -> Units:
    lines = np.array(barriers, dtype=object)
    blocks = make_blocks(AREA, edges, lines, shapely.centroid(built.geometry.to_numpy()))
    streets = gpd.GeoDataFrame(
        {"walkable": True, "layer": 0, "graded": False}, geometry=walkable or edges, index=range(len(walkable or edges))
    )
    met = passages(streets, gpd.GeoDataFrame({"layer": 0}, geometry=barriers, index=range(len(barriers))))
    return make_units(AREA, blocks, built, lines, met.open())


lengths = st.integers(5, 395)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(lengths, lengths, lengths, lengths), max_size=8))
def test_pieces_always_tile_the_area(ends: list[tuple[int, int, int, int]]) -> None:
    pieces = cut(AREA, [line((0, b), (a, d), (400, c)) for a, b, c, d in ends])
    assert shapely.coverage_is_valid(pieces)
    assert shapely.area(pieces).sum() == pytest.approx(AREA.area, rel=1e-4)
    table = segments(pieces)
    table["barrier"] = False
    labels = join_scraps(pieces, borders(table, np.arange(len(pieces))), np.zeros(len(pieces), dtype=np.int64))
    units = dissolve(pieces, labels)
    assert shapely.coverage_is_valid(units)
    assert shapely.area(units).sum() == pytest.approx(shapely.area(pieces).sum(), rel=1e-9)


def test_borders_are_measured_and_barriers_marked() -> None:
    cross = [line((200, 0), (200, 400)), line((0, 200), (400, 200))]
    built = homes([(100, 100, ""), (300, 100, ""), (100, 300, ""), (300, 300, "")])
    units = units_of(cross[:1], cross[1:], built)
    pairs = units.pairs.set_index(["a", "b"])
    assert pairs["border"].to_list() == pytest.approx([200, 200, 200, 200], abs=0.1)
    across = {pair for pair, row in pairs.iterrows() if row["barrier"] > 100}
    assert across == {(0, 2), (1, 3)}
    assert (pairs["crossings"] > 0).to_list() == [False, True, True, False]


def test_a_footbridge_opens_only_the_border_that_it_crosses() -> None:
    cross = [line((200, 0), (200, 190)), line((200, 210), (200, 400)), line((0, 200), (400, 200))]
    built = homes([(100, 100, ""), (300, 100, ""), (100, 300, ""), (300, 300, "")])
    river = [line((0, 195), (400, 195)), line((0, 205), (400, 205))]
    units = units_of(cross[:2], river[:1], built, [line((50, 100), (50, 300))])
    pairs = units.pairs.set_index(["a", "b"])
    assert (pairs["barrier"] > 100).sum() >= 1
    assert {pair for pair, row in pairs.iterrows() if row["crossings"]} == {(0, 2)}


def test_units_that_meet_in_a_corner_are_no_neighbours() -> None:
    cross = [line((200, 0), (200, 400)), line((0, 200), (400, 200))]
    units = units_of(cross, [], homes([(100, 100, "")]))
    assert (0, 3) not in set(zip(units.pairs["a"], units.pairs["b"], strict=True))


def test_an_empty_scrap_joins_its_longest_border() -> None:
    edges = [line((0, 200), (400, 200)), line((0, 230), (80, 230), (80, 200))]
    units = units_of(edges, [], homes([(100, 100, ""), (100, 300, "")]))
    assert sorted(round(area) for area in shapely.area(units.shapes)) == [80_000, 80_000]


def test_a_scrap_does_not_cross_a_barrier_where_it_has_another_neighbour() -> None:
    strip = [line((0, 200), (400, 200)), line((0, 208), (300, 208), (300, 200))]
    units = units_of(strip[1:], strip[:1], homes([(100, 100, ""), (100, 300, "")]))
    assert sorted(round(area) for area in shapely.area(units.shapes)) == [80_000, 80_000]
    assert shapely.coverage_is_valid(units.shapes)


def test_a_street_that_the_extract_cuts_off_still_divides_the_rim() -> None:
    edges = [line((200, 60), (200, 340)), line((150, 200), (250, 200))]
    units = units_of(edges, [], homes([(100, 100, ""), (300, 300, "")]))
    assert len(units.shapes) >= 2


@pytest.mark.parametrize(("gap", "blocks"), [(0.0, 3), (0.4, 3), (0.95, 3)])
def test_a_street_that_ends_just_before_another_divides_the_block(gap: float, blocks: int) -> None:
    edges = [line((0, 200), (400, 200)), line((200, 0), (200, 200 - gap))]
    units = units_of(edges, [], homes([(100, 100, ""), (300, 100, ""), (100, 300, "")]))
    assert len(units.shapes) == blocks
    assert shapely.coverage_is_valid(units.shapes)


def test_a_street_that_joins_another_without_a_common_vertex_gives_shared_borders() -> None:
    edges = [line((0, 200), (400, 200)), line((133.333, 0), (133.333, 200))]
    units = units_of(edges, [], homes([(50, 100, ""), (300, 100, ""), (100, 300, "")]))
    assert units.pairs["border"].sum() == pytest.approx(400 + 200, abs=0.1)
    assert len(units.pairs) == 3


def test_a_block_is_divided_between_its_compounds_and_a_nameless_building_goes_to_the_nearest() -> None:
    built = homes([(50, 180, "东苑"), (80, 220, "东苑"), (300, 180, "西苑"), (330, 220, "")])
    units = units_of([], [], built)
    assert sorted(units.names) == ["东苑", "西苑"]
    at = find(units.shapes, shapely.centroid(built.geometry.to_numpy()))
    assert [units.names[unit] for unit in at] == ["东苑", "东苑", "西苑", "西苑"]
    assert shapely.coverage_is_valid(units.shapes)
    assert shapely.area(units.shapes).sum() == pytest.approx(AREA.area, rel=1e-4)


def test_a_point_on_a_border_belongs_to_the_first_shape_and_one_outside_to_none() -> None:
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    points = shapely.points([[5, 5], [10, 5], [15, 5], [30, 5]])
    assert holders(shapes, points).tolist() == [0, 0, 1, -1]
    assert find(shapes, points).tolist() == [0, 0, 1, 1]


def test_a_compound_on_both_sides_of_a_street_is_two_units() -> None:
    built = homes([(50, 100, "东苑"), (50, 300, "东苑"), (300, 100, "西苑"), (300, 300, "西苑")])
    units = units_of([line((0, 200), (400, 200))], [], built)
    assert sorted(units.names) == ["东苑", "东苑", "西苑", "西苑"]


def test_the_town_s_units_tile_it(city: City) -> None:
    units = city.units()
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert units.area.sum() == pytest.approx(1200 * 800, rel=1e-5)
    assert units["unit"].is_unique
    assert (units["name"] != "").all()


def test_the_town_s_river_is_open_at_its_bridge_only(city: City) -> None:
    units = city.units().set_index("unit")
    north = units.geometry.centroid.y > 4_750_000 + RIVER_Y
    pairs = city.adjacency()
    assert (pairs["unit"] < pairs["neighbour"]).all()
    across = pairs[north[pairs["unit"]].to_numpy() != north[pairs["neighbour"]].to_numpy()]
    assert across["border"].sum() == pytest.approx(1200, abs=0.1)
    assert across["barrier"].sum() == 0, "both borders end at the bridge"
    assert pairs["barrier"].sum() == 0


def test_every_perimeter_is_borders_and_the_town_s_edge(city: City) -> None:
    pairs = city.adjacency()
    both = pd.concat([pairs[["unit", "border"]], pairs[["neighbour", "border"]].set_axis(["unit", "border"], axis=1)])
    inside = both.groupby("unit")["border"].sum()
    outer = (city.units().set_index("unit")["perimeter"] - inside).sum()
    assert outer == pytest.approx(2 * (1200 + 800), abs=0.5)
