from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.notes import Notes
from geodata.people.ground import dwellings_of
from geodata.people.spread import spread
from geodata.roles.population import AgeGroups, group_shares

BLOCKS = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], dtype=object)
places = st.tuples(st.integers(0, 199), st.integers(0, 99))


def houses(rows: list[tuple[float, float, float, bool]]) -> gpd.GeoDataFrame:
    shapes = [shapely.box(x, y, x + 0.5, y + 0.5) for x, y, _, _ in rows]
    floors, dwelling = np.array([row[2] for row in rows]), np.array([row[3] for row in rows], dtype=bool)
    return gpd.GeoDataFrame({"floors": floors, "dwelling": dwelling}, geometry=shapes)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(places, st.floats(0, 1000)), min_size=1, max_size=15),
    st.lists(st.tuples(places, st.floats(1, 500), st.booleans()), max_size=25),
    st.booleans(),
)
def test_nobody_is_lost(
    records: list[tuple[tuple[int, int], float]], built: list[tuple[tuple[int, int], float, bool]], areas: bool
) -> None:
    shapes = [shapely.box(x, y, x + 1, y + 1) if areas else shapely.Point(x, y) for (x, y), _ in records]
    buildings = houses([(*place, floors, dwelling) for place, floors, dwelling in built])
    counts = np.array([count for _, count in records])
    shares = spread(gpd.GeoDataFrame(geometry=shapes), buildings, BLOCKS)
    on_buildings = shares.on_buildings(counts, len(buildings))
    staying = counts[shares.staying(len(counts))]
    assert on_buildings.sum() + staying.sum() == pytest.approx(counts.sum(), rel=1e-9, abs=1e-9)
    assert (on_buildings[~buildings["dwelling"].to_numpy()] == 0).all()
    by_unit = shares.on_units(counts[:, None], np.zeros(len(buildings), int), np.zeros(len(counts), int), 1)
    assert by_unit[0, 0] == pytest.approx(counts.sum(), rel=1e-9, abs=1e-9)


def test_people_follow_floor_area_times_storeys() -> None:
    shares = spread(
        gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)]),
        houses([(10, 10, 300, True), (20, 20, 100, True), (30, 30, 900, False), (150, 10, 100, True)]),
        BLOCKS,
    )
    assert shares.on_buildings(np.array([80.0]), 4).tolist() == [60, 20, 0, 0]


def test_a_point_s_people_stay_in_their_block_even_if_the_nearest_house_is_over_the_street() -> None:
    shares = spread(
        gpd.GeoDataFrame(geometry=[shapely.Point(95, 50)]),
        houses([(5, 50, 1, True), (101, 50, 1, True)]),
        BLOCKS,
    )
    assert shares.on_buildings(np.array([7.0]), 2).tolist() == [7, 0]


def test_a_block_without_a_dwelling_keeps_its_people_at_their_place() -> None:
    shares = spread(gpd.GeoDataFrame(geometry=[shapely.Point(95, 50)]), houses([(150, 50, 1, True)]), BLOCKS)
    assert shares.staying(1).tolist() == [True]


def test_a_group_is_split_evenly_over_its_ages() -> None:
    table = pd.DataFrame({"pop": [100.0, 300.0], "a": [10.0, 60.0], "b": [4.0, 0.0]}, index=["N", "S"])
    shares = group_shares(table, AgeGroups(Path("t.csv"), "key", "pop", ((0, 4, "a"), (5, 5, "b"))))
    assert shares.loc["N"].to_list() == pytest.approx([0.02] * 5 + [0.04])
    assert shares.loc[""].to_list() == pytest.approx([70 / 5 / 400] * 5 + [0.01])


def test_the_town_s_people_and_children_are_all_there(city: City) -> None:
    wanted = sum(500.5 + column for _ in range(4) for column in range(6))
    assert city.units()["people"].sum() == pytest.approx(wanted, rel=1e-9)
    assert city.buildings()["people"].sum() == pytest.approx(wanted, rel=1e-9)
    assert city.units()["age_7"].sum() == pytest.approx(24 * 5 * 0.9)
    school = city.buildings().query("use == '学校'")
    assert school["people"].to_list() == [0.0]


