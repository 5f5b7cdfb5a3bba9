"""Joining small units with a neighbour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.arrays import Floats
from geodata.units.blocks import Units
from geodata.units.faces import borders, segments
from geodata.units.merge import blocked, merge, merged_units


def grid(columns: int, rows: int, river: int | None = None, bridge: bool = False) -> Units:
    """Squares of 100 m, numbered row by row; a river runs north of row `river`."""
    shapes = np.array(
        [shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100) for y in range(rows) for x in range(columns)]
    )
    pieces = segments(shapes)
    pieces["barrier"] = (pieces["y"] == 100 * river) & (pieces["b"] >= 0) if river else False
    pieces["crossing"] = pieces["barrier"] & bridge
    ids = [f"U{number}" for number in range(len(shapes))]
    return Units(shapes, ["" for _ in ids], borders(pieces, np.arange(len(shapes))), ids)


def small(least: float):
    return lambda sums: bool(sums[0] < least)


def rare(sums: Floats) -> bool:
    """Some count is above 0 and below 5."""
    return bool(((sums > 0) & (sums < 5)).any())


def column(*values: float) -> Floats:
    return np.array(values, dtype=float)[:, None]


def test_the_smallest_joins_first_and_where_the_border_is_longest() -> None:
    units = grid(3, 1)
    units.pairs.loc[1, "border"] = 140.0
    assert merge(column(9, 2, 9), units.pairs, small(5)).labels.tolist() == [0, 1, 1]


def test_of_equal_borders_the_first_neighbour() -> None:
    assert merge(column(9, 2, 9), grid(3, 1).pairs, small(5)).labels.tolist() == [0, 0, 1]


def test_small_units_join_until_they_are_large_enough() -> None:
    found = merge(column(2, 2, 2, 2, 2, 2), grid(6, 1).pairs, small(6))
    assert all(total >= 6 for total in np.bincount(found.labels, [2.0] * 6))
    assert len(found.left) == 0


def test_nobody_joins_across_a_barrier_without_a_bridge() -> None:
    shut, open_ = grid(1, 2, river=1), grid(1, 2, river=1, bridge=True)
    assert blocked(shut.pairs).tolist() == [True]
    found = merge(column(1, 9), shut.pairs, small(5))
    assert found.labels.tolist() == [0, 1]
    assert found.left.tolist() == [0]
    assert merge(column(1, 9), open_.pairs, small(5)).labels.tolist() == [0, 0]


def test_a_unit_that_wants_in_one_column_joins() -> None:
    counts = np.array([[12.0, 3.0], [7.0, 4.0], [6.0, 0.0]])
    found = merge(counts, grid(3, 1).pairs, rare)
    assert found.labels.tolist() == [0, 0, 1]


def test_nothing_wanted_nothing_joined() -> None:
    found = merge(column(5, 6), grid(2, 1).pairs, small(5))
    assert found.labels.tolist() == [0, 1]


counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=12, max_size=12)


@settings(max_examples=60, deadline=None)
@given(counts, st.sampled_from([None, 1, 2]))
def test_merging_loses_nobody_and_leaves_no_small_count_that_could_join(
    given_counts: list[tuple[int, int]], river: int | None
) -> None:
    units, values = grid(4, 3, river), np.array(given_counts, dtype=float)
    found = merge(values, units.pairs, rare)
    sums = np.column_stack([np.bincount(found.labels, one) for one in values.T])
    assert sums.sum() == values.sum()
    wanting = {at for at in range(len(sums)) if rare(sums[at])}
    assert wanting == set(found.left.tolist())
    after = merged_units(units, found.labels)
    open_pairs = after.pairs[~blocked(after.pairs)]
    assert not wanting & set(open_pairs[["a", "b"]].to_numpy().ravel().tolist())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=20, max_size=20))
def test_merged_units_tile_the_same_ground_and_their_borders_are_measured_anew(values: list[int]) -> None:
    units = grid(5, 4)
    found = merge(column(*values), units.pairs, small(12))
    after = merged_units(units, found.labels)
    assert shapely.coverage_is_valid(after.shapes)
    assert shapely.area(after.shapes).sum() == pytest.approx(200_000)
    assert all(shape.geom_type == "Polygon" for shape in after.shapes)
    measured = borders(segments(after.shapes).assign(barrier=False), np.arange(len(after.shapes)))
    pd.testing.assert_frame_equal(after.pairs[["a", "b", "border"]], measured[["a", "b", "border"]])


def test_names_and_ids_of_merged_units() -> None:
    units = grid(3, 1)
    named = Units(units.shapes, ["", "东苑", ""], units.pairs, units.ids)
    after = merged_units(named, np.array([0, 0, 1]))
    assert (after.names, after.ids) == (["东苑", ""], ["U0", "U2"])


def test_a_neighbour_that_is_too_small_itself_is_joined_first() -> None:
    """The middle one has the longer border with the large one on its left."""
    pairs = pd.DataFrame({"a": [0, 1], "b": [1, 2], "border": [9.0, 1.0], "barrier": 0.0, "crossings": 0})
    assert merge(column(9, 3, 4), pairs, small(5)).labels.tolist() == [0, 1, 1]


def test_schools_of_one_level_stay_apart_while_there_is_another_neighbour() -> None:
    schools = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    pairs = pd.DataFrame({"a": [0, 1], "b": [1, 2], "border": [9.0, 1.0], "barrier": 0.0, "crossings": 0})
    assert merge(column(9, 3, 9), pairs, small(5), schools).labels.tolist() == [0, 1, 1]
    assert merge(column(9, 3), pairs[:1], small(5), schools[:2]).labels.tolist() == [0, 0]
