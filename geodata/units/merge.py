"""Joining units that are too small with a neighbour, never across a barrier."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Bools, Floats, Indices
from geodata.units.blocks import Units
from geodata.units.faces import dissolve

Around = list[dict[int, float]]
"""For each group: neighbouring group -> metres of open border."""


@dataclass(frozen=True)
class Merged:
    """A label 0, 1, … per unit, in order of first members; the labels `left` still want, but have no open neighbour."""

    labels: Indices
    left: Indices


def blocked(pairs: pd.DataFrame) -> Bools:
    """Which pairs have a barrier between them: most of the border runs along one, and nobody crosses it there."""
    shut: Bools = ((pairs["barrier"] > pairs["border"] / 2) & (pairs["crossings"] == 0)).to_numpy()
    return shut


def merge(
    values: Floats, pairs: pd.DataFrame, wanting: Callable[[Floats], bool], schools: Floats | None = None
) -> Merged:
    """Join units (`values`: n × k, added up) until none is `wanting`, or none of these has a neighbour.

    The smallest (sum of its values, then number) goes first, to a neighbour that is wanting too if it has one (so more
    units stay), of these to that with the longest open border, then the smallest number. Units with `schools` (n ×
    levels: how many) of one level join only if they have no other neighbour. `pairs` are those of `Units`; there is no
    way through a blocked one.
    """
    sums = np.array(values, dtype=float)
    held = np.zeros((len(sums), 1)) if schools is None else np.array(schools, dtype=float)
    into = np.arange(len(sums))
    around = _around(len(sums), pairs[~blocked(pairs)])
    waiting = [(float(sums[at].sum()), at) for at in range(len(sums)) if wanting(sums[at])]
    heapq.heapify(waiting)
    while waiting:
        size, at = heapq.heappop(waiting)
        if into[at] != at or size != sums[at].sum() or not around[at]:
            continue
        apart = {other: not held[at] @ held[other] for other in around[at]}
        target = -max((apart[other], wanting(sums[other]), metres, -other) for other, metres in around[at].items())[-1]
        _join(around, at, target)
        into[at] = target
        sums[target] += sums[at]
        held[target] += held[at]
        if wanting(sums[target]):
            heapq.heappush(waiting, (float(sums[target].sum()), target))
    root = _roots(into)
    first = pd.Series(np.arange(len(root))).groupby(root).transform("min").to_numpy()
    members, labels = np.unique(first, return_inverse=True)
    left = np.array([at for at, member in enumerate(members) if wanting(sums[root[member]])], dtype=np.int64)
    return Merged(labels.astype(np.int64), left)


def _around(count: int, pairs: pd.DataFrame) -> Around:
    around: Around = [{} for _ in range(count)]
    lengths = (pairs["border"] - pairs["barrier"]).clip(lower=0)
    for a, b, length in zip(pairs["a"].tolist(), pairs["b"].tolist(), lengths.tolist(), strict=True):
        around[a][b] = around[b][a] = length
    return around


def _join(around: Around, gone: int, kept: int) -> None:
    del around[kept][gone]
    for other, length in around[gone].items():
        if other == kept:
            continue
        del around[other][gone]
        around[kept][other] = around[other][kept] = around[kept].get(other, 0.0) + length
    around[gone] = {}


def _roots(into: Indices) -> Indices:
    """Follow every unit to the one that took it in."""
    root = into
    while (root != root[root]).any():
        root = root[root]
    return root


def merged_units(units: Units, labels: Indices) -> Units:
    """The units of `labels`: shapes dissolved, pairs added up, id of the first member, name of the largest named."""
    table = pd.DataFrame({"label": labels, "area": shapely.area(units.shapes), "name": units.names, "id": units.ids})
    named = table[table["name"] != ""].sort_values(["label", "area"], ascending=[True, False], kind="stable")
    names = named.groupby("label")["name"].first().to_dict()
    count = int(labels.max()) + 1
    ids = table.groupby("label")["id"].first().tolist()
    return Units(
        dissolve(units.shapes, labels), [str(names.get(at, "")) for at in range(count)], _pairs(units, labels), ids
    )


def _pairs(units: Units, labels: Indices) -> pd.DataFrame:
    both = np.sort(labels[units.pairs[["a", "b"]].to_numpy()], axis=1)
    pairs = units.pairs.assign(a=both[:, 0], b=both[:, 1])
    return pairs[pairs["a"] != pairs["b"]].groupby(["a", "b"], sort=True, as_index=False).sum()
