"""The schools of today's zones by id, where the zones' file calls them by name."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from geodata.catchments.schools import find_schools
from geodata.notes import Notes
from geodata.recipe.levels import LEVEL_NAMES

Known = Mapping[str, str]
"""What a zone calls a school -> the school's id."""


def with_ids(zones: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, notes: Notes) -> gpd.GeoDataFrame:
    """The zones with ids of the schools that they call by a name; a name that fits none or several is left as it is."""
    zones = zones.copy()
    for level in zones["level"].unique():
        here = zones["level"] == level
        known = _known(zones["schools"][here], schools[schools["level"] == level])
        named = sorted((text, school) for text, school in known.items() if text != school)
        if named:
            notes.doubt(
                "Current zones, %(level)s: %(count)s schools are named by another name than their id and found by it: "
                "%(schools)s.",
                level=LEVEL_NAMES[level],
                count=len(named),
                schools="; ".join(f"{text} = {school}" for text, school in named),
            )
        zones.loc[here, "schools"] = [_ids(text, known) for text in zones["schools"][here]]
    return zones


def _known(served: pd.Series[str], schools: gpd.GeoDataFrame) -> Known:
    """Whole texts (a name may hold a comma) and their parts."""
    ids, names = schools["school"].tolist(), schools["name"].tolist()
    parts = find_schools(sorted({part for text in served for part in text.split(",") if part}), ids, names)
    whole = {text for text in served if text and not any(part in parts for part in text.split(","))}
    return {**parts, **find_schools(sorted(whole), ids, names)}


def _ids(text: str, known: Known) -> str:
    if text in known:
        return known[text]
    return ",".join(dict.fromkeys(known.get(part, part) for part in text.split(",")))
