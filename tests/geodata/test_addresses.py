"""Spellings of one house give one normal form; different houses stay different."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.addresses.match import locate
from geodata.addresses.normal import natural, normal_address, regions, without_room
from geodata.catchments.places import places_of
from geodata.catchments.rules import HYPHEN
from geodata.errors import GeodataInputError
from geodata.gather import gather
from geodata.notes import Notes
from geodata.reading.shapes import read_shapes
from geodata.recipe.recipe import read_recipe
from geodata.recipe.source import Source
from tests.geodata.town import EAST, RECIPE, edit
from tests.paths import REAL_DATA, needs_real_data


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        ("吉林省辽源市龙山区人民大街１２号", "人民大街12号"),
        ("人民大街十二号", "人民大街12号"),
        ("人民大街12號", "人民大街12号"),
        (" 人民大街 12号 ", "人民大街12号"),
        ("阳光小区三幢", "阳光小区3栋"),
        ("阳光小区3号楼", "阳光小区3栋"),
        ("陽光小區3棟", "阳光小区3栋"),
        ("中山一路二十三号", "中山1路23号"),
        ("二〇三室", "203室"),
        ("一百零三号", "103号"),
        ("上海市黄浦区九江路628弄4－7號", "9江路628弄4-7号"),
        ("109–19 117th St.", "109-19 117 street"),
        ("109-19  117TH STREET", "109-19 117 street"),
        ("200-05 Hollis Ave", "200-05 hollis avenue"),
        ("滨河路15甲", "滨河路15甲"),
        ("滨河路15號之一", "滨河路15号之1"),
        ("滨河路15号之1", "滨河路15号之1"),
        ("Neuendorfer Str. 10 D", "neuendorfer strasse 10d"),
        ("Neuendorfer Straße 10d", "neuendorfer strasse 10d"),
        ("Karl-Liebknecht-Str. 134A", "karl-liebknecht-strasse 134a"),
    ],
)
def test_spellings(spelling: str, normal: str) -> None:
    assert normal_address(spelling) == normal


@pytest.mark.parametrize("name", ["阳光小区3栋", "阳光新区3栋", "新华社区2栋", "市政小区1栋", "龙山区"])
def test_names_that_end_like_a_district_keep_it(name: str) -> None:
    assert normal_address(name) == name


@pytest.mark.parametrize(
    ("typed", "house"),
    [("阳光小区3栋2单元501室", "阳光小区3栋"), ("阳光小区3栋501", "阳光小区3栋"), ("人民大街12号", "人民大街12号")],
)
def test_the_room_is_no_part_of_the_house(typed: str, house: str) -> None:
    assert without_room(typed) == house


def test_natural_order() -> None:
    assert sorted(["10号", "2号", "1号"], key=natural) == ["1号", "2号", "10号"]


def known(*texts: str) -> gpd.GeoDataFrame:
    """Addresses a kilometre apart, the first at 0, 0."""
    points = [shapely.Point(1000 * at, 0) for at in range(len(texts))]
    return gpd.GeoDataFrame({"text": list(texts)}, geometry=points, crs=4551)


@pytest.mark.parametrize(
    ("typed", "standing", "how"),
    [
        ("人民大街１２号", "人民大街12号", "exact"),
        ("辽源市龙山区人民大街十二號", "人民大街12号", "exact"),
        ("人民大街12号301室", "人民大街12号", "house"),
        ("人民大街12号阳光小区3栋2单元201室", "人民大街12号", "house"),
        ("阳光小区3号楼2单元201", "阳光小区3栋", "house"),
        ("628弄5号", "628弄4-7号", "range"),
        ("628弄5号302室", "628弄4-7号", "range"),
        ("628弄4－7号", "628弄4-7号", "exact"),
        ("滨河路15號之1", "滨河路15号之一", "exact"),
        ("北京东路35号", "北京东路31-91", "range"),
        ("四川中路126弄6号", "四川中路126弄5~21", "range"),
        ("世纪大道100", "世纪大道100号", "exact"),
        ("中山东一路15甲号", "中山东一路15甲", "exact"),
        ("109-19 117th Street, Queens, NY", "109-19 117th St", "house"),
        ("109-19 117th St Apt 4B", "109-19 117th St", "house"),
    ],
)
def test_an_address_finds_its_place(typed: str, standing: str, how: str) -> None:
    found = locate([typed], known(standing))
    assert (found.points[0], found.how) == (shapely.Point(0, 0), (how,))


@pytest.mark.parametrize(
    ("typed", "standing"),
    [
        ("109-20 117th St", "109-19 117th St"),
        ("38 Main St", "36-40 Main St"),
        ("628弄8号", "628弄4-7号"),
        ("北京东路36号", "北京东路31-91"),
        ("滨河路15号", "滨河路15甲"),
        ("滨河路15号", "滨河路15号之一"),
        ("滨河路15乙", "滨河路15甲"),
        ("西安区人民路1号", "龙山区人民路1号"),
        ("", "人民路1号"),
    ],
)
def test_another_house_is_never_taken(typed: str, standing: str) -> None:
    assert locate([typed], known(standing)).how == ("unmatched",)


def test_an_address_at_two_places_is_not_guessed() -> None:
    both = known("龙山区人民路1号", "西安区人民路1号")
    found = locate(["人民路1号", "西安区人民路1号"], both)
    assert found.how == ("ambiguous", "exact")
    assert found.points[0] is None
    assert found.points[1] == shapely.Point(1000, 0)


def test_an_address_that_stands_twice_within_some_metres_is_one_place() -> None:
    twice = gpd.GeoDataFrame({"text": ["人民路1号"] * 2}, geometry=shapely.points([[30, 0], [0, 0]]), crs=4551)
    assert locate(["人民路1号"], twice).points[0] == shapely.Point(0, 0)
    assert locate([], twice).how == ()


def test_regions_are_what_an_address_begins_with() -> None:
    assert regions("吉林省辽源市龙山区人民大街12号") == ("吉林省", "辽源市", "龙山区")
    assert regions("阳光小区3栋") == ("", "", "")


def by_address(recipe: Path, rows: list[str]) -> None:
    """Let the primary schools of the town have addresses instead of coordinates."""
    (recipe.parent / "by_address.csv").write_text("\n".join(["id,name,stage,classes,where", *rows]), encoding="utf-8")
    old = RECIPE.partition("[[schools]]")[2].partition("[[schools]]")[0]
    new = '\npath = "by_address.csv"\nlevel = "primary"\n'
    new += 'fields = { school = "id", name = "name", address = "where", classes = "classes" }\n\n'
    edit(recipe, lambda text: text.replace(old, new))


def test_a_school_table_may_carry_addresses_instead_of_coordinates(town: Path) -> None:
    by_address(town, ["P1,一小,小学,3,东西０路3号", "P2,二小,小学,3,柳河县东西0路九號", "P3,三小,小学,3,无名路1号"])
    notes = Notes()
    schools = gather(read_recipe(town), notes).schools
    assert schools["school"].tolist() == ["J1", "P1", "P2"]
    assert [round(x - EAST) for x in schools.geometry.x] == [510, 300, 900]
    note = next(note for note in notes.sources if note.file == "by_address.csv")
    assert (note.read, note.kept, note.dropped) == (3, 2, {"address not found": 1})
    assert any("4: 无名路1号" in message % values for message, values in notes.doubts)


def test_addresses_of_which_none_is_known_are_refused(town: Path) -> None:
    by_address(town, ["P1,一小,小学,3,无名路1号"])
    with pytest.raises(GeodataInputError, match="none of its 1 addresses"):
        gather(read_recipe(town), Notes())


def test_both_coordinates_and_an_address_are_refused(town: Path) -> None:
    edit(town, lambda text: text.replace('x = "lon", y = "lat", classes', 'address = "id", x = "lon", classes'))
    with pytest.raises(GeodataInputError, match="choose one"):
        read_recipe(town)


@pytest.mark.realdata
@needs_real_data("shanghai_osm_zh")
def test_real_chinese_addresses_find_themselves_and_the_numbers_inside_their_ranges() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        rows = gpd.read_file(REAL_DATA / "shanghai_osm_zh" / "shanghai_buildings.geojson").to_crs(4549)
    rows = rows[~rows.geometry.isna() & ~rows.geometry.is_empty]
    rows = rows[rows["addr_street"].notna() & rows["addr_housenumber"].notna()]
    texts = (rows["addr_street"] + rows["addr_housenumber"]).tolist()
    standing = gpd.GeoDataFrame({"text": texts}, geometry=rows.representative_point().to_numpy(), crs=4549)
    found = locate(texts, standing)
    assert len(texts) == 115
    assert found.count("exact") + found.count("ambiguous") == 115
    inside = locate(["张杨路628弄5号", "张杨路628弄8号", "南苏州路163号", "南苏州路164号", "中山东一路15甲"], standing)
    assert inside.how == ("range", "unmatched", "range", "unmatched", "exact")


@pytest.mark.realdata
@needs_real_data("queens_village")
def test_no_hyphen_of_a_real_queens_address_is_a_range() -> None:
    path = REAL_DATA / "queens_village" / "queens_village_ny.osm.pbf"
    columns = {"text": ("addr:housenumber", "addr:street")}
    source = Source("addresses", path, "points", "WGS 84", columns, {}, {}, {"join": " "})
    rows = read_shapes(source).rows
    numbers, streets = rows["addr:housenumber"].dropna(), rows["addr:street"]
    hyphened = numbers[numbers.str.fullmatch(r"\d+-\d+")]
    assert len(hyphened) > 100
    for number, street in zip(hyphened, streets[hyphened.index], strict=True):
        if street:
            (place,) = places_of(f"{number} {street}")
            assert place.houses[0].letter == HYPHEN
            assert [place.houses[0].number, place.houses[0].sub] == [int(part) for part in number.split("-")]
