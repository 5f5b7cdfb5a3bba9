"""Loudoun County's school zones: our plans beside the best published, in the published objective.

453 planning areas, 57 / 17 / 16 schools of the school year 2020-21 (Biswas et al.). The objective weighs balance 0.7
and compactness 0.3; a school's own unit is its own; every zone is one part. One JSON line per level and time: the
median over the seeds of F, recomputed from plan.csv with exactly the published constants, beside the bar, the best
published plan and the map in force; seconds are those of the whole command. Then, for the elementary schools, F at
each limit on the share of pupils who change school. `python -m benchmarks.zoning_loudoun [number of seeds, 5]`.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.measure import Lines, run
from tests.paths import REAL_DATA
from zoning.graph import FloatArray, IntArray
from zoning.plan import Plan
from zoning.problem import BoolArray, Problem
from zoning.solve import Budget, solve

DATA = REAL_DATA / "lcps_spa_graph"
LEVELS = {"elementary": ("elem", "ELEMENTARY"), "middle": ("mid", "MIDDLE"), "high": ("high", "HIGH")}
BARS = {
    10: {"elementary": 13.25, "middle": 3.34, "high": 2.74},
    60: {"elementary": 13.15, "middle": 3.29, "high": 2.68},
}
SHARES = (0.02, 0.05, 0.10, 0.20, 0.30)
FRONTIER_SECONDS = 10.0
FRONTIER_BARS = {0.10: 15.0}
POLICY = "[weights]\nbalance = 0.7\ncompactness = 0.3\n"


@dataclass(frozen=True, eq=False)
class Steady(Problem):
    """A problem whose pupils have a school today (`today`, U), although today's parts give its zones no further parts.

    (Today's map has stray parts; `current` would allow them.)
    """

    today: IntArray

    @cached_property
    def moved(self) -> BoolArray:
        """U×S: is this another school than today's."""
        return np.asarray(self.today[:, None] != np.arange(len(self.targets))[None, :], dtype=bool)


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the published tables."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_problem(level: str, folder: Path) -> None:
    """The problem folder of one level; no current.csv, so that each zone must be one part."""
    short, kind = LEVELS[level]
    units = [(row["unit"], row[f"pop_{short}"], row["area_sqft"], row["perimeter_ft"]) for row in rows("units.csv")]
    used = {row[f"{short}_school"] for row in rows("zoning_current.csv")}
    features = json.loads((DATA / "Schools.geojson").read_text(encoding="utf-8"))["features"]
    facts = [feature["properties"] for feature in features]
    schools = [
        (fact["SCH_CODE"], fact["STDYAREA"], fact["CAPACITY"])
        for fact in facts
        if fact["SCH_CODE"] in used and fact["CLASS"].upper().startswith(kind)
    ]
    edges = [(row["u"], row["v"], row["shared_ft"]) for row in rows("edges.csv")]
    tables = {
        "units": [("unit", "demand", "area", "perimeter"), *units],
        "schools": [("school", "unit", "capacity"), *schools],
        "adjacency": [("unit", "neighbour", "border"), *edges],
    }
    folder.mkdir()
    for name, table in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")


def assignment(problem: Problem, zones: dict[str, str]) -> IntArray:
    """An assignment from unit -> school."""
    return np.array([problem.target_index[zones[unit]] for unit in problem.units], dtype=np.int64)


def published(problem: Problem, level: str, table: str) -> IntArray:
    """The map of one level in a published table."""
    return assignment(problem, {row["unit"]: row[f"{LEVELS[level][0]}_school"] for row in rows(table)})


def objective(problem: Problem, choice: IntArray) -> float:
    """F as it was published: Σ 0.7·|1 − (pupils + 0.001) / (seats + 0.00001)| + 0.3·(1 − 4π·area / outline²)."""
    if problem.area is None or problem.perimeter is None or problem.border is None:
        raise ValueError("the objective needs shapes")

    def sums(amount: FloatArray, of: IntArray) -> FloatArray:
        return np.asarray(np.bincount(of, amount, len(problem.targets)), dtype=np.float64)

    inside = choice[problem.edges[:, 0]] == choice[problem.edges[:, 1]]
    shared = sums(problem.border[inside], choice[problem.edges[inside, 0]])
    outline = sums(problem.perimeter, choice) - 2.0 * shared
    used = (sums(problem.demand, choice) + 0.001) / (problem.capacity + 0.00001)
    rough = 1.0 - 4.0 * np.pi * sums(problem.area, choice) / outline**2
    return float(np.sum(0.7 * np.abs(1.0 - used) + 0.3 * rough))


def command(problem: Problem, folder: Path, seconds: int, seed: int) -> tuple[float, float]:
    """F of the plan that the command finds, and its wall seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        plan = Path(scratch) / "plan"
        asked = ["solve", folder, "--out", plan, "--seconds", str(seconds), "--seed", str(seed), "--json"]
        wall, _ = run([sys.executable, "-m", "flask", "zoning", *asked])
        run([sys.executable, "-m", "flask", "zoning", "check", folder, plan])
        with (plan / "plan.csv").open(encoding="utf-8", newline="") as file:
            zones = {row["unit"]: row["school"] for row in csv.DictReader(file)}
    return objective(problem, assignment(problem, zones)), wall


def measure(lines: Lines, level: str, folder: Path, seconds: int, seeds: range) -> None:
    """One level, one time: a line."""
    problem = Problem.read(folder)
    found = [command(problem, folder, seconds, seed) for seed in seeds]
    middle, bar = median(value for value, _ in found), BARS[seconds][level]
    wall = max(wall for _, wall in found)
    lines.say(
        case=f"{level}, {seconds} s",
        schools=len(problem.targets),
        objective=round(middle, 4),
        each=[round(value, 4) for value, _ in found],
        published_best=round(objective(problem, published(problem, level, "zoning_best_published.csv")), 4),
        today=round(objective(problem, published(problem, level, "zoning_current.csv")), 4),
        seconds=round(wall, 2),
        bar=bar,
        met=bool(middle <= bar and wall <= seconds + 0.5),
    )


def solved(problem: Problem, seed: int, seconds: float) -> Plan:
    """A plan made in this process."""
    begun = time.perf_counter()
    return solve(
        problem, seed, Budget(None, seconds), lambda: time.perf_counter() - begun, lambda _step, _done, _total: None
    )


def frontier(lines: Lines, folder: Path, seeds: range) -> None:
    """What less change costs: one line for each limit, solved in this process."""
    problem = Problem.read(folder)
    today = published(problem, "elementary", "zoning_current.csv")
    for share in SHARES:
        limited = replace(problem.policy, change_share=share)
        shared = {field.name: getattr(problem, field.name) for field in fields(Problem)}
        steady = Steady(**{**shared, "policy": limited}, today=today)
        values, violation = [], 0.0
        for seed in seeds:
            plan = solved(steady, seed, FRONTIER_SECONDS)
            values.append(objective(problem, plan.choice))
            violation = max(violation, plan.figures.violation)
        bar = FRONTIER_BARS.get(share)
        verdict = {} if bar is None else {"bar": bar, "met": bool(median(values) <= bar and violation == 0)}
        lines.say(
            case=f"elementary, change at most {share:.0%}",
            objective=round(median(values), 4),
            children_beyond_limits=round(violation, 2),
            seconds=FRONTIER_SECONDS,
            **verdict,
        )


def main() -> None:
    """Print every case; nothing where the data is not there."""
    if not DATA.is_dir():
        return
    seeds = range(1, 1 + (int(sys.argv[1]) if len(sys.argv) > 1 else 5))
    lines = Lines("zoning_loudoun")
    with tempfile.TemporaryDirectory() as scratch:
        for level in LEVELS:
            folder = Path(scratch) / level
            write_problem(level, folder)
            for seconds in BARS:
                measure(lines, level, folder, seconds, seeds)
        frontier(lines, Path(scratch) / "elementary", seeds)


if __name__ == "__main__":
    main()
