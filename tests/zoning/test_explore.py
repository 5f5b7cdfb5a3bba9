"""Exploration: a set of plans none of which another beats, each whole and checked, with chart and table."""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskCliRunner

from tests.zoning.folders import LINE, grid, write
from zoning.chart import Axis, pareto_chart
from zoning.explore import explore, explored_terms, front, policy_text, spread
from zoning.policy import Policy
from zoning.problem import Problem
from zoning.solve import Budget, solve

POLICY = '[limits]\nutilisation = [0.4, 1.2]\n[distance]\nunit = "步行秒"\n'


def city(folder: Path, policy: str = POLICY) -> Path:
    tables = grid(7, 7, 3, seed=4)
    units = [str(row[0]) for row in tables["units"][1:]]
    current = [("unit", "school"), *((unit, f"s{min(at // 17, 2)}") for at, unit in enumerate(units))]
    return write(folder, {**tables, "current": current}, policy)


def quick(problem: Problem):
    return solve(problem, 1, Budget(1), lambda: 0.0, lambda *_: None)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory):
    problem = Problem.read(city(tmp_path_factory.mktemp("city") / "problem"))
    terms = explored_terms(problem)
    return terms, explore(problem, terms, 8, quick, lambda _done: None)


def test_every_plan_of_the_front_passes_check_with_its_own_problem(cli: FlaskCliRunner, tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = ["zoning", "explore", str(city(tmp_path / "p")), "--out", str(out), "--effort", "1", "--plans", "6"]
    result = cli.invoke(args=[*args, "--json"])
    assert result.exit_code == 0, result.output
    index = json.loads((out / "explore.json").read_text())
    assert json.loads(result.stdout) == index
    assert index["terms"] == ["distance", "balance", "composition", "change"]
    for row in index["plans"]:
        assert cli.invoke(args=["zoning", "check", str(out / row["problem"]), str(out / row["plan"])]).exit_code == 0
        report = json.loads((out / row["plan"] / "report.json").read_text())
        assert report["run"]["problem"] == str(out / row["problem"])
        assert {key: report[key] for key in ("objective", "lower_bound", "gap", "violation")} == {
            key: row[key] for key in ("objective", "lower_bound", "gap", "violation")
        }
    rows = list(csv.DictReader((out / "explore.csv").read_text().splitlines()))
    assert [row["plan"] for row in rows] == [row["plan"] for row in index["plans"]]
    assert {term for row in index["plans"] for term in row["best_in"]} == set(index["terms"])
    for name, title in (("explore.svg", "可供选择的方案"), ("explore.en.svg", "Plans to choose from")):
        assert title in (out / name).read_text(encoding="utf-8")
    assert (out / "problems" / "01" / "units.csv").stat().st_ino != (tmp_path / "p" / "units.csv").stat().st_ino


def test_the_same_exploration_twice_gives_the_same_bytes(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folder, contents = city(tmp_path / "p"), []
    for name in ("a", "b"):
        args = ["zoning", "explore", str(folder), "--out", str(tmp_path / name), "--effort", "1", "--plans", "6"]
        assert cli.invoke(args=args).exit_code == 0
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file() and path.suffix != ".json")
        contents.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})
    assert contents[0] == contents[1]


def test_no_plan_of_the_front_is_beaten_and_every_dropped_one_is(found) -> None:
    terms, tried = found
    kept = front(tried, terms)
    figures = {id(plan): [plan.figures.terms[term] for term in terms] for plan in tried}

    def as_good(one, other) -> bool:
        return all(a <= b + 1e-9 for a, b in zip(figures[id(one)], figures[id(other)], strict=True))

    assert not [1 for one in kept for other in kept if one is not other and as_good(one, other)]
    dropped = [plan for plan in tried if plan not in kept and plan.figures.feasible]
    assert all(any(as_good(one, plan) for one in kept) for plan in dropped)
    assert all(min(figures[id(p)][at] for p in kept) == min(figures[id(p)][at] for p in tried if p.figures.feasible)
               for at in range(len(terms)))  # fmt: skip


def test_a_plan_beyond_limits_is_left_out_where_another_keeps_them(found, tmp_path: Path) -> None:
    terms, tried = found
    tight = quick(Problem.read(city(tmp_path / "p", "[limits]\nutilisation = [0.0, 0.5]\n")))
    assert not tight.figures.feasible
    assert tight not in front([*tried, tight], terms)
    assert front([tight], terms) == [tight]


def test_the_planners_limit_on_change_holds_for_every_plan_in_between(tmp_path: Path) -> None:
    problem = Problem.read(city(tmp_path / "p", "[limits]\nutilisation = [0.4, 1.2]\nchange_share = 0.2\n"))
    asked: list[float | None] = []

    def work(variant: Problem):
        asked.append(variant.policy.change_share)
        return quick(variant)

    explore(problem, explored_terms(problem), 7, work, lambda _done: None)
    assert all(share is not None and share <= 0.2 for share in asked)


def test_ctrl_c_keeps_the_plans_so_far(tmp_path: Path) -> None:
    problem = Problem.read(city(tmp_path / "p"))
    done: list[int] = []

    def work(variant: Problem):
        if len(done) == 2:
            raise KeyboardInterrupt
        return quick(variant)

    assert len(explore(problem, explored_terms(problem), 7, work, done.append)) == 2


def test_one_term_alone_is_nothing_to_trade(cli: FlaskCliRunner, tmp_path: Path) -> None:
    folder = write(tmp_path / "p", LINE, "[weights]\nbalance = 1.0\n")
    result = cli.invoke(args=["zoning", "explore", str(folder), "--out", str(tmp_path / "out")])
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "nothing to trade" in result.output
    assert not (tmp_path / "out").exists()


def test_the_policy_written_reads_back_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "policy.toml"
    source.write_text(POLICY + "[years]\nrobust = []\n", encoding="utf-8")
    read = Policy.read(source)
    for share in (None, 0.125):
        wanted = Policy(read.utilisation, change_share=share, weights={**read.weights, "change": 1e-5},
                        distance_unit=read.distance_unit)  # fmt: skip
        (tmp_path / "again.toml").write_bytes(policy_text(source, wanted))
        assert Policy.read(tmp_path / "again.toml") == wanted


def test_a_longer_sequence_begins_with_the_shorter_one() -> None:
    long = spread(40, 3)
    assert long[:7] == spread(7, 3)
    assert all(0.0 <= value < 1.0 for point in long for value in point)
    for axis in range(3):
        ordered = sorted(point[axis] for point in long)
        assert max(b - a for a, b in pairwise(ordered)) < 0.2


def test_the_chart_numbers_every_plan_in_every_panel() -> None:
    axes = [Axis("a < b", (3.0, 2.0, 1.0)), Axis("% of change", (0.1, 0.1, 0.1)), Axis("c", (5e-7, 6e-7, 7e-7))]
    tree = ET.fromstring(pareto_chart("titel & co", ["note"], axes[0], axes[1:]))
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in tree.iter(f"{space}text")]
    numbers = [text.text for text in tree.iter(f"{space}text") if text.get("class") == "number"]
    assert numbers == ["1", "2", "3"] * 2
    assert {"a < b", "% of change", "c", "titel & co"} <= set(texts)
    full = [dot for dot in tree.iter(f"{space}circle") if dot.get("class") == "best"]
    assert len(full) == 1 + 3  # all alike in change: the lowest alone; each trades c for a
