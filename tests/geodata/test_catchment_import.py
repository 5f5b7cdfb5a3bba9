"""A city whose current catchments exist only as text; and texts tried before any import."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from geodata.cli import group
from geodata.errors import GeodataInputError
from geodata.importing import Made
from geodata.recipe.recipe import read_recipe
from tests.geodata.conftest import import_town
from tests.geodata.town import edit

SEASONS = "春夏秋冬梅兰"
AROUND = "东至南北5路，西至南北4路，南至东西3路，北至东西4路"
TEXTS = [
    {"school": "柳河镇第一小学", "text": "柳河街\n东苑春春、西苑春春；东苑春夏1—3栋\n东西0路1-7号（单号）"},
    {"school": "P2", "text": f"家园秋春；家园秋夏（部分）；家园秋秋、家园秋冬；{AROUND}"},
    {"school": "第三小学", "text": "家园秋兰"},
]


def with_texts(recipe: Path, texts: list[dict[str, str]] = TEXTS) -> Path:
    """Give the town's primary catchments as text instead of polygons, and its compounds names without figures."""
    for name in ("buildings.geojson", "compounds.geojson"):
        file = recipe.parent / name
        names = re.sub(r"(苑|家园)(\d)(\d)", _named, file.read_text(encoding="utf-8"))
        file.write_text(names, encoding="utf-8")
    path = recipe.parent / "texts.json"
    path.write_text(json.dumps({"year": 2026, "records": texts}, ensure_ascii=False), encoding="utf-8")
    new = '[[catchments]]\npath = "texts.json"\nlevel = "primary"\nfields = { schools = "school", text = "text" }\n\n'
    edit(recipe, lambda text: text[: text.index("[[zones]]")] + new + text[text.index("[demand]") :])
    return recipe


def _named(found: re.Match[str]) -> str:
    return found[1] + SEASONS[int(found[2])] + SEASONS[int(found[3])]


@pytest.fixture
def made(town: Path) -> Made:
    return import_town(with_texts(town))


def test_units_take_their_school_from_the_texts(made: Made) -> None:
    names = made.layers["units"].set_index("unit")["name"]
    current = made.layers["current"]
    schools = {names[row.unit]: row.school for row in current.itertuples()}
    assert schools["东苑春春"] == schools["西苑春春"] == schools["东苑春夏"] == "P1"
    assert schools["家园秋春"] == schools["家园秋梅"] == "P2"
    assert not {"家园秋夏", "家园秋兰"} & set(schools)
    assert set(current["level"]) == {"primary"}


def test_what_the_texts_leave_open_stands_in_the_report(made: Made) -> None:
    (figure,) = made.figures["catchment_text"]
    assert figure["items"] == figure["understood"] + len(figure["not_understood"])
    assert [(one["row"], one["line"], one["text"]) for one in figure["not_understood"]] == [(2, 1, "家园秋夏（部分）")]
    said = [message % values for message, values in made.notes.doubts]
    assert any("家园秋夏（部分）" in sentence for sentence in said)
    assert any("第三小学" in sentence and "not among the schools" in sentence for sentence in said)


def test_both_polygons_and_texts_of_a_level_are_refused(town: Path) -> None:
    zones = town.read_text(encoding="utf-8")
    zones = zones[zones.index("[[zones]]") : zones.index("[demand]")]
    with_texts(town)
    edit(town, lambda text: text.replace("[demand]", f"{zones}[demand]"))
    with pytest.raises(GeodataInputError, match="twice"):
        read_recipe(town)


def test_texts_are_tried_without_a_city(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("学校,范围\n一小,共和路35—73（单号）；环城西路（部分）\n二小,梅花村\n", encoding="gb18030")
    arguments = ["text", str(path), "--school", "学校", "--text", "范围"]
    tried = CliRunner().invoke(group, [*arguments, "--json"])
    assert tried.exit_code == 1
    figures = json.loads(tried.output)
    assert (figures["items"], figures["understood"]) == (3, 2)
    assert figures["not_understood"][0]["text"] == "环城西路（部分）"
    path.write_text("学校,范围\n一小,共和路35—73（单号）\n", encoding="utf-8")
    assert CliRunner().invoke(group, [*arguments, "--json"]).exit_code == 0


def test_a_table_without_the_column_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("学校,范围\n一小,共和路\n", encoding="utf-8")
    assert CliRunner().invoke(group, ["text", str(path)]).exit_code == 2


@pytest.mark.parametrize("content", ["{", "[1, 2]", '{"a": [{"b": 1}], "c": [{"d": 2}]}'])
def test_json_without_one_list_of_records_is_bad_input(tmp_path: Path, content: str) -> None:
    path = tmp_path / "texts.json"
    path.write_text(content, encoding="utf-8")
    assert CliRunner().invoke(group, ["text", str(path)]).exit_code == 2
