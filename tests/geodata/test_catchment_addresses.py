"""Rules on addresses: who is named, by one text or several, and which rules have no effect."""

from __future__ import annotations

import csv
import re
import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.catchments.areas import Roads
from geodata.catchments.assign import NO_LAND, NO_ROAD, NOWHERE, SEVERAL, Addresses, Assigned, assign
from geodata.catchments.grammar import read
from geodata.catchments.places import places_of
from geodata.catchments.rules import Rule
from geodata.catchments.schools import find_schools
from geodata.catchments.table import catchments_of, understood
from geodata.reading.files import read_table
from tests.paths import REAL_DATA, needs_real_data

AREA = shapely.box(-10_000, -10_000, 200_000, 10_000)
NO_STREETS = gpd.GeoDataFrame({"name": []}, geometry=[], crs=4551)
GRID = gpd.GeoDataFrame(
    {"name": ["甲路", "乙路", "丙路", "丁路"]},
    geometry=[
        shapely.LineString([(100, -200), (100, 900)]),
        shapely.LineString([(-200, 0), (900, 0)]),
        shapely.LineString([(0, -200), (0, 900)]),
        shapely.LineString([(-200, 100), (900, 100)]),
    ],
    crs=4551,
)


def assigned(
    texts: list[str],
    addresses: list[str],
    points: list[tuple[float, float]] | None = None,
    streets: gpd.GeoDataFrame = NO_STREETS,
) -> Assigned:
    places = points or [(10 * at, 500) for at in range(len(addresses))]
    rules = [read(text).rules for text in texts]
    return assign(rules, Addresses.of(addresses, shapely.points(places)), Roads(streets, AREA))


@pytest.mark.parametrize(
    ("text", "address", "named"),
    [
        ("滨河路1—17号（单号）", "滨河路15号", True),
        ("滨河路1—17号（单号）", "滨河路16号", False),
        ("滨河路1—17号", "滨河路１５甲", True),
        ("滨河路1—17号", "滨河路17甲", False),
        ("滨河路1—17号", "滨河路17号之一", False),
        ("滨河路17号之一", "滨河路17號之1", True),
        ("滨河路2-20号（双号）、17号", "滨河路17号", True),
        ("滨河路211号及以后（单号）", "滨河路999号", True),
        ("茅台路200弄1-17号", "茅台路200弄3号", True),
        ("茅台路200弄1-17号", "茅台路3号", False),
        ("茅台路200弄1-17号", "茅台路201弄3号", False),
        ("茅台路200弄", "茅台路200弄3号302室", True),
        ("茅台路190-210号", "茅台路200弄3号", True),
        ("中山一路", "中山1路59号", True),
        ("中山一路", "中山二路59号", False),
        ("共和西", "共和西横街2号", False),
        ("梅花村", "人民路12号梅花村2栋", True),
        ("梅花村1-3栋", "梅花村2号楼", True),
        ("梅花村1-3栋", "梅花村2号", False),
        ("金羊一、二、三街", "金羊二街5号", True),
        ("共和路（5号除外）", "共和路5号", False),
        ("共和路（5号除外）", "共和路7号", True),
        ("西元岗（一、二巷除外）", "西元岗二巷3号", False),
        ("117th Street: 109-01 to 109-60", "109-19 117th St", True),
        ("117th Street: 109-19", "109-19 117th Street", True),
        ("117th Street: 109", "109-19 117th Street", False),
        ("Main St: odd 1-50", "36-40 Main St", False),
        ("Neuendorfer Str.: 10 D", "Neuendorfer Straße 10d", True),
        ("Karl-Marx-Str.: ung. 35A-35B", "Karl-Marx-Straße 35", False),
        ("Mangerstr.: ohne HNr.", "Mangerstraße", True),
        ("Mangerstr.: ohne HNr.", "Mangerstraße 4", False),
    ],
)
def test_a_rule_names_an_address_or_not(text: str, address: str, named: bool) -> None:
    assert read(text).unread == ()
    assert bool(assigned([text], [address]).text[0] == 0) is named


def test_an_address_that_two_texts_name_is_a_conflict_and_one_that_none_names_is_uncovered() -> None:
    found = assigned(["人民路1-9号", "人民路9-20号"], ["人民路1号", "人民路9号", "人民路10号", "人民路99号"])
    assert found.text.tolist() == [0, -1, 1, -1]
    assert [(one.address, one.texts) for one in found.conflicts] == [(1, (0, 1))]
    assert found.uncovered.tolist() == [3]


def test_a_rule_that_names_no_known_address_is_told() -> None:
    (doubt,) = assigned(["邻德坊太平坊"], ["邻德坊1号"]).doubtful
    assert doubt.why == NOWHERE


def test_an_area_holds_the_addresses_between_its_roads() -> None:
    found = assigned(
        ["东至甲路，南至乙路，西至丙路，北至丁路（某某街除外）", "丁路以北、丙路以东、甲路以西"],
        ["某街1号", "某街2号", "某某街3号", "某街4号"],
        [(50, 50), (150, 50), (60, 60), (50, 150)],
        GRID,
    )
    assert found.text.tolist() == [0, -1, -1, -1]
    assert [one.why for one in found.doubtful] == [NO_LAND]


def test_an_area_whose_road_is_unknown_is_told_with_the_road() -> None:
    (doubt,) = assigned(["东至甲路，南至乙路，西至无名路，北至丁路"], ["某街1号"], [(50, 50)], GRID).doubtful
    assert (doubt.why, doubt.candidates) == (NO_ROAD, ("无名路",))


