"""Births, migration and projects as a recipe names them: what the town's forecast makes of them; what is refused."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import shapely

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.importing import Made
from geodata.recipe.forecast import DEFAULTS
from geodata.recipe.recipe import read_recipe
from geodata.report.demand import assumption_lines
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS, english, import_town
from tests.geodata.test_register import everywhere, rows_of, small, write_register
from tests.geodata.town import RIVER_Y, edit, write_shapes

BIRTHS = '\n[[births]]\npath = "births.csv"\nfields = { year = "year", count = "births" }\n'
AT = 0.9
"""The town's attendance."""
NOW = 24 * 4 * AT
"""Its children of age 0, 3, 6, 9, 12; those of age 1 and 2 more are 24 × 5 and 24 × 6."""


def write(town: Path, name: str, text: str) -> None:
    (town.parent / name).write_text(text, encoding="utf-8")


def add(town: Path, text: str) -> None:
    edit(town, lambda recipe: recipe + text)


def total(made: Made, level: str, year: int, variant: str = "middle") -> float:
    return float(made.figures["forecast"][level][variant][str(year)])


def in_district(town: Path) -> None:
    """Give every compound its side of the river as district."""
    edit(town.parent / "compounds.geojson", lambda text: text.replace('"residents"', '"side": "S", "residents"'))
    edit(town, lambda text: text.replace('count = "residents" }', 'count = "residents", area = "side" }'))


def test_without_births_later_years_are_left_out_and_said(made: Made) -> None:
    assert sorted(made.figures["forecast"]["primary"]["low"]) == [str(year) for year in range(2026, 2033)]
    assert len(made.figures["forecast"]["junior"]["high"]) == 13
    said = [values for message, values in made.notes.doubts if "not forecast for" in message]
    assert [(str(values["level"]), values["years"]) for values in said] == [
        ("primary", "2033, 2034, 2035, 2036, 2037, 2038")
    ]


def test_the_default_variants_are_one_percent_of_migration_apart(made: Made) -> None:
    assert total(made, "primary", 2029) == pytest.approx(NOW)
    assert total(made, "primary", 2029, "low") == pytest.approx(NOW * 0.99**3)
    assert total(made, "primary", 2029, "high") == pytest.approx(NOW * 1.01**3)


def test_births_reach_grade_one_six_years_later(town: Path) -> None:
    write(town, "births.csv", "year,births\n2025,120\n2026,100\n2027,80\n2028,64\n")
    add(town, BIRTHS + "\n[forecast]\nbirths_change = -0.25\n")
    made = import_town(town)
    assert total(made, "primary", 2033) == pytest.approx(80 * AT)
    assert total(made, "primary", 2034) == pytest.approx(64 * AT)
    assert total(made, "primary", 2036) == pytest.approx(64 * 0.75**2 * AT)
    assert total(made, "primary", 2036, "high") == pytest.approx(64 * 0.75**2 * 1.03**4 * 1.01**6 * AT)
    assert not [message for message, _ in made.notes.doubts if "births" in message]


def test_births_are_read_from_a_spreadsheet_too(town: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["年度", "出生数"], [2026, 100], [2027, 81.0]):
        book.active.append(row)
    book.save(town.parent / "births.xlsx")
    add(town, '\n[[births]]\npath = "births.xlsx"\nfields = { year = "年度", count = "出生数" }\n')
    assert total(import_town(town), "primary", 2033) == pytest.approx(81 * AT)


def test_the_trend_of_the_births_goes_on_and_is_said(town: Path) -> None:
    write(town, "births.csv", "year,births\n2024,100\n2025,90\n2026,81\n")
    add(town, BIRTHS)
    made = import_town(town)
    assert total(made, "primary", 2034) == pytest.approx(81 * 0.81 * AT)
    (values,) = [values for message, values in made.notes.doubts if "as the last ones did" in message]
    assert values["rate"] == pytest.approx(-10)


