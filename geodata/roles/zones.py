"""Today's catchments."""

from __future__ import annotations

import geopandas as gpd

from geodata.reading.reader import Reader, text, together
from geodata.recipe.levels import known_level
from geodata.recipe.source import Source, role

ZONES = role("zones", "schools", needed="schools", options="level", read=lambda table: {"level": known_level(table)})


def gather_zones(sources: tuple[Source, ...], reader: Reader) -> gpd.GeoDataFrame:
    """Polygons: schools (ids, comma-separated), level."""
    frames = []
    for source in sources:
        rows, _ = reader.read(source, "polygon")
        ids = text(rows, "schools").str.split(",")
        rows["schools"] = [",".join(part.strip() for part in parts if part.strip()) for parts in ids]
        rows["level"] = source.options["level"]
        frames.append(rows)
    return together(frames, ["schools", "level"], reader.crs)
