"""Points whose text names a street: how far they lie from it, and whether another datum would bring them there.

For layers of too few points to show a pattern, such as schools: «北京东路261号», «四川南路小学».
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Floats, Shapes
from geodata.checks.overlay import Match

LEAST = 3
"""Texts that must name a street of the city."""
SAMPLE = 300
AT_HOME = 100.0
"""Metres (median) within which points lie at their streets."""
SHORTEST = 3
"""Letters of a street's name that is looked for inside a text."""


def by_street_names(
    texts: Sequence[str], points: Shapes, streets: gpd.GeoDataFrame, moves: Mapping[str, tuple[float, float]]
) -> Match | None:
    """The one of `moves` (metres east, north) that brings the points to the streets they name; None: it cannot be told.

    The scores are median metres to the named street. A move counts where it leaves less than half the distance, within
    `AT_HOME`; no move where the points lie there already.
    """
    step = max(1, -(-len(texts) // SAMPLE))
    named = _named(texts[::step], streets)
    chosen = points[::step][[street is not None for street in named]]
    lines = np.array([street for street in named if street is not None], dtype=object)
    if len(lines) < LEAST:
        return None
    before = _median(chosen, lines, (0.0, 0.0))
    if before <= AT_HOME:
        return Match(0.0, 0.0, before, before, clear=True, in_metres=True)
    after = {move: _median(chosen, lines, move) for _, move in sorted(moves.items())}
    best = min(after, key=lambda move: after[move], default=(0.0, 0.0))
    if after.get(best, before) > min(AT_HOME, before / 2):
        return None
    return Match(*best, before, after[best], clear=True, in_metres=True)


def _named(texts: Sequence[str], streets: gpd.GeoDataFrame) -> list[shapely.Geometry | None]:
    """Of each text the street with the longest name in it, all its pieces together."""
    pieces = streets[streets["name"].str.len() >= SHORTEST].groupby("name")["geometry"].agg(list)
    names = sorted(pieces.index, key=lambda name: (-len(name), name))
    found = [next((name for name in names if name in text), None) for text in texts]
    whole = {name: shapely.union_all(pieces[name]) for name in sorted({name for name in found if name})}
    return [None if name is None else whole[name] for name in found]


def _median(points: Shapes, lines: Shapes, move: tuple[float, float]) -> float:
    moved = shapely.transform(points, lambda places: places + np.array(move))
    distances: Floats = shapely.distance(moved, lines)
    return float(np.median(distances))
