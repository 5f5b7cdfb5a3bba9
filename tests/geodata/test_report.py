"""The data report as a page: what it says first, that it says everything, and that it needs no other file."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rasterio.io import MemoryFile

from geodata.importing import Made
from geodata.notes import Notes
from geodata.recipe.recipe import ROLES
from geodata.report.charts import Demand, demand_chart
from geodata.report.demand import demand_of
from geodata.report.doubts import ordered, shortened
from geodata.report.first import closed_levels, verdict
from geodata.report.map import city_map
from geodata.report.page import PAGES, pages
from geodata.report.png import png
from geodata.report.previews import previews
from geodata.report.rules import rules
from geodata.report.sections import _rounded
from geodata.report.tables import defects
from geodata.report.values import report_of
from geodata.report.why import WHY, why_name
from geodata.report.words import REASONS, reason_name, role_name
from tests.geodata.conftest import SPEAKERS, english, import_town
from tests.geodata.test_part_of_a_city import without
from tests.paths import CHECKOUT

PARTS = [("population",), ("schools", "zones"), ("streets", "barriers"), ("buildings",), ("zones", "addresses")]
TOWN_WITHOUT_STREETS = """[[units]]
path = "compounds.geojson"
datum = "CGCS2000"

[[addresses]]"""


def english_page(made: Made) -> str:
    return pages(made, report_of(made, {}), SPEAKERS)["report.en.html"]


def with_levels(made: Made, **changes: dict[str, float]) -> Made:
    """The city with other figures of some levels."""
    levels = {name: {**level, **changes.get(name, {})} for name, level in made.figures["levels"].items()}
    return dataclasses.replace(made, figures={**made.figures, "levels": levels}, notes=Notes())


def test_classes_of_the_map_never_read_alike() -> None:
    assert _rounded([0.12, 0.16, 0.31, 0.34]) == ["0.12", "0.16", "0.31", "0.34"]
    assert _rounded([1.01, 2.0, 3.0, 4.0]) == ["1.0", "2.0", "3.0", "4.0"]


def test_the_pages_need_nothing_else_and_link_to_each_other(made: Made) -> None:
    written = pages(made, report_of(made, {"seconds": 1, "peak_memory_mb": 2}), SPEAKERS)
    assert sorted(written) == sorted(PAGES.values())
    for page in written.values():
        for outside in ("http:", "https:", "<script", "<link", "<img", "@import", "url(h", "onclick", "NaN", "nan "):
            assert outside not in page, outside
    assert 'href="report.en.html"' in written["report.html"]
    assert 'href="report.html"' in written["report.en.html"]
    assert '<html lang="zh-Hans">' in written["report.html"]


@pytest.mark.parametrize("parts", PARTS, ids="-".join)
def test_a_part_of_a_city_has_a_page_too(town: Path, parts: tuple[str, ...]) -> None:
    without(town, *parts)
    if "streets" in parts:
        text = town.read_text(encoding="utf-8")
        town.write_text(text.replace("[[addresses]]", TOWN_WITHOUT_STREETS), encoding="utf-8")
    made = import_town(town)
    page = english_page(made)
    assert "<svg" in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower().replace("demand", "")
    for message, values in made.notes.doubts:
        sentence = english(message, **{name: shortened(value) for name, value in values.items()})
        assert sentence.split("%")[0][:40] in page.replace("&#x27;", "'").replace("&quot;", '"'), sentence


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "柳河镇 is ready for planning."),
        ({"junior": {"seats": 0.0}}, "柳河镇 is ready for planning, but not yet for junior."),
        ({"primary": {"children": 0.0}, "junior": {"schools": 0}}, "柳河镇 cannot be planned yet."),
    ],
)
def test_the_first_sentence_says_whether_the_city_can_be_planned(made: Made, changes: Any, said: str) -> None:
    assert said in verdict(with_levels(made, **changes), english)


def test_a_city_with_doubts_is_ready_and_says_how_many(made: Made) -> None:
    assert closed_levels(made) == []
    assert f"look at the {len(made.notes.doubts)} doubts first" in verdict(made, english)


def test_schools_without_seats_stand_in_the_first_screen(made: Made) -> None:
    assert "no seats" in verdict(with_levels(made, junior={"seats": 0.0}), english)


def test_doubts_come_by_weight() -> None:
    notes = Notes()
    notes.doubt("%(file)s: %(count)s rows.", file="a.csv", count=3)
    notes.doubt("%(people).1f people.", people=2.0)
    notes.doubt("%(people).1f of the people.", people=90.0)
    notes.doubt("Schools: %(schools)s.", schools="P1, P2")
    notes.doubt("Nobody.")
    notes.doubt("Reckoned %(rate)s.", rate=0.5)
    assert [(doubt.subject, doubt.weight) for doubt in ordered(notes)] == [
        ("city", 0.0),
        ("schools", 2.0),
        ("people", 90.0),
        ("people", 2.0),
        ("rows", 3.0),
        ("other", 0.0),
    ]


def test_a_long_list_is_shortened_and_unfolds_whole(made: Made) -> None:
    schools = ", ".join(f"S{number}" for number in range(30))
    notes = Notes()
    notes.doubt("They name %(schools)s.", schools=schools)
    page = english_page(dataclasses.replace(made, notes=notes))
    assert "S6, S7, …." in page
    assert f"They name {schools}." in page
    assert shortened("a, b, c") == "a, b, c"


def test_every_reason_and_role_has_a_word() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "geodata").rglob("*.py"))
    calls = re.findall(r"(?:\.drop|\.repair|[ (]drop)\((?:rows, note, |\s*rows,\s*note,\s*)?\s*\"([^\"]+)\"", code)
    assert len(set(calls)) >= 10
    assert set(calls) <= set(REASONS)
    assert all(reason_name(reason, str.upper) != reason for reason in calls)
    assert all(role_name(role.name, lambda word: f"<{word}>") != role.name for role in ROLES)


def test_every_reason_of_a_text_that_is_not_understood_has_words() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "geodata/catchments").glob("*.py"))
    said = re.findall(r'(?:Unread|Separator)Error\(f?"([^":{]+)', code)
    said += re.findall(r'^(?:N[A-Z_]+|SEVERAL) = "(.+)"', code, re.MULTILINE)
    assert set(said) == set(WHY)
    assert why_name("a range that falls: 9号—3号", english).endswith(": 9号—3号")


def test_defects_are_listed_by_their_first_rows() -> None:
    source = {"file": "a.shp", "role": "buildings", "rows": {"invalid polygon": list(range(1, 40)), "no geometry": [7]}}
    table = defects([source], english)
    assert "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …" in table
    assert ">7<" in table
    assert defects([{**source, "rows": {}}], english) == ""


def test_the_map_shows_every_school_by_its_number(made: Made) -> None:
    drawing = city_map(made.layers, ["age_6"])
    assert re.findall(r"<text y=\"4.5\">(\d+)</text>", drawing) == ["1", "2", "3"]
    assert 2 <= len(re.findall(r'class="c\d"', drawing)) <= 6
    assert re.search(r"\d+ k?m</text>", drawing)


def test_each_layer_as_read_has_a_picture(made: Made) -> None:
    found = {sheet.layer: sheet.count for sheet in previews(made.layers)}
    assert set(found) == {"streets", "barriers", "buildings", "population", "addresses", "schools", "zones"}
    assert found["schools"] == 3


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)))
@settings(deadline=None, max_examples=30)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_is_read_back_as_it_was_drawn(pixels: Any) -> None:
    with MemoryFile(png(pixels, ("#000000", "#010203", "#ff0000", "#ffffff"))) as file, file.open() as picture:
        assert (picture.read(1) == pixels).all()
        assert picture.colormap(1)[1] == (1, 2, 3, 255)


def test_the_forecast_is_drawn_with_its_range_and_the_seats(made: Made) -> None:
    demand = demand_of(made, "primary")
    assert demand is not None
    assert (demand.years[0], demand.seats) == (2026, 315.0)
    assert demand.middle[0] == pytest.approx(made.figures["levels"]["primary"]["children"])
    chart = demand_chart(demand, ("children", "low–high", "seats"))
    assert ('class="band"' in chart) == demand.ranged
    assert 'class="seats"' in chart


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=13), st.floats(0, 1e7))
@settings(deadline=None, max_examples=50)
def test_no_line_of_a_chart_leaves_it(children: list[float], seats: float) -> None:
    years = tuple(range(2026, 2026 + len(children)))
    chart = demand_chart(Demand(years, tuple(children), tuple(children), tuple(children), seats), ("a", "b", "c"))
    heights = [float(y) for y in re.findall(r"cy=\"([-\d.]+)\"", chart)]
    assert len(heights) == len(children)
    assert all(0 <= y <= 300 for y in heights)


def test_the_rules_are_those_that_the_city_was_made_by(made: Made, town: Path) -> None:
    whole = " ".join(rules(made.notes, english))
    part = " ".join(rules(import_town(without(town, "zones", "barriers", "population")).notes, english))
    for words in ("current zone", "is a barrier", "A record's people"):
        assert words in whole
        assert words not in part
    assert "cut the city into blocks" in part
    assert report_of(made, {})["rules"] == rules(made.notes, english)


def test_no_sentence_hides_in_an_f_string_where_the_extraction_cannot_see_it() -> None:
    hidden = [
        (path.name, call.lineno)
        for path in (CHECKOUT / "geodata").rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "gettext", "Phrase")
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []
