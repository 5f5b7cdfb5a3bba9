"""Units of about a wanted size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataInputError
from geodata.recipe.recipe import read_recipe
from geodata.units.sizes import bisected
from tests.geodata.conftest import import_town
from tests.geodata.town import edit

NORTH_OF_THE_RIVER = 4_750_000 + 500


def sized(town: Path, text: str) -> Path:
    edit(town, lambda before: f"{before}\n[unit_size]\n{text}\n")
    return town


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=8, max_size=60), st.integers(1, 8))
def test_parts_have_about_equal_weight(places: list[tuple[int, int]], parts: int) -> None:
    found = bisected(np.array(places, dtype=float), np.ones(len(places)), parts)
    sizes = np.bincount(found, minlength=parts)
    assert len(sizes) == parts
    assert sizes.sum() == len(places)
    assert sizes.max() <= np.ceil(len(places) / parts) + 3


def test_a_long_row_is_halved_across_its_length() -> None:
    row = np.column_stack((np.arange(10.0), np.zeros(10)))
    assert bisected(row, np.ones(10), 2).tolist() == [0] * 5 + [1] * 5


def test_small_units_join_until_each_holds_the_target(town: Path) -> None:
    before = import_town(town).layers["units"]
    town = sized(town, 'target = 1200\nof = "people"')
    made = import_town(town)
    units = made.layers["units"]
    assert len(units) < len(before)
    assert units["people"].min() >= 1200
    assert units["people"].sum() == pytest.approx(before["people"].sum())
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert any("are now" in message for message, _ in made.notes.doubts)
    assert units["unit"].tolist() == [f"U{at:0{len(str(len(units)))}}" for at in range(1, len(units) + 1)]


def test_units_do_not_join_across_the_river_even_at_the_bridge(town: Path) -> None:
    units = import_town(sized(town, "target = 1000000")).layers["units"]
    assert len(units) == 2


def test_without_the_bridge_they_stay_apart(town: Path) -> None:
    edit(
        town,
        lambda text: text.replace(
            'kind = "kind" }\n\n[[barriers]]', 'kind = "kind" }\nno_walk = ["支路"]\n\n[[barriers]]'
        ),
    )
    made = import_town(sized(town, "target = 1000000"))
    units = made.layers["units"]
    assert len(units) == 2
    assert sorted(units.geometry.bounds["miny"].round() >= NORTH_OF_THE_RIVER - 1) == [False, True]


def test_a_large_block_without_compounds_is_divided_between_its_homes(town: Path) -> None:
    edit(town, lambda text: text.replace(', compound = "compound"', ""))
    whole = import_town(town).layers["units"]
    made = import_town(sized(town, 'target = 240\nof = "people"'))
    units = made.layers["units"]
    assert len(units) > len(whole)
    assert units["people"].min() >= 240
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert not units["name"].str.contains("\0").any()


def test_compounds_stay_whole(town: Path) -> None:
    buildings = import_town(sized(town, 'target = 10\nof = "people"')).layers["buildings"]
    named = buildings[buildings["compound"] != ""]
    assert (named.groupby("compound")["unit"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("target = 0", "needs target above 0"),
        ('target = 60\nof = "dogs"', 'needs of = "children" or of = "people"'),
        ('of = "people"', "needs the key target"),
        ("target = 60\nleast = 1", "has an unknown key least"),
    ],
)
def test_a_size_that_cannot_be_meant(town: Path, text: str, sentence: str) -> None:
    with pytest.raises(GeodataInputError, match=sentence):
        read_recipe(sized(town, text))


def test_a_size_for_drawn_units(town: Path) -> None:
    drawn = '[[units]]\npath = "compounds.geojson"\ndatum = "CGCS2000"\n\n[demand]'
    edit(town, lambda text: text.replace("[demand]", drawn))
    with pytest.raises(GeodataInputError, match="drawn units stay as they are drawn"):
        read_recipe(sized(town, "target = 60"))
