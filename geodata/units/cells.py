"""The ground of each compound in a block that several share: enclosed tessellation of their buildings.

Fleischmann et al. 2020, after Araldi and Fusco 2019. The steps and figures are those of momepy's
`enclosed_tessellation`, and the cells are the same; here a block costs no tables, which took most of the time.
"""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geodata.arrays import Indices, Shapes

SEGMENT = 5.0
"""Metres between the points that stand for a building's walls."""
SHRINK = 0.4
"""Metres by which buildings are drawn in, so that two that touch keep a border between them."""
THRESHOLD = 0.05
"""Share of a compound's buildings that must stand in a block for a cell there."""
PRECISION = 1e-5
"""Metres to which the buildings' coordinates are rounded first."""


def compound_cells(blocks: Shapes, block_of: Indices, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cells of the compounds (`buildings.compound`, '' for none) in blocks with several: block, compound, geometry.

    `block_of` gives the block of each building; one of no compound counts to that of the nearest building that has one.
    """
    shapes, compounds = buildings.geometry.to_numpy(), buildings["compound"].to_numpy(dtype=object)
    rows = pd.Series(compounds).groupby(block_of)
    named = pd.Series(compounds[compounds != ""]).groupby(block_of[compounds != ""]).nunique()
    found: list[tuple[int, str, shapely.Geometry]] = []
    for block in named.index[named > 1]:
        here = rows.indices[block]
        names, of = np.unique(_all_in_compounds(shapes[here], compounds[here]), return_inverse=True)
        grounds = np.array([shapely.union_all(shapes[here[of == at]]) for at in range(len(names))], dtype=object)
        which, cells = tessellate(grounds, blocks[block])
        found += zip([block] * len(cells), names[which], cells, strict=True)
    table = {"block": [row[0] for row in found], "compound": [row[1] for row in found]}
    return gpd.GeoDataFrame(table, geometry=[row[2] for row in found])


def _all_in_compounds(shapes: Shapes, compounds: Shapes) -> Shapes:
    named = compounds != ""
    if named.all():
        return compounds
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    nearest = cKDTree(centres[named]).query(centres)[1]
    chosen: Shapes = compounds[named][nearest]
    return chosen


def tessellate(grounds: Shapes, block: shapely.Geometry) -> tuple[Indices, Shapes]:
    """Divide a block between `grounds` (the buildings of each compound): numbers of those that get a cell, the cells.

    A cell is what lies nearer to its ground's walls than to others'.
    """
    inside = shapely.area(shapely.intersection(grounds, block)) > shapely.area(grounds) * THRESHOLD
    which = np.flatnonzero(inside)
    if len(which) <= 1:
        return which, np.array([block] * len(which), dtype=object)
    drawn_in = shapely.buffer(
        shapely.set_precision(grounds[which], PRECISION), -SHRINK, quad_segs=16, cap_style="flat", join_style="mitre"
    )
    walls = shapely.segmentize(drawn_in, SEGMENT)
    wall, part, parts = _voronoi(walls, block)
    order = np.argsort(wall, kind="stable")
    own, start = np.unique(wall[order], return_index=True)
    ends = pairwise([*start, len(order)])
    cells = np.array([_union(parts[part[order[first:last]]]) for first, last in ends], dtype=object)
    if not shapely.is_valid(cells).all():
        cells = shapely.make_valid(cells)
    outer = shapely.intersects(cells, shapely.boundary(block))
    cells[outer] = shapely.intersection(cells[outer], block)
    return which[own], shapely.coverage_simplify(cells, SEGMENT / 2, simplify_boundary=False)


def _voronoi(walls: Shapes, block: shapely.Geometry) -> tuple[Indices, Indices, Shapes]:
    """Voronoi polygons of the walls' points, and which wall touches which polygon."""
    diagram = shapely.voronoi_polygons(shapely.GeometryCollection(list(walls)), extend_to=block)
    parts = shapely.get_parts(shapely.make_valid(shapely.get_parts(diagram)))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    wall, part = shapely.STRtree(parts).query(walls, predicate="intersects")
    return wall, part, parts


def _union(parts: Shapes) -> shapely.Geometry:
    """Their union; the quick way fails on rare rounding."""
    try:
        return shapely.coverage_union_all(parts)
    except shapely.errors.GEOSException:
        return shapely.union_all(parts)
