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
ROUNDING = 0.005
"""Part of a zone's ground below which a redrawn border is only drawn a little differently."""


@dataclass(frozen=True)
class ZoneChange:
    """One zone that changed: `kind` is new, gone, renamed or redrawn; areas in m²; ids joined by commas."""

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
    old_area, new_area = shapely.area(old.to_numpy()), shapely.area(new.to_numpy())
    before_of = _partners(old.index, new.index, overlap / (old_area[:, None] + new_area[None, :] - overlap))
    found = []
    for at, name in enumerate(new.index):
        was = before_of.get(at)
        if was is None:
            found.append(ZoneChange("new", "", name, 0.0, new_area[at], 0.0, new_area[at]))
            continue
        common = overlap[was, at]
        kind = "redrawn" if old.index[was] == name else "renamed"
        change = ZoneChange(
            kind, old.index[was], name, old_area[was], new_area[at], old_area[was] - common, new_area[at] - common
        )
        if kind == "renamed" or change.lost + change.gained > ROUNDING * max(change.area_before, change.area_after):
            found.append(change)
    gone = sorted(set(range(len(old))) - set(before_of.values()))
    found += [ZoneChange("gone", old.index[at], "", old_area[at], 0.0, old_area[at], 0.0) for at in gone]
    return sorted(found, key=lambda change: (-change.lost - change.gained, change.before, change.after))


def _partners(old: pd.Index[str], new: pd.Index[str], alike: Floats) -> dict[int, int]:
    """The old zone that each new one continues: of the same name, else on the same ground where neither name stays."""
    names = {name: at for at, name in enumerate(old)}
    partners = {at: names[name] for at, name in enumerate(new) if name in names}
    kept = set(partners.values())
    for at in range(len(new)):
        best = int(alike[:, at].argmax())
        if at not in partners and best not in kept and alike[best, at] >= SAME_GROUND:
            partners[at] = best
            kept.add(best)
    return partners


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
