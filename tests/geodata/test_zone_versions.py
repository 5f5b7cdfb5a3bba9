"""Two yearly versions of the catchments and what changed between them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.zones.versions import newest, versions_compared

UNITS = gpd.GeoDataFrame(
    {"unit": ["U1", "U2"], "age_6": [30.0, 10.0]},
    geometry=[shapely.box(0, 0, 500, 100), shapely.box(500, 0, 1000, 100)],
)


def zones(year: int, **edges: tuple[float, float]) -> gpd.GeoDataFrame:
    """Strips from west to east, by school: their western and eastern ends in metres."""
    shapes = [shapely.box(west, 0, east, 100) for west, east in edges.values()]
    return gpd.GeoDataFrame({"schools": list(edges), "level": "primary", "year": year}, geometry=shapes)


def test_the_newest_version_is_todays_and_only_the_one_before_is_compared() -> None:
    versions = [zones(year, A=(0, year - 2000)) for year in (2016, 2018, 2017)]
    today, before = newest(pd.concat(versions, ignore_index=True))
    assert (today["year"].to_list(), before["year"].to_list()) == ([2018], [2017])


def test_each_kind_of_change() -> None:
    before = zones(2017, A=(0, 300), B=(300, 500), C=(500, 700), D=(700, 1000))
    after = zones(2018, A=(0, 350), B=(350, 500), E=(500, 700), F=(700, 850), G=(850, 1000))
    found = versions_compared(before, after, UNITS, ["age_6"])
    kinds = {(change["before"], change["after"]): change["kind"] for change in found["zones"]}
    assert kinds == {
        ("A", "A"): "redrawn",
        ("B", "B"): "redrawn",
        ("C", "E"): "renamed",
        ("D", ""): "gone",
        ("", "F"): "new",
        ("", "G"): "new",
    }
    assert found["area_moved"] == pytest.approx((50 + 200 + 300) * 100)
    assert found["children_moved"] == pytest.approx(30 * 50 / 500 + 10)


def test_an_id_on_other_ground_is_another_zone() -> None:
    before = zones(2017, A=(0, 300), B=(300, 1000))
    after = zones(2018, A=(600, 1000), B=(300, 600), C=(0, 150), D=(150, 300))
    kinds = {change["after"]: change["kind"] for change in versions_compared(before, after, UNITS, [])["zones"]}
    assert kinds == {"A": "elsewhere", "B": "redrawn", "C": "new", "D": "new"}


def test_a_border_drawn_a_little_differently_is_no_change() -> None:
    found = versions_compared(zones(2017, A=(0, 300), B=(300, 900)), zones(2018, A=(0, 301), B=(301, 900)), UNITS, [])
    assert found["zones"] == []
    assert found["area_moved"] == pytest.approx(100)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=2, unique=True))
@settings(deadline=None, max_examples=20)
def test_ground_lost_is_ground_gained_where_both_versions_cover_the_city(cuts: list[int]) -> None:
    before, after = (zones(2017 + at, A=(0, 100 * cut), B=(100 * cut, 1000)) for at, cut in enumerate(cuts))
    found = versions_compared(before, after, UNITS, ["age_6"])
    lost, gained = (sum(change[key] for change in found["zones"]) for key in ("lost", "gained"))
    assert lost == pytest.approx(gained) == pytest.approx(found["area_moved"])
