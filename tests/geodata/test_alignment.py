"""The check that layers lie over each other: silent where they do, exact where they do not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.checks.alignment import Finding, check, doubt
from geodata.checks.overlay import CELL, best_move, drawn, grid_around
from geodata.datum import from_wgs
from geodata.demo import make_city, write_sources
from geodata.gather import gather
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.recipe.recipe import Recipe, read_recipe
from tests.geodata.conftest import import_town
from tests.paths import CHECKOUT, REAL_DATA, needs_real_data

pytestmark = pytest.mark.filterwarnings("ignore:Several features with id")

SHANGHAI = """
[city]
name = "上海"
crs = "EPSG:4549"
school_year = 2020

[levels.primary]
ages = [6]

[boundary]
bbox = [121.478, 31.222, 121.53, 31.256]
datum = "WGS 84"

[[buildings]]
path = "buildings.geojson"
datum = "{buildings}"

[[streets]]
path = "roads.geojson"
datum = "{streets}"
fields = {{ name = "name", kind = "kind" }}
except = {{ kind = ["rail", "ferry"] }}
"""

SCHOOLS = """
[[schools]]
path = "{path}"
datum = "{datum}"
level = "primary"
only = {{ type = ["小学"] }}
fields = {{ school = "id", name = "name", x = "lon", y = "lat", capacity = "id" }}
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Gathered, Recipe]:
    folder = tmp_path_factory.mktemp("demo") / "sources"
    write_sources(make_city(2026), folder)
    recipe = read_recipe(folder / "recipe.toml")
    return gather(recipe, Notes()), recipe


@pytest.fixture(scope="module")
def queens() -> tuple[Gathered, Recipe]:
    recipe = read_recipe(CHECKOUT / "docs/recipes/queens.toml", REAL_DATA / "queens_village")
    return gather(recipe, Notes()), recipe


def verdicts(findings: list[Finding]) -> dict[str, str]:
    return {finding.layer: finding.verdict for finding in findings}


def moved(given: Gathered, layer: str, east: float, north: float) -> Gathered:
    rows: gpd.GeoDataFrame = getattr(given, layer)
    return dataclasses.replace(given, **{layer: rows.set_geometry(rows.geometry.translate(east, north))})


def shanghai(
    folder: Path, buildings: str, streets: str, made: str = "WGS 84", schools: str = ""
) -> tuple[list[Finding], list[str]]:
    """Findings and sentences where the recipe says these datums and the buildings' file is `made` in another."""
    shift: Callable[[np.ndarray], np.ndarray] = lambda degrees: from_wgs(made, degrees)  # noqa: E731
    for name, change in (("buildings", shift), ("roads", None)):
        rows = gpd.read_file(REAL_DATA / "shanghai_osm_zh" / f"shanghai_{name}.geojson")[["name", "kind", "geometry"]]
        shapes = rows.geometry.to_numpy() if change is None else shapely.transform(rows.geometry.to_numpy(), change)
        rows.set_geometry(gpd.GeoSeries(shapes, crs=4326)).to_file(folder / f"{name}.geojson")
    text = SHANGHAI.format(buildings=buildings, streets=streets)
    if schools:
        text += SCHOOLS.format(
            path=REAL_DATA / "zh_catchment_text" / "shanghai_schools_catchment_text.csv", datum=schools
        )
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    recipe, notes = read_recipe(folder / "recipe.toml"), Notes()
    findings = check(gather(recipe, notes), recipe.sources)
    notes.doubts.clear()
    doubt(findings, notes)
    return findings, [message % values for message, values in notes.doubts]


@pytest.mark.parametrize(("east", "north"), [(0, 0), (40, -35), (-120, 75), (610, 0), (-333, 444)])
def test_a_made_move_is_found_to_a_cell(east: int, north: int) -> None:
    random = np.random.default_rng(7)
    corners = random.uniform(0, 3000, (400, 2))
    shapes = shapely.box(*corners.T, *(corners + random.uniform(10, 40, (400, 2))).T)
    grid = grid_around(shapes)
    elsewhere = shapely.transform(shapes, lambda places: places + np.array([east, north]))
    match = best_move(drawn(elsewhere, grid), drawn(shapes, grid), together=True)
    assert match.clear
    assert abs(match.east + east) <= CELL
    assert abs(match.north + north) <= CELL


def test_two_patterns_that_have_nothing_to_do_with_each_other_say_nothing() -> None:
    random = np.random.default_rng(7)
    grid = grid_around(shapely.points(random.uniform(0, 3000, (500, 2))))
    one, other = (drawn(shapely.points(random.uniform(0, 3000, (500, 2))), grid) for _ in range(2))
    assert not best_move(one, other, together=True).clear


def test_an_empty_layer_says_nothing() -> None:
    grid = grid_around(shapely.points([(0.0, 0.0), (900.0, 900.0)]))
    nothing = drawn(np.array([], dtype=object), grid)
    assert not best_move(nothing, nothing, together=True).clear


def test_the_demo_city_lies_right(demo: tuple[Gathered, Recipe]) -> None:
    given, recipe = demo
    found = verdicts(check(given, recipe.sources))
    assert "shifted" not in found.values()
    assert {layer for layer, verdict in found.items() if verdict == "fits"} >= {"buildings", "addresses", "zones"}


