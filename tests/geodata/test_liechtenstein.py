"""A small country from an extract that also holds a county on another continent."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from geodata.errors import GeodataInputError
from geodata.importing import Made
from tests.geodata.conftest import import_town
from tests.geodata.town import edit
from tests.paths import REAL_DATA, needs_real_data

pytestmark = [pytest.mark.realdata, needs_real_data("liechtenstein_osm")]

EXTRACT = REAL_DATA / "liechtenstein_osm/liechtenstein_plus_autauga_al.osm.pbf"
PEOPLE = {
    "Balzers": 4608,
    "Eschen": 4407,
    "Gamprin": 1654,
    "Mauren": 4138,
    "Planken": 445,
    "Ruggell": 2065,
    "Schaan": 6002,
    "Schellenberg": 1037,
    "Triesen": 5050,
    "Triesenberg": 2634,
    "Vaduz": 5229,
}
"""Residents as the extract's place nodes state them."""

RECIPE = f"""
[city]
name = "Liechtenstein"
crs = "EPSG:32632"
school_year = 2026

[levels.primary]
ages = [6]
class_size = 20

[boundary]
path = "{EXTRACT}"
layer = "multipolygons"
datum = "WGS 84"
only = {{ boundary = ["administrative"], name = ["Liechtenstein"] }}

[[streets]]
path = "{EXTRACT}"
layer = "lines"
datum = "WGS 84"
only = {{ highway = true }}
fields = {{ name = "name", kind = "highway", bridge = "bridge", tunnel = "tunnel", layer = "layer" }}
no_block = ["footway", "cycleway", "path", "steps", "service", "track"]

[[buildings]]
path = "{EXTRACT}"
layer = "multipolygons"
datum = "WGS 84"
only = {{ building = true }}
fields = {{ use = "building", levels = "building:levels", height = "height" }}
default_levels = 2

[[population]]
path = "people.gpkg"
datum = "WGS 84"
fields = {{ count = "residents" }}

[age_groups]
shares = {{ "0-5" = 0.058, "6-11" = 0.06, "12-14" = 0.03 }}

[[schools]]
path = "schools.csv"
datum = "WGS 84"
level = "primary"
fields = {{ school = "id", name = "name", x = "lon", y = "lat", classes = "classes" }}
"""
SCHOOLS = """id,name,lon,lat,classes
P01,Primarschule Triesen,9.526664,47.105392,8
P10,Primarschule Aeule,9.519507,47.138211,8
P99,Prattville Primary School,-86.468864,32.463191,2
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    return tmp_path / "recipe.toml"


def write_people(recipe: Path, shape: str) -> None:
    """The municipalities with their residents, as outlines or as one point each."""
    where = "boundary = 'administrative' and admin_level = '8'"
    places = gpd.read_file(EXTRACT, layer="multipolygons", where=where)
    places = places[places["name"].isin(PEOPLE)][["name", "geometry"]]
    places["residents"] = places["name"].map(PEOPLE)
    if shape == "points":
        places.geometry = places.representative_point()
    places.to_file(recipe.parent / "people.gpkg")


def doubts(made: Made) -> list[str]:
    return [sentence % values for sentence, values in made.notes.doubts]


@pytest.mark.filterwarnings("ignore:Non closed ring:RuntimeWarning")
def test_one_of_two_places_becomes_a_city(recipe: Path) -> None:
    write_people(recipe, "outlines")
    made = import_town(recipe)
    units = made.layers["units"]
    assert made.figures["area_km2"] == pytest.approx(160.4, abs=0.5)
    assert units["people"].sum() == pytest.approx(sum(PEOPLE.values()))
    assert 300 < len(units) < 600
    assert sorted(made.layers["schools"]["school"]) == ["P01", "P10"]
    said = " ".join(doubts(made))
    assert "P99 Prattville Primary School" in said
    assert "m² of floor each" not in said


@pytest.mark.filterwarnings("ignore:Non closed ring:RuntimeWarning")
def test_points_that_stand_for_whole_municipalities_are_doubted(recipe: Path) -> None:
    write_people(recipe, "points")
    edit(recipe, lambda text: text.replace('name = ["Liechtenstein"]', 'name = ["Vaduz"]'))
    assert any("a point stands for a whole village or district" in said for said in doubts(import_town(recipe)))


def test_both_places_together_are_no_city(recipe: Path) -> None:
    edit(recipe, lambda text: text.replace('name = ["Liechtenstein"]', 'name = ["Liechtenstein", "Autauga County"]'))
    with pytest.raises(GeodataInputError, match=r"over 300 km wide in EPSG:32632; .* draw \[boundary\] around one"):
        import_town(recipe)


def test_the_other_place_names_its_own_grid(recipe: Path) -> None:
    edit(recipe, lambda text: text.replace('name = ["Liechtenstein"]', 'name = ["Autauga County"]'))
    with pytest.raises(GeodataInputError, match=r"lies far from where EPSG:32632 measures rightly.* take EPSG:32616"):
        import_town(recipe)
