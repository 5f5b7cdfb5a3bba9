"""Addresses: a text and a point."""

from __future__ import annotations

import geopandas as gpd
import shapely

from geodata.reading.reader import Reader, text, together
from geodata.recipe.source import Source, role

ADDRESSES = role(
    "addresses", "text", needed="text", options="join", read=lambda table: {"join": table.take("join", str, " ")}
)


def gather_addresses(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Points: text."""
    frames = []
    for source in sources:
        rows, note = reader.read(source, "point or polygon")
        rows["text"] = text(rows, "text")
        note.drop("without a full address", int((rows["text"] == "").sum()))
        rows = rows[rows["text"] != ""]
        note.kept = len(rows)
        frames.append(rows.set_geometry(gpd.GeoSeries(shapely.point_on_surface(rows.geometry), rows.index, reader.crs)))
    return together(frames, ["text"], reader.crs)
