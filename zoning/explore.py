"""Many plans of one problem that trade its terms differently, none better than another in everything.

First one plan for each term alone; their spread gives the scale of each term (a payoff table). Then plans between:
a limit on change and weights on the other terms, taken from a sequence that fills that space evenly however long it is
(ε-constraint: Haimes, Lasdon and Wismer 1971; payoff table: Benayoun et al. 1971; additive recurrence: Roberts 2018).
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ledger.files import whole_folder, write_whole
from zoning.errors import ZoningInputError
from zoning.plan import Plan, encode_report, gap_of
from zoning.policy import TERMS, Policy
from zoning.problem import Problem

EXPLORED = ("distance", "balance", "composition", "change")
TABLES = ("units.csv", "schools.csv", "adjacency.csv", "walks.csv", "current.csv", "locks.csv", "problem.json")
_LEAST_WEIGHT = 0.02  # of a term that is not asked for: between plans alike in all else, the better one
_SAME = 1e-9


def explored_terms(problem: Problem) -> tuple[str, ...]:
    """The terms that the problem's tables allow to trade.

    Raises:
        ZoningInputError: only one, so that there is nothing to trade.
    """
    there = {
        "distance": problem.walks is not None,
        "balance": True,
        "composition": bool(problem.groups),
        "change": problem.current is not None,
    }
    terms = tuple(term for term in EXPLORED if there[term])
    if len(terms) < 2:
        raise ZoningInputError(
            "There is nothing to trade: add walks.csv, current.csv or group_… columns to the problem folder."
        )
    return terms


def explore(
    problem: Problem, terms: Sequence[str], count: int, work: Callable[[Problem], Plan], tell: Callable[[int], None]
) -> list[Plan]:
    """`count` plans of `problem` with other weights and other limits on change, in the order in which they were found.

    `work` solves one problem; `tell` hears how many are done. Ctrl-C ends it: the plans so far are returned.
    """
    tried: list[Plan] = []
    try:
        for policy in _policies(problem, terms, count, tried):
            tried.append(work(replace(problem, policy=policy)))
            tell(len(tried))
            if tried[-1].run.get("interrupted"):
                break
    except KeyboardInterrupt:
        if not tried:
            raise
    return tried


def front(plans: Sequence[Plan], terms: Sequence[str]) -> list[Plan]:
    """The plans than which no other is as good in every term and better in one; of equal ones the first; by figures.

    Plans that break a limit are left out where another keeps them all; else their children beyond limits count as a
    further term.
    """
    kept = [plan for plan in plans if plan.figures.feasible] or list(plans)
    figures = [(plan.figures.violation, *(plan.figures.terms[term] for term in terms)) for plan in kept]
    best = [at for at in range(len(kept)) if not any(_beats(figures, other, at) for other in range(len(kept)))]
    return [kept[at] for at in sorted(best, key=lambda at: figures[at][1:])]


def rows_of(plans: Sequence[Plan], terms: Sequence[str]) -> list[dict[str, Any]]:
    """One row a plan for explore.json: folders, figures, and the policy that it answers."""
    least = {term: min(plan.figures.terms[term] for plan in plans) for term in terms}
    return [
        {
            "number": number,
            "plan": f"plans/{number:02d}",
            "problem": f"problems/{number:02d}",
            "best_in": [term for term in terms if plan.figures.terms[term] <= least[term] + _SAME],
            "terms": {term: plan.figures.terms[term] for term in terms},
            "mean_walk": plan.figures.mean_walk,
            "violation": plan.figures.violation,
            "objective": plan.figures.objective,
            "lower_bound": plan.lower_bound,
            "gap": gap_of(plan.figures.objective, plan.lower_bound),
            "weights": dict(plan.problem.policy.weights),
            "change_share": plan.problem.policy.change_share,
        }
        for number, plan in enumerate(plans, start=1)
    ]


def write_exploration(
    out: Path, source: Path, plans: Sequence[Plan], index: Mapping[str, Any], charts: Mapping[str, str]
) -> None:
    """Write the folder, whole or not at all: plans, a problem folder for each, explore.json, explore.csv, charts.

    The tables lie there once: the problem folders share them by hard links where the disk allows it.

    Raises:
        FileExistsError: `out` is there already.
    """
    with whole_folder(out) as place:
        for number, plan in enumerate(plans, start=1):
            folder = place / "problems" / f"{number:02d}"
            folder.mkdir(parents=True)
            _share_tables(source if number == 1 else place / "problems" / "01", folder, number > 1)
            write_whole(folder / "policy.toml", policy_text(source / "policy.toml", plan.problem.policy))
            plan.write(place / "plans" / f"{number:02d}")
        write_whole(place / "explore.json", encode_report(index))
        write_whole(place / "explore.csv", _table(index["plans"], index["terms"]))
        for name, chart in charts.items():
            write_whole(place / name, chart.encode())


def policy_text(source: Path, policy: Policy) -> bytes:
    """The source's policy.toml with the weights and the limit on change of `policy`."""
    tree = tomllib.loads(source.read_text(encoding="utf-8-sig")) if source.exists() else {}
    limits = {**tree.get("limits", {}), "change_share": policy.change_share}
    if policy.change_share is None:
        del limits["change_share"]
    tree = {**tree, "limits": limits, "weights": {term: policy.weights[term] for term in TERMS}}
    # Numbers, words and lists of them are written alike in JSON and TOML.
    lines = [
        line
        for table, content in tree.items()
        for line in (f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in content.items()), "")
    ]
    return "\n".join(lines).encode()


