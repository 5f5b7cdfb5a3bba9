"""Units that a planner has drawn: made a coverage, nothing lost, every repair said."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataInputError
from geodata.notes import Notes
from geodata.units.blocks import Units
from geodata.units.drawn import area_of_units, drawn_units
from tests.geodata.conftest import import_town
from tests.geodata.town import edit, write_shapes

AREA = shapely.box(0, 0, 400, 400)
NONE = np.array([], dtype=object)
DRAWN = '[[units]]\npath = "drawn.geojson"\ndatum = "CGCS2000"\nfields = { unit = "id", name = "name" }\n\n[demand]'


def drawing(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    ids = [f"D{number}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"unit": ids, "name": ""}, geometry=list(shapes))


def draw(*shapes: shapely.Geometry, barriers: np.ndarray = NONE, bridges: np.ndarray = NONE) -> tuple[Units, Notes]:
    notes = Notes()
    return drawn_units(AREA, drawing(*shapes), barriers, bridges, notes), notes


def test_drawn_units_keep_their_ids_and_ground() -> None:
    units, notes = draw(shapely.box(200, 0, 400, 400), shapely.box(0, 0, 200, 400))
    assert units.ids == ["D1", "D2"]
    assert units.shapes[0].equals(shapely.box(200, 0, 400, 400))
    assert units.pairs[["a", "b", "border"]].to_numpy().tolist() == [[0, 1, pytest.approx(400)]]
    assert notes.doubts == []


def test_neighbours_whose_vertices_differ_still_share_their_border() -> None:
    left = shapely.Polygon([(0, 0), (200, 0), (200, 130), (200, 400), (0, 400)])
    units, _ = draw(left, shapely.box(200, 0, 400, 250), shapely.box(200, 250, 400, 400))
    borders = units.pairs.set_index(["a", "b"])["border"].to_dict()
    assert borders == pytest.approx({(0, 1): 250, (0, 2): 150, (1, 2): 200})


def test_an_overlap_goes_to_the_smaller_unit() -> None:
    units, notes = draw(shapely.box(0, 0, 250, 400), shapely.box(200, 0, 400, 400))
    assert shapely.area(units.shapes).tolist() == pytest.approx([200 * 400, 200 * 400])
    assert any("overlap on %(area)" in message and values["area"] == 20_000 for message, values in notes.doubts)


def test_a_unit_drawn_inside_another_stays() -> None:
    units, _ = draw(AREA, shapely.box(100, 100, 200, 200))
    assert shapely.area(units.shapes).tolist() == pytest.approx([150_000, 10_000])
    assert shapely.coverage_is_valid(units.shapes)


def test_a_unit_in_two_pieces_is_told() -> None:
    bank = shapely.MultiPolygon([shapely.box(0, 0, 100, 400), shapely.box(300, 0, 400, 400)])
    units, notes = draw(bank, shapely.box(100, 0, 300, 400))
    assert [shape.geom_type for shape in units.shapes] == ["MultiPolygon", "Polygon"]
    assert [values["unit"] for message, values in notes.doubts if "several pieces" in message] == ["D1"]


def test_a_narrow_gap_joins_the_longest_border() -> None:
    units, notes = draw(shapely.box(0, 0, 195, 400), shapely.box(205, 0, 400, 400))
    assert len(units.shapes) == 2
    assert shapely.area(units.shapes).sum() == pytest.approx(AREA.area)
    assert any("gaps and slivers" in message and values["count"] == 1 for message, values in notes.doubts)


def test_streets_that_nobody_drew_are_divided_between_the_units() -> None:
    corners = [shapely.box(x, y, x + 180, y + 180) for x in (0, 220) for y in (0, 220)]
    units, notes = draw(*corners)
    assert units.ids == ["D1", "D2", "D3", "D4"]
    assert shapely.coverage_is_valid(units.shapes)
    assert shapely.area(units.shapes).tolist() == pytest.approx([40_000] * 4, rel=0.05)
    assert {(0, 1), (0, 2), (1, 3), (2, 3)} <= set(zip(units.pairs["a"], units.pairs["b"], strict=True))
    assert [values["area"] for message, values in notes.doubts if "narrow ground" in message] == [
        pytest.approx((160_000 - 4 * 180**2) / 10_000)
    ]


def test_a_park_between_units_is_no_street() -> None:
    units, _ = draw(shapely.box(0, 0, 400, 100), shapely.box(0, 300, 400, 400))
    assert units.ids == ["D1", "D2", "R1"]


def test_ground_in_no_unit_becomes_a_unit() -> None:
    units, notes = draw(shapely.box(0, 0, 200, 400))
    assert units.ids == ["D1", "R1"]
    assert shapely.area(units.shapes[1]) == pytest.approx(80_000)
    assert any("lie in no drawn unit" in message for message, _ in notes.doubts)


def test_a_unit_wholly_under_others_is_refused() -> None:
    with pytest.raises(GeodataInputError, match="1 drawn units lie wholly under others, the first is D2"):
        draw(shapely.box(0, 0, 200, 400), shapely.box(0, 0, 200, 400), shapely.box(200, 0, 400, 400))


def test_a_river_beside_a_drawn_border_is_its_barrier_and_a_bridge_opens_it() -> None:
    halves = (shapely.box(0, 0, 200, 400), shapely.box(200, 0, 400, 400))
    river = np.array([shapely.LineString([(206, -10), (206, 410)])], dtype=object)
    bridge = shapely.points([(206, 200)])
    shut, _ = draw(*halves, barriers=river)
    open_, _ = draw(*halves, barriers=river, bridges=bridge)
    assert shut.pairs["barrier"].tolist() == pytest.approx([400])
    assert (shut.pairs["crossings"].tolist(), open_.pairs["crossings"].tolist()) == ([0], [1])


def test_a_yard_between_the_units_belongs_to_the_city_and_a_lake_does_not() -> None:
    with_yard = AREA.difference(shapely.box(100, 100, 150, 150))
    with_lake = with_yard.difference(shapely.box(200, 200, 300, 300))
    assert area_of_units(np.array([with_lake], dtype=object)).area == pytest.approx(AREA.area - 10_000)


corner = st.integers(0, 380)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(corner, corner, st.integers(20, 200), st.integers(20, 200)), min_size=1, max_size=6))
def test_any_drawing_becomes_a_coverage(boxes: list[tuple[int, int, int, int]]) -> None:
    shapes = [shapely.intersection(AREA, shapely.box(x, y, x + w, y + h)) for x, y, w, h in boxes]
    try:
        units, _ = draw(*shapes)
    except GeodataInputError:
        return
    assert shapely.coverage_is_valid(units.shapes)
    assert shapely.area(units.shapes).sum() == pytest.approx(AREA.area)
    assert sorted(units.ids) == units.ids


def town_with_units(town: Path, ids: list[str]) -> Path:
    thirds = [(shapely.box(400 * at, 0, 400 * at + 400, 800), {"id": name}) for at, name in enumerate(ids)]
    write_shapes(town.parent / "drawn.geojson", [(shape, {**values, "name": ""}) for shape, values in thirds])
    edit(town, lambda text: text.replace("[demand]", DRAWN))
    return town


def test_a_town_of_drawn_units(town: Path) -> None:
    made = import_town(town_with_units(town, ["西", "中", "东"]))
    units = made.layers["units"]
    assert sorted(units["unit"]) == units["unit"].to_list() == sorted(["西", "中", "东"])
    assert made.figures["people_difference"] < 1e-9
    assert len(made.layers["walks"]) == 9
    assert shapely.coverage_is_valid(units.geometry.to_numpy())


def test_a_unit_is_cut_at_the_boundary_and_one_that_only_touches_it_is_left_out(town: Path) -> None:
    bracket = shapely.box(600, 0, 1300, 800).difference(shapely.box(1200, 200, 1250, 600))
    shapes = [(shapely.box(-50, 0, 600, 800), "西"), (bracket, "东"), (shapely.box(1200, 200, 1250, 600), "外")]
    write_shapes(town.parent / "drawn.geojson", [(shape, {"id": name, "name": name}) for shape, name in shapes])
    edit(town, lambda text: text.replace("[demand]", DRAWN))
    made = import_town(town)
    assert made.layers["units"]["unit"].tolist() == ["东", "西"]
    assert made.layers["units"].area.sum() == pytest.approx(1200 * 800, rel=1e-5)
    (note,) = [source for source in made.notes.sources if source.role == "units"]
    assert (note.read, note.kept, note.dropped) == (3, 2, {"outside the city": 1})


def test_an_id_that_stands_twice(town: Path) -> None:
    with pytest.raises(GeodataInputError, match=r"drawn.geojson, row 2: the unit's id 中 stands there twice"):
        import_town(town_with_units(town, ["中", "中", "东"]))


def test_an_id_that_is_empty(town: Path) -> None:
    with pytest.raises(GeodataInputError, match=r"drawn.geojson, row 3: the unit's id is empty"):
        import_town(town_with_units(town, ["西", "中", ""]))