def test_births_change_alone_starts_from_the_newborn(town: Path) -> None:
    add(town, "\n[forecast]\nbirths_change = -0.1\n")
    assert total(import_town(town), "primary", 2034) == pytest.approx(NOW * 0.81)


def test_births_fill_the_ages_that_the_population_lacks(town: Path) -> None:
    edit(town, lambda text: text.replace("from = 0, to = 14", "from = 3, to = 14"))
    write(town, "births.csv", "year,births\n" + "".join(f"{year},{year - 1900}\n" for year in range(2024, 2028)))
    write(town, "migration.csv", "age,rate\n0,0.02\n1,-0.04\n")
    add(town, BIRTHS + '\n[[migration]]\npath = "migration.csv"\nfields = { age = "age", rate = "rate" }\n')
    made = import_town(town)
    units = made.layers["units"]
    assert units["age_0"].sum() == pytest.approx(126 * AT)
    assert units["age_2"].sum() == pytest.approx(124 * 1.02 * 0.96 * AT)
    assert total(made, "primary", 2030) == pytest.approx(124 * 1.02 * 0.96 * AT)
    assert total(made, "primary", 2033) == pytest.approx(127 * 1.02 * 0.96 * AT)


def test_births_alone_are_ages_enough(town: Path) -> None:
    edit(town, lambda text: text.replace('single_ages = { column = "age_{age}", from = 0, to = 14 }\n', ""))
    write(town, "births.csv", "year,births\n" + "".join(f"{year},50\n" for year in range(2014, 2027)))
    add(town, BIRTHS)
    made = import_town(town)
    assert total(made, "junior", 2026) == pytest.approx(50 * AT)
    people = made.layers["units"]["people"]
    assert made.layers["units"]["age_6"].to_numpy() == pytest.approx((people / people.sum() * 50 * AT).to_numpy())


@pytest.mark.parametrize("names", [("南", "北"), ("b", "a"), ("a", "b"), None])
def test_districts_keep_their_own_births(town: Path, names: tuple[str, str] | None) -> None:
    south, north = shapely.box(0, 0, 1200, RIVER_Y), shapely.box(0, RIVER_Y, 1200, 800)
    halves = [(south, {"name": (names or "..")[0], "b2027": 70}), (north, {"name": (names or "..")[1], "b2027": 10})]
    write_shapes(town.parent / "districts.geojson", halves)
    add(
        town,
        '\n[[births]]\npath = "districts.geojson"\ndatum = "CGCS2000"\n'
        'years = { column = "b{year}", from = 2027, to = 2027 }\n' + ('fields = { key = "name" }\n' if names else ""),
    )
    made = import_town(town)
    below = made.layers["units"].geometry.representative_point().y.to_numpy() < 4_750_000 + RIVER_Y
    later = made.layers["forecast"]["primary_2033_middle"].to_numpy()
    assert later[below].sum() == pytest.approx(70 * AT)
    assert later[~below].sum() == pytest.approx(10 * AT)


def test_a_level_of_several_ages_joins_the_living_and_the_unborn(town: Path) -> None:
    edit(town, lambda text: text.replace("ages = [6]", "ages = [5, 6]"))
    write(town, "births.csv", "year,births\n2027,100\n")
    add(town, BIRTHS)
    made = import_town(town)
    assert total(made, "primary", 2032) == pytest.approx(100 * AT + NOW)
    assert sorted(made.figures["forecast"]["primary"]["low"])[-1] == "2038"


def test_a_key_joins_births_to_the_population_s_area(town: Path) -> None:
    in_district(town)
    write(town, "births.csv", "district,year,births\nS,2027,33\n")
    add(town, BIRTHS.replace("year =", 'key = "district", year =', 1))
    assert total(import_town(town), "primary", 2033) == pytest.approx(33 * AT)


