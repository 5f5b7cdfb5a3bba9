"""Coordinates under the wrong datum: the sentence names the likely cause, and what to write in the recipe."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given as given_that
from hypothesis import settings
from hypothesis import strategies as st
from pyproj import CRS

from geodata.datum import same_place, to_city
from geodata.errors import GeodataInputError
from geodata.notes import Notes
from geodata.reading.reader import Reader
from geodata.recipe.source import Source
from tests.geodata.town import EAST, NORTH
from tests.paths import REAL_DATA, needs_real_data

GRID = CRS.from_epsg(4551)
TOWN = shapely.box(EAST, NORTH, EAST + 1200, NORTH + 800)
PLACES = [(EAST + x, NORTH + y) for x, y in ((100, 100), (500, 300), (1100, 700))]


def source(path: Path, datum: str, axes: str = "east-north", **said: object) -> Source:
    values = {"role": "addresses", "layer": None, "only": {}, "without": {}, "options": {}, "columns": {}, **said}
    return Source(path=path, datum=datum, axes=axes, **values)  # type: ignore[arg-type]


def table(folder: Path, crs: str, swapped: bool = False, factor: float = 1.0) -> Path:
    """Three places of the town as a CSV in `crs`, its numbers times `factor`."""
    points = gpd.GeoSeries(shapely.points(PLACES), crs=GRID).to_crs(crs)
    x, y = points.x * factor, points.y * factor
    path = folder / "places.csv"
    pd.DataFrame({"x": y if swapped else x, "y": x if swapped else y}).to_csv(path, index=False)
    return path


def read(said: Source, city: CRS = GRID, area: shapely.Geometry | None = TOWN, kind: str = "point") -> gpd.GeoDataFrame:
    return Reader(city, area, Notes()).read(said, kind)[0]


def places(path: Path, datum: str, axes: str = "east-north") -> gpd.GeoDataFrame:
    return read(source(path, datum, axes, columns={"x": ("x",), "y": ("y",)}))


GRIDS = ["EPSG:4326", "EPSG:4490", "EPSG:4551", "EPSG:4530", "EPSG:4510", "EPSG:4499", "EPSG:32651", "EPSG:3857"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("crs", GRIDS)
def test_every_grid_is_read_in_either_order_of_axes(tmp_path: Path, crs: str, swapped: bool) -> None:
    """Degrees; Gauss–Krüger in 3° and 6° zones with and without the zone's number; UTM; Web Mercator."""
    rows = places(table(tmp_path, crs, swapped), crs, "north-east" if swapped else "east-north")
    found = shapely.get_coordinates(rows.geometry.to_numpy())
    assert abs(found - PLACES).max() < 0.01


@pytest.mark.parametrize(
    ("made", "swapped", "said", "words"),
    [
        ("EPSG:4551", False, "WGS 84", 'they look like EPSG:4551: write datum = "EPSG:4551"'),
        ("EPSG:4530", False, "CGCS2000", 'they look like EPSG:4530: write datum = "EPSG:4530"'),
        ("EPSG:3857", False, "WGS 84", 'they look like EPSG:3857: write datum = "EPSG:3857"'),
        ("EPSG:4490", False, "EPSG:4551", 'they look like WGS 84: write datum = "WGS 84"'),
        ("EPSG:4530", False, "EPSG:4551", "the zone's number before the easting .* EPSG:4530"),
        ("EPSG:4551", False, "EPSG:4530", "the zone's number before the easting .* EPSG:4551"),
        ("EPSG:4326", True, "WGS 84", 'their axes look exchanged: write axes = "north-east"'),
        ("EPSG:4551", True, "EPSG:4551", 'their axes look exchanged: write axes = "north-east"'),
        ("EPSG:4551", True, "WGS 84", 'look like EPSG:4551 with the axes exchanged: write .* and axes = "north-east"'),
    ],
)
def test_the_likely_datum_is_named(tmp_path: Path, made: str, swapped: bool, said: str, words: str) -> None:
    with pytest.raises(GeodataInputError, match=words):
        places(table(tmp_path, made, swapped), said)


def test_axes_named_wrongly(tmp_path: Path) -> None:
    with pytest.raises(GeodataInputError, match='their axes look exchanged: write axes = "east-north"'):
        places(table(tmp_path, "EPSG:4551"), "EPSG:4551", "north-east")


@pytest.mark.parametrize(("factor", "unit"), [(1 / 0.3048, "feet"), (0.3048, "metres")])
def test_feet_for_metres(tmp_path: Path, factor: float, unit: str) -> None:
    with pytest.raises(GeodataInputError, match=f"they look like {unit}: name a datum in that unit"):
        places(table(tmp_path, "EPSG:4551", factor=factor), "EPSG:4551")


def test_a_filler_instead_of_coordinates(tmp_path: Path) -> None:
    path = table(tmp_path, "EPSG:4551")
    path.write_text(path.read_text() + "-99999,-99999\n", encoding="utf-8")
    with pytest.raises(GeodataInputError, match=r"row 5: the coordinates -99999, -99999 .* leave both cells empty"):
        places(path, "EPSG:4551")


