"""The problem folder that a city gives."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

from geodata.city import City
from geodata.errors import GeodataInputError
from tests.zoning.tiny import make_city
from zoning.errors import ZoningInputError
from zoning.from_city import adjacency_of, write_problem


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


class Crossing:
    """A river along y = 0 between four blocks, and a street on a bridge at x = 100; the fifth block is farther on."""

    def units(self) -> gpd.GeoDataFrame:
        squares = [box(0, 0, 100, 90), box(100, 0, 200, 90), box(0, -90, 100, 0), box(100, -90, 200, 0)]
        far = [box(200, 0, 300, 90), box(200, -90, 300, 0)]
        return gpd.GeoDataFrame({"unit": list("abcdef")}, geometry=squares + far)

    def adjacency(self) -> pd.DataFrame:
        pairs = [("a", "b", 0), ("c", "d", 0), ("a", "c", 1), ("b", "d", 1), ("b", "e", 0), ("e", "f", 1)]
        rows = [(unit, other, 90.0, barrier) for unit, other, barrier in pairs]
        return pd.DataFrame(rows, columns=["unit", "neighbour", "border", "barrier"])

    def streets(self) -> gpd.GeoDataFrame:
        lines = [
            LineString([(-50, 0), (350, 0)]),
            LineString([(100, -90), (100, 90)]),
            LineString([(200, 5), (200, 90)]),
        ]
        return gpd.GeoDataFrame({"walkable": [False, True, True], "barrier": [True, False, False]}, geometry=lines)


def test_a_border_that_a_street_crosses_is_no_barrier() -> None:
    pairs = adjacency_of(Crossing())  # type: ignore[arg-type]
    still = pairs[pairs["barrier"] == 1]
    assert list(zip(still["unit"], still["neighbour"], strict=True)) == [("e", "f")]


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
        write_problem(city, "junior", city.school_year + 90, None, tmp_path / "problem")
    assert not (tmp_path / "problem").exists()


def test_a_problem_is_never_overwritten(city: City, tmp_path: Path) -> None:
    with pytest.raises(ZoningInputError, match="never overwritten"):
        write_problem(city, "primary", city.school_year, None, tmp_path)
