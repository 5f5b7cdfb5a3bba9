"""Whether the layers of a city lie over each other: each is compared with the streets or buildings already there.

A layer that was read with the wrong datum lies some hundred metres off and still looks like a city. `check` measures
how far each layer would have to move and says which datum explains that; `doubt` makes it a sentence where it is over
50 m. Nothing is moved: the recipe is to be corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Floats, Shapes
from geodata.checks.named_streets import by_street_names
from geodata.checks.overlay import TOLERANCE, Grid, Match, best_move, drawn, grid_around
from geodata.datum import CHINA, from_wgs, to_city
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.recipe.source import Source
from ledger.errors import Phrase

LEAST = 30
"""Shapes of a layer without which its pattern says nothing."""
EXPLAINED = 40.0
"""Metres within which a datum explains a move."""
PLAIN = ("WGS 84", "CGCS2000", "EPSG:4326", "EPSG:4490")
"""Datums whose degrees are the same for this purpose."""
NOWHERE = Match(0.0, 0.0, 0.0, 0.0, clear=False)
LAYERS = {
    "buildings": Phrase("buildings"),
    "addresses": Phrase("addresses"),
    "population": Phrase("population"),
    "schools": Phrase("schools"),
    "streets": Phrase("streets"),
    "units": Phrase("drawn units"),
    "zones": Phrase("current zones"),
}
DIRECTIONS = {
    "north": Phrase("north"),
    "north-east": Phrase("north-east"),
    "east": Phrase("east"),
    "south-east": Phrase("south-east"),
    "south": Phrase("south"),
    "south-west": Phrase("south-west"),
    "west": Phrase("west"),
    "north-west": Phrase("north-west"),
}
"""Clockwise from north, 45° each."""
Moves = dict[str, tuple[str, Match]]
"""Of each layer: what it was compared with, and the move that fits best."""


@dataclass(frozen=True)
class Finding:
    """How one layer lies over another.

    `verdict`: "fits" (within 50 m), "shifted", or "unclear" (the shapes do not tell). `metres` and `direction`: where
    the layer lies, seen from where it would fit. `looks_like`: the datum that explains it, if one does; `files`: those
    that the recipe gives another datum, else all of the layer.
    `score_as_is`, `score_moved`: correlation of the shapes as it is and where it fits, or, where `score` is "metres",
    the median distance to the streets that the layer's texts name.
    """

    layer: str
    against: str
    verdict: str
    metres: float
    direction: str
    looks_like: str | None
    files: tuple[str, ...]
    score: str
    score_as_is: float
    score_moved: float


@dataclass(frozen=True)
class _Base:
    """What the others are compared with, drawn on one grid."""

    grid: Grid
    streets: Floats
    buildings: Floats


def check(given: Gathered, sources: Mapping[str, Sequence[Source]]) -> list[Finding]:
    """Compare every layer that has enough shapes; empty without streets and buildings to compare with."""
    if min(len(given.streets), len(given.buildings)) < LEAST:
        return []
    middle = gpd.GeoSeries([given.area.centroid], crs=given.crs)
    base = _drawn_of(given)
    moves = _moves(given, base, middle)
    settled = _settled(moves, sources, middle)
    found = [_finding(layer, *settled[layer], sources, middle) for layer in LAYERS if layer in settled]
    return found if _far(moves["buildings"][1]) else [*found, *_single_files(given, base, moves, sources, middle)]


def doubt(findings: Sequence[Finding], notes: Notes) -> None:
    """A sentence for each layer that lies elsewhere."""
    for finding in findings:
        if finding.verdict != "shifted":
            continue
        about: dict[str, object] = {
            "files": ", ".join(finding.files),
            "layer": LAYERS[finding.layer],
            "against": LAYERS[finding.against],
            "metres": round(finding.metres),
            "direction": DIRECTIONS[finding.direction],
        }
        if finding.looks_like is None:
            notes.doubt(
                "%(files)s (%(layer)s): lies about %(metres)s m to the %(direction)s of where it fits the %(against)s. "
                "No datum known here explains that; ask its maker for the true one, and correct the recipe (unless it "
                "is the %(against)s that lie wrong).",
                **about,
            )
        else:
            notes.doubt(
                "%(files)s (%(layer)s): lies about %(metres)s m to the %(direction)s of where it fits the %(against)s. "
                'This looks like %(datum)s: correct its datum in the recipe to datum = "%(datum)s" (unless it is the '
                "%(against)s that lie wrong).",
                **about,
                datum=finding.looks_like,
            )


def _drawn_of(given: Gathered) -> _Base:
    grid = grid_around(given.buildings.geometry.to_numpy())
    return _Base(
        grid=grid,
        streets=drawn(given.streets.geometry.to_numpy(), grid),
        buildings=drawn(given.buildings.geometry.to_numpy(), grid, filled=True),
    )


def _moves(given: Gathered, base: _Base, middle: gpd.GeoSeries) -> Moves:
    moves: Moves = {"buildings": ("streets", best_move(base.buildings, base.streets, together=False))}
    for role in ("addresses", "population", "schools", "units", "zones"):
        layer: gpd.GeoDataFrame = getattr(given, role)
        if not len(layer):
            continue
        if (shapely.get_dimensions(layer.geometry.to_numpy()) == 2).any():
            outlines = drawn(layer.geometry.to_numpy(), base.grid)
            moves[role] = ("streets", best_move(outlines, base.streets, together=True))
        else:
            moves[role] = _of_points(layer, base, given, middle)
    return moves


def _single_files(
    given: Gathered, base: _Base, moves: Moves, sources: Mapping[str, Sequence[Source]], middle: gpd.GeoSeries
) -> Iterator[Finding]:
    """Where a layer comes from several files, those of them that lie elsewhere than the layer as a whole."""
    for role in ("buildings", "addresses", "population"):
        layer: gpd.GeoDataFrame = getattr(given, role)
        counts = layer.attrs.get("rows_of_sources", [])
        if len(counts) < 2 or sum(counts) != len(layer) or _far(moves[role][1]):
            continue
        end = np.cumsum(counts)
        for source, first, last in zip(sources[role], [0, *end[:-1]], end, strict=True):
            against, match = _of_file(role, layer.geometry.to_numpy()[first:last], base)
            if _far(match):
                yield _finding(role, against, match, {role: [source]}, middle)


def _of_file(role: str, shapes: Shapes, base: _Base) -> tuple[str, Match]:
    if len(shapes) < LEAST:
        return "streets", NOWHERE
    if role == "buildings":
        return "streets", best_move(drawn(shapes, base.grid, filled=True), base.streets, together=False)
    if (shapely.get_dimensions(shapes) == 2).any():
        return "streets", best_move(drawn(shapes, base.grid), base.streets, together=True)
    return "buildings", best_move(drawn(shapes, base.grid), base.buildings, together=True)


def _of_points(layer: gpd.GeoDataFrame, base: _Base, given: Gathered, middle: gpd.GeoSeries) -> tuple[str, Match]:
    """Points lie in buildings; where their pattern does not tell, at the street that their text names."""
    points = layer.geometry.to_numpy()
    if len(points) >= LEAST:
        match = best_move(drawn(points, base.grid), base.buildings, together=True)
        if match.clear:
            return "buildings", match
    text = next((column for column in ("text", "name") if column in layer), None)
    if text is None:
        return "buildings", NOWHERE
    tried = {f"{said} {true}": _offset(said, true, middle) for said in _known(middle) for true in _known(middle)}
    found = by_street_names(layer[text].tolist(), points, given.streets, tried)
    return ("buildings", NOWHERE) if found is None else ("streets", found)


def _settled(moves: Moves, sources: Mapping[str, Sequence[Source]], middle: gpd.GeoSeries) -> Moves:
    """Where buildings and streets lie apart, say which of them is wrong, and bring the other moves to the right one."""
    match = moves["buildings"][1]
    if not _far(match):
        return moves
    if not _streets_are_wrong(moves, match, sources, middle):
        return {
            layer: (against, _plus(found, match) if against == "buildings" else found)
            for layer, (against, found) in moves.items()
        }
    back = replace(match, east=-match.east, north=-match.north)
    settled = {
        layer: (against, _plus(found, back) if against == "streets" else found)
        for layer, (against, found) in moves.items()
    }
    return settled | {"streets": ("buildings", back)}


def _streets_are_wrong(
    moves: Moves, match: Match, sources: Mapping[str, Sequence[Source]], middle: gpd.GeoSeries
) -> bool:
    """Only the streets' datum explains the move; or neither or both do, and more layers go with the buildings."""
    by_buildings = bool(_explained("buildings", match, sources, middle))
    by_streets = bool(_explained("streets", replace(match, east=-match.east, north=-match.north), sources, middle))
    if by_buildings != by_streets:
        return by_streets
    votes = 0
    for layer, (against, found) in moves.items():
        if layer == "buildings" or not found.clear:
            continue
        votes += 1 if _far(found) == (against == "streets") else -1
    return votes > 0


