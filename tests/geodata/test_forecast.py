"""The forecast's exact properties: nobody is lost, a project brings its yield, low ≤ middle ≤ high."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geodata.arrays import Floats
from geodata.forecast.areas import Shares
from geodata.forecast.births import BirthPlan
from geodata.forecast.cohorts import grow
from geodata.forecast.fill import staying
from geodata.forecast.housing import Housing, housing_of
from geodata.recipe.forecast import VARIANTS

AGES, YEARS, UNITS = 8, 6, 3
counts = arrays.arrays(float, (UNITS, AGES), elements=st.floats(0, 500))
rates = st.floats(-0.5, 0.5)


def nothing(ages: int = AGES) -> Floats:
    return np.zeros((YEARS, UNITS, ages))


@given(counts)
def test_without_births_and_moves_every_cohort_is_kept(children: Floats) -> None:
    found = grow(children, np.zeros((YEARS, UNITS)), nothing(), np.ones((UNITS, AGES)))
    for ahead in range(YEARS):
        assert np.array_equal(found[ahead, :, ahead + 1 :], children[:, : AGES - ahead - 1])
        assert (found[ahead, :, : ahead + 1] == 0).all()


@given(counts, arrays.arrays(float, (YEARS, UNITS), elements=st.floats(0, 100)))
def test_births_of_a_year_are_its_cohort_for_ever(children: Floats, born: Floats) -> None:
    found = grow(children, born, nothing(), np.ones((UNITS, AGES)))
    for ahead in range(YEARS):
        for age in range(min(ahead + 1, AGES)):
            assert np.array_equal(found[ahead, :, age], born[ahead - age])


@given(counts, rates, rates)
def test_more_migration_never_means_fewer_children(children: Floats, one: float, other: float) -> None:
    less, more = sorted((one, other))
    low, high = (
        grow(children, np.zeros((YEARS, UNITS)), nothing(), staying(np.zeros((UNITS, AGES)), rate, 1.0))
        for rate in (less, more)
    )
    assert (low <= high + 1e-9).all()
    assert (low >= 0).all()


def test_a_child_s_path_through_the_formula() -> None:
    children = np.array([[0.0, 100.0, 0.0]])
    stay = staying(np.array([[0.0, 0.02, 0.5]]), -0.01, 0.99)
    found = grow(children, np.array([[7.0]]), np.array([[[0.0, 0.0, 5.0]]]), stay)
    assert found[0, 0].tolist() == pytest.approx([7.0, 0.0, 100 * 0.99 * 1.01 + 5])


def test_what_is_unknown_stays_unknown_as_it_grows_older() -> None:
    children = np.array([[np.nan, 3.0, 4.0, 5.0]])
    found = grow(children, np.full((2, 1), np.nan), np.zeros((2, 1, 4)), np.ones((1, 4)))
    assert np.isnan(found[1, 0]).tolist() == [True, True, True, False]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.floats(0.001, 100)), min_size=1, max_size=30),
    arrays.arrays(float, 4, elements=st.floats(0, 1e5)),
)
def test_totals_of_an_area_are_kept(rows: list[tuple[int, int, float]], totals: Floats) -> None:
    area, unit, weight = (np.array(column) for column in zip(*rows, strict=True))
    shares = Shares(area, unit, weight, 4, 5)
    inhabited = shares.of_area() > 0
    totals = np.where(inhabited, totals, 0.0)
    assert shares.spread(totals).sum() == pytest.approx(totals.sum(), rel=1e-9)
    for at in np.flatnonzero(inhabited):
        only = np.where(np.arange(4) == at, totals, 0.0)
        assert set(np.flatnonzero(shares.spread(only))) <= set(unit[area == at])


def test_a_unit_of_two_areas_has_the_mean_rate_of_its_children() -> None:
    shares = Shares(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([3.0, 1.0, 2.0]), 2, 3)
    found = shares.mean(np.array([[0.02], [0.06]]))
    assert found[:, 0].tolist() == pytest.approx([0.03, 0.06, 0.04])


def projects(**changes: object) -> gpd.GeoDataFrame:
    row = {
        "name": "新城", "dwellings": 100.0, "year": 2028, "children": np.nan, "people": 2.5, "filling": 4,
        "ages": {0: 0.1, 6: 0.2}, **dict.fromkeys((f"in_{name}" for name in VARIANTS), True), **changes,
    }  # fmt: skip
    return gpd.GeoDataFrame({key: [value] for key, value in row.items()}, geometry=[shapely.box(5, 2, 25, 8)])


SHAPES = np.array([shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20)], dtype=object)
PROFILE = np.array([0.01] * AGES)


def housing(**changes: object) -> Housing:
    return housing_of(projects(**changes), SHAPES, PROFILE, AGES, 2026, YEARS)


@given(st.floats(0, 1e5), st.integers(1, 6), st.integers(2027, 2028), st.floats(0, 2))
def test_a_project_brings_exactly_its_yield(homes: float, filling: int, year: int, factor: float) -> None:
    found = housing(dwellings=homes, filling=filling, year=year)
    done = min(1.0, (2026 + YEARS - year + 1) / filling)
    assert found.arriving("middle", factor, UNITS).sum() == pytest.approx(homes * 0.3 * factor * done, rel=1e-9)


def test_a_project_fills_in_equal_parts_from_its_first_year() -> None:
    arriving = housing().arriving("middle", 1.0, UNITS)
    assert arriving.sum(axis=(1, 2)).tolist() == pytest.approx([0, 7.5, 7.5, 7.5, 7.5, 0])
    assert arriving[1].sum(axis=0)[[0, 6]].tolist() == pytest.approx([2.5, 5.0])


def test_a_project_s_ground_is_divided_between_its_units() -> None:
    assert housing().arriving("middle", 1.0, UNITS).sum(axis=(0, 2)).tolist() == pytest.approx([7.5, 15, 7.5])
    point = gpd.GeoDataFrame(projects().drop(columns="geometry"), geometry=[shapely.Point(25, 5)])
    found = housing_of(point, SHAPES, PROFILE, AGES, 2026, YEARS)
    assert found.arriving("middle", 1.0, UNITS).sum(axis=(0, 2)).tolist() == pytest.approx([0, 0, 30])


def test_who_moved_in_before_the_school_year_is_not_counted_again() -> None:
    assert housing(year=2024).arriving("high", 1.0, UNITS).sum() == pytest.approx(30 / 4)
    assert housing(year=2015).arriving("high", 1.0, UNITS).sum() == 0


def test_children_per_home_are_the_project_s_or_the_recipe_s_or_the_city_s() -> None:
    assert housing(children=0.6).arriving("low", 1.0, UNITS).sum() == pytest.approx(60)
    assert housing(ages={}).arriving("low", 1.0, UNITS).sum() == pytest.approx(100 * 2.5 * 0.01 * AGES)


def test_a_project_s_figure_is_of_all_children_also_of_those_too_old_to_be_planned_for() -> None:
    found = housing_of(projects(children=0.6, ages={6: 0.1, 14: 0.2}), SHAPES, PROFILE, AGES, 2026, YEARS)
    assert found.arriving("low", 1.0, UNITS).sum() == pytest.approx(20)


def test_a_status_that_does_not_count_brings_nobody() -> None:
    found = housing(in_low=False)
    assert found.arriving("low", 1.0, UNITS).sum() == 0
    assert found.arriving("middle", 1.0, UNITS).sum() == pytest.approx(30)


def plan(births: list[float], first: int = 2021) -> BirthPlan:
    table = pd.DataFrame([births], columns=range(first, first + len(births)), index=[""])
    return BirthPlan(table, Shares(np.array([0]), np.array([0]), np.array([1.0]), 1, UNITS))


def test_births_after_the_table_change_year_by_year() -> None:
    births = plan([120, 110, 100])
    assert births.totals(2020, 0.0) is None
    assert births.totals(2022, -0.5) == pytest.approx([110])
    assert births.totals(2025, -0.1) == pytest.approx([100 * 0.81])


def test_the_trend_is_the_mean_change_of_the_last_six_years() -> None:
    assert plan([500, *(100 * 0.9**year for year in range(6))]).trend() == pytest.approx(-0.1)
    assert plan([100]).trend() == 0
    assert plan([0, 50]).trend() == 0
