"""Problems for the zoning benchmarks: a documented synthetic city, and published real data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from zoning.graph import FloatArray, IntArray
from zoning.policy import Policy
from zoning.problem import NOWHERE, Problem
from zoning.walks import walks_on_graph


def bare_problem(
    demand: FloatArray, edges: IntArray, walks: FloatArray, capacity: FloatArray, homes: IntArray, policy: Policy
) -> Problem:
    """A problem from arrays: units and schools numbered, no groups, shapes, current map, locks or barriers."""
    units, targets = walks.shape
    owner = np.full(units, NOWHERE, dtype=np.int64)
    owner[homes] = np.arange(targets)
    edges = np.unique(np.sort(edges, axis=1), axis=0).astype(np.int64)
    return Problem(
        units=tuple(f"u{at:06d}" for at in range(units)),
        demand=demand,
        groups=(),
        group=np.zeros((0, units)),
        area=None,
        perimeter=None,
        targets=tuple(f"s{at:04d}" for at in range(targets)),
        closed=(),
        capacity=capacity,
        owner=owner,
        edges=edges,
        border=None,
        barrier=np.zeros(len(edges), dtype=bool),
        walks=walks,
        current=None,
        listed=np.zeros(units, dtype=bool),
        locked=np.full(units, NOWHERE, dtype=np.int64),
        policy=policy,
    )


def synthetic(units: int, schools: int, seed: int = 1) -> Problem:
    """A city on a jittered grid of 100 m; walks are shortest paths over it; utilisation at most 1.

    Half of the people live in the centre (a normal distribution of a sixth of the width), half are spread evenly;
    schools stand where people live; seats vary between 0.6 and 1.4 of the mean and are 5 % more than children.
    """
    noise = np.random.default_rng(seed)
    wide = round(units**0.5)
    high = units // wide
    at = np.stack(np.meshgrid(np.arange(wide), np.arange(high), indexing="ij"), axis=-1).reshape(-1, 2)
    xy = 100.0 * at + noise.uniform(-30.0, 30.0, at.shape)
    number = np.arange(wide * high).reshape(wide, high)
    across = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    along = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    edges = np.concatenate([across, along])
    away = np.hypot(*(xy - xy.mean(axis=0)).T) / (100.0 * wide)
    centre = np.exp(-0.5 * (away * 6.0) ** 2)
    people = centre / centre.sum() + 1.0 / len(xy)
    demand = np.rint(noise.uniform(0.3, 1.7, len(xy)) * people / people.mean() * 8.0)
    homes = noise.choice(len(xy), schools, replace=False, p=people / people.sum())
    seats = noise.uniform(0.6, 1.4, schools)
    seats = np.ceil(seats / seats.sum() * demand.sum() * 1.05)
    return bare_problem(demand, edges, walks_on_graph(xy, edges, homes), seats, homes, Policy(utilisation=(0.0, 1.0)))


def fairfax(folder: Path) -> Problem:
    """9,404 census blocks × 138 elementary schools; car seconds; people scaled to the seats; utilisation 0.9 to 1.1."""
    blocks = [feature["properties"] for feature in json.loads((folder / "blocks.geojson").read_text())["features"]]
    people = np.zeros(len(blocks))
    for block in blocks:
        people[block["idx"]] = block["pop"]
    seats = np.loadtxt(folder / "capacity_es.csv")
    homes = np.loadtxt(folder / "schools_es.csv", delimiter=",", skiprows=1, dtype=np.int64)[:, 1]
    edges = np.loadtxt(folder / "edges.csv", delimiter=",", skiprows=1, dtype=np.int64)
    seconds = np.load(folder / "commute_es.npz")["seconds"].astype(np.float64)
    demand = people * seats.sum() / people.sum()
    policy = Policy(utilisation=(0.9, 1.1), distance_unit="seconds")
    return bare_problem(demand, edges, seconds, seats, homes, policy)
