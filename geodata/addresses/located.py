"""Rows of a source that names an address instead of coordinates, put where the address stands."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.addresses.match import Located, locate
from geodata.errors import GeodataInputError
from geodata.notes import Notes, SourceNote
from geodata.recipe.source import Source

LISTED = 200
"""Addresses without a place that the report lists per source; the count says how many there are."""

REASONS = {"ambiguous": "address at several places", "unmatched": "address not found"}
ONLY_COUNTED = ("register",)
"""Roles whose addresses are people's homes: the report never lists them."""


def at_addresses(
    source: Source, rows: pd.DataFrame, texts: Sequence[str], known: gpd.GeoDataFrame, note: SourceNote, notes: Notes
) -> gpd.GeoDataFrame:
    """The rows whose address (`texts`) is known, at its place; the others are counted, and listed with their row.

    Raises:
        GeodataInputError: the city knows no addresses, or none of these.
    """
    if known.empty:
        raise GeodataInputError(
            "%(file)s gives addresses instead of coordinates, but the recipe names no [[addresses]] in which they "
            "could be found.",
            file=source.label,
        )
    found = locate(texts, known)
    listed = source.role not in ONLY_COUNTED
    for how, reason in REASONS.items():
        lost = [row for row, one in zip(rows["row"], found.how, strict=True) if one == how]
        note.drop(reason, len(lost), lost if listed else ())
    placed = np.array([point is not None for point in found.points], dtype=bool)
    if len(rows) and not placed.any():
        raise GeodataInputError(
            "%(file)s: none of its %(count)s addresses is among the [[addresses]] of the recipe "
            '(the first is "%(text)s").',
            file=source.label,
            count=len(rows),
            text=texts[0],
        )
    if not placed.all() and listed:
        _list_lost(source, rows["row"].tolist(), texts, found, notes)
    return gpd.GeoDataFrame(rows[placed], geometry=found.points[placed], crs=known.crs).reset_index(drop=True)


def _list_lost(source: Source, rows: Sequence[int], texts: Sequence[str], found: Located, notes: Notes) -> None:
    said = zip(rows, texts, found.how, strict=True)
    lost = [f"{row}: {text or '–'}{' (?)' if how == 'ambiguous' else ''}" for row, text, how in said if how in REASONS]
    notes.doubt(
        "%(file)s: %(count)s of %(all)s rows have an address for which no place was found; those marked (?) stand at "
        "several places. Row and address: %(addresses)s.",
        file=source.label,
        count=len(lost),
        all=len(texts),
        addresses="; ".join(lost[:LISTED]) + ("; …" if len(lost) > LISTED else ""),
    )
