"""Streets, and the barriers that nobody walks across."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Shapes
from geodata.reading.reader import Reader, text, together
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table, texts


def _options(table: Table) -> dict[str, Any]:
    return {key: texts(table, key) for key in ("no_walk", "no_block")}


STREETS = role("streets", "kind name", options="no_walk no_block", read=_options)
BARRIERS = role("barriers", "kind name")


def gather_streets(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Lines: name, kind, walkable, edge (of a block)."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "line")
        rows["name"], rows["kind"] = text(rows, "name"), text(rows, "kind")
        rows["walkable"] = ~rows["kind"].isin(source.options["no_walk"])
        rows["edge"] = ~rows["kind"].isin(source.options["no_block"])
        frames.append(rows)
    return together(frames, ["name", "kind", "walkable", "edge"], reader.crs)


def gather_barriers(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Lines (outlines of polygons): name, kind."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "line or polygon")
        rows["name"], rows["kind"] = text(rows, "name"), text(rows, "kind")
        frames.append(rows.set_geometry(gpd.GeoSeries(_outlines(rows.geometry.to_numpy()), rows.index, reader.crs)))
    return together(frames, ["name", "kind"], reader.crs)


def _outlines(shapes: Shapes) -> Shapes:
    outlines: Shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    return outlines
