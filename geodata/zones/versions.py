"""Two yearly versions of the catchments: which zones are new, gone, renamed or redrawn, and how much ground changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Floats, Shapes

SAME_GROUND = 0.9
"""Part of the ground of two zones together that both have, from which on another name is a new name of one zone."""
KEPT_GROUND = 0.1
"""Part of the smaller zone's ground under which a zone of the same id is another zone."""
ROUNDING = 0.005
"""Part of a zone's ground below which a redrawn border is only drawn a little differently."""


@dataclass(frozen=True)
class ZoneChange:
    """One zone that changed; ids joined by commas, areas in m².

    kind: new; gone; renamed (same ground, another id); redrawn; elsewhere (same id, other ground).
    """

    kind: str
    before: str
    after: str
    area_before: float
    area_after: float
    lost: float
    gained: float


def newest(zones: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Zones (schools, level, year) as today's and, level by level, those of the version before."""
    years = zones.groupby("level")["year"]
    today = zones["year"] == years.transform("max")
    earlier = zones[~today]
    before = earlier["year"] == earlier.groupby("level")["year"].transform("max")
    return zones[today].reset_index(drop=True), earlier[before].reset_index(drop=True)


def versions_compared(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, units: gpd.GeoDataFrame, ages: list[str]
) -> dict[str, Any]:
    """What changed between two versions of one level's zones; both need rows.

    `children` is the sum of the units' `ages` on ground that changed its zone, each unit by area; ground that
    one of the versions leaves out does not count.
    """
    old, new = _by_schools(before), _by_schools(after)
    overlap = _overlap(old, new)
    moved, ground = _moved_ground(old, new, overlap)
    return {
        "before": int(before["year"].iloc[0]),
        "after": int(after["year"].iloc[0]),
        "zones_before": len(old),
        "zones_after": len(new),
        "area_moved": moved,
        "children_moved": _children(ground, units, ages),
        "zones": [asdict(change) for change in _changes(old, new, overlap)],
    }


def _by_schools(zones: gpd.GeoDataFrame) -> pd.Series[Any]:
    """One shape per set of schools, by their ids."""
    return zones.groupby("schools")["geometry"].agg(lambda shapes: shapely.union_all(shapes.to_numpy())).sort_index()


def _overlap(old: pd.Series[Any], new: pd.Series[Any]) -> Floats:
    """Common ground in m² of each old with each new zone."""
    common = np.zeros((len(old), len(new)))
    left, right = shapely.STRtree(new.to_numpy()).query(old.to_numpy(), predicate="intersects")
    common[left, right] = shapely.area(shapely.intersection(old.to_numpy()[left], new.to_numpy()[right]))
    return common


def _changes(old: pd.Series[Any], new: pd.Series[Any], overlap: Floats) -> list[ZoneChange]:
    """Largest ground first."""
    areas = shapely.area(old.to_numpy()), shapely.area(new.to_numpy())
    pairs = _partners(old.index, new.index, overlap, areas)
    found = [_compared(old, new, was, now, overlap) for was, now in pairs]
    kept = [change for change in found if change.kind != "redrawn" or _matters(change)]
    alone = set(range(len(new))) - {now for _, now in pairs}
    kept += [ZoneChange("new", "", new.index[at], 0.0, float(areas[1][at]), 0.0, float(areas[1][at])) for at in alone]
    alone = set(range(len(old))) - {was for was, _ in pairs}
    kept += [ZoneChange("gone", old.index[at], "", float(areas[0][at]), 0.0, float(areas[0][at]), 0.0) for at in alone]
    return sorted(kept, key=lambda change: (-change.lost - change.gained, change.before, change.after))


def _matters(change: ZoneChange) -> bool:
    return change.lost + change.gained > ROUNDING * max(change.area_before, change.area_after)


def _compared(old: pd.Series[Any], new: pd.Series[Any], was: int, now: int, overlap: Floats) -> ZoneChange:
    before, after = float(old.iloc[was].area), float(new.iloc[now].area)
    common = float(overlap[was, now])
    kind = "redrawn" if common >= KEPT_GROUND * min(before, after) else "elsewhere"
    if old.index[was] != new.index[now]:
        kind = "renamed"
    lost, gained = max(before - common, 0.0), max(after - common, 0.0)
    return ZoneChange(kind, old.index[was], new.index[now], before, after, lost, gained)


def _partners(
    old: pd.Index[str], new: pd.Index[str], overlap: Floats, areas: tuple[Floats, Floats]
) -> list[tuple[int, int]]:
    """Which old zone each new one continues: the one on the same ground, else the one of the same id."""
    alike = overlap / (areas[0][:, None] + areas[1][None, :] - overlap)
    pairs = [(int(alike[:, now].argmax()), now) for now in range(len(new))]
    pairs = [(was, now) for was, now in pairs if alike[was, now] >= SAME_GROUND]
    old_left = {name: at for at, name in enumerate(old) if at not in {was for was, _ in pairs}}
    left = sorted(set(range(len(new))) - {now for _, now in pairs})
    return pairs + [(old_left[new[now]], now) for now in left if new[now] in old_left]


def _moved_ground(old: pd.Series[Any], new: pd.Series[Any], overlap: Floats) -> tuple[float, Shapes]:
    """Area, and the pieces, that are in a zone of another name than before."""
    left, right = np.nonzero(overlap)
    other = old.index.to_numpy()[left] != new.index.to_numpy()[right]
    pieces: Shapes = shapely.intersection(old.to_numpy()[left[other]], new.to_numpy()[right[other]])
    return float(overlap[left[other], right[other]].sum()), pieces


def _children(ground: Shapes, units: gpd.GeoDataFrame, ages: list[str]) -> float:
    shapes = units.geometry.to_numpy()
    children = units.reindex(columns=ages, fill_value=0.0).sum(axis=1).to_numpy()
    piece, unit = shapely.STRtree(shapes).query(ground, predicate="intersects")
    share = shapely.area(shapely.intersection(ground[piece], shapes[unit])) / shapely.area(shapes[unit])
    return float((share * children[unit]).sum())
