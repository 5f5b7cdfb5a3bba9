from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.city import City
from geodata.errors import GeodataInputError
from geodata.streets.walks import join, mean_by_unit, network, walks_from

NONE = np.array([], dtype=object)
REACH = 400.0


def lines(*given: list[tuple[float, float]]) -> np.ndarray:
    return np.array([shapely.LineString(points) for points in given], dtype=object)


def points(*given: tuple[float, float]) -> np.ndarray:
    return shapely.points(given)


def walk(
    streets: np.ndarray,
    homes: np.ndarray,
    schools: np.ndarray,
    barriers: np.ndarray = NONE,
    layers: list[int] | None = None,
) -> np.ndarray:
    net = network(streets, None if layers is None else np.array(layers))
    start, end = join(net, homes, barriers, REACH), join(net, schools, barriers, REACH)
    return np.column_stack(list(walks_from(net, start, end)))


def test_around_the_corner() -> None:
    found = walk(lines([(0, 0), (100, 0), (100, 100)]), points((0, 5)), points((107, 100)))
    assert found[0, 0] == pytest.approx(5 + 200 + 7)


def test_home_and_school_on_one_segment() -> None:
    found = walk(lines([(0, 0), (1000, 0)]), points((300, 1), (700, 1)), points((400, 2)))
    assert found[:, 0].tolist() == pytest.approx([103, 303])


def test_the_shorter_way_round() -> None:
    ring = lines([(0, 0), (300, 0), (300, 100), (0, 100), (0, 0)])
    assert walk(ring, points((0, 50)), points((100, 0)))[0, 0] == pytest.approx(150)


OVER = lines([(0, -500), (0, 500)], [(-500, 0), (500, 0)], [(-500, 0), (-500, -500), (0, -500)])


def test_a_bridge_passes_over_the_street_below() -> None:
    found = walk(OVER, points((0, 100)), points((200, 0)), layers=[1, 0, 0])
    assert found[0, 0] == pytest.approx(600 + 500 + 500 + 700)


def test_streets_that_cross_without_a_common_vertex_meet_on_one_layer() -> None:
    assert walk(OVER, points((0, 100)), points((200, 0)))[0, 0] == pytest.approx(300)
    assert network(OVER).crossings == 1


def test_a_bridge_meets_a_street_of_another_layer_in_their_common_vertex() -> None:
    ramp = lines([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)])
    assert walk(ramp, points((0, 0)), points((300, 0)), layers=[0, 1, 0])[0, 0] == pytest.approx(300)


def test_a_street_that_ends_just_before_another_is_joined() -> None:
    near = lines([(0, 0), (200, 0)], [(100, 0.9), (100, 100)])
    found = network(near)
    assert (found.snapped, found.left_out) == (1, 0)
    assert walk(near, points((0, 0)), points((100, 100)))[0, 0] == pytest.approx(200, abs=1)


@pytest.mark.parametrize(("gap", "layer"), [(1.1, 0), (0.5, 1)])
def test_a_street_that_ends_farther_off_or_on_another_layer_is_not(gap: float, layer: int) -> None:
    apart = network(lines([(0, 0), (200, 0)], [(100, gap), (100, 100)]), np.array([0, layer]))
    assert apart.snapped == 0
    assert len(apart.ends) == 2
    assert not set(apart.ends[0].tolist()) & set(apart.ends[1].tolist())


def test_a_loop_of_one_street_meets_itself_where_it_crosses() -> None:
    loop = lines([(0, 0), (300, 0), (300, 100), (200, 100), (200, -100)])
    assert walk(loop, points((100, 0)), points((200, -50)))[0, 0] == pytest.approx(100 + 50)


def test_a_street_with_many_crossings_is_cut_at_each() -> None:
    comb = lines([(0, 0), (1000, 0)], *[[(x, -50), (x, 50)] for x in range(100, 1000, 100)])
    found = network(comb)
    assert found.crossings == 9
    assert len(found.ends) == 10 + 2 * 9
    assert walk(comb, points((300, 50)), points((700, -50)))[0, 0] == pytest.approx(50 + 400 + 50)


def test_a_double_street_counts_once() -> None:
    twice = lines([(0, 0), (100, 0)], [(100, 0), (0, 0)], [(100, 0), (200, 0)])
    assert walk(twice, points((0, 0)), points((200, 0)))[0, 0] == pytest.approx(200)


def test_a_small_piece_apart_is_left_out_and_no_walk_is_infinite() -> None:
    streets = lines([(0, 0), (1000, 0), (1900, 0)], [(2200, 0), (2250, 0)])
    net = network(streets)
    assert net.left_out == pytest.approx(50)
    found = walk(streets, points((2220, 0), (10, 0)), points((0, 0)))
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(320 + 1900)


def test_an_island_has_walks_of_its_own_and_none_to_the_shore() -> None:
    streets = lines([(0, 0), (1000, 0)], [(2000, 0), (2500, 0)])
    found = walk(streets, points((10, 0), (2100, 0)), points((0, 0), (2500, 0)))
    assert found[0].tolist() == [pytest.approx(10), np.inf]
    assert found[1].tolist() == [np.inf, pytest.approx(400)]


def test_nobody_leaves_home_through_a_barrier() -> None:
    streets = lines([(0, 0), (200, 0), (200, 300), (0, 300)])
    river = lines([(-50, 20), (150, 20)])
    assert walk(streets, points((50, 30)), points((50, 0)))[0, 0] == pytest.approx(30)
    assert walk(streets, points((50, 30)), points((50, 0)), river)[0, 0] == pytest.approx(150 + 30 + 150)


def test_a_place_that_barriers_shut_in_is_told() -> None:
    net = network(lines([(0, 0), (100, 0)]))
    wall = lines([(40, 10), (60, 10), (60, 30), (40, 30), (40, 10)])
    assert join(net, points((50, 20), (90, 20)), wall, REACH).hidden.tolist() == [True, False]


def test_no_walkable_street() -> None:
    with pytest.raises(GeodataInputError, match="none on which people walk"):
        network(NONE)


def test_a_unit_walks_as_its_people_do_on_average() -> None:
    mean = mean_by_unit(np.array([100.0, 400.0, 50.0]), np.array([0, 0, 1]), np.array([3.0, 1.0, 2.0]), 2)
    assert mean.tolist() == [175, 50]


def test_a_unit_has_no_walk_where_most_of_its_people_have_none() -> None:
    walks, unit = np.array([100.0, np.inf, np.inf, 70.0]), np.array([0, 0, 1, 1])
    mean = mean_by_unit(walks, unit, np.array([3.0, 1.0, 2.0, 1.0]), 2)
    assert mean[0] == 100
    assert np.isnan(mean[1])


def test_every_pair_of_the_town_is_there_and_the_bridge_is_the_only_way(city: City) -> None:
    walks = city.walks().pivot(index="unit", columns="school", values="metres")
    assert walks.shape == (len(city.units()), 3)
    assert np.isfinite(walks.to_numpy()).all()
    units = city.units().set_index("unit")
    corner = units.index[units["name"] == "家园20"][0]
    assert walks.loc[corner, "P1"] > 600 + 200 + 200
    assert walks.loc[corner, "P1"] - walks.loc[corner, "J1"] == pytest.approx(400, abs=1)