def _far(match: Match) -> bool:
    return match.clear and match.metres > TOLERANCE


def _plus(match: Match, more: Match) -> Match:
    return replace(match, east=match.east + more.east, north=match.north + more.north) if match.clear else match


def _finding(
    layer: str, against: str, match: Match, sources: Mapping[str, Sequence[Source]], middle: gpd.GeoSeries
) -> Finding:
    explained = _explained(layer, match, sources, middle) if _far(match) else {}
    looks_like = min(explained, default=None)
    turn = np.degrees(np.arctan2(-match.east, -match.north))
    return Finding(
        layer=layer,
        against=against,
        verdict="unclear" if not match.clear else "shifted" if _far(match) else "fits",
        metres=round(match.metres, 1) if match.clear else 0.0,
        direction=list(DIRECTIONS)[round(float(turn) / 45) % 8],
        looks_like=looks_like,
        files=tuple(explained[looks_like] if looks_like else sorted({source.label for source in sources[layer]})),
        score="metres" if match.in_metres else "correlation",
        score_as_is=round(match.as_is, 4),
        score_moved=round(match.moved, 4),
    )


def _explained(
    layer: str, match: Match, sources: Mapping[str, Sequence[Source]], middle: gpd.GeoSeries
) -> dict[str, list[str]]:
    """The datums that explain a move, each with the files that the recipe gives another."""
    found: dict[str, list[str]] = {}
    for source in sources[layer]:
        said = "WGS 84" if source.datum in PLAIN else source.datum
        if said not in _known(middle):
            continue
        for true in _known(middle):
            east, north = _offset(said, true, middle)
            if true != said and np.hypot(match.east - east, match.north - north) <= EXPLAINED:
                found[true] = sorted({*found.get(true, ()), source.label})
    return found


def _known(middle: gpd.GeoSeries) -> tuple[str, ...]:
    """The datums in degrees that a file of the city may have; the offsets are used in China only."""
    lon, lat = middle.to_crs(4326).iloc[0].coords[0]
    west, south, east, north = CHINA
    return ("WGS 84", "GCJ-02", "BD-09") if west < lon < east and south < lat < north else ()


def _offset(said: str, true: str, middle: gpd.GeoSeries) -> tuple[float, float]:
    """How many metres east and north a place moves when its degrees are read as `true` instead of `said`."""
    written = from_wgs(said, shapely.get_coordinates(middle.to_crs(4326).to_numpy()))
    place = to_city(gpd.GeoSeries(shapely.points(written)), true, middle.crs).iloc[0]
    return place.x - middle.iloc[0].x, place.y - middle.iloc[0].y
