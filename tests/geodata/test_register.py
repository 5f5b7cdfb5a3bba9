"""A household register: counted on reading, never stored, and no number of its children from 1 to 4 is published."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.people.small import LEAST
from geodata.recipe.recipe import read_recipe
from geodata.roles.register import BIRTH
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS, import_town
from tests.geodata.town import RECIPE, degrees, edit
from zoning.from_city import write_problem

REGISTER = """
[[register]]
path = "register.csv"
datum = "CGCS2000"
fields = { birth = "出生年月", x = "lon", y = "lat" }
groups = { girls = { column = "性别", values = ["女"] } }
"""
POPULATION = re.search(r"\[\[population\]\].*?\n\n", RECIPE, re.S)[0]
SECRET = "王小明"
HEAD = ["姓名", "出生年月", "lon", "lat", "性别"]


def rows_of(children: list[tuple[float, float, int, int]], sex: str = "男女") -> list[list[str]]:
    """Rows of the register: (x, y, age at the school year 2026, how many children) in town metres."""
    rows = []
    for x, y, age, count in children:
        lon, lat = degrees(x, y)
        for number in range(count):
            month = f"{2026 - age}-{1 + number % 8:02}"
            rows.append([f"{SECRET}{len(rows)}", month, f"{lon:.8f}", f"{lat:.8f}", sex[number % len(sex)]])
    return rows


def everywhere(count: int) -> list[tuple[float, float, int, int]]:
    """The same number of children of each age from 0 to 12 in every block."""
    places = [(column * 200 + 50, y) for column in range(6) for y in (90, 290, 690)]
    return [(x, y, age, count) for x, y in places for age in range(13)]


def write_register(recipe: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    """Put a register beside the town's recipe, in place of its population."""
    with (recipe.parent / "register.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace(POPULATION, REGISTER), encoding="utf-8")
    return recipe


def city_of(recipe: Path) -> City:
    """The town with its register, imported and written."""
    out = recipe.parent.parent / "city"
    write_city(import_town(recipe), out, {}, SPEAKERS)
    return City.open(out)


def small(values: object) -> list[float]:
    """The numbers above 0 and below LEAST."""
    numbers = np.asarray(values, dtype=float).ravel()
    return numbers[(numbers > 0) & (numbers < LEAST - 1e-9)].tolist()


def test_children_are_counted_by_their_age_at_the_cut_off(town: Path) -> None:
    """Born in August 2020: six in the school year 2026; born in September: five."""
    rows = rows_of(everywhere(10))
    lon, lat = degrees(50, 90)
    born = [
        "2020-08",
        "202009",
        "2020年8月",
        "2020/9/1",
        "2020年08月31日",
        "20200901",
        "２０２０．８",
        "2020-09-01 00:00:00",
    ]
    rows += [["x", month, f"{lon}", f"{lat}", "男"] for month in born]
    made = import_town(write_register(town, rows))
    units = made.layers["units"]
    assert units["age_6"].sum() == pytest.approx(0.9 * (180 + 4))
    assert units["age_5"].sum() == pytest.approx(0.9 * (180 + 4))


@pytest.mark.parametrize(("cutoff", "six"), [("08-31", 1), ("12-31", 2), ("09-01", 1), ("09-15", 2)])
def test_the_cut_off_is_the_recipe_s(town: Path, cutoff: str, six: int) -> None:
    """One child of each August and September 2020; of a month without a day its middle counts."""
    rows = rows_of([(x, y, age, 9) for x, y, age, _ in everywhere(9) if age != 6])
    lon, lat = degrees(50, 90)
    rows += [["x", month, f"{lon}", f"{lat}", "男"] for month in ["2020-08", "2020-09"] * 9]
    write_register(town, rows)
    edit(town, lambda text: text.replace("groups = { girls", f'cutoff = "{cutoff}"\ngroups = {{ girls'))
    made = import_town(town)
    assert made.layers["units"]["age_6"].sum() == pytest.approx(0.9 * 9 * six)


def test_no_small_number_survives_in_any_problem(town: Path) -> None:
    rng = np.random.default_rng(5)
    places = [(x, y, age, int(rng.poisson(3))) for x, y, age, _ in everywhere(0)]
    city = city_of(write_register(town, rows_of(places)))
    assert 1 < len(city.units()) < 24
    total = sum(count for *_, count in places)
    ages = [f"age_{age}" for age in range(13)]
    assert city.units()[ages].to_numpy().sum() == pytest.approx(0.9 * total)
    for level, years in (("primary", range(2026, 2033)), ("junior", range(2026, 2039))):
        for year in years:
            folder = town.parent.parent / f"{level}{year}"
            write_problem(city, level, year, None, folder)
            table = pd.read_csv(folder / "units.csv")
            assert not small(table["demand"]), (level, year)
            for group in [column for column in table.columns if column.startswith("group_")]:
                assert not small(table[group])
                assert not small(table["demand"] - table[group])
            for variant in ("low", "high") if year > 2026 else ():
                assert not small(city.demand(level, year, variant)), (level, year, variant)


def test_small_units_are_joined_within_their_side_of_the_river(town: Path) -> None:
    """Two children north of the river would be shown alone; the south has plenty."""
    south = [row for row in everywhere(10) if row[1] < 500]
    with pytest.raises(GeodataInputError, match="a barrier parts them from every neighbour"):
        edit(town.parent / "streets.geojson", lambda text: text.replace("南北3路", "南北3路"[:-1] + "街"))
        lines = json.loads((town.parent / "streets.geojson").read_text(encoding="utf-8"))
        lines["features"] = [line for line in lines["features"] if line["properties"]["name"] != "南北3街"]
        (town.parent / "streets.geojson").write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
        import_town(write_register(town, rows_of([*south, (50, 690, 6, 2)])))


def test_groups_appear_where_every_cell_can_be_shown(town: Path) -> None:
    city = city_of(write_register(town, rows_of(everywhere(20))))
    write_problem(city, "primary", 2026, None, town.parent.parent / "problem")
    table = pd.read_csv(town.parent.parent / "problem/units.csv")
    assert table["group_girls"].sum() == pytest.approx(0.9 * 18 * 10)
    write_problem(city, "primary", 2028, None, town.parent.parent / "later")
    assert "group_girls" not in pd.read_csv(town.parent.parent / "later/units.csv").columns


def test_a_group_with_a_small_cell_is_left_out_and_said(town: Path) -> None:
    """Nine boys and one girl of every twenty: the girls of a unit are one or two."""
    made = import_town(write_register(town, rows_of(everywhere(10), "男男男男男男男男男女")))
    assert not [column for column in made.layers["units"].columns if column.startswith("group_")]
    assert [values["group"] for message, values in made.notes.doubts if "is left out: in" in message] == ["girls"] * 2


def test_two_groups_do_not_tell_of_the_few_in_neither(town: Path) -> None:
    """Of 21 children of an age in each block ten are boys, ten girls, and of one the register does not say it."""
    write_register(town, rows_of(everywhere(21), "男女" * 10 + "?"))
    boys = 'groups = { boys = { column = "性别", values = ["男"] }, girls'
    edit(town, lambda text: text.replace("groups = { girls", boys))
    units = import_town(town).layers["units"]
    groups = [column for column in units.columns if column.startswith("group_primary")]
    assert groups == ["group_primary_boys"]


def test_refuses_two_groups_that_share_a_value(town: Path) -> None:
    write_register(town, rows_of(everywhere(7)))
    edit(town, lambda text: text.replace("groups = {", 'groups = { all = { column = "性别", values = ["男", "女"] },'))
    with pytest.raises(GeodataInputError, match="has a value in two groups of one column"):
        read_recipe(town)


def test_no_child_s_row_is_in_the_city(town: Path) -> None:
    """Neither name nor month nor coordinates, in no file of the folder."""
    rows = rows_of(everywhere(7))
    city = city_of(write_register(town, rows))
    stored = {path.name: path.read_bytes() for path in city.folder.iterdir()}
    for row in rows[:50]:
        for secret in (row[0], row[2], row[3]):
            assert not [name for name, data in stored.items() if secret.encode() in data], secret
    with sqlite3.connect(city.folder / "city.gpkg") as book:
        tables = {name for (name,) in book.execute("SELECT table_name FROM gpkg_contents")}
    assert "register" not in tables
    points = gpd.GeoSeries([shapely.Point(*degrees(x, y)) for x, y, *_ in everywhere(1)], crs="EPSG:4490")
    assert city.population().geometry.geom_type.eq("Polygon").all()
    assert not city.population().geometry.isin(points.to_crs(city.crs)).any()


def test_children_are_the_people_where_there_is_no_other_population(town: Path) -> None:
    city = city_of(write_register(town, rows_of(everywhere(10))))
    assert city.units()["people"].sum() == pytest.approx(18 * 13 * 10)
    assert city.buildings()["people"].sum() == pytest.approx(18 * 13 * 10)


def test_a_population_without_ages_keeps_its_people(town: Path) -> None:
    write_register(town, rows_of(everywhere(10)))
    edit(town, lambda text: text + POPULATION.replace("single_ages", "# single_ages"))
    made = import_town(town)
    assert made.layers["units"]["people"].sum() == pytest.approx(
        sum(500.5 + column for _ in range(4) for column in range(6))
    )
    assert made.layers["units"]["age_6"].sum() == pytest.approx(0.9 * 180)


def test_refuses_ages_in_two_places(town: Path) -> None:
    write_register(town, rows_of(everywhere(10)))
    edit(town, lambda text: text + POPULATION)
    with pytest.raises(GeodataInputError, match="ages twice"):
        read_recipe(town)


@pytest.mark.parametrize(
    ("column", "wrong", "field"),
    [
        (1, "昨天", "出生年月"),
        (1, "2019-13", "出生年月"),
        (1, "٢٠١٩-٠٧", "出生年月"),
        (2, "东经", "lon"),
        (3, "912.5", "lon"),
    ],
)
def test_an_error_tells_row_and_field_but_not_what_stands_there(
    town: Path, column: int, wrong: str, field: str
) -> None:
    rows = rows_of(everywhere(7))
    rows[3][column] = wrong
    with pytest.raises(GeodataInputError) as caught:
        import_town(write_register(town, rows))
    said = str(caught.value)
    assert f"register.csv, row 5: {field} cannot be read" in said
    assert not [cell for cell in (wrong, *rows[3]) if len(cell) > 1 and cell in said]


def test_a_register_without_a_header_shows_no_child(town: Path) -> None:
    write_register(town, rows_of(everywhere(7)))
    edit(town.parent / "register.csv", lambda text: text.partition("\n")[2])
    with pytest.raises(GeodataInputError, match="its first row must name the fields") as caught:
        import_town(town)
    assert SECRET not in str(caught.value)


def test_children_without_a_place_are_only_counted(town: Path) -> None:
    rows = rows_of(everywhere(10))
    rows[0][2] = rows[0][3] = ""
    rows[1][2], rows[1][3] = "125.0", "42.0"
    rows[2][1] = "2026-10"
    made = import_town(write_register(town, rows))
    note = next(note for note in made.notes.sources if note.role == "register")
    assert note.dropped == {"without a place": 1, "outside the city": 1, "born after the cut-off": 1}
    assert [values["count"] for message, values in made.notes.doubts if "they count nowhere" in message] == [1]
    assert note.read == note.kept + sum(note.dropped.values())


def test_addresses_find_their_place(town: Path) -> None:
    """The town knows 东西0路 3号 … 11号, one in each block of the southern row but the first."""
    rows = [
        ["x", f"{2026 - age}-03", f"东西0路{number}号", "", "男"] for number in (3, 5, 7, 9, 11) for age in range(13)
    ]
    write_register(town, [*(rows * 9), ["x", "2020-03", "东西0路99号", "", "女"]])
    edit(town, lambda text: text.replace('x = "lon", y = "lat" }\ngroups', 'address = "lon" }\ngroups'))
    made = import_town(town)
    note = next(note for note in made.notes.sources if note.role == "register")
    assert note.dropped == {"address not found": 1}
    assert made.layers["units"]["age_6"].sum() == pytest.approx(0.9 * 45)
    assert not [values for _, values in made.notes.doubts if "99" in str(values)]


def test_a_register_in_excel(town: Path) -> None:
    write_register(town, rows_of(everywhere(10)))
    book = openpyxl.Workbook()
    for row in [HEAD, *rows_of(everywhere(10))]:
        book.active.append(row)
    book.save(town.parent / "register.xlsx")
    edit(town, lambda text: text.replace("register.csv", "register.xlsx"))
    assert import_town(town).layers["units"]["age_6"].sum() == pytest.approx(0.9 * 180)


def test_refuses_a_field_called_row(town: Path) -> None:
    """The reader numbers the rows under that name."""
    write_register(town, rows_of(everywhere(7)))
    edit(town, lambda text: text.replace('birth = "出生年月"', 'birth = "row"'))
    with pytest.raises(GeodataInputError, match="has no field row"):
        import_town(town)


def test_a_workbook_without_a_header_shows_no_child(town: Path) -> None:
    write_register(town, [])
    book = openpyxl.Workbook()
    book.active.append([SECRET, "2020-03", SECRET])
    book.save(town.parent / "register.xlsx")
    edit(town, lambda text: text.replace("register.csv", "register.xlsx"))
    with pytest.raises(GeodataInputError, match="its first row must name the fields") as caught:
        import_town(town)
    assert SECRET not in str(caught.value)


def test_only_ages_that_some_year_needs_are_kept(town: Path) -> None:
    write_register(town, rows_of(everywhere(10)))
    edit(town, lambda text: text + "\n[forecast]\nyears = 2\n")
    units = import_town(town).layers["units"]
    assert [name for name in units.columns if name.startswith("age_")] == [
        f"age_{age}" for age in (4, 5, 6, 10, 11, 12)
    ]


def test_a_register_in_gb18030(town: Path) -> None:
    made = import_town(write_register(town, rows_of(everywhere(10)), encoding="gb18030"))
    assert made.layers["units"]["age_6"].sum() == pytest.approx(0.9 * 180)


@pytest.mark.parametrize("text", ["2019-7", "201907", "2019年7月", "2019.07", "2019/07/31", "20190731", "2019年7月3日"])
def test_ways_to_write_a_month(text: str) -> None:
    assert re.match(BIRTH, text)


@pytest.mark.parametrize("text", ["", "7-2019", "19-07", "2019", "2019-07-31-5", "201", "2019071"])
def test_what_is_no_month(text: str) -> None:
    found = re.match(BIRTH, text)
    assert not found or not (found[2] or found[4])


@pytest.mark.parametrize("change", ['cutoff = "31-08"', 'cutoff = "02-30"', 'cutoff = "August"'])
def test_refuses_a_cut_off_that_is_no_day(town: Path, change: str) -> None:
    write_register(town, rows_of(everywhere(7)))
    edit(town, lambda text: text.replace("groups = { girls", f"{change}\ngroups = {{ girls"))
    with pytest.raises(GeodataInputError, match="needs cutoff"):
        read_recipe(town)
