"""The synthetic city: believable, whole, labelled, and the same for the same seed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from flask.testing import FlaskCliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geodata.datum import gcj_to_wgs
from geodata.demo import DemoCity, figures, make_city, write_sources
from geodata.demo.graph import NOTHING, junctions, make_streets
from geodata.demo.layout import make_layout
from geodata.demo.people import age_totals, whole
from geodata.demo.schools import LEVELS, apportion
from geodata.demo.shape import make_shape
from geodata.errors import GeodataError
from geodata.recipe.recipe import read_recipe
from tests.paths import CHECKOUT

SIZE = 0.4
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return make_city(7, SIZE)


@pytest.fixture(scope="module")
def full() -> DemoCity:
    return make_city()


@pytest.fixture(scope="module")
def sources(city: DemoCity, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "sources"
    write_sources(city, folder)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_every_resident_has_an_age_and_a_home(city: DemoCity) -> None:
    assert city.people.sum() == round(450_000 * SIZE**2)
    assert (city.people >= 0).all()
    homes = {city.compounds[number].use for number in city.homes}
    assert homes <= {"lanes", "village", "walkup", "midrise", "tower"}


def test_fewer_children_are_born_every_year(city: DemoCity) -> None:
    children = city.people[:, :15].sum(axis=0)
    assert (np.diff(children) > 0).all()
    assert children[0] < 0.75 * children[6]


@settings(max_examples=20, deadline=None)
@given(st.integers(2_000, 10_000_000))
def test_ages_sum_to_the_residents(residents: int) -> None:
    assert age_totals(residents).sum() == residents


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30), st.integers(0, 1000))
def test_whole_numbers_keep_the_total(weights: list[float], total: int) -> None:
    shares = np.array(weights) / sum(weights) * total
    result = whole(shares, total)
    assert result.sum() == total
    assert (np.abs(result - shares) < 1 + 1e-9).all()


@given(st.lists(st.floats(0, 500), min_size=1, max_size=20), st.integers(0, 60))
def test_classes_are_shared_out_whole(weights: list[float], more: int) -> None:
    classes = apportion(np.array(weights), len(weights) * 2 + more, 2)
    assert classes.sum() == len(weights) * 2 + more
    assert classes.min() >= 2


def test_the_full_city_is_of_the_clients_size(full: DemoCity) -> None:
    facts = figures(full)
    assert facts["residents"] == 450_000
    assert facts["compounds_with_residents"] >= 2_000
    assert 10_000 <= facts["addresses"] <= 25_000
    assert 4 <= facts["bridges"] <= 6
    assert facts["level_crossings"] >= 3
    for level in facts["schools"].values():
        assert 1.03 <= level["seats"] / level["children_2026"] <= 1.06
        assert 1.05 <= level["seats"] / level["children_2027"] <= 1.1
        low, high = level["utilisation_today"]
        assert low < 0.8
        assert high > 1.2
    assert facts["schools"]["primary"]["schools"] >= 36


def test_each_part_of_the_city_has_seats_for_its_own_children(city: DemoCity) -> None:
    middles = np.array([block.rect.middle for block in city.blocks])
    part = (middles[:, 0] > city.shape.rail) + 2 * (middles[:, 1] > 0)
    in_block = np.array([compound.block for compound in city.compounds])
    for schools in city.schools:
        seats = np.bincount(part[schools.blocks], schools.classes * schools.level.class_size, 4)
        for age in (schools.level.age, schools.level.age - 1):
            children = np.bincount(part[in_block], city.people[:, age], 4)
            assert (seats >= children).all()


def test_the_streets_are_one_network(city: DemoCity) -> None:
    first, second = junctions(city.streets.ends)
    network = coo_matrix((np.ones(first.size), (first, second)), shape=(first.max() + 2, first.max() + 2))
    _, part = connected_components(network, directed=False)
    assert np.unique(part[np.concatenate([first, second])]).size == 1


def test_only_bridges_and_crossings_cut_river_and_railway(city: DemoCity) -> None:
    crosses = set(city.streets.crosses.tolist())
    ends = city.streets.ends
    over_water = np.flatnonzero((ends[:, 1] < 0) & (ends[:, 3] > 0))
    over_track = np.flatnonzero((ends[:, 0] < city.shape.rail) & (ends[:, 2] > city.shape.rail))
    assert crosses == {*over_water.tolist(), *over_track.tolist()}
    assert len(over_water) >= 2
    assert len(over_track) >= 2


@pytest.mark.parametrize("seed", [0, 99])
def test_other_seeds_have_a_handful_of_bridges_too(seed: int) -> None:
    streets, _ = make_streets(make_layout(make_shape(seed, 1.0), seed), make_shape(seed, 1.0))
    bridges = streets.along_u[streets.crosses] == 0
    assert 4 <= bridges.sum() <= 6
    assert (~bridges).sum() >= 3


def test_compounds_lie_inside_their_blocks(city: DemoCity) -> None:
    for compound in city.compounds:
        rect = city.blocks[compound.block].rect
        u0, v0, u1, v1 = compound.inside
        assert rect.u0 < u0 < u1 < rect.u1
        assert rect.v0 < v0 < v1 < rect.v1


def test_buildings_lie_inside_their_compounds_and_are_no_slivers(city: DemoCity) -> None:
    boxes = np.array([compound.inside for compound in city.compounds])[city.buildings.compound]
    half = city.buildings.extent / 2
    assert (city.buildings.extent > 3).all()
    assert (city.buildings.place - half > boxes[:, :2] - 0.01).all()
    assert (city.buildings.place + half < boxes[:, 2:] + 0.01).all()


def test_an_address_is_one_building_and_in_chinese(city: DemoCity) -> None:
    assert len(set(city.addresses)) == len(city.addresses)
    form = re.compile(r"[\u4e00-\u9fff]+(街|路|胡同)\d+号([\u4e00-\u9fff]+\d+号楼)?")
    assert all(form.fullmatch(text) for text in city.addresses)


def test_streets_compounds_and_schools_have_chinese_names(city: DemoCity) -> None:
    used = {city.street_names[street] for street in city.streets.street}
    names = [*used, *(city.compound_names[i] for i in city.homes), *(n for s in city.schools for n in s.names)]
    assert all(CHINESE.fullmatch(name) for name in names)
    for schools in city.schools:
        assert len(set(schools.names)) == len(schools.names)


def test_some_compounds_of_the_two_districts_share_a_name(full: DemoCity) -> None:
    table = pd.DataFrame({"name": full.compound_names, "district": full.districts}).iloc[full.homes]
    assert not table.duplicated().any()
    assert table["name"].duplicated().sum() >= 20
    assert (table["name"] == "花园小区").sum() == 2


def test_todays_catchments_are_connected_and_hold_their_school(city: DemoCity) -> None:
    sides = city.streets.sides[(city.streets.sides != NOTHING).all(axis=1)]
    for schools in city.schools:
        same = schools.zone[sides[:, 0]] == schools.zone[sides[:, 1]]
        count = len(city.blocks)
        joined = coo_matrix((np.ones(same.sum()), (sides[same, 0], sides[same, 1])), shape=(count, count))
        _, part = connected_components(joined, directed=False)
        for row, block in enumerate(schools.blocks):
            assert schools.zone[block] == row
            assert np.unique(part[schools.zone == row]).size == 1


def test_the_bend_keeps_the_plan_upright() -> None:
    for seed in range(12):
        shape = make_shape(seed, 1.0)
        u, v = (axis.ravel() for axis in np.meshgrid(np.arange(-4500, 4500, 150.0), np.arange(-3600, 3600, 150.0)))
        points = np.column_stack([u, v])
        here, east, north = (shape.bend(points + step) for step in ([0, 0], [10, 0], [0, 10]))
        (a, b), (c, d) = (east - here).T, (north - here).T
        assert ((a * d - b * c) / 100 > 0.3).all()


def test_the_files_say_that_they_are_synthetic(sources: Path) -> None:
    assert "Synthetic" in (sources / "README.txt").read_text(encoding="utf-8")
    assert "Synthetic" in (sources / "compounds.geojson").read_text(encoding="utf-8")
    recipe = read_recipe(sources / "recipe.toml")
    assert recipe.synthetic
    assert "合成" in recipe.name


def test_the_catchments_tile_the_blocks(city: DemoCity, sources: Path) -> None:
    zones = gpd.read_file(sources / "catchments.geojson").set_crs("EPSG:4490", allow_override=True).to_crs("EPSG:4551")
    boundary = pyogrio.read_dataframe(sources / "basemap.gpkg", layer="建成区").geometry.iloc[0]
    assert boundary.is_valid
    for level in LEVELS:
        areas = zones[zones["学段"] == level.name].geometry.to_numpy()
        assert shapely.is_valid(areas).all()
        assert shapely.union_all(areas).area == pytest.approx(shapely.area(areas).sum(), rel=1e-4)
        assert shapely.union_all(areas).area < boundary.area * 1.0001
        homes = shapely.centroid([city.outline(int(number)) for number in city.homes])
        assert shapely.covers(shapely.union_all(areas), homes).all()


def test_the_schools_come_in_gcj_02_and_gb18030(city: DemoCity, sources: Path) -> None:
    table = pd.read_csv(sources / "schools.csv", encoding="gb18030")
    degrees = table[["经度", "纬度"]].to_numpy()
    true = gpd.GeoSeries(gpd.points_from_xy(*gcj_to_wgs(degrees).T), crs="EPSG:4490").to_crs("EPSG:4551")
    raw = gpd.GeoSeries(gpd.points_from_xy(*degrees.T), crs="EPSG:4490").to_crs("EPSG:4551")
    places = gpd.GeoSeries(
        gpd.points_from_xy(*np.concatenate([city.places[s.blocks] for s in city.schools]).T), crs=4551
    )
    assert true.distance(places).max() < 0.05
    assert raw.distance(places).min() > 100


def test_one_seed_makes_the_same_bytes_whatever_the_hash_seed(sources: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from geodata.demo import make_city, write_sources; "
        f"write_sources(make_city(7, {SIZE}), Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    command = [sys.executable, "-c", code, str(tmp_path / "again")]
    subprocess.run(command, check=True, cwd=CHECKOUT, env=environment)
    assert digests(tmp_path / "again") == digests(sources)


def test_another_seed_makes_another_city(city: DemoCity) -> None:
    other = make_city(8, 0.3)
    same = make_city(7, 0.3)
    assert other.addresses != same.addresses
    assert figures(other) != figures(same)


def test_an_existing_folder_is_refused(cli: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    result = cli.invoke(args=["geodata", "demo", "--out", str(tmp_path / "there")])
    assert result.exit_code == 2
    assert list((tmp_path / "there").iterdir()) == []


def test_a_full_disk_leaves_no_half_city(city: DemoCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise pyogrio.errors.DataSourceError("no space left")

    monkeypatch.setattr(gpd.GeoDataFrame, "to_file", full_disk)
    with pytest.raises(GeodataError, match="cannot be written: no space left"):
        write_sources(city, tmp_path / "sources")
    assert list(tmp_path.iterdir()) == []


def test_the_import_reads_all_of_it(city: DemoCity, sources: Path, cli: FlaskCliRunner, tmp_path: Path) -> None:
    result = cli.invoke(
        args=["geodata", "import", str(sources / "recipe.toml"), "--out", str(tmp_path / "city"), "--json"]
    )
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["figures"]["people_placed"] == pytest.approx(city.people.sum(), rel=1e-9)
    assert report["figures"]["buildings"] == len(city.addresses)
    assert report["figures"]["units"] >= len(city.homes)
    for schools in city.schools:
        counts = report["figures"]["levels"][schools.level.name]
        assert counts["schools"] == len(schools.ids)
        assert counts["children"] == pytest.approx(int(city.people[:, schools.level.age].sum()))
        assert counts["seats"] == schools.classes.sum() * schools.level.class_size


def test_the_guide_tells_the_true_figures(full: DemoCity) -> None:
    guide = (CHECKOUT / "docs" / "guide" / "en" / "demo-city.md").read_text(encoding="utf-8")
    told = re.search(r"```json\n(.*?)```", guide, re.DOTALL)
    assert told
    assert json.loads(told[1]) == figures(full)