def test_a_new_compound_takes_its_part_of_the_births(town: Path) -> None:
    write(town, "births.csv", "year,births\n2027,100\n2028,100\n")
    write_shapes(town.parent / "new.geojson", [(shapely.Point(700, 700), {"homes": 400, "year": 2027})])
    add(
        town,
        BIRTHS + '\n[[projects]]\npath = "new.geojson"\ndatum = "CGCS2000"\nfilling = 1\nchildren = { "0-4" = 0.5 }\n'
        'fields = { dwellings = "homes", year = "year" }\n',
    )
    made = import_town(town)
    units, forecast = made.layers["units"], made.layers["forecast"]
    at = units.geometry.covers(shapely.Point(430_700, 4_750_700)).to_numpy()
    was = units.loc[at, [f"age_{age}" for age in range(5)]].to_numpy().sum() / AT
    all_ = units[[f"age_{age}" for age in range(5)]].to_numpy().sum() / AT
    born = forecast.loc[at, "primary_2034_middle"].sum() / AT
    assert born == pytest.approx(100 * (was + 200) / (all_ + 200))
    assert total(made, "primary", 2034) == pytest.approx(100 * AT)
    assert total(made, "primary", 2033) == pytest.approx((100 + 40) * AT)


@pytest.mark.parametrize(
    ("table", "recipe", "sentence"),
    [
        ("year,births\n2026,5\n2026,6\n", BIRTHS, r"births.csv gives the births of 2026 twice"),
        ("year,births\n2024,5\n2026,6\n", BIRTHS, r"births.csv lacks the births of 2025;"),
        ("year,births\n2026.5,5\n", BIRTHS, r"births.csv, row 2: year must be a whole number"),
        ("year,births\n2026,many\n", BIRTHS, r'births.csv, row 2: births is "many"'),
        ("year,births\n", BIRTHS, r"births.csv has no row"),
        (
            "year,births\n2026,5\n",
            BIRTHS.replace('year = "year", ', ""),
            r"needs fields.year and fields.count, or years",
        ),
        ("year,births\n2026,5\n", BIRTHS.replace("births.csv", "none.csv"), r"There is no file"),
        (
            "district,year,births\nX,2026,5\n",
            BIRTHS.replace("year =", 'key = "district", year =', 1),
            r"births.csv says nothing of the area \(S\) in which 1\d+ people live",
        ),
        (
            "district,year,births\nS,2026,5\nX,2026,5\n",
            BIRTHS.replace("year =", 'key = "district", year =', 1),
            r"births.csv has births for the area X, in which nobody lives",
        ),
    ],
)
def test_births_that_cannot_be_meant(town: Path, table: str, recipe: str, sentence: str) -> None:
    in_district(town)
    write(town, "births.csv", table)
    add(town, recipe)
    with pytest.raises(GeodataInputError, match=sentence):
        import_town(town)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("age,rate\n3,2\n", r"migration.csv, row 2: net migration of a year must be a number from -0.5 to 0.5"),
        ("age,rate\n3,0.1\n3,0.2\n", r"migration.csv gives the migration of an age twice"),
    ],
)
def test_migration_that_cannot_be_meant(town: Path, table: str, sentence: str) -> None:
    write(town, "migration.csv", table)
    add(town, '\n[[migration]]\npath = "migration.csv"\nfields = { age = "age", rate = "rate" }\n')
    with pytest.raises(GeodataInputError, match=sentence):
        import_town(town)