def spread(count: int, dimensions: int) -> list[list[float]]:
    """`count` points of the unit cube, every beginning of the list spread evenly: the R sequence of Roberts (2018)."""
    ratio = 2.0
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
    return [
        [(0.5 + number * ratio ** -(axis + 1)) % 1.0 for axis in range(dimensions)] for number in range(1, count + 1)
    ]


def _policies(problem: Problem, terms: Sequence[str], count: int, tried: Sequence[Plan]) -> Iterator[Policy]:
    """The policies to try. After those for one term alone it looks at what became of them in `tried`."""
    scale = _first_scale(problem)
    for chosen in terms:
        shares = {term: 1.0 if term == chosen else _LEAST_WEIGHT for term in terms}
        yield _policy(problem, shares, scale, problem.policy.change_share)
    low = {term: min(plan.figures.terms[term] for plan in tried) for term in terms}
    high = {term: max(plan.figures.terms[term] for plan in tried) for term in terms}
    scale = {term: max(high[term] - low[term], 1e-6) for term in terms}
    weighed = [term for term in terms if term != "change"]
    cut = len(weighed) - 1
    for point in spread(count - len(terms), cut + ("change" in terms)):
        shares = dict(zip(weighed, _shares(point[:cut]), strict=True))
        limit = problem.policy.change_share
        if "change" in terms:
            shares["change"] = 0.0
            wanted = _rounded_up(low["change"] + point[cut] * (high["change"] - low["change"]))
            limit = wanted if limit is None else min(limit, wanted)
        yield _policy(problem, shares, scale, limit)


def _first_scale(problem: Problem) -> dict[str, float]:
    """What each term can be thought to range over before any plan is known."""
    farther = 0.0
    if problem.walks is not None:
        beyond = problem.walks.mean(axis=1) - problem.walks.min(axis=1)
        farther = float(np.sum(problem.demand * beyond)) * problem.per_child / 1000.0
    return {"distance": farther or 1.0, "balance": float(len(problem.targets)), "composition": 1.0, "change": 1.0}


def _policy(
    problem: Problem, shares: Mapping[str, float], scale: Mapping[str, float], change_share: float | None
) -> Policy:
    """The problem's policy with weights of three digits: share ÷ scale; compactness keeps its own."""
    weights = dict(problem.policy.weights)
    for term, share in shares.items():
        weights[term] = float(f"{max(share, _LEAST_WEIGHT) / scale[term]:.3g}")
    return replace(problem.policy, weights=weights, change_share=change_share)


def _shares(point: Sequence[float]) -> list[float]:
    """Shares that add up to 1 from points of the unit line that cut it."""
    cuts = [0.0, *sorted(point), 1.0]
    return [after - before for before, after in pairwise(cuts)]


def _rounded_up(share: float) -> float:
    """A limit of four digits that leaves at least `share`."""
    return min(math.ceil(share * 1e4 - 1e-6) / 1e4, 1.0)


def _beats(figures: Sequence[tuple[float, ...]], one: int, other: int) -> bool:
    """Is plan `one` as good as `other` in every figure, and better in one or found before it."""
    if one == other or any(a > b + _SAME for a, b in zip(figures[one], figures[other], strict=True)):
        return False
    return one < other or any(a < b - _SAME for a, b in zip(figures[one], figures[other], strict=True))


def _share_tables(source: Path, folder: Path, ours: bool) -> None:
    for name in TABLES:
        if not (source / name).exists():
            continue
        try:
            if not ours:
                raise OSError
            os.link(source / name, folder / name)
        except OSError:  # the planner's own files, and disks without hard links
            shutil.copyfile(source / name, folder / name)


def _table(rows: Sequence[Mapping[str, Any]], terms: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    plain = ("mean_walk", "violation", "gap", "change_share")
    writer.writerow(["number", "plan", *terms, *plain, *(f"weight_{term}" for term in TERMS), "best_in"])
    for row in rows:
        figures = [row["terms"][term] for term in terms] + [row[key] for key in plain]
        weights = [row["weights"][term] for term in TERMS]
        writer.writerow([row["number"], row["plan"], *figures, *weights, " ".join(row["best_in"])])
    return text.getvalue().encode()
