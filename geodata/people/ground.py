"""Where people live if no dwelling stands on their record: on its ground, evenly (plain areal weighting)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Indices, Shapes
from geodata.notes import Notes

LEAST = 0.01
"""m²: what is smaller is the rounding of a shared border."""

COLUMNS = ["dwelling", "doubtful", "floors", "owner", "geometry"]


def dwellings_of(
    buildings: gpd.GeoDataFrame, records: gpd.GeoDataFrame, pieces: Shapes, notes: Notes
) -> gpd.GeoDataFrame:
    """All buildings, then the ground of the polygons in which no dwelling stands: dwelling, doubtful, floors, owner.

    Ground is the part of a record's polygon in each of `pieces`, as if it were one dwelling; `owner` is its record, −1
    for a building.
    """
    lonely = _lonely(buildings, records, notes)
    ground = ground_of(records, lonely, pieces)
    if len(ground) and len(buildings):
        owners = np.unique(ground["owner"].to_numpy())
        notes.doubt(
            "%(people).1f people of %(records)s areas in which no dwelling stands are spread evenly over the ground of "
            "their area.",
            people=float(records["count"].to_numpy()[owners].sum()),
            records=len(owners),
        )
    built = buildings[["dwelling", "doubtful", "floors", "geometry"]].assign(owner=-1)[COLUMNS]
    both = pd.concat([table for table in (built, ground) if len(table)] or [built], ignore_index=True)
    return gpd.GeoDataFrame(both.astype({"dwelling": bool, "doubtful": bool}), geometry="geometry", crs=records.crs)


def _lonely(buildings: gpd.GeoDataFrame, records: gpd.GeoDataFrame, notes: Notes) -> Indices:
    """Polygons with people but without a dwelling inside; dwellings that are inside several are doubted."""
    shapes, counts = records.geometry.to_numpy(), records["count"].to_numpy()
    areas = np.flatnonzero((shapely.get_dimensions(shapes) == 2) & (counts > 0))
    homes = buildings.geometry[buildings["dwelling"].to_numpy(dtype=bool)].to_numpy()
    lived_in, home = shapely.STRtree(shapely.point_on_surface(homes)).query(shapes[areas], predicate="intersects")
    twice = len(home) - len(np.unique(home))
    if twice:
        notes.doubt(
            "%(count)s dwellings lie in several areas of the population, which overlap: each counts for one of them. "
            "If two sources count the same people, name only one of them.",
            count=twice,
        )
    lonely: Indices = areas[np.setdiff1d(np.arange(len(areas)), lived_in)]
    return lonely


def ground_of(records: gpd.GeoDataFrame, which: Indices, pieces: Shapes) -> gpd.GeoDataFrame:
    """The part of each polygon of `which` in each of `pieces`: floors is its area in m²."""
    shapes = records.geometry.to_numpy()[which]
    record, piece = shapely.STRtree(pieces).query(shapes, predicate="intersects")
    order = np.lexsort((piece, record))
    record, piece = record[order], piece[order]
    parts = shapely.intersection(shapes[record], pieces[piece])
    areas = shapely.area(parts)
    inside = areas > LEAST
    table = {"dwelling": True, "doubtful": False, "floors": areas[inside], "owner": which[record[inside]]}
    return gpd.GeoDataFrame(table, geometry=parts[inside], crs=records.crs)[COLUMNS]