def test_a_rule_that_names_its_district_leaves_other_districts_alone() -> None:
    texts = ["龙山区人民大街1号", "西安区人民大街1号", "人民大街3号"]
    assert assigned(["龙山区人民大街全部"], texts).text.tolist() == [0, -1, 0]


def test_a_compound_in_two_districts_is_not_guessed() -> None:
    both = ["龙山区阳光小区1栋", "西安区阳光小区1栋"]
    found = assigned(["阳光小区"], both)
    assert found.text.tolist() == [-1, -1]
    assert (found.doubtful[0].why, found.doubtful[0].candidates) == (
        SEVERAL,
        ("西安区阳光小区1栋", "龙山区阳光小区1栋"),
    )
    assert assigned(["龙山区阳光小区"], both).doubtful == ()


def test_a_compound_that_stands_at_two_far_places_is_not_guessed() -> None:
    far = [(0, 0), (100, 0), (5_000, 0)]
    found = assigned(["阳光小区"], ["阳光小区1栋", "阳光小区2栋", "阳光小区1号"], far)
    assert found.text.tolist() == [-1, -1, -1]
    assert found.doubtful[0].candidates == ("阳光小区1号", "阳光小区1栋")


@pytest.mark.realdata
@needs_real_data("liaoyuan_divisions")
def test_none_of_the_community_names_that_a_prefecture_has_twice_is_guessed() -> None:
    """94 of its 580 communities and villages share their name with another."""
    with (REAL_DATA / "liaoyuan_divisions" / "villages_220400.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["name"] for row in rows]
    shared = {name for name in names if names.count(name) > 1}
    assert (len(names), sum(name in shared for name in names)) == (580, 94)
    texts = sorted(set(names))
    places = [(3_000 * at, 0) for at in range(len(rows))]
    found = assigned(texts, [f"{name}1号" for name in names], places)
    taken = {names[at] for at in np.flatnonzero(found.text >= 0)}
    assert not taken & shared
    assert {doubt.rule.name for doubt in found.doubtful if doubt.why == SEVERAL} == shared & {
        rule.name for text in texts for rule in read(text).rules
    }


@pytest.mark.realdata
@needs_real_data("potsdam_street_rules")
@needs_real_data("zh_catchment_text")
@pytest.mark.parametrize(
    ("path", "school", "text", "least"),
    [
        ("potsdam_street_rules/streets.csv", "schoolId", ["name", "houseNumbers"], 1_500),
        ("zh_catchment_text/guangzhou_yuexiu_2026_sample.json", "school", ["zone"], 600),
    ],
)
def test_both_ends_of_every_rule_of_a_city_go_to_its_school_and_to_no_other(
    path: str, school: str, text: list[str], least: int
) -> None:
    rules = [understood(one)[0].rules for one in catchments_of(read_table(REAL_DATA / path), school, text)]
    own = [(end, number) for number, one in enumerate(rules) for rule in one for end in _ends(rule)]
    points = shapely.points([(at, 0) for at in range(len(own))])
    found = assign(rules, Addresses.of([end for end, _ in own], points), Roads(NO_STREETS, AREA))
    assert len(own) > least
    assert found.conflicts == ()
    assert found.text.tolist() == [number for _, number in own]


def _ends(rule: Rule) -> list[str]:
    """Addresses at both ends of a rule's spans; of a whole street one of its houses."""
    if rule.kind in ("heading", "bounded"):
        return []
    houses = [house for span in rule.numbers for house in (span.first, span.last) if house]
    if re.search("[\u4e00-\u9fff]", rule.name):
        parts = [f"{house.number}{house.letter}{house.unit}" + f"之{house.sub}" * (house.sub > 0) for house in houses]
        return [f"{rule.name}{part}" for part in parts or ["5号"] * (rule.kind != "numbers")]
    if rule.kind == "numbers":
        return [f"{rule.name} {house.number}{house.letter.lower()}" for house in houses] or [rule.name]
    return [rule.name if rule.name[-1].isdigit() else f"{rule.name} 5"]


@pytest.mark.realdata
@needs_real_data("zh_catchment_text")
def test_schools_whose_names_differ_between_files_are_found_or_left_open() -> None:
    with (REAL_DATA / "zh_catchment_text" / "shanghai_schools_catchment_text.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ids, names = [row["id"] for row in rows], [row["name"] for row in rows]
    found = find_schools(
        ["长宁路小学", "玉屏南路小学", "上海市长宁区玉屏南路小学", "实验小学", "不存在小学", "36"], ids, names
    )
    assert found == {"长宁路小学": "76", "玉屏南路小学": "78", "上海市长宁区玉屏南路小学": "78", "36": "36"}


def test_an_address_names_its_street_and_then_its_compound() -> None:
    assert [place.name for place in places_of("人民大街12号阳光小区3栋2单元")][:2] == ["人民大街", "阳光小区"]
    assert places_of("") == ()


@pytest.mark.realdata
@needs_real_data("shanghai_osm_zh")
def test_real_roads_enclose_a_block_or_it_is_told() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        roads = gpd.read_file(REAL_DATA / "shanghai_osm_zh" / "shanghai_roads.geojson").to_crs(4549)
    known = Roads(roads.assign(name=roads["name"].fillna("")), shapely.box(*roads.total_bounds))
    (block,) = read("北至九江路，南至汉口路，西至江西中路，东至四川中路").rules
    land = known.inside(block.bounds)
    assert land is not None
    assert 10_000 < land.area < 20_000
    (broken,) = read("北至北京东路，南至九江路，西至江西中路，东至四川中路").rules
    assert known.missing(broken.bounds) == ()
    assert known.inside(broken.bounds) is None  # 江西中路 has a gap in the extract
