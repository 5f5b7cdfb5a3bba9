"""Files that are not what the recipe says: one clear sentence, exit code 2, nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from flask.testing import FlaskCliRunner

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS, import_town
from tests.geodata.town import SCHOOLS, edit, write_addresses, write_schools, write_shapes


def refused(recipe: Path, sentence: str) -> None:
    with pytest.raises(GeodataInputError, match=sentence) as caught:
        import_town(recipe)
    assert caught.value.exit_code == 2
    assert caught.value.http_status == 400


def change_geojson(path: Path, change: Callable[[list[dict[str, object]]], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["features"])
    path.write_text(json.dumps(content), encoding="utf-8")


def _last_age_3_negative(text: str) -> str:
    before, _, after = text.rpartition('"age_3": 4')
    return f'{before}"age_3": -4{after}'


def test_missing_file(town: Path) -> None:
    (town.parent / "streets.geojson").unlink()
    refused(town, r"There is no file .*streets\.geojson")


def test_file_of_no_known_format(town: Path) -> None:
    (town.parent / "streets.geojson").write_text('{"type": "Feat', encoding="utf-8")
    refused(town, r"streets\.geojson cannot be read")


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[125.1, 42.8], [125.2, 42.8]]]},
        {"type": "Polygon", "coordinates": [[["a", 42.8], [125.2, 42.8], [125.2, 42.9], ["a", 42.8]]]},
        {"type": "Polygn", "coordinates": []},
    ],
)
def test_unreadable_geometry(town: Path, geometry: dict[str, object]) -> None:
    change_geojson(town.parent / "buildings.geojson", lambda rows: rows[4].update(geometry=geometry))
    refused(town, r"buildings\.geojson, row 5: the geometry cannot be read")


def test_coordinate_without_end(town: Path) -> None:
    path = town.parent / "streets.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"][0]["geometry"]["coordinates"][0][0] = float("nan")
    path.write_text(json.dumps(content), encoding="utf-8")
    refused(town, r"streets\.geojson, row 1: the geometry cannot be read \(1 such rows\)")


def test_more_people_than_can_be_added_up(town: Path) -> None:
    path = town.parent / "compounds.geojson"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"residents": 500.5', '"residents": 1e308'), encoding="utf-8"
    )
    refused(town, r"compounds\.geojson, row 1: residents is .* but it must be a number from 0 to 1e12")


def test_null_and_invalid_geometries_are_counted_not_refused(town: Path) -> None:
    bow = [[125.1449, 42.8829], [125.1451, 42.8831], [125.1451, 42.8829], [125.1449, 42.8831], [125.1449, 42.8829]]

    def damage(rows: list[dict[str, object]]) -> None:
        rows[0]["geometry"] = None
        rows[1]["geometry"] = {"type": "Polygon", "coordinates": [bow]}

    change_geojson(town.parent / "buildings.geojson", damage)
    note = next(note for note in import_town(town).notes.sources if note.role == "buildings")
    assert (note.read, note.kept, note.repaired) == (73, 72, 1)
    assert note.dropped == {"no geometry": 1}


def test_unknown_crs_of_a_source(town: Path) -> None:
    edit(
        town,
        lambda text: text.replace(
            '[[barriers]]\npath = "river.geojson"\ndatum = "CGCS2000"',
            '[[barriers]]\npath = "river.geojson"\ndatum = "EPSG:1"',
        ),
    )
    refused(town, r"river\.geojson: the CRS EPSG:1 is unknown")


def test_coordinates_outside_the_area_of_the_crs(town: Path) -> None:
    write_schools(town.parent / "schools.csv")
    edit(town.parent / "schools.csv", lambda text: text.replace(",小学,125.", ",小学,185.", 1))
    refused(town, r"schools\.csv, row 2: the coordinates 185\.\d+, 42\.\d+ lie outside the area of CGCS2000")


def test_metres_in_a_file_that_says_degrees(town: Path) -> None:
    change_geojson(
        town.parent / "river.geojson",
        lambda rows: rows[0].update(
            geometry={"type": "LineString", "coordinates": [[430_000, 4_750_500], [431_200, 4_750_500]]}
        ),
    )
    refused(town, r"river\.geojson, row 1: the coordinates .* lie outside the area")


def test_swapped_longitude_and_latitude(town: Path) -> None:
    edit(town, lambda text: text.replace('x = "lon", y = "lat", classes', 'x = "lat", y = "lon", classes'))
    refused(town, r"schools\.csv, row 2: the coordinates 42\.\d+, 125\.\d+ lie outside")


def test_another_place_altogether(town: Path) -> None:
    write_shapes(
        town.parent / "streets.geojson", [(shapely.LineString([(50_000, 0), (50_100, 0)]), {"name": "", "kind": ""})]
    )
    refused(town, r"streets\.geojson: none of its 1 rows lies inside the city's boundary")


def test_a_boundary_that_the_file_does_not_hold(town: Path) -> None:
    edit(town, lambda text: text.replace("[boundary]", '[boundary]\nonly = { name = ["柳合镇"] }'))
    change_geojson(town.parent / "boundary.geojson", lambda rows: rows[0].update(properties={"name": "柳河镇"}))
    refused(town, r"boundary\.geojson has no row with a geometry that the recipe chooses for boundary; look at `only`")


def test_stated_crs_against_the_recipe(town: Path) -> None:
    edit(
        town.parent / "river.geojson",
        lambda text: text.replace(
            '"features"', '"crs": {"type": "name", "properties": {"name": "EPSG:2263"}}, "features"', 1
        ),
    )
    refused(town, r"river\.geojson states the CRS EPSG:2263, but the recipe gives it the datum CGCS2000")


def test_field_that_the_file_lacks(town: Path) -> None:
    edit(town, lambda text: text.replace('levels = "floors"', 'levels = "storeys"'))
    refused(town, r"buildings\.geojson has no field storeys, which the recipe names for buildings; it has use, floors")


def test_filter_that_leaves_nothing(town: Path) -> None:
    edit(town, lambda text: text.replace('stage = ["小学"]', 'stage = ["小校"]'))
    refused(town, r"schools\.csv has no row with a geometry that the recipe chooses for schools")


def test_chinese_geojson_that_is_not_utf_8(town: Path) -> None:
    path = town.parent / "buildings.geojson"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    refused(town, r"buildings\.geojson holds texts that are not UTF-8")


def test_layer_that_is_not_named_or_not_there(town: Path) -> None:
    package = town.parent / "base.gpkg"
    rows = gpd.read_file(town.parent / "river.geojson").to_crs("EPSG:4490")
    for layer in ("河流", "铁路"):
        rows.to_file(package, layer=layer)
    edit(town, lambda text: text.replace('path = "river.geojson"', 'path = "base.gpkg"'))
    refused(town, r"base\.gpkg has several layers \(河流, 铁路\); name one with `layer`")
    edit(town, lambda text: text.replace('path = "base.gpkg"', 'path = "base.gpkg"\nlayer = "道路"'))
    refused(town, r"base\.gpkg has no layer 道路; it has 河流, 铁路")
    edit(town, lambda text: text.replace('layer = "道路"', 'layer = "河流"'))
    assert import_town(town).figures["units"] > 20


def test_duplicate_school_id(town: Path) -> None:
    write_schools(town.parent / "schools.csv", [SCHOOLS[0], ("P1", *SCHOOLS[1][1:]), SCHOOLS[2]])
    refused(town, r"schools\.csv, row 3: the school id P1 stands there twice")


def test_one_school_id_in_two_levels(town: Path) -> None:
    write_schools(town.parent / "schools.csv", [*SCHOOLS[:2], ("P1", *SCHOOLS[2][1:])])
    refused(town, "the school id P1 stands there twice")


@pytest.mark.parametrize(("classes", "shown"), [(-1, "-1"), ("drei", "drei"), ("", ""), ("nan", "nan"), ("inf", "inf")])
def test_capacity_that_is_no_number_of_seats(town: Path, classes: object, shown: str) -> None:
    write_schools(town.parent / "schools.csv", [SCHOOLS[0], (*SCHOOLS[1][:-1], classes), SCHOOLS[2]])
    refused(town, rf'schools\.csv, row 3: classes is "{shown}", but it must be a number from 0 to 1e12')


def test_negative_people(town: Path) -> None:
    edit(town.parent / "compounds.geojson", _last_age_3_negative)
    refused(town, r'compounds\.geojson, row 24: age_3 is "-4"')


def test_coordinate_that_is_no_number(town: Path) -> None:
    edit(town.parent / "addresses.csv", lambda text: text.replace("3号,125.", "3号,E125.", 1))
    refused(town, r"addresses\.csv, row 3: the coordinates E125\.\d+, 42\.\d+ are no numbers")


def test_wrong_kind_of_geometry(town: Path) -> None:
    edit(
        town,
        lambda text: text.replace('path = "streets.geojson"', 'path = "buildings.geojson"').replace(
            'kind = "kind" }\n\n[[b', 'kind = "use" }\n\n[[b'
        ),
    )
    refused(town, r"buildings\.geojson, row 1 is a polygon, but streets must be line")


def test_ages_that_the_population_lacks(town: Path) -> None:
    edit(town, lambda text: text.replace("to = 14", "to = 10"))
    refused(town, "the level junior needs children of the ages in age_12")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_csv_is_read_right(town: Path, encoding: str) -> None:
    write_addresses(town.parent / "addresses.csv", encoding)
    write_schools(town.parent / "schools.csv", SCHOOLS, encoding)
    made = import_town(town)
    assert list(made.layers["schools"]["name"]) == ["第一中学", "第一小学", "第二小学"]
    assert set(made.layers["addresses"]["text"]) == {f"东西0路{2 * number + 1}号" for number in range(1, 6)}


def test_csv_in_no_known_encoding(town: Path) -> None:
    (town.parent / "schools.csv").write_bytes(b"id,name\n1,\xff\xff\xff\n")
    refused(town, "neither UTF-8 nor GB18030")


def test_csv_with_more_cells_than_columns(town: Path) -> None:
    edit(town.parent / "schools.csv", lambda text: text.replace(",3\n", ",3,4,5\n", 1))
    refused(town, r"schools\.csv is no readable CSV")


def test_the_command_says_one_sentence_and_leaves_nothing(cli: FlaskCliRunner, town: Path, tmp_path: Path) -> None:
    (town.parent / "schools.csv").unlink()
    before = sorted(tmp_path.iterdir())
    result = cli.invoke(args=["geodata", "import", str(town), "--out", str(tmp_path / "city"), "--json"])
    assert result.exit_code == 2
    assert "There is no file" in result.output
    assert "Traceback" not in result.output
    assert sorted(tmp_path.iterdir()) == before


def test_a_web_map_s_metres_are_no_metres(town: Path) -> None:
    edit(town, lambda text: text.replace('crs = "EPSG:4551"', 'crs = "EPSG:3857"'))
    refused(town, r"recipe\.toml: lengths in EPSG:3857 are 3\d % off where the city is; take EPSG:4551")


def test_a_crs_without_a_code(town: Path) -> None:
    edit(town, lambda text: text.replace('crs = "EPSG:4551"', 'crs = "+proj=tmerc +lon_0=126 +x_0=500000"'))
    refused(town, "the CRS .* is unknown")


@pytest.mark.parametrize(
    ("school", "sentence"),
    [
        ("P1,P3", "the school id has a comma"),
        ("P1\u200b", "a sign that cannot be seen"),
        ("Ｐ2", "the school id P2 stands there twice"),
    ],
)
def test_a_school_id_that_cannot_be_told_from_others(town: Path, school: str, sentence: str) -> None:
    edit(town.parent / "schools.csv", lambda text: text.replace("\nP1,", f'\n"{school}",'))
    refused(town, rf"schools\.csv, row \d: .*{sentence}")


@pytest.mark.parametrize("field", ["row", "geometry"])
def test_a_field_that_has_the_name_of_one_of_ours(town: Path, field: str) -> None:
    """It was read as the row's number, silently."""
    for path in (town, town.parent / "compounds.geojson"):
        edit(path, lambda text: text.replace('"residents"', f'"{field}"'))
    refused(town, rf"compounds\.geojson: a field called {field} cannot be read")


def test_a_name_with_a_sign_that_toml_does_not_take(town: Path) -> None:
    edit(town, lambda text: text.replace('"柳河镇"', '"柳\\u007f河"'))
    made = import_town(town)
    write_city(made, town.parent.parent / "city", {}, SPEAKERS)
    assert City.open(town.parent.parent / "city").name == "柳\x7f河"
