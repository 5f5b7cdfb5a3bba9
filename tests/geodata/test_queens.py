"""The real city of docs/recipes/queens.toml, imported whole by the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geodata.city import City
from geodata.gather import gather
from geodata.notes import Notes
from geodata.recipe.recipe import read_recipe
from tests.geodata.contiguity import check_pairs
from tests.paths import CHECKOUT, REAL_DATA, needs_real_data

pytestmark = [pytest.mark.realdata, needs_real_data("queens_village"), pytest.mark.xdist_group("queens")]


@pytest.fixture(scope="module")
def queens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cities") / "queens"
    recipe, data = CHECKOUT / "docs/recipes/queens.toml", REAL_DATA / "queens_village"
    command = [sys.executable, "-m", "flask", "geodata", "import", str(recipe), "--data", str(data), "--out", str(out)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def report(queens: Path) -> Any:
    return json.loads((queens / "report.json").read_text(encoding="utf-8"))


def test_everybody_and_every_building_is_read(report: Any) -> None:
    figures = report["figures"]
    assert figures["buildings"] >= 49_000
    assert figures["people_read"] == pytest.approx(145_325.467, abs=0.001)
    assert figures["people_placed"] == pytest.approx(figures["people_read"], rel=1e-6)
    assert figures["people_on_buildings"] > 0.98 * figures["people_read"]


def test_children_and_seats_are_those_of_the_data(report: Any) -> None:
    level = report["figures"]["levels"]["primary"]
    assert level["schools"] == 13
    assert level["children"] == pytest.approx(4430, abs=2)
    assert level["seats"] == pytest.approx(5255, abs=2)


def test_every_source_is_accounted_for(report: Any) -> None:
    for source in report["sources"]:
        assert source["read"] == source["kept"] + sum(source["dropped"].values()), source["file"]
    said = " ".join(report["doubts"])
    for school in ("29Q036", "26Q178", "26Q213"):
        assert school in said


def test_it_is_quick_and_small(report: Any) -> None:
    assert report["run"]["seconds"] < 90
    assert report["run"]["peak_memory_mb"] < 4000


def test_units_tile_the_city_and_hang_together(queens: Path) -> None:
    city = City.open(queens)
    units = city.units()
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert units["people"].max() < 2500
    assert units["area"].sum() / 1e6 == pytest.approx(22.92, abs=0.01)
    pairs = city.adjacency()
    assert set(pairs["unit"]) | set(pairs["neighbour"]) == set(units["unit"])
    assert 0 < pairs["barrier"].sum() < len(pairs) / 10


def test_every_walk_is_there(queens: Path) -> None:
    city = City.open(queens)
    walks = city.walks()
    assert len(walks) == len(city.units()) * 13
    assert np.isfinite(walks["metres"]).all()
    air = city.units().set_index("unit").geometry.centroid
    school = city.schools().set_index("school").geometry
    straight = air[walks["unit"]].distance(school[walks["school"]], align=False).to_numpy()
    assert np.median(walks["metres"] / straight) < 1.5


def test_shared_zone_gives_two_schools(queens: Path) -> None:
    schools = City.open(queens).current().groupby("unit")["school"].agg(",".join)
    assert set(schools[schools.str.contains(",")]) == {"26Q018,29Q033"}


def test_an_address_with_a_hyphen_is_one_house_number(queens: Path) -> None:
    addresses = City.open(queens).addresses()
    assert len(addresses) > 30_000
    assert addresses["text"].str.match(r"109-19 \S").any()


def test_people_follow_buildings_better_than_ground(queens: Path) -> None:
    """Totals of neighbourhoods spread over buildings, against the lots' own estimates; the peer is areal weighting."""
    from benchmarks.geodata_people import QUEENS, measure

    recipe = read_recipe(CHECKOUT / "docs/recipes/queens.toml", QUEENS)
    line = measure(gather(recipe, Notes()), City.open(queens).units().geometry.to_numpy(), QUEENS)
    assert line["people_spread"] == pytest.approx(line["people"], rel=1e-6)
    assert line["r2"] > line["peer_r2"] + 0.2
    assert line["mean_absolute_error"] < 0.8 * line["peer_mean_absolute_error"]


def test_libpysal_finds_the_same_neighbours(queens: Path) -> None:
    city = City.open(queens)
    check_pairs(city.units(), city.adjacency())
