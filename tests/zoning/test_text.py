"""Zones as text: what is written, and that reading it back gives every known address its own school."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from flask.testing import FlaskCliRunner
from hypothesis import given
from hypothesis import strategies as st

from geodata.catchments.areas import Roads
from geodata.catchments.assign import Addresses
from geodata.catchments.rules import House, Rule
from geodata.catchments.writing import write
from geodata.city import City
from geodata.demo import make_city
from geodata.reading.shapes import read_shapes
from geodata.recipe.source import Source
from tests.paths import REAL_DATA, needs_real_data
from tests.zoning.bench import Bench
from zoning.plan import Plan
from zoning.problem import Problem
from zoning.text.document import misread, sections, zone_texts
from zoning.text.lines import line_of
from zoning.text.names import Names
from zoning.text.rules import rules_of
from zoning.text.sides import sides_of
from zoning.text.spans import spans_for

NO_ROADS = Roads(gpd.GeoDataFrame({"name": []}, geometry=[], crs=4551), shapely.box(0, 0, 10_000, 10_000))


def known(texts: list[str]) -> Addresses:
    return Addresses.of(texts, shapely.points([(10.0 * at, 0.0) for at in range(len(texts))]))


def lines(given: dict[str, int], language: str = "zh") -> dict[int, list[str]]:
    """The lines of each zone for addresses with their zones."""
    addresses = known(list(given))
    names = Names((), addresses)
    found: dict[int, list[str]] = {zone: [] for zone in given.values()}
    for zone, rule in rules_of(addresses, list(given.values())):
        line = line_of(rule, names, language)
        if line:
            found[zone].append(line)
    return found


def wrong(given: list[tuple[str, int]], language: str) -> list[str]:
    """The addresses that the text of all zones gives another zone, several or none."""
    addresses = known([text for text, _zone in given])
    names = Names((), addresses)
    zones = [zone for _text, zone in given]
    schools = [str(zone) for zone in range(max(zones) + 1)]
    text = ""
    rules = rules_of(addresses, zones)
    for zone in range(len(schools)):
        made = [line_of(rule, names, language) for own, rule in rules if own == zone]
        text += "\n".join([f"## {zone}", *(f"- {line}" for line in made if line), ""])
    return [one.address for one in misread(text, addresses, zones, schools, NO_ROADS)]


# ---- spans


def held(numbers: range, mine: set[int]) -> str:
    houses = [House(number) for number in numbers]
    return write([Rule("numbers", "甲路", spans_for(houses, [number in mine for number in numbers]))])


@pytest.mark.parametrize(
    ("mine", "text"),
    [
        ({1, 2, 3, 4}, "甲路1号—4号"),
        ({1, 3, 5, 7, 9}, "甲路1号—9号（单号）"),
        ({2, 4, 7, 9}, "甲路2号—4号（双号）、7号—9号（单号）"),
        ({1, 2, 3, 4, 5, 7, 9}, "甲路1号—9号（单号）、2号—4号（双号）"),
        ({1, 2, 3, 4, 5, 6, 8, 9}, "甲路1号—6号、8号—9号"),
        ({5}, "甲路5号"),
    ],
)
def test_numbers_are_as_few_spans_as_hold_them(mine: set[int], text: str) -> None:
    assert held(range(1, 11), mine) == text


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), unique_by=lambda pair: pair[0], max_size=40))
def test_spans_hold_what_is_wanted_and_nothing_else(marked: list[tuple[int, bool]]) -> None:
    marked = sorted(marked)
    houses, mine = [House(number) for number, _ in marked], [flag for _, flag in marked]
    spans = spans_for(houses, mine)
    assert [any(span.holds(house) for span in spans) for house in houses] == mine
    assert len(spans) <= sum(mine)


# ---- rules


def test_a_street_in_one_zone_is_named_whole_and_a_divided_one_by_numbers() -> None:
    assert lines({"和平路1号": 0, "和平路8号": 0, "青年街1号": 0, "青年街3号": 0, "青年街2号": 1, "青年街6号": 1}) == {
        0: ["和平路", "青年街1号—3号（单号）"],
        1: ["青年街2号—6号（双号）"],
    }


def test_a_house_in_two_zones_is_told_by_its_buildings() -> None:
    found = lines({"和平路5号安居小区1号楼": 0, "和平路5号安居小区2号楼": 1, "和平路7号": 0})
    assert found == {0: ["和平路7号", "安居小区1栋"], 1: ["安居小区2栋"]}


def test_a_lane_in_two_zones_is_told_by_the_houses_inside() -> None:
    found = lines({"仙霞路628弄4号": 0, "仙霞路628弄6号": 1, "仙霞路630号": 1})
    assert found == {0: ["仙霞路628弄4号"], 1: ["仙霞路630号", "仙霞路628弄6号"]}


def test_a_few_houses_of_others_are_excepted() -> None:
    given = {f"和平路{number}号": 0 for number in range(1, 40)} | {"和平路10号": 1, "和平路21号": 1, "和平路11号": 1}
    assert lines(given) == {0: ["和平路（10号—11号、21号除外）"], 1: ["和平路10号—11号、21号"]}


def test_names_are_written_as_people_write_them() -> None:
    assert lines({"红安二街2号": 0, "红安二街4号": 1}) == {0: ["红安二街2号"], 1: ["红安二街4号"]}
    english = lines({"88-35 199th Street": 0, "88-51 199th Street": 0, "88-52 199th Street": 1}, "en")
    assert english == {0: ["199th Street: nos. 88-35 to 88-51"], 1: ["199th Street: nos. no. 88-52"]}


def test_an_address_in_two_zones_is_told_and_not_guessed() -> None:
    assert wrong([("和平路5号", 0), ("和平路5号", 1), ("和平路7号", 1)], "zh") == ["和平路5号", "和平路5号"]


def test_a_compound_that_begins_like_a_district_takes_nobody_elses_name() -> None:
    given = [("甲一路11号望河区振文小学1号楼", 0), ("乙路280号振文小学1号楼", 1), ("乙路282号", 0)]
    assert wrong(given, "zh") == []


def test_a_street_of_two_districts_is_named_with_its_district() -> None:
    given = [("龙山区人民大街1号", 0), ("龙山区人民大街3号", 1), ("西安区人民大街1号", 2), ("西安区人民大街3号", 2)]
    assert lines(dict(given)) == {0: ["龙山区人民大街1号"], 1: ["龙山区人民大街3号"], 2: ["西安区人民大街全部"]}
    assert wrong(given, "zh") == wrong(given, "en") == []


STREETS = st.sampled_from(["和平路", "红安二街", "东风大街", "人民广场", "桃园里", "解放道"])
COMPOUNDS = st.sampled_from(["", "", "安居小区", "丽福花园", "幸福村"])
LETTERS = st.sampled_from(["", "", "", "甲", "乙"])
chinese = st.builds(
    lambda street, number, letter, lane, compound, block: (
        f"{street}{number}{letter}号" + (f"{compound}{block}号楼" if compound else "")
        if not lane
        else f"{street}{number}弄{lane}号"
    ),
    STREETS,
    st.integers(1, 30),
    LETTERS,
    st.sampled_from([0, 0, 0, 1, 2, 3]),
    COMPOUNDS,
    st.integers(1, 6),
)
latin = st.builds(
    lambda block, number, street: f"{block}-{number:02d} {street}",
    st.integers(86, 90),
    st.integers(1, 40),
    st.sampled_from(["199th Street", "Hillside Avenue", "Braddock Ave"]),
)


@pytest.mark.parametrize("language", ["zh", "en"])
@given(
    st.dictionaries(st.one_of(chinese, latin), st.integers(0, 3), min_size=1, max_size=60),
)
def test_reading_back_gives_the_same_addresses(language: str, given: dict[str, int]) -> None:
    """Only an address that shares every number it bears with another zone may be left open, and none is misled."""
    pairs = sorted(given.items())
    addresses = known([text for text, _ in pairs])
    shared = shared_numbers(addresses, [zone for _, zone in pairs])
    assert set(wrong(pairs, language)) <= shared


def shared_numbers(addresses: Addresses, zones: list[int]) -> set[str]:
    """Addresses all of whose numbers stand in several zones."""
    owners = defaultdict(set)
    bears = []
    for places, zone in zip(addresses.places, zones, strict=True):
        keys = [(place.name, *_counted(place.houses[:depth])) for place in places for depth in (1, len(place.houses))]
        bears.append(keys)
        for key in keys:
            owners[key].add(zone)
    texts = zip(addresses.texts, bears, strict=True)
    return {text for text, keys in texts if all(len(owners[key]) > 1 for key in keys)}


def _counted(houses: tuple[House, ...]) -> tuple[object, ...]:
    """Numbers as a rule tells them apart."""
    return tuple((house.unit == "栋", house.place) for house in houses)


def cells(points: np.ndarray, count: int) -> list[int]:
    """Zones of made-up schools, each house going to the nearest: they cut through streets and compounds."""
    schools = points[np.random.default_rng(7).choice(len(points), count, replace=False)]
    return [int(at) for at in ((points[:, None] - schools[None]) ** 2).sum(2).argmin(1)]


def test_a_demo_city_cut_anyhow_reads_back() -> None:
    city = make_city(size=0.4)
    given = dict(zip(city.addresses, cells(city.buildings.place, 9), strict=True))
    assert len(given) > 1000
    shared = shared_numbers(known(list(given)), list(given.values()))
    for language in ("zh", "en"):
        assert set(wrong(list(given.items()), language)) <= shared


@pytest.mark.realdata
@needs_real_data("queens_village")
def test_the_houses_of_queens_cut_anyhow_read_back() -> None:
    """But for those that bear one number and stand in two zones: geodata takes 207-05A for 207-05."""
    columns = {"text": ("addr:housenumber", "addr:street")}
    path = REAL_DATA / "queens_village" / "queens_village_ny.osm.pbf"
    rows = read_shapes(Source("addresses", path, "points", "WGS 84", columns, {}, {}, {"join": " "})).rows
    rows = rows[(rows["addr:housenumber"].fillna("") != "") & (rows["addr:street"].fillna("") != "")]
    texts = (rows["addr:housenumber"] + " " + rows["addr:street"]).tolist()
    given = dict(zip(texts, cells(shapely.get_coordinates(rows.geometry.to_numpy()), 13), strict=True))
    assert len(given) > 1000
    shared = shared_numbers(known(list(given)), list(given.values()))
    assert set(wrong(list(given.items()), "en")) <= shared
    assert len(shared) < 10


# ---- roads around


def test_the_roads_along_each_side_are_named() -> None:
    roads = {"北路": [(0, 1005), (1000, 1005)], "东街": [(1008, 0), (1008, 1000)], "远路": [(0, -90), (1000, -90)]}
    streets = gpd.GeoDataFrame(
        {"name": list(roads)}, geometry=[shapely.LineString(line) for line in roads.values()], crs=4551
    )
    zones = gpd.GeoSeries({"S": shapely.box(0, 0, 1000, 1000)}, crs=4551)
    assert [(bound.side, bound.road) for bound in sides_of(zones, streets)["S"]] == [
        ("north", "北路"),
        ("east", "东街"),
    ]


# ---- the command


@pytest.fixture
def bench(surroundings: Path, cli: FlaskCliRunner) -> Bench:
    return Bench.make(surroundings, cli)


def test_the_text_of_a_plan_reads_back(bench: Bench) -> None:
    result = bench.run("text", bench.problem, bench.plan)
    assert result.exit_code == 0, result.output
    assert "## 实验小学（P01）" in result.stdout
    assert "80 of 80" in result.stderr
    assert len(sections(result.stdout)) == 4


def test_the_file_and_the_verdict(bench: Bench) -> None:
    result = bench.run("text", bench.problem, bench.plan, "--out", bench.root / "z.md", "--language", "en", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"ok": True, "addresses": 80, "wrong": []}
    assert (bench.root / "z.md").read_text(encoding="utf-8").startswith("# Catchments of ")


def test_an_address_that_words_cannot_tell_is_an_exit_of_1(bench: Bench) -> None:
    city = City.open(bench.city)
    addresses = city.addresses()
    addresses.loc[addresses["unit"] == "U0000", "text"] = "人民路99号"
    addresses.loc[addresses["unit"] == "U0709", "text"] = "人民路99号"
    addresses.to_file(bench.city / "city.gpkg", layer="addresses", driver="GPKG")
    result = bench.run("text", bench.problem, bench.plan)
    assert result.exit_code == 1
    assert result.stderr.count("人民路99号 belongs to") == 2
    assert "# 文字无法区分的地址" in result.stdout
    plan = Plan.read(Problem.read(bench.problem), bench.plan)
    assert len(zone_texts(city, plan, {}, ("zh",))["zh"].wrong) == 2
