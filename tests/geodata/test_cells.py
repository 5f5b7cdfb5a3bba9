from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.units.cells import compound_cells, tessellate

BLOCK = shapely.Polygon([(0, 0), (210, 15), (190, 160), (-5, 140)])


def houses(seed: int, count: int = 24) -> gpd.GeoDataFrame:
    """Turned rectangles, some of which touch or overlap, of three compounds that lie mingled."""
    noise = np.random.default_rng(seed)
    boxes = [
        shapely.box(x, y, x + w, y + h) for x, y, w, h in noise.uniform([5, 20, 3, 3], [170, 120, 25, 15], (24, 4))
    ]
    shapes = [shapely.affinity.rotate(box, turn) for box, turn in zip(boxes, noise.uniform(0, 90, 24), strict=True)]
    return gpd.GeoDataFrame({"compound": noise.choice(["甲", "乙", "丙"], count)}, geometry=shapes)


@pytest.mark.parametrize("seed", range(4))
def test_cells_cover_the_block_and_hold_their_houses(seed: int) -> None:
    grounds = houses(seed).dissolve("compound").geometry.to_numpy()
    which, cells = tessellate(grounds, np.array([BLOCK], dtype=object))
    assert which.tolist() == [0, 1, 2]
    assert shapely.area(shapely.union_all(cells)) == pytest.approx(BLOCK.area, rel=1e-6)


def test_all_cores_divide_many_blocks_as_one_core_does(monkeypatch: pytest.MonkeyPatch) -> None:
    grounds = houses(3).geometry.to_numpy()
    areas = np.array([BLOCK, shapely.affinity.translate(BLOCK, 1000, 0)], dtype=object)
    grounds = np.concatenate([grounds, [shapely.affinity.translate(ground, 1000, 0) for ground in grounds]])
    one = tessellate(grounds, areas)
    monkeypatch.setattr("geodata.units.cells.MANY", 1)
    several = tessellate(grounds, areas)
    assert one[0].tolist() == several[0].tolist()
    assert shapely.to_wkb(one[1]).tolist() == shapely.to_wkb(several[1]).tolist()


def test_one_ground_has_the_whole_area() -> None:
    which, cells = tessellate(np.array([shapely.box(50, 50, 70, 60)], dtype=object), np.array([BLOCK], dtype=object))
    assert which.tolist() == [0]
    assert cells[0].equals(BLOCK)


def test_a_building_too_small_for_walls_gets_no_cell() -> None:
    grounds = [shapely.box(50, 50, 70, 60), shapely.box(100, 50, 120, 60), shapely.box(80, 80, 80.5, 80.5)]
    which, cells = tessellate(np.array(grounds, dtype=object), np.array([BLOCK], dtype=object))
    assert which.tolist() == [0, 1]
    assert shapely.area(cells).sum() == pytest.approx(BLOCK.area, rel=1e-6)


def test_buildings_of_no_compound_go_to_the_nearest_and_single_compounds_stay_whole() -> None:
    shapes = [shapely.box(x, 50, x + 10, 60) for x in (20, 35, 120, 135, 500, 520)]
    built = gpd.GeoDataFrame({"compound": ["甲", "", "乙", "", "甲", ""]}, geometry=shapes)
    blocks = np.array([BLOCK, shapely.box(400, 0, 600, 100)], dtype=object)
    cells = compound_cells(blocks, np.array([0, 0, 0, 0, 1, 1]), built)
    assert cells["block"].tolist() == [0, 0]
    assert cells["compound"].tolist() == ["乙", "甲"]
    for cell, own in zip(cells.geometry, (shapes[2:4], shapes[:2]), strict=True):
        assert cell.contains(shapely.union_all(own))


def test_without_shared_blocks_there_are_no_cells() -> None:
    built = gpd.GeoDataFrame({"compound": ["甲"]}, geometry=[shapely.box(50, 50, 60, 60)])
    assert compound_cells(np.array([BLOCK], dtype=object), np.array([0]), built).empty
