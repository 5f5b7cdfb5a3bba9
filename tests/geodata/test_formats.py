"""One town in every format that people have: the same rows come out of each."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS

from geodata.datum import from_wgs
from geodata.errors import GeodataInputError
from geodata.notes import Notes, SourceNote
from geodata.reading import shapes as shapes_module
from geodata.reading.reader import Reader
from geodata.recipe.source import Source
from tests.geodata.town import EAST, NORTH, degrees
from tests.paths import REAL_DATA, needs_real_data

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
CITY = CRS.from_epsg(4551)
AREA = shapely.box(EAST, NORTH, EAST + 1200, NORTH + 800)
NAMES = ["一号楼", "泰镕喆楼", "三号楼"]


def source(path: Path, datum: str = "EPSG:4551", **said: object) -> Source:
    columns = said.pop("columns", {"name": ("名称",)})
    values = {"role": "buildings", "layer": None, "only": {}, "without": {}, "options": {}, **said}
    return Source(path=path, datum=datum, columns=columns, **values)  # type: ignore[arg-type]


def read(said: Source, kind: str = "polygon") -> tuple[gpd.GeoDataFrame, SourceNote]:
    return Reader(CITY, AREA, Notes()).read(said, kind)


def houses(crs: str = "EPSG:4551") -> gpd.GeoDataFrame:
    """Three buildings of the town; GBK has the characters of their names, GB2312 not all of them."""
    shapes = [shapely.box(EAST + x, NORTH + 100, EAST + x + 30, NORTH + 130) for x in (100, 200, 300)]
    return gpd.GeoDataFrame({"建筑用途类型": ["住宅"] * 3, "名称": NAMES}, geometry=shapes, crs=CITY).to_crs(crs)


@pytest.mark.parametrize("ending", ["gpkg", "shp", "fgb", "geojson", "kml"])
def test_every_format_gives_the_same_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"houses.{ending}"
    datum = "WGS 84" if ending in ("geojson", "kml") else "EPSG:4551"
    driver = "KML" if ending == "kml" else None
    pyogrio.write_dataframe(houses("EPSG:4326" if datum == "WGS 84" else "EPSG:4551"), path, driver=driver)
    rows, note = read(source(path, datum))
    assert sorted(rows["name"]) == sorted(NAMES)
    assert sorted(rows["row"]) == [1, 2, 3]
    assert (note.read, note.kept, note.dropped) == (3, 3, {})
    wanted = houses().set_index("名称").geometry
    for row in rows.itertuples():
        assert row.geometry.symmetric_difference(wanted[row.name]).area < 0.01


def gbk(path: Path, encoding: str = "GBK", cpg: bool = False) -> Path:
    pyogrio.write_dataframe(houses(), path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


@pytest.mark.parametrize("cpg", [True, False])
def test_shapefile_in_gbk(tmp_path: Path, cpg: bool) -> None:
    """建筑用途类型 is cut at 10 bytes: five characters."""
    path = gbk(tmp_path / "houses.shp", cpg=cpg)
    rows, _ = read(source(path, columns={"name": ("名称",), "use": ("建筑用途类",)}))
    assert rows["name"].to_list() == NAMES
    assert rows["use"].to_list() == ["住宅"] * 3


@pytest.mark.parametrize("cpg", [True, False])
def test_shapefile_in_utf_8_whose_field_name_is_cut_inside_a_character(tmp_path: Path, cpg: bool) -> None:
    path = gbk(tmp_path / "houses.shp", "UTF-8", cpg=cpg)
    rows, _ = read(source(path, columns={"name": ("名称",), "use": ("建筑用",)}))
    assert rows["name"].to_list() == NAMES
    assert rows["use"].to_list() == ["住宅"] * 3


@pytest.mark.parametrize("stated", [b"\0\0", b"rot13", b"\xff", b""])
def test_shapefile_whose_cpg_names_no_encoding(tmp_path: Path, stated: bytes) -> None:
    path = gbk(tmp_path / "houses.shp", cpg=True)
    path.with_suffix(".cpg").write_bytes(stated)
    assert read(source(path))[0]["name"].tolist() == NAMES


def test_shapefile_whose_cpg_is_wrong(tmp_path: Path) -> None:
    path = gbk(tmp_path / "houses.shp")
    path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    with pytest.raises(GeodataInputError, match=r"houses\.shp holds texts that are not utf-8; correct its \.cpg file"):
        read(source(path))
    assert read(source(path, encoding="gb18030"))[0]["name"].to_list() == NAMES


def test_shapefile_whose_encoding_cannot_be_told(tmp_path: Path) -> None:
    rows = houses().rename(columns={"名称": "name"})[["name", "geometry"]]
    path = tmp_path / "houses.shp"
    pyogrio.write_dataframe(rows.assign(name=["Schönstraße", "Übel", "Münze"]), path, encoding="ISO-8859-1")
    path.with_suffix(".cpg").unlink()
    said = source(path, columns={"name": ("name",)})
    with pytest.raises(GeodataInputError, match=r'has no \.cpg file.*encoding = "GBK" or encoding = "ISO-8859-1"'):
        read(said)
    named = source(path, columns={"name": ("name",)}, encoding="iso8859-1")
    assert read(named)[0]["name"].to_list() == ["Schönstraße", "Übel", "Münze"]


def test_shapefile_without_its_index(tmp_path: Path) -> None:
    path = gbk(tmp_path / "houses.shp")
    path.with_suffix(".shx").unlink()
    with pytest.raises(GeodataInputError, match=r"houses\.shp cannot be read: the \.shx file that belongs to it"):
        read(source(path))


def drawing(path: Path) -> Path:
    """A DXF of two closed parcels, an open axis and a label."""

    def line(layer: str, closed: int, *places: tuple[float, float]) -> str:
        points = "".join(f"10\n{EAST + x}\n20\n{NORTH + y}\n" for x, y in places)
        return f"0\nLWPOLYLINE\n8\n{layer}\n90\n{len(places)}\n70\n{closed}\n{points}"

    parcels = [line("PARCEL", 1, (x, 100), (x + 50, 100), (x + 50, 150), (x, 150)) for x in (100, 200)]
    axis = line("AXIS", 0, (0, 0), (500, 10))
    label = f"0\nTEXT\n8\nLABEL\n10\n{EAST + 120}\n20\n{NORTH + 120}\n40\n2.5\n1\nA-001\n"
    path.write_text(f"0\nSECTION\n2\nENTITIES\n{''.join(parcels)}{axis}{label}0\nENDSEC\n0\nEOF\n", encoding="ascii")
    return path


def test_parcels_of_a_drawing(tmp_path: Path) -> None:
    path = drawing(tmp_path / "parcels.dxf")
    rows, note = read(source(path, columns={"use": ("Layer",), "name": ("Text",)}))
    assert rows["use"].to_list() == ["PARCEL", "PARCEL"]
    assert rows["name"].fillna("").to_list() == ["A-001", ""], "the label drawn inside is the parcel's text"
    assert rows.geometry.area.to_list() == pytest.approx([2500, 2500])
    assert note.dropped == {"another kind of geometry": 2}
    labels, _ = read(source(path, columns={"name": ("Text",)}, only={"Layer": ["LABEL"]}), "point")
    assert labels["name"].to_list() == ["A-001"]


def places_table(write: Callable[[list[list[object]]], Path], **said: object) -> gpd.GeoDataFrame:
    lines: list[list[object]] = [["id", "x", "y"]]
    lines += [[number, EAST + 100.25 * number, NORTH + 100] for number in range(1, 4)]
    path = write(lines)
    columns = {"x": ("x",), "y": ("y",), "name": ("id",)}
    return read(source(path, role="addresses", columns=columns, **said), "point")[0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_whatever_separates_its_cells(tmp_path: Path, separator: str) -> None:
    def write(lines: list[list[object]]) -> Path:
        path = tmp_path / "places.csv"
        path.write_text("\n".join(separator.join(map(str, line)) for line in lines), encoding="utf-8")
        return path

    assert places_table(write).geometry.x.to_list() == pytest.approx([EAST + 100.25 * at for at in (1, 2, 3)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_csv_in_the_encodings_that_excel_saves(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(f"名称,x,y\n泰镕喆楼,{EAST + 1},{NORTH + 1}\n", encoding=encoding)
    said = source(path, role="addresses", columns={"x": ("x",), "y": ("y",), "name": ("名称",)})
    assert read(said, "point")[0]["name"].to_list() == ["泰镕喆楼"]


@pytest.mark.parametrize("as_text", [False, True])
def test_sheet_of_an_excel_workbook_with_numbers_or_texts(tmp_path: Path, as_text: bool) -> None:
    def write(lines: list[list[object]]) -> Path:
        book = openpyxl.Workbook()
        book.active.title = "说明"
        sheet = book.create_sheet("地点")
        for line in [[], *lines[:2], [], *lines[2:]]:
            sheet.append([str(cell) if as_text else cell for cell in line])
        path = tmp_path / "places.xlsx"
        book.save(path)
        return path

    rows = places_table(write, layer="地点")
    assert rows["row"].to_list() == [3, 5, 6]
    assert rows["name"].to_list() == ["1", "2", "3"]
    assert rows.geometry.x.to_list() == pytest.approx([EAST + 100.25 * at for at in (1, 2, 3)])
    with pytest.raises(GeodataInputError, match=r"places\.xlsx has no sheet 地址; it has 说明, 地点"):
        places_table(write, layer="地址")
    with pytest.raises(GeodataInputError, match=r"places\.xlsx is empty"):
        places_table(write)


def test_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "places.xlsx"
    path.write_bytes(b"id,x,y\n")
    with pytest.raises(GeodataInputError, match=r"places\.xlsx is no readable Excel workbook"):
        read(source(path, columns={"x": ("x",), "y": ("y",)}), "point")


def test_a_workbook_whose_sheet_is_damaged(tmp_path: Path) -> None:
    """Its sheets are read only when their rows are asked for."""
    openpyxl.Workbook().save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(tmp_path / "places.xlsx", "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, b"<row" if "sheet1" in name else whole.read(name))
    with pytest.raises(GeodataInputError, match=r"places\.xlsx is no readable Excel workbook"):
        read(source(tmp_path / "places.xlsx", columns={"x": ("x",), "y": ("y",)}), "point")


@pytest.mark.parametrize("above", ["", "\n\n"])
def test_row_numbers_of_a_csv_with_blank_lines_are_those_of_the_file(tmp_path: Path, above: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(f"{above}id,x,y\n1,{EAST + 1},{NORTH + 1}\n\n,,\n2,E5,{NORTH + 1}\n", encoding="utf-8")
    row = 5 + len(above)
    with pytest.raises(GeodataInputError, match=rf"places\.csv, row {row}: the coordinates E5"):
        read(source(path, columns={"x": ("x",), "y": ("y",)}), "point")


@pytest.mark.filterwarnings("default")
def test_a_csv_is_refused_where_nobody_made_warnings_errors(tmp_path: Path) -> None:
    """As in use: pandas only warns of cells beyond the header, and drops them."""
    path = tmp_path / "places.csv"
    path.write_text("id,x,y\n1,2,3,4\n", encoding="utf-8")
    with pytest.raises(GeodataInputError, match="its rows have more cells than its header"):
        read(source(path, columns={"x": ("x",), "y": ("y",)}), "point")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is empty: its first row must name the columns"),
        ("id,x,y\n1,2,3,4\n", "its rows have more cells than its header"),
        ("id,x,y\n1,2,3\n1,2,3,4\n", "row 3 has 4 cells, where 3 are expected"),
    ],
)
def test_csv_that_is_no_table(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GeodataInputError, match=rf"places\.csv is no readable CSV: {reason}\."):
        read(source(path, columns={"x": ("x",), "y": ("y",)}), "point")


@pytest.mark.parametrize("ending", ["gpkg", "shp", "fgb"])
def test_a_large_file_is_read_only_near_the_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(shapes_module, "WHOLE_UP_TO", 0)
    path = tmp_path / f"houses.{ending}"
    far = houses().assign(geometry=lambda rows: rows.geometry.translate(50_000, 0))
    many = gpd.GeoDataFrame(pd.concat([far, houses()], ignore_index=True), crs=CITY)
    pyogrio.write_dataframe(many, path)
    rows, note = read(source(path))
    assert sorted(rows["name"]) == sorted(NAMES)
    assert set(many["名称"][number - 1] for number in rows["row"]) == set(NAMES)
    assert note.read == 6
    assert note.dropped == {"not read: far outside the city, or without geometry": 3}


def test_a_large_file_of_another_place_is_refused_with_what_it_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes_module, "WHOLE_UP_TO", 0)
    path = tmp_path / "houses.gpkg"
    pyogrio.write_dataframe(houses().to_crs(4530).set_crs(4326, allow_override=True), path)
    with pytest.raises(GeodataInputError, match=r'they look like EPSG:4530: write datum = "EPSG:4530"'):
        read(source(path, "EPSG:4551"))


def test_axes_exchanged_in_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes_module, "WHOLE_UP_TO", 0)
    path = tmp_path / "houses.gpkg"
    swapped = houses().assign(geometry=lambda rows: shapely.transform(rows.geometry.values, lambda at: at[:, ::-1]))
    pyogrio.write_dataframe(swapped.set_crs(4551, allow_override=True), path)
    assert len(read(source(path, axes="north-east"))[0]) == 3


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_the_window_of_an_offset_datum_holds_the_whole_city(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, datum: str
) -> None:
    monkeypatch.setattr(shapes_module, "WHOLE_UP_TO", 0)
    corners = [degrees(x, y) for x in (0.5, 1199.5) for y in (0.5, 799.5)]
    path = tmp_path / "corners.gpkg"
    points = shapely.points(from_wgs(datum, np.array(corners)))
    pyogrio.write_dataframe(gpd.GeoDataFrame({"名称": list("abcd")}, geometry=points, crs=4326), path)
    assert len(read(source(path, datum, role="addresses"), "point")[0]) == 4


LIECHTENSTEIN = REAL_DATA / "liechtenstein_osm" / "liechtenstein_plus_autauga_al.osm.pbf"


@pytest.mark.realdata
@needs_real_data("liechtenstein_osm")
@pytest.mark.parametrize("whole_up_to", [0, 1 << 30])
def test_one_extract_of_two_continents_gives_the_city_of_the_boundary(
    monkeypatch: pytest.MonkeyPatch, whole_up_to: int
) -> None:
    monkeypatch.setattr(shapes_module, "WHOLE_UP_TO_PBF", whole_up_to)
    crs = CRS.from_epsg(25832)
    vaduz = gpd.GeoSeries([shapely.box(9.50, 47.12, 9.54, 47.16)], crs=4326).to_crs(crs).iloc[0]
    said = source(
        LIECHTENSTEIN, "WGS 84", layer="multipolygons", columns={"use": ("building",)}, only={"building": True}
    )
    notes = Notes()
    rows, note = Reader(crs, vaduz, notes).read(said, "polygon")
    assert len(rows) > 1000
    assert [message for message, _ in notes.doubts if "how many rows lie elsewhere" in message] == (
        []
        if whole_up_to
        else [
            "%(file)s is large, so only what lies within %(km)g km of the city was read; how many "
            "rows lie elsewhere is not known."
        ]
    )
    assert rows.total_bounds[0] > 530_000
    assert note.read == note.kept + sum(note.dropped.values())


@pytest.mark.realdata
@needs_real_data("liechtenstein_osm")
def test_one_extract_of_two_continents_under_the_wrong_boundary() -> None:
    crs = CRS.from_epsg(25832)
    berne = gpd.GeoSeries([shapely.box(7.40, 46.93, 7.46, 46.97)], crs=4326).to_crs(crs).iloc[0]
    said = source(LIECHTENSTEIN, "WGS 84", layer="lines", columns={"name": ("name",)}, only={"highway": True})
    with pytest.raises(GeodataInputError, match=r"none of its .* rows lies inside the city's boundary"):
        Reader(crs, berne, Notes()).read(said, "line")