def test_later_years_are_the_cohorts_grown_older(city: City) -> None:
    assert city.demand("primary", 2026).equals(city.units().set_index("unit")["age_6"].rename("demand"))
    assert city.demand("primary", 2029).equals(city.units().set_index("unit")["age_3"].rename("demand"))
    assert city.demand("junior", 2038).sum() == pytest.approx(24 * 4 * 0.9)


def test_a_doubtful_building_is_a_home_only_where_there_is_no_other() -> None:
    buildings = houses([(10, 10, 100, True), (20, 20, 900, True), (150, 10, 900, True)])
    buildings["doubtful"] = [False, True, True]
    records = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 99, 100), shapely.box(101, 0, 200, 100)])
    assert spread(records, buildings, BLOCKS).on_buildings(np.array([10.0, 20.0]), 3).tolist() == [10, 0, 20]


def test_people_of_an_area_without_a_dwelling_are_spread_over_its_ground() -> None:
    """The area lies to a quarter in the first block and beyond the second by as much."""
    records = gpd.GeoDataFrame({"count": [90.0, 30.0]}, geometry=[shapely.box(75, 0, 175, 100), shapely.Point(50, 50)])
    buildings = houses([(10, 10, 100, True), (120, 20, 900, False)]).assign(doubtful=False)
    notes = Notes()
    dwellings = dwellings_of(buildings, records, BLOCKS, notes)
    shares = spread(records, dwellings, BLOCKS)
    assert shares.on_buildings(records["count"].to_numpy(), len(dwellings)).tolist() == [30, 0, 22.5, 67.5]
    assert notes.doubts[0][1] == {"people": 90.0, "records": 1}


def test_ground_is_only_its_owner_s() -> None:
    """The point's block has no house, and the neighbour's ground there is not its home."""
    records = gpd.GeoDataFrame({"count": [90.0, 30.0]}, geometry=[shapely.box(0, 0, 60, 100), shapely.Point(80, 50)])
    buildings = houses([(150, 10, 100, True)]).assign(doubtful=False)
    dwellings = dwellings_of(buildings, records, BLOCKS, Notes())
    shares = spread(records, dwellings, BLOCKS)
    assert shares.staying(2).tolist() == [False, True]


def test_a_point_to_which_no_house_is_nearest_shares_the_nearest_one() -> None:
    """Two lots of one house, and a third too far from it."""
    records = gpd.GeoDataFrame(geometry=[shapely.Point(10, 10), shapely.Point(13, 10), shapely.Point(190, 99)])
    blocks = np.array([shapely.box(0, 0, 200, 100)], dtype=object)
    shares = spread(records, houses([(10, 10, 100, True)]), blocks)
    assert shares.on_buildings(np.array([5.0, 7.0, 11.0]), 1).tolist() == [12]
    assert shares.staying(3).tolist() == [False, False, True]


def test_no_house_is_shared_over_the_street() -> None:
    records = gpd.GeoDataFrame(geometry=[shapely.Point(10, 10), shapely.Point(99, 50)])
    shares = spread(records, houses([(10, 10, 100, True), (101, 50, 100, True)]), BLOCKS)
    assert shares.staying(2).tolist() == [False, True]


def test_a_point_in_a_doubtful_building_lives_there_and_not_in_the_house_beside_it() -> None:
    buildings = houses([(10, 10, 900, True), (20, 10, 100, True)]).assign(doubtful=[True, False])
    records = gpd.GeoDataFrame(geometry=[shapely.Point(10.2, 10.2), shapely.Point(21, 10)])
    assert spread(records, buildings, BLOCKS).on_buildings(np.array([5.0, 7.0]), 2).tolist() == [5, 7]


def test_areas_that_overlap_are_doubted() -> None:
    records = gpd.GeoDataFrame(
        {"count": [9.0, 9.0]}, geometry=[shapely.box(0, 0, 60, 100), shapely.box(40, 0, 90, 100)]
    )
    notes = Notes()
    dwellings_of(houses([(50, 10, 100, True), (10, 10, 100, True)]).assign(doubtful=False), records, BLOCKS, notes)
    assert ["overlap" in message and values["count"] == 1 for message, values in notes.doubts] == [True]
