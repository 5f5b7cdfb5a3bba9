"""The small map shows the zone, the schools and the house, whole and to scale."""

from __future__ import annotations

import re
from datetime import date

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lookup.locator import HEIGHT, MARGIN, WIDTH, box_around, locator
from lookup.words import grouped, school_year, walking_minutes

places = st.tuples(st.floats(100, 130), st.floats(18, 53))
spans = st.floats(0.0005, 0.3)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


@given(places, spans, spans, st.floats(-0.05, 0.05))
def test_all_that_matters_is_inside_the_margin(
    corner: tuple[float, float], wide: float, tall: float, away: float
) -> None:
    zone = shapely.box(*corner, corner[0] + wide, corner[1] + tall)
    school = (corner[0] + wide / 2, corner[1] + tall / 2)
    house = (corner[0] + away, corner[1] - away)
    picture = locator(zone.wkb, [], [school], house)
    for x, y in [*points(picture.zone), *picture.schools, picture.house]:
        assert MARGIN - 1 <= x <= WIDTH - MARGIN + 1
        assert MARGIN - 1 <= y <= HEIGHT - MARGIN + 1
    assert 0 < picture.scale_length <= WIDTH / 4 + 1


def test_the_scale_is_true_and_north_is_up() -> None:
    zone = shapely.box(125.0, 43.0, 125.02, 43.01)
    picture = locator(zone.wkb, [], [(125.0, 43.0)], (125.0, 43.01))
    (left, low), (_, high) = picture.schools[0], picture.house
    assert high < low
    metres = (low - high) / picture.scale_length * picture.scale_metres
    assert metres == pytest.approx(0.01 * 111_195, rel=0.01)
    right = max(x for x, _ in points(picture.zone))
    assert (right - left) / (low - high) == pytest.approx(2 * 0.731, rel=0.01)


def test_neighbours_are_cut_to_the_picture_and_a_hole_stays_a_hole() -> None:
    ring = shapely.box(125, 43, 125.03, 43.03).difference(shapely.box(125.01, 43.01, 125.02, 43.02))
    far = shapely.box(126, 44, 126.1, 44.1)
    huge = shapely.box(120, 40, 125, 46)
    picture = locator(ring.wkb, [huge.wkb, far.wkb], [], (125.005, 43.005))
    assert picture.zone.count("M") == 2
    assert len(picture.neighbours) == 1
    assert all(-0.1 * WIDTH < x < 1.1 * WIDTH for x, _ in points(picture.neighbours[0]))


def test_the_box_holds_the_zone() -> None:
    west, south, east, north = box_around(shapely.box(125, 43, 125.01, 43.02).wkb, [(125.05, 43.0)])
    assert west < 125
    assert south < 43
    assert east > 125.05
    assert north > 43.02


def test_a_zone_of_one_point_wide_makes_a_picture() -> None:
    assert locator(shapely.box(125, 43, 125, 43.0001).wkb, [], [], (125.0, 43.0)).scale_metres >= 1


@pytest.mark.parametrize(("metres", "minutes"), [(0, 1), (66, 1), (67, 2), (1000, 15)])
def test_minutes_at_a_childs_pace(metres: float, minutes: int) -> None:
    assert walking_minutes(metres) == minutes


@pytest.mark.parametrize(("day", "year"), [(date(2026, 8, 31), 2025), (date(2026, 9, 1), 2026)])
def test_the_school_year_begins_in_september(day: date, year: int) -> None:
    assert school_year(day) == year


def test_a_fingerprint_is_read_in_fours() -> None:
    assert grouped("4f2a91c077de0123" + "9" * 48) == "4f2a 91c0 77de 0123"
