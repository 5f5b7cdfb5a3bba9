from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.streets.walks import distances, join, mean_by_unit, network

NONE = np.array([], dtype=object)


def lines(*given: list[tuple[float, float]]) -> np.ndarray:
    return np.array([shapely.LineString(points) for points in given], dtype=object)


def points(*given: tuple[float, float]) -> np.ndarray:
    return shapely.points(given)


def walk(streets: np.ndarray, homes: np.ndarray, schools: np.ndarray, barriers: np.ndarray = NONE) -> np.ndarray:
    net = network(streets)
    return distances(net, join(net, homes, barriers), join(net, schools, barriers))


def test_around_the_corner() -> None:
    found = walk(lines([(0, 0), (100, 0), (100, 100)]), points((0, 5)), points((107, 100)))
    assert found[0, 0] == pytest.approx(5 + 200 + 7)


def test_home_and_school_on_one_segment() -> None:
    found = walk(lines([(0, 0), (1000, 0)]), points((300, 1), (700, 1)), points((400, 2)))
    assert found[:, 0].tolist() == pytest.approx([103, 303])


def test_the_shorter_way_round() -> None:
    ring = lines([(0, 0), (300, 0), (300, 100), (0, 100), (0, 0)])
    assert walk(ring, points((0, 50)), points((100, 0)))[0, 0] == pytest.approx(150)


def test_streets_that_cross_without_a_common_vertex_do_not_meet() -> None:
    over = lines([(0, -500), (0, 500)], [(-500, 0), (500, 0)], [(-500, 0), (-500, -500), (0, -500)])
    assert walk(over, points((0, 100)), points((200, 0)))[0, 0] == pytest.approx(600 + 500 + 500 + 700)


def test_a_double_street_counts_once() -> None:
    twice = lines([(0, 0), (100, 0)], [(100, 0), (0, 0)], [(100, 0), (200, 0)])
    assert walk(twice, points((0, 0)), points((200, 0)))[0, 0] == pytest.approx(200)


def test_a_piece_apart_is_left_out_and_no_walk_is_infinite() -> None:
    streets = lines([(0, 0), (100, 0), (200, 0)], [(500, 0), (550, 0)])
    net = network(streets)
    assert net.left_out == pytest.approx(50)
    found = walk(streets, points((520, 0), (10, 0)), points((0, 0)))
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(320 + 200)


def test_nobody_leaves_home_through_a_barrier() -> None:
    streets = lines([(0, 0), (200, 0), (200, 300), (0, 300)])
    river = lines([(-50, 20), (150, 20)])
    assert walk(streets, points((50, 30)), points((50, 0)))[0, 0] == pytest.approx(30)
    assert walk(streets, points((50, 30)), points((50, 0)), river)[0, 0] == pytest.approx(150 + 30 + 150)


def test_a_place_that_barriers_shut_in_is_told() -> None:
    net = network(lines([(0, 0), (100, 0)]))
    wall = lines([(40, 10), (60, 10), (60, 30), (40, 30), (40, 10)])
    assert join(net, points((50, 20), (90, 20)), wall).hidden.tolist() == [True, False]


def test_no_walkable_street() -> None:
    with pytest.raises(GeodataInputError, match="none on which people walk"):
        network(NONE)


def test_a_unit_walks_as_its_people_do_on_average() -> None:
    each = np.array([[100.0], [400.0], [50.0]])
    mean = mean_by_unit(each, np.array([0, 0, 1]), np.array([3.0, 1.0, 2.0]), 2)
    assert mean[:, 0].tolist() == [175, 50]


def test_every_pair_of_the_town_is_there_and_the_bridge_is_the_only_way(city: City) -> None:
    walks = city.walks().pivot(index="unit", columns="school", values="metres")
    assert walks.shape == (len(city.units()), 3)
    assert np.isfinite(walks.to_numpy()).all()
    units = city.units().set_index("unit")
    corner = units.index[units["name"] == "家园20"][0]
    assert walks.loc[corner, "P1"] > 600 + 200 + 200
    assert walks.loc[corner, "P1"] - walks.loc[corner, "J1"] == pytest.approx(400, abs=1)
