"""The city of the benchmarks is a city like any other: what it promises holds, so that its timings mean something."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest
import shapely

from benchmarks.geodata_city import write_city
from geodata.importing import Made
from tests.geodata.conftest import import_town

BUILDINGS = 900


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("big") / "sources"
    write_city(folder, BUILDINGS)
    return folder


@pytest.fixture(scope="module")
def made(sources: Path) -> Made:
    return import_town(sources / "recipe.toml")


def test_everything_is_read_and_everybody_has_a_home(made: Made) -> None:
    figures = made.figures
    assert figures["buildings"] == figures["addresses"] == BUILDINGS
    assert figures["people_read"] == figures["people_placed"] == pytest.approx(10 * BUILDINGS)
    assert figures["people_on_buildings"] == pytest.approx(10 * BUILDINGS)
    assert {level["schools"] for level in figures["levels"].values()} == {1, 2}


def test_units_are_fewer_than_compounds_and_more_than_blocks_without_streets(made: Made) -> None:
    units = made.layers["units"]
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert BUILDINGS / 25 < len(units) < BUILDINGS / 5
    assert made.layers["adjacency"]["barrier"].sum() > 0
    assert made.layers["walks"]["metres"].max() < 10_000


def test_the_same_seed_gives_the_same_city(sources: Path, tmp_path: Path) -> None:
    write_city(tmp_path / "again", BUILDINGS)
    for name in ("addresses.csv", "schools.csv", "compounds.geojson", "zones_primary.geojson"):
        assert (tmp_path / "again" / name).read_bytes() == (sources / name).read_bytes()
    first, again = (pyogrio.read_dataframe(folder / "buildings.gpkg") for folder in (sources, tmp_path / "again"))
    assert first.equals(again)
    write_city(tmp_path / "other", BUILDINGS, seed=2)
    assert (tmp_path / "other" / "addresses.csv").read_bytes() != (sources / "addresses.csv").read_bytes()
