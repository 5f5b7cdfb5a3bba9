"""Which buildings are homes, and how many storeys they are taken to have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geodata.errors import GeodataInputError
from geodata.importing import Made
from geodata.recipe.recipe import read_recipe
from tests.geodata.conftest import import_town
from tests.geodata.town import edit


def said(recipe: Path) -> list[str]:
    return [message % values for message, values in import_town(recipe).notes.doubts]


def test_the_default_of_storeys_may_depend_on_the_use(town: Path) -> None:
    """The homes keep their six storeys; the school, without a figure, gets the one of its use."""
    edit(town, lambda text: text.replace('not_dwellings = ["学校"]', 'default_levels = { "学校" = 5, "*" = 2 }'))
    edit(town.parent / "buildings.geojson", lambda text: text.replace('"学校", "floors": 4', '"学校", "floors": null'))
    made = import_town(town)
    buildings = made.layers["buildings"]
    assert buildings.loc[buildings["use"] == "学校", "levels"].tolist() == [5.0]
    assert set(buildings.loc[buildings["use"] == "住宅", "levels"]) == {6.0}
    sentences = [message % values for message, values in made.notes.doubts]
    assert any("1 buildings of use 学校 state neither storeys nor height; 5 is taken" in line for line in sentences)


def test_storeys_are_the_stated_ones_else_three_metres_of_height_each(town: Path) -> None:
    """The height counts only where the storeys are missing; a garage of 2 m has one; a height in words is doubted."""
    rows = [(6, 99), (None, "12"), (None, "9.0 m"), (None, 2), (None, "about 9")]
    path = town.parent / "buildings.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    for feature, (floors, height) in zip(content["features"], rows, strict=False):
        feature["properties"] |= {"floors": floors, "height": str(height)}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    edit(town, lambda text: text.replace('levels = "floors"', 'levels = "floors", height = "height"'))
    made = import_town(town)
    homes = made.layers["buildings"]
    assert homes["levels"].head(5).tolist() == [6, 4, 3, 1, 1]
    assert any("1 figures of storeys or height cannot be read" in line for line in said(town))


def test_a_building_of_another_use_gets_nobody_and_its_neighbours_everybody(made: Made) -> None:
    homes = made.layers["buildings"]
    assert homes.loc[homes["use"] == "学校", "people"].tolist() == [0.0]
    assert homes["people"].sum() == pytest.approx(made.figures["people_read"])


def test_refuses_a_default_of_no_storeys(town: Path) -> None:
    edit(town, lambda text: text.replace('not_dwellings = ["学校"]', 'default_levels = { "学校" = 0 }'))
    with pytest.raises(GeodataInputError, match="needs default_levels above 0"):
        read_recipe(town)


def test_a_small_building_is_no_home(town: Path) -> None:
    """The school's building has 400 m², every house 600."""
    edit(town, lambda text: text.replace('not_dwellings = ["学校"]', "smallest = 500"))
    assert import_town(town).figures["dwellings"] == 72
    assert any("1 buildings have a footprint under 500 m²" in line for line in said(town))


def test_a_large_building_of_unknown_use_gets_nobody_while_there_are_others(town: Path) -> None:
    edit(town, lambda text: text.replace('not_dwellings = ["学校"]', "largest_unknown = 300"))
    edit(town.parent / "buildings.geojson", lambda text: text.replace('"学校", "floors"', '"", "floors"'))
    made = import_town(town)
    buildings = made.layers["buildings"]
    assert buildings.loc[buildings["use"] == "", "people"].tolist() == [0.0]
    assert any("over 300 m²" in line for line in said(town))
