"""Seats from past enrolment, age groups from a table, and the files that do not give them."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.recipe.recipe import read_recipe
from geodata.roles.seats import share_inside
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS, import_town
from tests.geodata.town import degrees, edit, write_shapes
from zoning.errors import ZoningInputError
from zoning.from_city import write_problem

AGES = """
[age_groups]
path = "ages.csv"
key = "area"
total = "all"
groups = { "0-4" = "small", "5-9" = "middle", "10-14" = "large" }
"""
ENROLMENT = """
[schools.enrolment]
history = "history"
latest = "2025"
grades = "grades"
shares = { "1-6" = [1, 6] }
zone_share = true
"""


@pytest.fixture
def census(town: Path) -> Path:
    """The town as an old-fashioned file set: areas with age groups, schools with their past enrolment, one level."""
    text = town.read_text(encoding="utf-8")
    start, end = text.index("[[schools]]"), text.rindex("[[schools]]")
    zones = text.index("[[zones]]")
    schools = text[start:end].replace('only = { stage = ["小学"] }\n', "").replace(', classes = "classes"', "")
    text = text[:start] + schools + ENROLMENT + text[zones:] + AGES
    text = text.replace("[levels.junior]\nages = [12]\n", "").replace("attendance = 0.9", 'attendance = "enrolment"')
    text = text.replace('single_ages = { column = "age_{age}", from = 0, to = 14 }\n', "")
    text = text.replace('{ count = "residents" }', '{ count = "residents", area = "district" }')
    town.write_text(text, encoding="utf-8")
    (town.parent / "ages.csv").write_text("area,all,small,middle,large\nA,1000,50,60,40\n", encoding="utf-8-sig")
    areas = [(shapely.box(0, 0, 1200, 450), {"residents": 3000, "district": "A"})]
    areas.append((shapely.box(0, 450, 1200, 800), {"residents": 1000, "district": "B"}))
    write_shapes(town.parent / "compounds.geojson", areas)
    write_schools(town.parent / "schools.csv", [["2024", 240], ["2025", 180]])
    return town


def write_schools(path: Path, history: object, grades: str = "1-6") -> None:
    lon, lat = degrees(310, 110)
    cell = json.dumps(history).replace('"', '""')
    path.write_text(f'id,name,lon,lat,grades,history\nP1,第一小学,{lon},{lat},{grades},"{cell}"\n', encoding="utf-8")


def test_seats_are_the_highest_year_and_attendance_is_the_latest(census: Path, tmp_path: Path) -> None:
    made = import_town(census)
    write_city(made, tmp_path / "city", {}, SPEAKERS)
    city = City.open(tmp_path / "city")
    assert city.schools()["capacity"].to_list() == pytest.approx([240 / 6])
    assert city.demand("primary", 2026).sum() == pytest.approx(180 / 6)
    assert city.attendance == pytest.approx((180 / 6) / (4000 * 60 / 5 / 1000))
    said = [message % values for message, values in made.notes.doubts]
    assert any("1000.00 people live in areas that ages.csv lacks (B)" in sentence for sentence in said)
    assert any("P1 0.167" in sentence for sentence in said)


def test_a_school_is_measured_by_its_own_zone_and_only_without_one_by_a_shared_one() -> None:
    zones = gpd.GeoDataFrame(
        {"schools": ["A", "A,B", ""]},
        geometry=[shapely.box(0, 0, 2, 1), shapely.box(2, 0, 6, 1), shapely.box(6, 0, 9, 1)],
    )
    assert share_inside(zones, shapely.box(0, 0, 3, 1)) == {"A": 1.0, "B": 0.25}


@pytest.mark.parametrize("history", [[["2024", 200]], "none", [["2025", -3]], [["2025"]], 7])
def test_history_that_cannot_be_used(census: Path, history: object) -> None:
    write_schools(census.parent / "schools.csv", history)
    with pytest.raises(
        GeodataInputError, match=r"schools\.csv, row 2: history must list \[year, pupils\] with the year 2025"
    ):
        import_town(census)


def test_grades_without_a_share(census: Path) -> None:
    write_schools(census.parent / "schools.csv", [["2025", 100]], grades="1-9")
    with pytest.raises(
        GeodataInputError, match=r"row 2: the recipe's enrolment.shares have no entry for the grades '1-9'"
    ):
        import_town(census)


def test_age_table_without_the_field(census: Path) -> None:
    edit(census, lambda text: text.replace('"middle"', '"medium"'))
    with pytest.raises(
        GeodataInputError, match=r"ages\.csv has no field medium, which the recipe names in \[age_groups\]"
    ):
        import_town(census)


def test_age_table_with_a_figure_below_zero(census: Path) -> None:
    (census.parent / "ages.csv").write_text("area,all,small,middle,large\nA,1000,50,-1,40\n", encoding="utf-8")
    with pytest.raises(GeodataInputError, match=r"ages\.csv, row 2: the residents by age must be numbers"):
        import_town(census)


def test_population_that_says_nothing_about_ages(census: Path) -> None:
    edit(census, lambda text: text.replace(AGES, ""))
    with pytest.raises(GeodataInputError, match="says nothing about ages"):
        import_town(census)


def test_two_ways_to_say_the_seats(town: Path) -> None:
    edit(town, lambda text: text.replace("[[zones]]", ENROLMENT + "\n[[zones]]", 1))
    with pytest.raises(GeodataInputError, match=r"can name either fields.capacity and fields.classes, or enrolment"):
        read_recipe(town)


def test_a_capacity_that_is_given_goes_before_the_classes_and_each_school_may_have_its_class_size(town: Path) -> None:
    schools = town.parent / "schools.csv"
    rows = schools.read_text(encoding="utf-8").splitlines()
    more = ["seats,size", "100,", ",40", ","]
    schools.write_text("\n".join(f"{row},{extra}" for row, extra in zip(rows, more, strict=True)), encoding="utf-8")
    fields = 'classes = "classes", capacity = "seats", class_size = "size" }'
    edit(town, lambda text: text.replace('classes = "classes" }', fields))
    found = import_town(town).layers["schools"].set_index("school")
    assert found["capacity"].to_dict() == {"P1": 100, "P2": 4 * 40, "J1": 5 * 50}
    assert found["classes"].to_dict() == {"P1": 3, "P2": 4, "J1": 5}
    assert found["class_size"].to_dict() == {"P1": 45, "P2": 40, "J1": 50}


def test_a_school_with_neither_capacity_nor_classes_is_named(town: Path) -> None:
    edit(town.parent / "schools.csv", lambda text: text.replace(",4\n", ",\n"))
    with pytest.raises(GeodataInputError, match=r"schools.csv, row 3: classes is "):
        import_town(town)


def test_schools_without_any_seats_are_a_doubt_and_no_plan(town: Path, tmp_path: Path) -> None:
    edit(town, lambda text: text.replace(', classes = "classes" }', " }"))
    made = import_town(town)
    assert made.layers["schools"]["capacity"].sum() == 0
    assert [values["schools"] for message, values in made.notes.doubts if "no seats for its" in message] == [2, 1]
    write_city(made, tmp_path / "city", {}, SPEAKERS)
    with pytest.raises(ZoningInputError, match=r"it has no schools of the level with seats\."):
        write_problem(City.open(tmp_path / "city"), "primary", 2026, None, tmp_path / "problem")
