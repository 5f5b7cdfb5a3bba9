"""Our pairs and borders against libpysal's contiguity."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.demo import make_city as make_demo
from geodata.demo import write_sources
from geodata.importing import Made
from geodata.units.faces import borders, cut, segments
from tests.geodata.conftest import import_town
from tests.geodata.contiguity import check_pairs
from tests.geodata.town import streets, write_shapes

AREA = shapely.box(0, 0, 400, 400)


def test_the_town(made: Made) -> None:
    check_pairs(made.layers["units"], made.layers["adjacency"])


def test_a_town_whose_streets_share_no_vertex(town: Path, made: Made) -> None:
    straight = [(shapely.LineString([shape.coords[0], shape.coords[-1]]), values) for shape, values in streets()]
    write_shapes(town.parent / "streets.geojson", straight)
    again = import_town(town)
    check_pairs(again.layers["units"], again.layers["adjacency"])
    assert len(again.layers["units"]) == len(made.layers["units"])
    pd.testing.assert_frame_equal(again.layers["adjacency"], made.layers["adjacency"], atol=0.05)
    pd.testing.assert_frame_equal(again.layers["walks"], made.layers["walks"], atol=0.05)
    joints = [values for message, values in again.notes.doubts if "no common vertex" in message]
    assert joints[0]["crossings"] + joints[0]["ends"] > 20


def test_a_small_demo_city(tmp_path: Path) -> None:
    write_sources(make_demo(3, 0.3), tmp_path / "sources")
    made = import_town(tmp_path / "sources" / "recipe.toml")
    check_pairs(made.layers["units"], made.layers["adjacency"])


lengths = st.integers(5, 395)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(lengths, lengths, lengths, lengths), min_size=1, max_size=7))
def test_any_lines(ends: list[tuple[int, int, int, int]]) -> None:
    pieces = cut(AREA, [shapely.LineString([(0, b), (a, d), (400, c)]) for a, b, c, d in ends])
    table = borders(segments(pieces).assign(barrier=False), np.arange(len(pieces)))
    names = np.array([f"{at:03}" for at in range(len(pieces))])
    named = table.assign(unit=names[table["a"]], neighbour=names[table["b"]])
    check_pairs(gpd.GeoDataFrame({"unit": names}, geometry=pieces), named)
