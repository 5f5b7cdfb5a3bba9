"""Pairs of units as libpysal finds them, from the finished shapes alone: another way than ours."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

LEAST = 0.05
"""Metres: units that share less meet in a corner."""


def check_pairs(units: gpd.GeoDataFrame, adjacency: pd.DataFrame) -> None:
    """The units are a coverage, and `adjacency` holds the rook neighbours with the lengths of their shared borders."""
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    graph = Graph.build_contiguity(units.set_index("unit").geometry, rook=True, by_perimeter=True, strict=True)
    theirs = {pair: length for pair, length in graph.adjacency.items() if length > LEAST and pair[0] < pair[1]}
    rows = adjacency.itertuples(index=False)
    ours = {(row.unit, row.neighbour): row.border for row in rows if row.border > LEAST}
    assert theirs.keys() == ours.keys()
    assert list(theirs.values()) == pytest.approx([ours[pair] for pair in theirs], abs=0.2)
