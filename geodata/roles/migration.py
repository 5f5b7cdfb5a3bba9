"""Net migration of children by age, of the whole city or of each of its areas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.arrays import Floats
from geodata.errors import GeodataInputError
from geodata.reading.reader import Reader, text
from geodata.recipe.source import Source, role
from geodata.roles.by_area import WHOLE_CITY, AreaTable, whole

MIGRATION = role("migration", "key age rate", needed="age rate", placeless=True)


def gather_migration(sources: tuple[Source, ...], reader: Reader) -> AreaTable | None:
    """Net yearly rates by area and age; an age that is not named has 0.

    Raises:
        GeodataInputError: a rate is none, or an area and age stand twice.
    """
    if not sources:
        return None
    frames = []
    for source in sources:
        rows = reader.plain(source)
        age = whole(rows, "age", source)
        frames.append(pd.DataFrame({"key": text(rows, "key"), "age": age, "rate": _rates(rows, source)}))
    rates = pd.concat(frames, ignore_index=True)
    if rates.duplicated(["key", "age"]).any() or (rates["key"].eq(WHOLE_CITY).any() and rates["key"].nunique() > 1):
        raise GeodataInputError(
            "%(file)s gives the migration of an age twice, or of some areas and the whole city too.",
            file=sources[0].label,
        )
    table = rates.pivot(index="key", columns="age", values="rate").sort_index().fillna(0.0)
    return AreaTable(sources[0].label, table, None)


def _rates(rows: pd.DataFrame, source: Source) -> Floats:
    rates: Floats = pd.to_numeric(rows["rate"], errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(~((rates >= -0.5) & (rates <= 0.5)))
    if len(wrong):
        raise GeodataInputError(
            "%(file)s, row %(row)s: net migration of a year must be a number from -0.5 to 0.5 (0.02: 2 more of 100).",
            file=source.label,
            row=rows["row"].iloc[wrong[0]],
        )
    return rates