PROJECTS = """
[[projects]]
path = "new.geojson"
datum = "CGCS2000"
fields = { dwellings = "homes", year = "year", status = "s" }
"""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ('children = { "6-4" = 1 }', r'has a group "6-4"'),
        ('children = { "0-5" = 1, "5-9" = 1 }', r"names an age of 5-9 twice"),
        ('children = { "0-5" = -1 }', r"needs from 0 to 10 children per home"),
        ("filling = 0", r"needs filling from 1 to 12"),
        ("people = 0", r"needs people above 0"),
        ('statuses = { low = ["在建"], middle = [], high = [] }', r"needs every status of low in middle"),
        ('statuses = { low = [], middle = [], high = ["在建"] }', r"row 1: the status 规划 stands in none of"),
    ],
)
def test_projects_that_cannot_be_meant(town: Path, options: str, sentence: str) -> None:
    write_shapes(town.parent / "new.geojson", [(shapely.Point(700, 700), {"homes": 9, "year": 2028, "s": "规划"})])
    add(town, PROJECTS + options + "\n")
    with pytest.raises(GeodataInputError, match=sentence):
        import_town(town)


def test_projects_without_children_have_the_city_s_ages_and_say_so(town: Path) -> None:
    write_shapes(town.parent / "new.geojson", [(shapely.Point(700, 700), {"homes": 90, "year": 2027, "s": ""})])
    add(town, PROJECTS + "filling = 1\npeople = 2\n")
    made = import_town(town)
    assert total(made, "primary", 2027) == pytest.approx(24 * 6 * AT + 180 * 24 * 4 * AT / made.figures["people_read"])
    assert any("do not say how many children" in message for message, _ in made.notes.doubts)
    said = " ".join(assumption_lines(made, english))
    assert "low -1.0 %, middle 0.0 %, high 1.0 %" in said
    assert "80 % come in low, 100 % in middle, 120 % in high" in said
    assert "Births" not in said


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("years = 13", r"\[forecast\], needs years from 0 to 12"),
        ("births_change = -2", r"\[forecast\], needs births_change from -0.5 to 0.5"),
        ("survival = nan", r"\[forecast\], needs survival from 0.5 to 1.0"),
        ("yers = 3", r"\[forecast\], has an unknown key yers"),
        ("[forecast.low]\nmigration = 0.05", r"needs migration that do not fall from low over middle to high"),
        ("[forecast.best]\nmigration = 0.05", r"has an unknown key best"),
    ],
)
def test_a_forecast_that_cannot_be_meant(town: Path, table: str, sentence: str) -> None:
    add(town, f"\n[forecast]\n{table}\n")
    with pytest.raises(GeodataInputError, match=sentence):
        read_recipe(town)


def test_the_fingerprint_covers_the_forecast(town: Path, made: Made, city: City) -> None:
    add(town, "\n[forecast.high]\nmigration = 0.02\n")
    other = import_town(town)
    write_city(other, town.parent / "city", {}, SPEAKERS)
    assert other.layers["units"].equals(made.layers["units"])
    assert City.open(town.parent / "city").fingerprint() != city.fingerprint()


def test_no_forecast_is_made_where_none_is_wanted(town: Path) -> None:
    add(town, "\n[forecast]\nyears = 0\n")
    made = import_town(town)
    assert list(made.layers["forecast"].columns) == ["unit"]
    assert made.figures["forecast"]["primary"]["low"] == {"2026": pytest.approx(NOW)}


def test_the_default_variants_do_not_fall() -> None:
    low, middle, high = (DEFAULTS[name] for name in ("low", "middle", "high"))
    for key in ("births", "migration", "housing"):
        assert getattr(low, key) < getattr(middle, key) < getattr(high, key)


def test_no_small_number_of_a_register_shows_in_a_forecast_of_those_who_leave(town: Path) -> None:
    write(town, "migration.csv", "age,rate\n" + "".join(f"{age},-0.03\n" for age in range(12)))
    write_register(town, rows_of([(x, y, age, 3 + (age + x) % 4) for x, y, age, _ in everywhere(0)]))
    add(town, '\n[[migration]]\npath = "migration.csv"\nfields = { age = "age", rate = "rate" }\n')
    forecast = import_town(town).layers["forecast"]
    assert len(forecast.columns) == 1 + 3 * (6 + 12)
    assert not small(forecast.drop(columns="unit").to_numpy())
