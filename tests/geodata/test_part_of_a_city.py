"""A recipe may describe only part of a city; the report says what it lacks."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from flask.testing import FlaskCliRunner

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.people.ground import ground_of
from geodata.people.spread import spread
from tests.geodata.conftest import import_town
from tests.geodata.town import edit
from tests.paths import REAL_DATA, needs_real_data
from zoning.errors import ZoningInputError
from zoning.from_city import write_problem

BERLIN = """
[city]
name = "Berlin"
crs = "EPSG:25833"
school_year = 2017

[levels.primary]
ages = [6]

[[units]]
path = "RBS_OD_ESB_2017_06.geojson"
datum = "EPSG:25833"
fields = { unit = "ESB", name = "BEZName" }
"""


def without(town: Path, *roles: str) -> Path:
    """The recipe without its sources of some roles."""

    def cut(text: str) -> str:
        for role in roles:
            text = re.sub(rf"\[\[{role}\]\].*?(?=\n\[)", "", text, flags=re.S)
        return text

    edit(town, cut)
    return town


def imported(town: Path, out: Path, cli: FlaskCliRunner) -> City:
    result = cli.invoke(args=["geodata", "import", str(town), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return City.open(out)


def test_without_buildings_people_are_spread_evenly(town: Path, tmp_path: Path, cli: FlaskCliRunner) -> None:
    whole = import_town(town)
    city = imported(without(town, "buildings"), tmp_path / "city", cli)
    assert city.units()["people"].sum() == pytest.approx(whole.figures["people_read"])
    assert city.population()["unspread"].sum() == 0
    assert len(city.buildings()) == 0
    assert write_problem(city, "primary", 2026, None, tmp_path / "problem").walks is not None


def test_without_buildings_a_record_in_two_blocks_is_shared_by_area() -> None:
    records = gpd.GeoDataFrame({"count": [100.0]}, geometry=[shapely.box(0, 0, 100, 10)])
    blocks = np.array([shapely.box(0, 0, 30, 50), shapely.box(30, 0, 200, 50)], dtype=object)
    ground = ground_of(records, np.array([0]), blocks)
    shares = spread(records, ground, blocks)
    assert shares.on_buildings(records["count"].to_numpy(), len(ground)).tolist() == pytest.approx([30, 70])


def test_without_streets_there_are_no_walks_and_a_problem_all_the_same(
    town: Path, tmp_path: Path, cli: FlaskCliRunner
) -> None:
    shapes = '[[units]]\npath = "compounds.geojson"\ndatum = "CGCS2000"\n\n[demand]'
    edit(town, lambda text: text.replace("[demand]", shapes))
    city = imported(without(town, "streets"), tmp_path / "city", cli)
    assert len(city.walks()) == 0
    problem = write_problem(city, "primary", 2026, None, tmp_path / "problem")
    assert not (tmp_path / "problem" / "walks.csv").exists()
    assert len(problem.units) == len(city.units())


def test_without_population_no_problem_is_written(town: Path, tmp_path: Path, cli: FlaskCliRunner) -> None:
    city = imported(without(town, "population"), tmp_path / "city", cli)
    assert not [column for column in city.units().columns if column.startswith("age_")]
    with pytest.raises(ZoningInputError, match=r"柳河镇 cannot be planned yet: it has no children by age\."):
        write_problem(city, "primary", 2026, None, tmp_path / "problem")
    assert not (tmp_path / "problem").exists()


def test_without_schools_no_problem_is_written(town: Path, tmp_path: Path, cli: FlaskCliRunner) -> None:
    city = imported(without(town, "schools"), tmp_path / "city", cli)
    assert (len(city.schools()), len(city.walks())) == (0, 0)
    with pytest.raises(ZoningInputError, match=r"cannot be planned yet: it has no schools of the level with seats\."):
        write_problem(city, "junior", 2026, None, tmp_path / "problem")


def test_what_is_missing_stands_in_the_figures_and_the_doubts(town: Path) -> None:
    made = import_town(without(town, "schools", "population", "zones", "addresses", "barriers"))
    missing = made.figures["missing"]
    assert [sentence.split(":")[0] for sentence in missing] == [
        "There is no population",
        "There are no schools, primary",
        "There are no schools, junior",
    ]
    assert set(missing) <= {message % values for message, values in made.notes.doubts}


def test_a_whole_city_misses_nothing(town: Path) -> None:
    assert import_town(town).figures["missing"] == []


def test_no_schools_and_attendance_from_their_enrolment(town: Path) -> None:
    edit(town, lambda text: text.replace("attendance = 0.9", 'attendance = "enrolment"'))
    with pytest.raises(GeodataInputError, match="only with one level"):
        import_town(without(town, "schools"))


@pytest.mark.realdata
@needs_real_data("berlin_catchments")
def test_berlin_is_its_catchments(tmp_path: Path, cli: FlaskCliRunner) -> None:
    recipe = tmp_path / "berlin.toml"
    recipe.write_text(BERLIN, encoding="utf-8")
    folder, out = REAL_DATA / "berlin_catchments", tmp_path / "city"
    assert cli.invoke(args=["geodata", "import", str(recipe), "--data", str(folder), "--out", str(out)]).exit_code == 0
    city = City.open(out)
    assert len(city.units()) == 338
    assert shapely.coverage_is_valid(city.units().geometry.to_numpy())
    assert city.units().area.sum() / 1e6 == pytest.approx(891, abs=1)
    with pytest.raises(ZoningInputError, match="no schools of the level with seats, and no children by age"):
        write_problem(city, "primary", 2017, None, tmp_path / "problem")
