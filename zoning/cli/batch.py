"""The command `batch`: one plan for each of many counties, at several counties at a time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext as _

from doors.i18n import translate
from doors.terminal import print_json, progress
from zoning.cli.group import group
from zoning.cli.solving import FOLDER, noted, refuse_no_number
from zoning.errors import ZoningInputError


@dataclass(frozen=True)
class County:
    """One county's work: its problem folder, the plan folder to write, and how to solve."""

    problem: Path
    plan: Path
    seed: int
    effort: int | None
    seconds: float | None


@group.command("batch")
@click.argument("problem_dirs", metavar="DIR...", nargs=-1, required=True, type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="The folder to write the plans in, each named as its county.")
@click.option("--workers", type=click.IntRange(1, 512), help="Counties at a time.  [default: cores]")
@click.option("--effort", type=click.IntRange(min=0), help="Rounds of improvement; decides the result.")
@click.option("--seconds", type=click.FloatRange(0, 1e6), help="For each county.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def batch_command(problem_dirs: tuple[Path, ...], out: Path, as_json: bool, **options: Any) -> None:
    """Solve the problem folder of each county; plans that are there already are kept. Exit 1 if one county failed."""
    from zoning.batch import run_each

    refuse_no_number(options["seconds"])
    jobs = _jobs(problem_dirs, out, options)
    workers = options["workers"] or len(os.sched_getaffinity(0))
    rows: list[dict[str, Any]] = [{} for _job in jobs]
    with progress(as_json) as report:
        for done, outcome in enumerate(run_each(solve_county, jobs, workers), start=1):
            why = translate(outcome.why) if outcome.why else None
            rows[outcome.job] = {"county": jobs[outcome.job].plan.name, **(outcome.answer or _failed(why))}
            report("counties", done, len(jobs))
    if as_json:
        print_json({"counties": rows})
    else:
        _tell(rows)
    sys.exit(1 if any(row["state"] == "failed" for row in rows) else 0)


def solve_county(county: County) -> dict[str, Any]:
    """One county from its problem folder to its plan folder; a plan of the same problem that is there is kept.

    Raises:
        ZoningInputError: a folder is not what it should be, or holds the plan of another problem.
    """
    begun = time.perf_counter()
    from zoning.plan import read_report
    from zoning.problem import Problem
    from zoning.solve import Budget, solve

    problem = Problem.read(county.problem)
    if county.plan.exists():
        report = read_report(county.plan)
        if report.get("problem") != problem.fingerprint:
            raise ZoningInputError(
                "%(folder)s holds the plan of another problem: name another folder with --out.", folder=str(county.plan)
            )
        return _row("kept", report)
    budget = Budget(county.effort, county.seconds)
    plan = solve(problem, county.seed, budget, lambda: time.perf_counter() - begun, lambda *_step: None)
    plan = noted(plan, county.problem, begun)
    plan.write(county.plan)
    return _row("solved", plan.report())


def _jobs(folders: Sequence[Path], out: Path, options: dict[str, Any]) -> list[County]:
    """The counties' work; refuses two of one name, whose plans would fall into one folder."""
    names = [folder.resolve().name for folder in folders]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ZoningInputError("Two of the folders are named “%(name)s”: rename one.", name=name)
    solving = {key: options[key] for key in ("seed", "effort", "seconds")}
    return [County(folder, out / name, **solving) for folder, name in zip(folders, names, strict=True)]


def _row(state: str, report: dict[str, Any]) -> dict[str, Any]:
    figures = {key: report[key] for key in ("objective", "gap", "feasible", "violation")}
    return {"state": state, **figures, "seconds": report["run"].get("seconds"), "why": None}


def _failed(why: str | None) -> dict[str, Any]:
    nothing = dict.fromkeys(("objective", "gap", "feasible", "violation", "seconds"))
    return {"state": "failed", **nothing, "why": why}


def _tell(rows: Sequence[dict[str, Any]]) -> None:
    states = {"solved": _("solved"), "kept": _("kept as it is"), "failed": _("failed")}
    head = (_("county"), _("state"), _("certified gap"), _("children beyond limits"), _("seconds"))
    table = [head, *((row["county"], states[row["state"]], *_figures(row)) for row in rows)]
    widths = [max(len(line[at]) for line in table) for at in range(len(head))]
    for line in table:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())
    for row in rows:
        if row["why"]:
            click.echo(f"{row['county']}: {row['why']}", err=True)


def _figures(row: dict[str, Any]) -> tuple[str, ...]:
    gap = "-" if row["gap"] is None else f"{100 * row['gap']:.2f} %"
    return gap, *("-" if row[key] is None else f"{row[key]:.1f}" for key in ("violation", "seconds"))
