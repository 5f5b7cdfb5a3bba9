"""Defects of geometry: each is repaired or left out, counted, and listed with its row."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given as given_that
from hypothesis import settings
from hypothesis import strategies as st
from pyproj import CRS

from geodata.notes import LISTED, Notes, SourceNote
from geodata.reading.reader import Reader
from geodata.recipe.source import Source
from tests.geodata.conftest import import_town
from tests.geodata.town import EAST, NORTH
from tests.paths import REAL_DATA, needs_real_data

CITY = CRS.from_epsg(4551)
AREA = shapely.box(EAST, NORTH, EAST + 1200, NORTH + 800)
HOUSE = shapely.box(100, 100, 130, 120)
BOW = shapely.Polygon([(300, 100), (330, 130), (330, 100), (300, 130)])
SPIKE = shapely.Polygon([(400, 100), (430, 100), (430, 130), (430, 300), (430, 130), (400, 130)])


def rows_of(
    folder: Path, shapes: list[shapely.Geometry | None], values: list[str] | None = None, role: str = "buildings"
) -> tuple[gpd.GeoDataFrame, SourceNote, Notes]:
    """Read these shapes (town metres) in a role."""
    placed = [shape and shapely.affinity.translate(shape, EAST, NORTH) for shape in shapes]
    path = folder / "rows.geojson"
    rows = gpd.GeoDataFrame({"use": values or [""] * len(shapes)}, geometry=placed, crs=CITY)
    pyogrio.write_dataframe(rows, path)
    source = Source(role, path, None, "EPSG:4551", {"use": ("use",)}, {}, {}, {})
    notes = Notes()
    kind = "line" if role == "streets" else "point or polygon"
    rows, note = Reader(CITY, AREA, notes).read(source, kind)
    return rows, note, notes


def test_a_collection_becomes_the_polygon_that_it_holds(tmp_path: Path) -> None:
    rows, note, _ = rows_of(tmp_path, [shapely.GeometryCollection([HOUSE, shapely.Point(1, 1)])])
    assert rows.geometry.geom_type.tolist() == ["Polygon"]
    assert note.rows == {"invalid polygon": [1]}


def test_each_defect_is_counted_and_listed_with_its_row(tmp_path: Path) -> None:
    sliver = shapely.box(500, 100, 500.01, 150)
    rows, note, notes = rows_of(tmp_path, [HOUSE, None, BOW, SPIKE, sliver, HOUSE, shapely.Polygon(), HOUSE])
    assert (note.read, note.kept, note.repaired) == (8, 3, 2)
    assert note.dropped == {"no geometry": 2, "sliver under 1 m²": 1, "stands there twice": 2}
    assert note.rows == {
        "no geometry": [2, 7],
        "invalid polygon": [3, 4],
        "sliver under 1 m²": [5],
        "stands there twice": [6, 8],
    }
    assert rows["row"].to_list() == [1, 3, 4]
    assert rows.geometry.is_valid.all()
    assert rows.geometry.area.round(6).to_list() == [600, 450, 900]
    assert notes.doubts == []


def test_a_polygon_that_collapses_has_no_extent(tmp_path: Path) -> None:
    line = shapely.Polygon([(100, 100), (200, 200), (150, 150)])
    _, note, _ = rows_of(tmp_path, [HOUSE, line])
    assert note.dropped == {"geometry without extent": 1}
    assert note.rows["geometry without extent"] == [2]


def test_the_same_outline_that_begins_elsewhere_stands_there_twice(tmp_path: Path) -> None:
    ring = list(HOUSE.exterior.coords)[:-1]
    turned = shapely.Polygon([*ring[2:], *ring[:2]])
    assert rows_of(tmp_path, [HOUSE, turned, HOUSE.reverse()])[1].dropped == {"stands there twice": 2}


def test_a_street_drawn_back_and_forth_stands_there_twice(tmp_path: Path) -> None:
    street = shapely.LineString([(0, 0), (500, 0), (500, 300)])
    assert rows_of(tmp_path, [street, street.reverse()], role="streets")[1].dropped == {"stands there twice": 1}


def test_one_outline_with_other_values_is_a_doubt(tmp_path: Path) -> None:
    rows, note, notes = rows_of(tmp_path, [HOUSE, HOUSE, HOUSE], ["住宅", "商业", "住宅"])
    assert rows["use"].to_list() == ["住宅", "商业"]
    assert note.rows == {"stands there twice": [3]}
    ((message, values),) = notes.doubts
    assert "outline of an earlier row, but other values" in message
    assert (values["count"], values["rows"]) == (1, "2")


def test_equal_rows_of_people_are_all_counted_and_doubted(tmp_path: Path) -> None:
    home = shapely.Point(100, 100)
    rows, note, notes = rows_of(tmp_path, [home, home, shapely.Point(200, 100)], ["12", "12", "12"], role="population")
    assert len(rows) == 3
    assert note.dropped == {}
    ((message, values),) = notes.doubts
    assert "equal an earlier one in place and figures" in message
    assert values["rows"] == "2"


def test_the_list_is_cut_and_the_count_is_not() -> None:
    note = SourceNote("buildings", "file", "WGS 84")
    note.drop("no geometry", 2 * LISTED, range(2 * LISTED))
    note.repair("invalid polygon", range(LISTED + 5))
    assert note.dropped == {"no geometry": 2 * LISTED}
    assert note.repaired == LISTED + 5
    assert [len(rows) for rows in note.rows.values()] == [LISTED, LISTED]


@settings(deadline=None, max_examples=30)
@given_that(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=4, max_size=8))
def test_whatever_ring_becomes_a_valid_polygon_or_is_counted(
    tmp_path_factory: pytest.TempPathFactory, ring: list[tuple[int, int]]
) -> None:
    shape = shapely.affinity.translate(shapely.Polygon(ring), 600, 600)
    rows, note, _ = rows_of(tmp_path_factory.mktemp("ring"), [HOUSE, shape])
    assert note.read == note.kept + sum(note.dropped.values())
    assert rows.geometry.is_valid.all()
    assert set(shapely.get_dimensions(rows.geometry.to_numpy())) == {2}


def test_the_report_lists_the_rows(town: Path) -> None:
    path = town.parent / "buildings.geojson"
    text = path.read_text(encoding="utf-8")
    first = text[text.index('{"type": "Feature"') : text.index(', {"type": "Feature"')]
    path.write_text(text.replace(first, f"{first}, {first}", 1), encoding="utf-8")
    note = next(note for note in import_town(town).notes.sources if note.role == "buildings")
    assert note.rows == {"stands there twice": [2]}


@pytest.mark.realdata
@needs_real_data("berlin_catchments")
@pytest.mark.parametrize(
    ("year", "datum"), [("2012_12", "EPSG:3857"), ("2017_06", "EPSG:25833"), ("2018_10", "EPSG:25833")]
)
def test_catchments_of_berlin_are_all_accounted_for(year: str, datum: str) -> None:
    crs = CRS.from_epsg(25833)
    city = gpd.GeoSeries([shapely.box(13.05, 52.3, 13.8, 52.7)], crs=4326).to_crs(crs).iloc[0]
    path = REAL_DATA / "berlin_catchments" / f"RBS_OD_ESB_{year}.geojson"
    source = Source("zones", path, None, datum, {"schools": ("ESB",)}, {}, {}, {})
    rows, note = Reader(crs, city, Notes()).read(source, "polygon")
    assert note.read == note.kept + sum(note.dropped.values())
    assert rows.geometry.is_valid.all()
