from __future__ import annotations

import geopandas as gpd
import momepy
import numpy as np
import pytest
import shapely

from geodata.units.cells import SEGMENT, compound_cells, tessellate

BLOCK = shapely.Polygon([(0, 0), (210, 15), (190, 160), (-5, 140)])


def houses(seed: int, count: int = 24) -> gpd.GeoDataFrame:
    """Turned rectangles, some of which touch or overlap, of three compounds that lie mingled."""
    noise = np.random.default_rng(seed)
    boxes = [
        shapely.box(x, y, x + w, y + h) for x, y, w, h in noise.uniform([5, 20, 3, 3], [170, 120, 25, 15], (24, 4))
    ]
    shapes = [shapely.affinity.rotate(box, turn) for box, turn in zip(boxes, noise.uniform(0, 90, 24), strict=True)]
    return gpd.GeoDataFrame({"compound": noise.choice(["甲", "乙", "丙"], count)}, geometry=shapes)


@pytest.mark.parametrize("seed", range(8))
def test_cells_are_momepys(seed: int) -> None:
    built = houses(seed)
    grounds = built.dissolve("compound").geometry
    peer = momepy.enclosed_tessellation(
        gpd.GeoSeries(grounds.to_list()), gpd.GeoDataFrame(geometry=[BLOCK]), segment=SEGMENT, n_jobs=1
    )
    which, cells = tessellate(grounds.to_numpy(), BLOCK)
    assert which.tolist() == peer.index.tolist()
    assert shapely.equals_exact(shapely.normalize(cells), shapely.normalize(peer.geometry.to_numpy()), 1e-9).all()


def test_a_ground_mostly_in_another_block_gets_no_cell() -> None:
    inside, outside = shapely.box(50, 50, 70, 60), shapely.box(200, 60, 400, 70)
    which, cells = tessellate(np.array([inside, outside], dtype=object), BLOCK)
    assert which.tolist() == [0]
    assert cells[0].equals(BLOCK)


def test_a_building_too_small_for_walls_gets_no_cell() -> None:
    grounds = [shapely.box(50, 50, 70, 60), shapely.box(100, 50, 120, 60), shapely.box(80, 80, 80.5, 80.5)]
    which, cells = tessellate(np.array(grounds, dtype=object), BLOCK)
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
