"""The guide «your own city in an afternoon»: its recipes are read as they stand, and lead an OSM extract to a plan."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from geodata.recipe.recipe import read_recipe
from tests.paths import CHECKOUT, REAL_DATA, needs_real_data

GUIDES = {language: CHECKOUT / "docs/guide" / language / "own-city.md" for language in ("en", "zh")}
BASE, BOUNDARY, LAYERS, SCHOOLS, PEOPLE, ZONES, TEXTS, LATER = range(8)
"""The guide's blocks of TOML, in order."""

QUEENS = {
    "[13.36, 52.49, 13.45, 52.55]": "[-73.752, 40.705, -73.730, 40.722]",
    "EPSG:32633": "EPSG:32618",
}
HERE = """id,name,lon,lat,classes
P01,First,-73.7465,40.7180,9
P02,Second,-73.7350,40.7090,9
"""
RESIDENTS = """
[[population]]
path = "people.geojson"
datum = "WGS 84"
fields = { count = "residents" }

[age_groups]
shares = { "0-5" = 0.041, "6-11" = 0.052, "12-14" = 0.027 }
"""


def blocks(language: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", GUIDES[language].read_text(encoding="utf-8"), flags=re.S)


def test_both_languages_give_the_same_recipes_and_commands() -> None:
    english, chinese = blocks("en"), blocks("zh")
    assert [tomllib.loads(block) for block in chinese[:PEOPLE]] == [tomllib.loads(block) for block in english[:PEOPLE]]
    assert [tomllib.loads(block) for block in chinese[ZONES:]] == [tomllib.loads(block) for block in english[ZONES:]]
    commands = [
        re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.S) for path in GUIDES.values()
    ]
    assert commands[0] == commands[1]


@pytest.mark.parametrize("language", GUIDES)
@pytest.mark.parametrize("at", [LAYERS, SCHOOLS, PEOPLE, ZONES, TEXTS, LATER])
def test_every_recipe_of_the_guide_is_accepted(language: str, at: int, tmp_path: Path) -> None:
    given = blocks(language)
    for number, part in enumerate(re.split(r"(?m)^# \([a-d]\)", given[at]) if at == PEOPLE else [given[at]]):
        if "[" not in part:
            continue
        recipe = tmp_path / f"{number}.toml"
        recipe.write_text(given[BASE] + re.sub(r"^ .*\n", "", part), encoding="utf-8")
        assert read_recipe(recipe).name == "My City"


def test_a_boundary_from_a_file_is_accepted(tmp_path: Path) -> None:
    given = blocks("en")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(re.sub(r"\[boundary\].*?\n\n", given[BOUNDARY] + "\n", given[BASE], flags=re.S), encoding="utf-8")
    assert read_recipe(recipe).boundary is not None


@pytest.mark.realdata
@needs_real_data("queens_village")
def test_an_extract_leads_to_a_plan_step_by_step(tmp_path: Path, cli: FlaskCliRunner) -> None:
    folder = tmp_path / "my-city"
    folder.mkdir()
    shutil.copy(REAL_DATA / "queens_village/queens_village_ny.osm.pbf", folder / "town.osm.pbf")
    (folder / "schools.csv").write_text(HERE, encoding="utf-8")
    box = [[-73.752, 40.705], [-73.730, 40.705], [-73.730, 40.722], [-73.752, 40.722], [-73.752, 40.705]]
    whole = {
        "type": "Feature",
        "properties": {"residents": 18000},
        "geometry": {"type": "Polygon", "coordinates": [box]},
    }
    (folder / "people.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [whole]}))
    given = blocks("en")
    text, said = given[BASE], []
    for old, new in QUEENS.items():
        text = text.replace(old, new)
    for number, more in enumerate(["", given[LAYERS], given[SCHOOLS], RESIDENTS]):
        text += "\n" + more
        (folder / "recipe.toml").write_text(text, encoding="utf-8")
        arguments = ["geodata", "import", str(folder / "recipe.toml"), "--out", str(tmp_path / str(number))]
        assert cli.invoke(args=arguments).exit_code == 0
        said.append(re.search(r'class="line">([^<]*)<', (tmp_path / str(number) / "report.en.html").read_text())[1])
    assert [sentence.startswith("My City cannot be planned yet.") for sentence in said] == [True, True, True, False]
    assert said[-1].startswith("My City is ready for planning")
    problem = ["zoning", "problem", str(tmp_path / "3"), "--level", "primary", "--year", "2026"]
    assert cli.invoke(args=[*problem, "--out", str(tmp_path / "problem")]).exit_code == 0
