"""Edges of streets against GEOS's own noding."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.streets.noding import NEAR, Noded, noded

places = st.tuples(st.integers(0, 500), st.integers(0, 500))
roads = st.lists(st.lists(places, min_size=2, max_size=4, unique=True), min_size=1, max_size=8)


def edges(found: Noded) -> np.ndarray:
    return shapely.linestrings(found.places[found.ends])


def pieces(found: Noded) -> int:
    used = np.unique(found.ends)
    number = np.searchsorted(used, found.ends)
    graph = coo_array((np.ones(len(number)), number.T), shape=(len(used), len(used)))
    return int(connected_components(graph, directed=False)[0])


def lines_of(given_roads: list[list[tuple[int, int]]]) -> np.ndarray:
    return np.array([shapely.LineString(road) for road in given_roads], dtype=object)


@settings(max_examples=40, deadline=None)
@given(roads)
def test_one_layer_is_noded_as_geos_does(given_roads: list[list[tuple[int, int]]]) -> None:
    lines = lines_of(given_roads)
    found = noded(lines, np.zeros(len(lines), dtype=np.int64))
    assume(not found.snapped)
    union = shapely.node(shapely.union_all(lines))
    assert shapely.length(edges(found)).sum() == pytest.approx(union.length, rel=2e-3, abs=1.0)
    assert pieces(found) == len(shapely.get_parts(shapely.union_all(shapely.buffer(lines, 1e-6))))


@settings(max_examples=25, deadline=None)
@given(roads)
def test_the_order_of_the_streets_does_not_matter(given_roads: list[list[tuple[int, int]]]) -> None:
    layers = np.arange(len(given_roads)) % 2
    lines = lines_of(given_roads)
    there, back = noded(lines, layers), noded(lines[::-1], layers[::-1])
    assert there.ends.tolist() == back.ends.tolist()
    assert there.places.tolist() == back.places.tolist()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(places, places).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=8))
def test_streets_on_layers_of_their_own_do_not_meet_but_in_vertices(ends: list[tuple[tuple[int, int], ...]]) -> None:
    lines = lines_of([list(pair) for pair in ends])
    found = noded(lines, np.arange(len(lines)))
    assert (found.crossings, found.snapped) == (0, 0)
    assert len(found.ends) == len({frozenset(pair) for pair in ends})


def test_a_street_with_vertices_close_together_is_not_joined_to_itself() -> None:
    found = noded(lines_of([[(0, 0), (0, 0.5), (0, 1), (0, 2)]]), np.zeros(1, dtype=np.int64))
    assert (found.snapped, len(found.ends)) == (0, 3)


@pytest.mark.parametrize("gap", [0.0, 0.004, 0.3, NEAR - 0.01])
def test_an_end_within_reach_of_a_street_is_one_with_it(gap: float) -> None:
    lines = lines_of([[(0, 0), (200, 0)]])
    tip = np.array([shapely.LineString([(77.77, gap), (77.77, 90)])], dtype=object)
    assert pieces(noded(np.concatenate((lines, tip)), np.zeros(2, dtype=np.int64))) == 1


def test_both_ends_of_a_street_may_be_joined() -> None:
    ladder = lines_of([[(0, 0), (200, 0)], [(0, 100), (200, 100)]])
    rung = np.array([shapely.LineString([(50, 0.5), (50, 99.5)])], dtype=object)
    found = noded(np.concatenate((ladder, rung)), np.zeros(3, dtype=np.int64))
    assert (found.snapped, pieces(found), len(found.ends)) == (2, 1, 5)