@settings(deadline=None, max_examples=40)
@given_that(st.sampled_from(GRIDS), st.sampled_from(GRIDS))
def test_a_wrong_datum_is_never_read_silently(made: str, said: str) -> None:
    """Except where both name the same numbers."""
    points = gpd.GeoSeries(shapely.points(PLACES), crs=GRID).to_crs(made)
    bare = gpd.GeoSeries(points.to_numpy())
    if same_place(CRS(made), said):
        assert to_city(bare, said, GRID).iloc[0].distance(shapely.Point(PLACES[0])) < 1.1
    else:
        read_as = to_city(bare, said, GRID)
        assert not shapely.intersects(TOWN, read_as.to_numpy()).any()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("EPSG:4490", "WGS 84", True),
        ("EPSG:25833", "EPSG:32633", True),
        ("EPSG:4551", "EPSG:4530", False),
        ("EPSG:2924", "EPSG:2925", False),
        ("EPSG:4326", "GCJ-02", True),
        ("EPSG:4551", "GCJ-02", False),
        ("EPSG:4214", "EPSG:4490", False),
    ],
)
def test_a_stated_crs_is_the_recipes_where_the_numbers_are_the_same(one: str, other: str, same: bool) -> None:
    assert same_place(CRS(one), other) is same


def test_a_datum_from_which_no_transformation_is_known_is_a_doubt(tmp_path: Path) -> None:
    notes = Notes()
    said = source(table(tmp_path, "EPSG:4214"), "EPSG:4214", columns={"x": ("x",), "y": ("y",)})
    Reader(GRID, TOWN, notes).read(said, "point")
    assert [values["datum"] for _, values in notes.doubts] == ["EPSG:4214"]


BERLIN = "berlin_catchments"


def berlin(year: str, datum: str) -> gpd.GeoDataFrame:
    crs = CRS.from_epsg(25833)
    city = gpd.GeoSeries([shapely.box(13.05, 52.3, 13.8, 52.7)], crs=4326).to_crs(crs).iloc[0]
    path = REAL_DATA / BERLIN / f"RBS_OD_ESB_{year}.geojson"
    said = source(path, datum, role="zones", columns={"schools": ("ESB",)})
    return read(said, crs, city, "polygon")


@pytest.mark.realdata
@needs_real_data(BERLIN)
@pytest.mark.parametrize(
    ("year", "datum"), [("2012_12", "EPSG:3857"), ("2017_06", "EPSG:25833"), ("2018_10", "EPSG:25833")]
)
def test_catchments_of_berlin_labelled_with_degrees_but_in_metres(year: str, datum: str) -> None:
    rows = berlin(year, datum)
    assert len(rows) > 330
    assert rows.geometry.area.sum() / 1e6 == pytest.approx(891, rel=0.02)
    with pytest.raises(GeodataInputError, match=f'they look like {datum}: write datum = "{datum}"'):
        berlin(year, "WGS 84")


@pytest.mark.realdata
@needs_real_data(BERLIN)
def test_a_boundary_in_metres_labelled_with_degrees_is_told_by_the_citys_crs() -> None:
    path = REAL_DATA / BERLIN / "RBS_OD_ESB_2012_12.geojson"
    with pytest.raises(GeodataInputError, match='they look like EPSG:3857: write datum = "EPSG:3857"'):
        read(source(path, "WGS 84", role="boundary"), CRS.from_epsg(25833), None, "polygon")


@pytest.mark.realdata
@needs_real_data("lcps_spa_graph")
def test_schools_of_loudoun_in_feet() -> None:
    crs = CRS.from_epsg(32618)
    county = gpd.GeoSeries([shapely.box(-78.0, 38.8, -77.3, 39.4)], crs=4326).to_crs(crs).iloc[0]
    path = REAL_DATA / "lcps_spa_graph" / "Schools.geojson"
    columns = {"school": ("SCH_CODE",), "name": ("NAME",)}
    rows = read(source(path, "EPSG:2924", role="schools", columns=columns), crs, county)
    assert len(rows) == 90
    with pytest.raises(GeodataInputError, match="states the CRS EPSG:2924, but the recipe gives it the datum WGS 84"):
        read(source(path, "WGS 84", role="schools", columns=columns), crs, county)


@pytest.mark.realdata
@needs_real_data("lcps_spa_graph")
def test_feet_without_a_label_read_as_metres(tmp_path: Path) -> None:
    content = json.loads((REAL_DATA / "lcps_spa_graph" / "Schools.geojson").read_bytes())
    del content["crs"]
    path = tmp_path / "schools.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    crs = CRS.from_epsg(32618)
    county = gpd.GeoSeries([shapely.box(-78.0, 38.8, -77.3, 39.4)], crs=4326).to_crs(crs).iloc[0]
    columns = {"school": ("SCH_CODE",), "name": ("NAME",)}
    metres = "EPSG:32146"  # Virginia North, metres
    with pytest.raises(
        GeodataInputError, match=f"the area of {metres}; they look like feet: name a datum in that unit"
    ):
        read(source(path, metres, role="schools", columns=columns), crs, county)


def test_swapped_degrees_that_are_possible_elsewhere(tmp_path: Path) -> None:
    """Berlin's 13, 52 read as 52 E, 13 N is a place in the sea."""
    crs = CRS.from_epsg(25833)
    city = gpd.GeoSeries([shapely.box(13.05, 52.3, 13.8, 52.7)], crs=4326).to_crs(crs).iloc[0]
    path = tmp_path / "places.csv"
    path.write_text("x,y\n52.52,13.40\n52.50,13.41\n", encoding="utf-8")
    with pytest.raises(GeodataInputError, match=r"none of its 2 rows lies inside .* their axes look exchanged"):
        read(source(path, "WGS 84", columns={"x": ("x",), "y": ("y",)}), crs, city)