@pytest.mark.parametrize(
    ("layer", "east", "north", "direction"),
    [
        ("buildings", 100, 0, "east"),
        ("streets", -300, 200, "north-west"),
        ("addresses", 0, -600, "south"),
        ("population", -300, 200, "north-west"),
        ("zones", 100, 0, "east"),
    ],
)
def test_a_layer_of_the_demo_city_that_lies_100_to_600_m_off(
    demo: tuple[Gathered, Recipe], layer: str, east: int, north: int, direction: str
) -> None:
    given, recipe = demo
    findings = check(moved(given, layer, east, north), recipe.sources)
    assert [finding.layer for finding in findings if finding.verdict == "shifted"] == [layer]
    wrong = next(finding for finding in findings if finding.layer == layer)
    assert wrong.metres == pytest.approx(np.hypot(east, north), abs=25)
    assert wrong.direction == direction
    assert wrong.looks_like is None


def test_one_of_two_files_that_lies_elsewhere_is_named(demo: tuple[Gathered, Recipe]) -> None:
    given, recipe = demo
    half = len(given.buildings) // 3
    source = recipe.sources["buildings"][0]
    shapes = given.buildings.geometry.copy()
    shapes[:half] = shapes[:half].translate(0, 250)
    buildings = given.buildings.set_geometry(shapes)
    buildings.attrs["rows_of_sources"] = [half, len(buildings) - half]
    other = dataclasses.replace(source, path=source.path.with_name("others.gpkg"))
    findings = check(dataclasses.replace(given, buildings=buildings), {**recipe.sources, "buildings": (other, source)})
    (wrong,) = [finding for finding in findings if finding.verdict == "shifted"]
    assert (wrong.layer, wrong.files, wrong.direction) == ("buildings", (other.label,), "north")
    assert findings[0].verdict == "fits"


def test_layers_that_have_no_pattern_in_common_raise_no_alarm(demo: tuple[Gathered, Recipe]) -> None:
    """A grid of 250 m for the population, and zones that keep to no street."""
    given, recipe = demo
    west, south, east, north = given.area.bounds
    corners = [(x, y) for x in np.arange(west, east, 250) for y in np.arange(south, north, 250)]
    cells = gpd.GeoDataFrame(geometry=[shapely.box(x, y, x + 250, y + 250) for x, y in corners], crs=given.crs)
    places = np.random.default_rng(3).uniform((west, south), (east, north), (20, 2))
    shapes = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places)))
    zones = gpd.GeoDataFrame(geometry=shapes, crs=given.crs)
    few = given.buildings.iloc[::9]
    found = verdicts(check(dataclasses.replace(given, population=cells, zones=zones, buildings=few), recipe.sources))
    assert (found["population"], found["zones"], found["buildings"]) == ("unclear", "unclear", "fits")


def test_a_town_too_small_for_a_pattern_has_no_findings(town: Path) -> None:
    made = import_town(town)
    assert made.figures["alignment"] == []


@pytest.mark.realdata
@needs_real_data("queens_village")
def test_queens_lies_right_and_a_shift_is_found(queens: tuple[Gathered, Recipe]) -> None:
    given, recipe = queens
    found = verdicts(check(given, recipe.sources))
    assert found == {
        "buildings": "fits",
        "addresses": "fits",
        "population": "fits",
        "schools": "unclear",
        "zones": "fits",
    }
    findings = check(moved(given, "population", 230, -150), recipe.sources)
    assert [finding.layer for finding in findings if finding.verdict == "shifted"] == ["population"]


@pytest.mark.realdata
@needs_real_data("shanghai_osm_zh")
@pytest.mark.parametrize(
    ("said", "made", "looks_like", "metres"),
    [
        ("WGS 84", "WGS 84", None, 0),
        ("GCJ-02", "GCJ-02", None, 0),
        ("WGS 84", "GCJ-02", "GCJ-02", 480),
        ("WGS 84", "BD-09", "BD-09", 1130),
        ("CGCS2000", "BD-09", "BD-09", 1130),
        ("GCJ-02", "WGS 84", "WGS 84", 480),
        ("BD-09", "GCJ-02", "GCJ-02", 893),
    ],
)
def test_shanghai_buildings_of_another_datum_than_said(
    tmp_path: Path, said: str, made: str, looks_like: str | None, metres: float
) -> None:
    (finding,), sentences = shanghai(tmp_path, said, "WGS 84", made)
    assert (finding.layer, finding.against, finding.looks_like) == ("buildings", "streets", looks_like)
    assert finding.metres == pytest.approx(metres, abs=10)
    assert finding.verdict == ("shifted" if looks_like else "fits")
    assert len(sentences) == (1 if looks_like else 0)
    if looks_like:
        assert (
            f'This looks like {looks_like}: correct its datum in the recipe to datum = "{looks_like}"' in sentences[0]
        )


@pytest.mark.realdata
@needs_real_data("shanghai_osm_zh")
def test_streets_whose_datum_alone_explains_the_shift(tmp_path: Path) -> None:
    findings, sentences = shanghai(tmp_path, "EPSG:4326", "GCJ-02")
    assert [finding.verdict for finding in findings].count("shifted") == 1
    assert len(sentences) == 1


@pytest.mark.realdata
@needs_real_data("zh_catchment_text")
def test_schools_whose_source_states_no_datum_are_recognised_as_bd_09(tmp_path: Path) -> None:
    for said, verdict, looks_like in (("WGS 84", "shifted", "BD-09"), ("BD-09", "fits", None)):
        findings, _ = shanghai(tmp_path, "WGS 84", "WGS 84", schools=said)
        schools = next(finding for finding in findings if finding.layer == "schools")
        assert (schools.verdict, schools.looks_like) == (verdict, looks_like)
