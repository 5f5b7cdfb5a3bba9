"""The problem folder that a city gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskCliRunner

from geodata.city import City
from geodata.errors import GeodataInputError
from tests.zoning.tiny import make_city
from zoning.errors import ZoningInputError
from zoning.from_city import write_problem
from zoning.walks import read_walks


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City.open(make_city(tmp_path_factory.mktemp("tiny") / "city"))


def test_the_tables_of_one_level_and_year(city: City, tmp_path: Path) -> None:
    out = tmp_path / "problem"
    problem = write_problem(city, "primary", city.school_year, None, out)
    assert set(problem.units) == set(city.units()["unit"])
    assert set(problem.targets) == {"P01", "P02", "P03", "P04"}
    assert problem.total == pytest.approx(float(city.demand("primary", city.school_year).sum()))
    assert problem.policy.utilisation == (0.0, 1.0)
    assert problem.current is not None
    assert problem.walks is not None
    source = json.loads((out / "problem.json").read_text())
    assert source == {
        "city": str(city.folder),
        "city_fingerprint": city.fingerprint(),
        "level": "primary",
        "year": city.school_year,
        "variant": "middle",
        "also_years": [],
    }


def test_ids_that_look_like_numbers_stay_what_they_are(tmp_path: Path) -> None:
    """001 and 1 are two schools, 1e3 is no thousand."""
    path = tmp_path / "walks.csv"
    path.write_text("unit,school,metres\n01,001,5\n01,1,6\n1e3,001,7\n1e3,1,8\n", encoding="utf-8")
    walks = read_walks(path, {"01": 0, "1e3": 1}, {"001": (0,), "1": (1,)}, np.array([True, True]))
    assert walks.tolist() == [[5.0, 6.0], [7.0, 8.0]]


def test_a_variant_and_further_years_stand_in_the_tables(city: City, tmp_path: Path) -> None:
    out = tmp_path / "problem"
    problem = write_problem(city, "primary", 2027, None, out, "high", (2028, 2026, 2027, 2028))
    assert problem.total == pytest.approx(1.1 * float(city.units()["age_6"].sum()))
    units = pd.read_csv(out / "units.csv", dtype={"unit": str}).set_index("unit")
    assert [column for column in units if column.startswith("demand")] == ["demand", "demand_2026", "demand_2028"]
    assert units["demand_2028"].to_dict() == pytest.approx(city.demand("primary", 2028, "high").to_dict())
    source = json.loads((out / "problem.json").read_text())
    assert (source["year"], source["variant"], source["also_years"]) == (2027, "high", [2026, 2028])
    assert city.demand("primary", 2028, "low").sum() < city.demand("primary", 2028).sum()


def test_a_further_year_beyond_the_forecast_is_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(GeodataInputError, match="no primary children of 2029"):
        write_problem(city, "primary", 2027, None, tmp_path / "problem", "middle", (2029,))
    assert not (tmp_path / "problem").exists()


def test_an_unknown_variant_is_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(GeodataInputError, match="There is no variant best; the forecast has low, middle, high"):
        write_problem(city, "primary", 2027, None, tmp_path / "problem", "best")


def test_the_command_writes_variant_and_further_years(city: City, cli: FlaskCliRunner, tmp_path: Path) -> None:
    out = tmp_path / "problem"
    said = ["--level", "primary", "--year", "2027", "--variant", "low", "--also-year", "2028", "--out", str(out)]
    result = cli.invoke(args=["zoning", "problem", str(city.folder), *said])
    assert result.exit_code == 0, result.output
    assert json.loads((out / "problem.json").read_text())["variant"] == "low"


def test_the_policy_is_copied_and_checked(city: City, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[limits]\nutilisation = [0.5, 1.2]\n")
    assert write_problem(city, "primary", city.school_year, policy, tmp_path / "1").policy.utilisation == (0.5, 1.2)
    policy.write_text("[limits]\nutilisation = [1.2, 0.5]\n")
    with pytest.raises(ZoningInputError, match="lower limit"):
        write_problem(city, "primary", city.school_year, policy, tmp_path / "2")
    assert not (tmp_path / "2").exists()


def test_what_the_city_lacks_is_said(city: City, tmp_path: Path) -> None:
    with pytest.raises(GeodataInputError):
        write_problem(city, "primary", city.school_year + 90, None, tmp_path / "problem")
    assert not (tmp_path / "problem").exists()


def test_a_problem_is_never_overwritten(city: City, tmp_path: Path) -> None:
    with pytest.raises(ZoningInputError, match="never overwritten"):
        write_problem(city, "primary", city.school_year, None, tmp_path)
