"""The ground of each compound in a block that several share: momepy's enclosed tessellation of their buildings.

Fleischmann et al. 2020, after Araldi and Fusco 2019.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geodata.arrays import Indices, Shapes

SEGMENT = 5.0
"""Metres between the points that stand for a building's walls."""
MANY = 300
"""Areas from which on all cores divide them: fewer take less time than starting a second process."""


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
        grounds = [shapely.union_all(shapes[here[of == at]]) for at in range(len(names))]
        # A building on the border counts in its own block only.
        found += zip([block] * len(names), names, shapely.intersection(grounds, blocks[block]), strict=True)
    table = pd.DataFrame(found, columns=["block", "compound", "ground"])
    divided = table["block"].unique()
    which, cells = tessellate(table["ground"].to_numpy(dtype=object), blocks[divided.astype(np.int64)])
    return gpd.GeoDataFrame(table.iloc[which][["block", "compound"]].reset_index(drop=True), geometry=list(cells))


def _all_in_compounds(shapes: Shapes, compounds: Shapes) -> Shapes:
    named = compounds != ""
    if named.all():
        return compounds
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    nearest = cKDTree(centres[named]).query(centres)[1]
    chosen: Shapes = compounds[named][nearest]
    return chosen


def tessellate(grounds: Shapes, areas: Shapes) -> tuple[Indices, Shapes]:
    """Divide each of `areas` between the grounds in it: numbers of the grounds that get a cell, and the cells.

    A cell is what lies nearer to its ground's walls than to others'. Areas are all shared, or one area has one ground.
    """
    if len(grounds) <= 1:
        return np.arange(len(grounds)), areas[: len(grounds)]
    import momepy  # slow to import, and only cities with shared blocks need it

    jobs = -1 if len(areas) > MANY else 1  # areas do not touch one another's cells: the same bytes on any number
    found = momepy.enclosed_tessellation(
        gpd.GeoSeries(list(grounds)), gpd.GeoSeries(list(areas)), segment=SEGMENT, n_jobs=jobs
    )
    found = found[found.index >= 0].sort_index(kind="stable")
    cells: Shapes = found.geometry.to_numpy()
    return found.index.to_numpy(dtype=np.int64), cells
