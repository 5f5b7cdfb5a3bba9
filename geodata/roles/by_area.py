"""Tables that say something of the whole city or of each of its areas (districts, communities)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.arrays import Shapes
from geodata.errors import GeodataInputError
from geodata.reading.reader import numbers, text
from geodata.recipe.source import Source
from geodata.units.faces import holders

WHOLE_CITY = ""
"""The one area of a table without a key."""


@dataclass(frozen=True)
class AreaTable:
    """`table`: a row per area (its key, sorted), a column per year or age; `shapes`: the areas' polygons, if drawn."""

    file: str
    table: pd.DataFrame
    shapes: Shapes | None


def areas_of(records: gpd.GeoDataFrame, places: Shapes, table: AreaTable) -> pd.Series[str]:
    """The area of each population record: by its key, or by the polygon in which its place lies; "" where none is."""
    if table.shapes is None:
        keyed = WHOLE_CITY not in table.table.index
        return text(records, "area") if keyed else pd.Series(WHOLE_CITY, index=records.index)
    polygon = holders(table.shapes, places)
    return pd.Series(np.where(polygon >= 0, table.table.index.to_numpy()[polygon], WHOLE_CITY), dtype=object)


def whole(rows: pd.DataFrame, column: str, source: Source) -> pd.Series[int]:
    """A column of years or ages.

    Raises:
        GeodataInputError: a cell is no whole number of at least 0.
    """
    values = numbers(rows, column, source)
    wrong = np.flatnonzero((values != np.floor(values)) | (values > 2200))
    if len(wrong):
        raise GeodataInputError(
            "%(file)s, row %(row)s: %(field)s must be a whole number such as 2026 or 6.",
            file=source.label,
            row=rows["row"].iloc[wrong[0]],
            field=source.columns[column][0],
        )
    return pd.Series(values.astype(np.int64), index=rows.index)
