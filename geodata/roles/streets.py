"""Streets, and the barriers that nobody walks across."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Indices, Shapes
from geodata.reading.reader import Reader, text, together
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table, texts


def _options(table: Table) -> dict[str, Any]:
    return {key: texts(table, key) for key in ("no_walk", "no_block")}


STREETS = role("streets", "kind name bridge tunnel layer access foot", options="no_walk no_block", read=_options)
BARRIERS = role("barriers", "kind name bridge tunnel layer")
NO = frozenset({"", "0", "no", "false", "否"})
"""Values of `bridge`, `tunnel` and `foot` that say no (`foot`: but for the empty one)."""
PRIVATE = frozenset({"private", "no"})
"""Values of `access` that shut walkers out, unless `foot` lets them in."""
ON_GROUND = frozenset({"building_passage"})
"""Values of `tunnel` that do not take a street to another layer: a passage through a house."""
MOST_LAYERS = 100


def gather_streets(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Lines: name, kind, walkable, edge (of a block), layer, graded (the source tells bridges and tunnels)."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "line")
        rows["name"], rows["kind"] = text(rows, "name"), text(rows, "kind")
        shut = _shut(rows)
        _doubt_shut(rows, shut, source, reader)
        rows["walkable"] = ~rows["kind"].isin(source.options["no_walk"]) & ~shut
        rows["edge"] = ~rows["kind"].isin(source.options["no_block"])
        rows["layer"] = _layer(rows)
        rows["graded"] = bool({"bridge", "tunnel", "layer"} & set(source.columns))
        frames.append(rows)
    return together(frames, ["name", "kind", "walkable", "edge", "layer", "graded"], reader.crs)


def _shut(rows: pd.DataFrame) -> pd.Series[bool]:
    """Which streets walkers may not use: private ones where nothing lets them in, and those shut to them by name."""
    access, foot = text(rows, "access"), text(rows, "foot")
    by_foot = foot.isin(NO - {""} | PRIVATE)
    return by_foot | (access.isin(PRIVATE) & (foot == ""))


def _doubt_shut(rows: gpd.GeoDataFrame, shut: pd.Series[bool], source: Source, reader: Reader) -> None:
    if shut.any():
        reader.notes.doubt(
            "%(file)s: %(count)s streets (%(km).1f km) are private or shut to walkers; nobody walks on them.",
            file=source.label,
            count=int(shut.sum()),
            km=float(shapely.length(rows.geometry.to_numpy()[shut]).sum()) / 1000,
        )


def _layer(rows: pd.DataFrame) -> Indices:
    """The layer of each line: as stated, else 1 for a bridge, −1 for a tunnel, 0 on the ground."""
    stated = pd.to_numeric(text(rows, "layer"), errors="coerce").to_numpy(dtype=float)
    bridge = ~text(rows, "bridge").isin(NO).to_numpy()
    tunnel = ~text(rows, "tunnel").isin(NO | ON_GROUND).to_numpy()
    implied = np.where(bridge, 1.0, np.where(tunnel, -1.0, 0.0))
    usable = np.isfinite(stated) & (np.abs(stated) < MOST_LAYERS)
    layers: Indices = np.where(usable, stated, implied).astype(np.int64)
    return layers


def gather_barriers(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Lines (outlines of polygons): name, kind, layer."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "line or polygon")
        rows["name"], rows["kind"] = text(rows, "name"), text(rows, "kind")
        rows["layer"] = _layer(rows)
        frames.append(rows.set_geometry(gpd.GeoSeries(_outlines(rows.geometry.to_numpy()), rows.index, reader.crs)))
    return together(frames, ["name", "kind", "layer"], reader.crs)


def _outlines(shapes: Shapes) -> Shapes:
    outlines: Shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    return outlines
