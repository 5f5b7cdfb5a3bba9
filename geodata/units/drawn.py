"""Units that a planner has drawn, made into a coverage: what overlaps is cut, narrow gaps are closed, the rest is said.

Where drawn units overlap, the ground goes to the smallest of them (of equal ones to the first), so that a unit drawn
inside another stays. Narrow ground between several units (streets that nobody drew) is divided between them, each place
to the nearest; any other gap that is a scrap joins the unit with the longest common border. Other ground of the city
that no unit covers becomes units of its own: nobody who lives there is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Bools, Floats, Indices, Shapes
from geodata.errors import GeodataInputError
from geodata.ids import ids_of
from geodata.notes import Notes
from geodata.units.blocks import Units
from geodata.units.cells import tessellate
from geodata.units.faces import (
    SCRAP_AREA,
    SCRAP_WIDTH,
    borders,
    connected,
    cut,
    dissolve,
    find,
    mark,
    north_first,
    segments,
    touched,
)

SLIVER = 1.0
"""Metres: a detached part of a drawn unit that is narrower is an error of drawing."""
BESIDE = 15.0
"""Metres from a drawn border within which a barrier lies on it: nobody draws along the very same line."""
STREET = 60.0
"""Metres: ground between several drawn units that is narrower on average is streets, not a place of its own."""
NONE = -1


def area_of_units(drawn: Shapes) -> shapely.Geometry:
    """The city's area where no boundary is given: the units together, narrow and small holes filled."""
    parts = [_without_small_holes(part) for part in shapely.get_parts(shapely.union_all(drawn))]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _without_small_holes(polygon: shapely.Polygon) -> shapely.Polygon:
    holes = np.array([shapely.Polygon(ring) for ring in polygon.interiors], dtype=object)
    return shapely.Polygon(polygon.exterior, [hole.exterior for hole in holes[~_scraps(holes)]])


def _scraps(shapes: Shapes) -> Bools:
    areas, narrow = shapely.area(shapes), _width(shapes) < SCRAP_WIDTH
    small: Bools = narrow | (areas < SCRAP_AREA)
    return small


def _width(shapes: Shapes) -> Floats:
    width: Floats = 2 * shapely.area(shapes) / np.maximum(shapely.length(shapes), 1e-9)
    return width


@dataclass(frozen=True)
class _Faces:
    """Pieces of the city, the drawn unit that each belongs to (NONE: none), and whether several claim it."""

    shapes: Shapes
    owner: Indices
    claimed: Bools


def drawn_units(
    area: shapely.Geometry, drawn: gpd.GeoDataFrame, barriers: Shapes, bridges: Shapes, notes: Notes
) -> Units:
    """The drawn polygons (`unit`, `name`) as units that tile the area; streets cross barriers at `bridges` (points).

    Raises:
        GeodataInputError: a unit lies wholly under others.
    """
    given = drawn.geometry.to_numpy()
    faces = _owned(cut(area, list(shapely.boundary(given))), given)
    _refuse_hidden(drawn, faces.owner)
    _doubt_overlaps(faces, drawn, notes)
    faces = _without_streets(area, faces, given, notes)
    labels = _closed(faces, len(drawn), notes)
    shapes = dissolve(faces.shapes, labels)
    _doubt_rest(shapes[len(drawn) :], notes)
    _doubt_parts(shapes[: len(drawn)], drawn, notes)
    ids, names, order = _called(shapes, drawn)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    pieces = segments(faces.shapes)
    pieces["barrier"] = mark(pieces, barriers, BESIDE)
    pieces["crossing"] = pieces["barrier"] & touched(pieces, bridges, BESIDE)
    return Units(shapes[order], names, borders(pieces, place[labels]), ids)


def _owned(faces: Shapes, drawn: Shapes) -> _Faces:
    """Each face with its unit: of several the smallest, of equal ones the first."""
    face, unit = shapely.STRtree(drawn).query(shapely.point_on_surface(faces), predicate="intersects")
    order = np.lexsort((unit, shapely.area(drawn)[unit], face))
    face, unit = face[order], unit[order]
    first = np.r_[True, face[1:] != face[:-1]] if len(face) else np.zeros(0, dtype=bool)
    owner = np.full(len(faces), NONE, dtype=np.int64)
    owner[face[first]] = unit[first]
    return _Faces(faces, owner, np.bincount(face, minlength=len(faces)) > 1)


def _refuse_hidden(drawn: gpd.GeoDataFrame, owner: Indices) -> None:
    hidden = np.setdiff1d(np.arange(len(drawn)), owner)
    if len(hidden):
        raise GeodataInputError(
            "%(count)s drawn units lie wholly under others, the first is %(unit)s: each place must be in one unit.",
            count=len(hidden),
            unit=_label(drawn, int(hidden[0])),
        )


def _label(drawn: gpd.GeoDataFrame, at: int) -> str:
    """How a sentence calls a drawn unit."""
    row = drawn.iloc[at]
    return " ".join(part for part in (row["unit"], row["name"]) if part) or str(at + 1)


def _doubt_overlaps(faces: _Faces, drawn: gpd.GeoDataFrame, notes: Notes) -> None:
    areas = np.where(faces.claimed, shapely.area(faces.shapes), 0.0)
    if not faces.claimed.any():
        return
    notes.doubt(
        "Drawn units overlap on %(area).0f m² in %(count)s places, most of it in %(unit)s; such ground is given to the "
        "smallest of them.",
        area=float(areas.sum()),
        count=int(faces.claimed.sum()),
        unit=_label(drawn, int(faces.owner[np.argmax(areas)])),
    )


