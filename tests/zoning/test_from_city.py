"""The problem folder that a city gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geodata.city import City
from geodata.errors import GeodataInputError
from tests.zoning.tiny import make_city
from zoning.errors import ZoningInputError
from zoning.from_city import write_problem


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
    }


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
