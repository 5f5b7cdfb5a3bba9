from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geodata.checks.fit import check_fit
from geodata.datum import area_of, bd_to_wgs, city_crs, crs_of, gcj_to_bd, gcj_to_wgs, to_city, wgs_to_gcj
from geodata.errors import GeodataInputError
from geodata.notes import Notes
from tests.paths import REAL_DATA, needs_real_data

METRES = 111_320.0
CENTIMETRE = 0.01 / METRES


@pytest.mark.realdata
@needs_real_data("coord_vectors")
def test_published_offsets_are_met_both_ways() -> None:
    table = pd.read_csv(REAL_DATA / "coord_vectors" / "wgs_gcj_bd_vectors.csv").to_numpy()
    wgs, gcj, bd = table[:, :2], table[:, 2:4], table[:, 4:]
    for function, given_degrees, wanted in (
        (wgs_to_gcj, wgs, gcj),
        (gcj_to_bd, gcj, bd),
        (gcj_to_wgs, gcj, wgs),
        (bd_to_wgs, bd, wgs),
    ):
        assert np.abs(function(given_degrees) - wanted).max() < CENTIMETRE


@given(st.floats(75, 134), st.floats(18, 53))
def test_inverse_undoes_the_offset_anywhere_in_china(lon: float, lat: float) -> None:
    place = np.array([[lon, lat]])
    assert np.abs(gcj_to_wgs(wgs_to_gcj(place)) - place).max() < CENTIMETRE
    assert np.abs(bd_to_wgs(gcj_to_bd(wgs_to_gcj(place))) - place).max() < CENTIMETRE


def test_offset_coordinates_reach_the_same_place_in_the_city() -> None:
    crs = CRS.from_epsg(4551)
    place = np.array([[125.15, 42.9]])
    plain = to_city(gpd.GeoSeries(shapely.points(place)), "CGCS2000", crs).iloc[0]
    shifted = to_city(gpd.GeoSeries(shapely.points(gcj_to_bd(wgs_to_gcj(place)))), "BD-09", crs).iloc[0]
    unaware = to_city(gpd.GeoSeries(shapely.points(gcj_to_bd(wgs_to_gcj(place)))), "CGCS2000", crs).iloc[0]
    assert plain.distance(shifted) < 0.01
    assert plain.distance(unaware) > 50


def test_area_of_a_three_degree_zone_has_its_own_units() -> None:
    west, south, east, north = area_of("EPSG:4551")
    assert 300_000 < west < 500_000 < east < 700_000
    assert south < 4_750_000 < north


def test_unknown_crs() -> None:
    with pytest.raises(GeodataInputError, match=r"schools.csv: the CRS EPSG:999999 is unknown"):
        crs_of("EPSG:999999", "schools.csv")


@pytest.mark.parametrize("name", ["EPSG:4326", "EPSG:2263", "EPSG:4490"])
def test_city_crs_not_in_metres(name: str) -> None:
    with pytest.raises(GeodataInputError, match="not a projected one in metres"):
        city_crs(name, "recipe.toml")


def box_at(west: float, south: float, east: float, north: float, crs: str) -> shapely.Geometry:
    return gpd.GeoSeries([shapely.box(west, south, east, north)], crs=4326).to_crs(crs).iloc[0]


def test_a_crs_fitted_to_the_city_raises_no_doubt() -> None:
    notes = Notes()
    check_fit(box_at(125.1, 42.8, 125.3, 43.0, "EPSG:4551"), "EPSG:4551", "recipe.toml", notes)
    assert notes.doubts == []


def test_a_crs_of_the_next_zone_is_a_doubt_that_names_the_fitted_one() -> None:
    notes = Notes()
    check_fit(box_at(125.1, 42.8, 125.3, 43.0, "EPSG:4550"), "EPSG:4550", "recipe.toml", notes)
    ((message, values),) = notes.doubts
    assert "fits better" in message
    assert values["fitted"] == "EPSG:4551"


def test_a_boundary_over_two_continents() -> None:
    with pytest.raises(GeodataInputError, match=r"recipe.toml: the city's boundary is over 300 km wide in EPSG:32632"):
        check_fit(box_at(-86.9, 32.3, 9.7, 47.3, "EPSG:32632"), "EPSG:32632", "recipe.toml", Notes())


def test_a_boundary_on_another_continent_than_its_crs() -> None:
    with pytest.raises(GeodataInputError, match=r"lies far from where EPSG:32632 .* or take EPSG:32616"):
        check_fit(box_at(-86.7, 32.4, -86.5, 32.6, "EPSG:32632"), "EPSG:32632", "recipe.toml", Notes())
