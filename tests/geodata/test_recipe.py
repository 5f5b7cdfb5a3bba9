from __future__ import annotations

import re
from pathlib import Path

import pytest

from geodata.errors import GeodataInputError
from geodata.recipe.recipe import read_recipe
from tests.geodata.town import edit
from tests.paths import CHECKOUT


def test_the_guide_s_example_is_a_recipe(tmp_path: Path) -> None:
    guide = (CHECKOUT / "docs/guide/en/recipe.md").read_text(encoding="utf-8")
    example = re.findall(r"```toml\n(.*?)```", guide, re.S)[0]
    path = tmp_path / "recipe.toml"
    path.write_text(example, encoding="utf-8")
    recipe = read_recipe(path)
    assert recipe.name == "示例市"
    assert recipe.levels["junior"].class_size == 50
    assert recipe.sources["population"][0].columns["age_14"] == ("age_14",)


def test_every_key_of_the_reader_stands_in_the_guide() -> None:
    from geodata.recipe.recipe import ROLES
    from geodata.recipe.source import SOURCE_KEYS

    guide = (CHECKOUT / "docs/guide/en/recipe.md").read_text(encoding="utf-8")
    keys = SOURCE_KEYS.union(*(role.fields | role.options for role in ROLES))
    assert not [key for key in sorted(keys) if key not in guide]


def test_the_queens_recipe_is_read() -> None:
    recipe = read_recipe(CHECKOUT / "docs/recipes/queens.toml", Path("/data"))
    assert recipe.attendance is None
    assert recipe.sources["schools"][0].options["shares"] == {"PK-5": 6 / 7, "PK-8": 6 / 10}
    assert recipe.sources["buildings"][0].path == Path("/data/queens_village_ny.osm.pbf")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "柳河镇"', 'nme = "柳河镇"', r"\[city\], has an unknown key nme"),
        ("school_year = 2026", 'school_year = "2026"', r"\[city\], needs school_year to be a whole number, not '2026'"),
        ("ages = [6]", "ages = 6", r"\[levels.primary\], needs ages to be a list in brackets \(\[…\]\), not 6"),
        ("ages = [6]", "ages = [6]\nclass_size = '45'", "needs class_size to be a number, not '45'"),
        ('datum = "CGCS2000"\nfields = { use', "fields = { use", r"\[buildings 1\], needs the key datum"),
        ("classes = ", "klasses = ", r"\[schools 1.fields\], has an unknown key klasses"),
        ('join = ""', 'encoding = "rot13"', "an encoding that is unknown: rot13"),
        ("ages = [6]", "ages = []", r"\[levels.primary\], needs ages"),
        ("[levels.junior]\nages = [12]", "", r"has no \[levels.junior\]"),
        ('level = "junior"', 'level = "senior"', "has a level senior"),
        ("attendance = 0.9", "attendance = 0", "needs attendance"),
        ("attendance = 0.9", 'attendance = "enrolment"', "only with one level"),
        ("age_{age}", "age", r"needs \{age\} in its column"),
        ("[[population]]", "[[addresses]]", r"\[addresses 2\], has an unknown key single_ages"),
        ("[city]", "[city", "cannot be read"),
        ("[city]", "a = " + "[" * 5000, "cannot be read"),
        ("柳河镇", " ", "has an empty name"),
        ("school_year = 2026", "school_year = 26", "needs a school_year"),
        ("ages = [6]", "ages = [6]\nclass_size = -45", "needs class_size above 0"),
        ("ages = [6]", "ages = [6]\nclass_size = nan", "needs class_size above 0"),
        ("not_dwellings", "default_levels = nan\nnot_dwellings", "needs default_levels above 0"),
        ('path = "boundary.geojson"', "bbox = [-inf, -inf, inf, inf]", "has a bbox outside the area of CGCS2000"),
    ],
)
def test_a_recipe_that_cannot_be_followed(town: Path, old: str, new: str, sentence: str) -> None:
    edit(town, lambda text: text.replace(old, new, 1))
    with pytest.raises(GeodataInputError, match=sentence) as caught:
        read_recipe(town)
    assert caught.value.exit_code == 2


def test_a_role_with_one_bracket(town: Path) -> None:
    edit(town, lambda text: text.replace("[[population]]", "[population]"))
    with pytest.raises(GeodataInputError, match=r"must name its sources of population as \[\[population\]\]"):
        read_recipe(town)


def test_sources_that_are_no_tables(town: Path) -> None:
    edit(town, lambda text: "barriers = [3]\n" + text.replace("[[barriers]]", "[other]"))
    with pytest.raises(GeodataInputError, match="must name its sources of barriers as"):
        read_recipe(town)


def test_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(GeodataInputError, match="There is no recipe"):
        read_recipe(tmp_path / "recipe.toml")


def test_needed_sources(town: Path) -> None:
    edit(town, lambda text: text.replace("[[streets]]", "[[barriers]]"))
    with pytest.raises(GeodataInputError, match=r"names neither \[\[streets\]\] nor \[\[units\]\]"):
        read_recipe(town)


def test_no_boundary_and_no_drawn_units(town: Path) -> None:
    edit(town, lambda text: text.replace('[boundary]\npath = "boundary.geojson"\ndatum = "CGCS2000"\n', ""))
    with pytest.raises(GeodataInputError, match=r"needs \[boundary\] where it names no \[\[units\]\]"):
        read_recipe(town)
