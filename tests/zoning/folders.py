"""Small problem folders for tests: a grid of units, schools in some of them, noise from a fixed seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from zoning.problem import Problem
from zoning.solve import Budget, solve

Table = Sequence[Sequence[object]]


def write(folder: Path, tables: Mapping[str, Table], policy: str = "") -> Path:
    """A problem folder from rows (the first is the header) and the text of policy.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        text = "\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    if policy:
        (folder / "policy.toml").write_text(policy, encoding="utf-8")
    return folder


def grid(wide: int, high: int, schools: int, seed: int = 1, slack: float = 1.1) -> dict[str, Table]:
    """Tables of wide × high units of 100 m; seats are `slack` times the children, unequal."""
    noise = np.random.default_rng(seed)
    at = [(x, y) for x in range(wide) for y in range(high)]
    demand = noise.integers(1, 12, len(at))
    home = noise.choice(len(at), schools, replace=False)
    seats = noise.uniform(0.7, 1.3, schools)
    seats = np.ceil(seats / seats.sum() * demand.sum() * slack)
    name = {spot: f"u{n:03d}" for n, spot in enumerate(at)}
    pairs = [(name[x, y], name[x + a, y + b]) for x, y in at for a, b in ((1, 0), (0, 1)) if (x + a, y + b) in name]
    return {
        "units": [
            ("unit", "demand", "x", "y", "area", "perimeter", "group_a"),
            *(
                (name[x, y], p, 100 * x + noise.uniform(-20, 20), 100 * y + noise.uniform(-20, 20), 10_000, 400, p // 3)
                for (x, y), p in zip(at, demand, strict=True)
            ),
        ],
        "schools": [
            ("school", "unit", "capacity"),
            *((f"s{n}", name[at[unit]], seat) for n, (unit, seat) in enumerate(zip(home, seats, strict=True))),
        ],
        "adjacency": [("unit", "neighbour", "border", "barrier"), *((a, b, 100, 0) for a, b in pairs)],
    }


LINE: dict[str, Table] = {
    "units": [("unit", "demand", "x", "y"), ("a", 10, 0, 0), ("b", 10, 100, 0), ("c", 10, 200, 0), ("d", 5, 300, 0)],
    "schools": [("school", "unit", "capacity"), ("S1", "a", 15), ("S2", "d", 30)],
    "adjacency": [("unit", "neighbour"), ("a", "b"), ("b", "c"), ("c", "d")],
}
"""Four units in a line, a school at each end: the example of docs/spec/zoning.md."""
LIMITED = "[limits]\nutilisation = [0.0, 1.0]\n"


def nothing(_step: str, _done: int, _total: int) -> None:
    """A progress report to nobody."""


def solved(problem: Problem, effort: int = 4, seed: int = 1):
    """A plan of little effort."""
    return solve(problem, seed, Budget(effort), lambda: 0.0, nothing)