def _without_streets(area: shapely.Geometry, faces: _Faces, drawn: Shapes, notes: Notes) -> _Faces:
    """The faces after the narrow ground between several units is divided between them by nearness."""
    parts = connected(faces.shapes, faces.owner)
    pieces = dissolve(faces.shapes, parts)
    owner = pd.Series(faces.owner).groupby(parts).first().to_numpy()
    pairs = borders(_unmarked(faces.shapes), parts)[["a", "b"]].to_numpy()
    beside = pd.DataFrame(np.vstack((pairs, pairs[:, ::-1])), columns=["piece", "other"])
    beside["unit"] = owner[beside["other"]]
    narrow = (owner == NONE) & (_width(pieces) >= SLIVER) & (_width(pieces) < STREET)
    beside = beside[narrow[beside["piece"]] & (beside["unit"] != NONE)]
    units = beside.groupby("piece")["unit"].agg(["nunique", "unique"])
    between = units[(units["nunique"] > 2) | (units["nunique"] == 2) & ~_scraps(pieces)[units.index]]
    if between.empty:
        return faces
    around = np.unique(np.concatenate(between["unique"].to_list())).astype(np.int64)
    grounds = np.array([shapely.coverage_union_all(faces.shapes[faces.owner == unit]) for unit in around], dtype=object)
    which, cells = tessellate(grounds, np.array([area], dtype=object))
    streets = pieces[between.index.to_numpy()]
    lines = shapely.intersection(shapely.boundary(cells), shapely.union_all(streets))
    again = _owned(cut(area, [*shapely.boundary(drawn), *lines]), drawn)
    inner = shapely.point_on_surface(again.shapes)
    free = np.flatnonzero(again.owner == NONE)
    free = free[np.unique(shapely.STRtree(streets).query(inner[free], predicate="intersects")[0])]
    again.owner[free] = around[which[find(cells, inner[free])]]
    notes.doubt(
        "%(area).1f ha of streets and other narrow ground between drawn units are divided between them, each place to "
        "the nearest.",
        area=float(shapely.area(streets).sum()) / 10_000,
    )
    return again


def _closed(faces: _Faces, count: int, notes: Notes) -> Indices:
    """A label per face: its unit 0 … count − 1, with gaps and slivers joined to a neighbour; the rest from `count`."""
    parts = connected(faces.shapes, faces.owner)
    pieces = dissolve(faces.shapes, parts)
    owner = pd.Series(faces.owner).groupby(parts).first().to_numpy()
    loose = (owner == NONE) & _scraps(pieces) | _detached(pieces, owner) & (_width(pieces) < SLIVER)
    joined = _join_loose(borders(_unmarked(faces.shapes), parts), owner, loose)
    if loose.any():
        notes.doubt(
            "%(count)s gaps and slivers between drawn units (%(area).0f m²) join the unit with the longest border.",
            count=int(loose.sum()),
            area=float(shapely.area(pieces[loose]).sum()),
        )
    rest = np.flatnonzero(joined == NONE)
    joined[rest] = count + np.arange(len(rest))
    return joined[parts]


def _unmarked(faces: Shapes) -> pd.DataFrame:
    return segments(faces).assign(barrier=False)


def _detached(pieces: Shapes, owner: Indices) -> Bools:
    """Which pieces are not their unit's largest."""
    largest = pd.Series(shapely.area(pieces)).groupby(owner).transform("idxmax").to_numpy()
    apart: Bools = (owner != NONE) & (largest != np.arange(len(pieces)))
    return apart


def _join_loose(pairs: pd.DataFrame, owner: Indices, loose: Bools) -> Indices:
    """The unit of each piece after loose ones took that of the neighbour with the longest border, until none can."""
    joined, waiting = np.where(loose, NONE, owner), loose.copy()
    both = pd.concat([pairs[["a", "b", "border"]], pairs.rename(columns={"a": "b", "b": "a"})[["a", "b", "border"]]])
    while waiting.any():
        open_ = both[waiting[both["a"]] & (joined[both["b"]] != NONE)]
        if open_.empty:
            return joined
        longest = open_.sort_values(["a", "border", "b"], ascending=[True, False, True]).groupby("a")["b"].first()
        joined[longest.index] = joined[longest]
        waiting[longest.index] = False
    return joined


def _doubt_rest(rest: Shapes, notes: Notes) -> None:
    if len(rest):
        notes.doubt(
            "%(count)s pieces of the city (%(area).1f ha) lie in no drawn unit; they are made units of their own.",
            count=len(rest),
            area=float(shapely.area(rest).sum()) / 10_000,
        )


def _doubt_parts(shapes: Shapes, drawn: gpd.GeoDataFrame, notes: Notes) -> None:
    apart = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    if len(apart):
        notes.doubt(
            "%(count)s drawn units lie in several pieces, the first is %(unit)s; each is assigned whole all the same.",
            count=len(apart),
            unit=_label(drawn, int(apart[0])),
        )


def _called(shapes: Shapes, drawn: gpd.GeoDataFrame) -> tuple[list[str], list[str], Indices]:
    """Ids, names and order of the units: their own ids in order of the text, or numbers from north to south."""
    rest = len(shapes) - len(drawn)
    called = drawn["name"].where(drawn["name"] != "", drawn["unit"])
    names = np.array([*called, *[""] * rest], dtype=object)
    if (drawn["unit"] == "").all():
        order = north_first(shapes)
        return ids_of("U", len(shapes)), list(names[order]), order
    ids = np.array([*drawn["unit"], *_free_ids(rest, drawn["unit"])], dtype=object)
    order = np.argsort(ids, kind="stable").astype(np.int64)
    return list(ids[order]), list(names[order]), order


def _free_ids(count: int, taken: Sequence[str]) -> list[str]:
    letter = "R"
    while set(ids_of(letter, count)) & set(taken):
        letter += "R"
    return ids_of(letter, count)
