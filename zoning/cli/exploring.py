"""The command `explore`: plans that trade the terms of one problem, with a chart and a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask_babel import gettext as _

from doors.i18n import speaker
from doors.terminal import print_json, progress
from zoning.cli.group import group
from zoning.cli.solving import FOLDER, refuse_no_number

if TYPE_CHECKING:
    from zoning.chart import Axis
    from zoning.plan import Plan
    from zoning.problem import Problem

CHARTS = {"explore.svg": "zh_Hans", "explore.en.svg": "en"}


@group.command("explore")
@click.argument("problem_dir", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="The folder to write: plans, their problems, chart, table.")
@click.option("--plans", type=click.IntRange(4, 99), default=12, show_default=True, help="How many plans to try.")
@click.option("--effort", type=click.IntRange(min=0), help="Rounds of improvement of each plan.")
@click.option("--seconds", type=click.FloatRange(0, 1e6), help="For all plans together.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print explore.json.")
def explore_command(
    problem_dir: Path, out: Path, plans: int, effort: int | None, seconds: float | None, seed: int, as_json: bool
) -> None:
    """Find plans that trade distance, balance, composition and change, none better than another in everything."""
    begun = time.perf_counter()
    from zoning.explore import explore, explored_terms, front, write_exploration
    from zoning.plan import refuse_existing
    from zoning.problem import Problem

    refuse_no_number(seconds)
    refuse_existing(out)
    problem = Problem.read(problem_dir)
    terms = explored_terms(problem)
    until = None if seconds is None else begun + seconds
    with progress(quiet=as_json) as report:
        work = _worker(seed, effort, until, plans)
        tried = explore(problem, terms, plans, work, lambda done: report("plans", done, plans))
    kept = [_placed(plan, out, number) for number, plan in enumerate(front(tried, terms), start=1)]
    index = _index(problem, terms, tried, kept)
    index["run"] = {"seed": seed, "seconds": round(time.perf_counter() - begun, 3)}
    write_exploration(out, problem_dir, kept, index, _charts(problem, kept, terms))
    if as_json:
        print_json(index)
    else:
        _tell(index)


def _worker(seed: int, effort: int | None, until: float | None, plans: int) -> Callable[[Problem], Plan]:
    """Solves one problem after another; with an end, each gets an equal share of the time that is left."""
    from zoning.solve import Budget, solve

    done = 0

    def work(problem: Problem) -> Plan:
        nonlocal done
        begun = time.perf_counter()
        seconds = None if until is None else max(0.0, until - begun) / (plans - done)
        done += 1
        return solve(problem, seed, Budget(effort, seconds), lambda: time.perf_counter() - begun, lambda *_step: None)

    return work


def _placed(plan: Plan, out: Path, number: int) -> Plan:
    """The plan with the place of its problem folder, which `zoning add` looks for."""
    return plan.with_run({**plan.run, "problem": str(out.resolve() / "problems" / f"{number:02d}")})


def _index(problem: Problem, terms: Sequence[str], tried: Sequence[Plan], kept: Sequence[Plan]) -> dict[str, Any]:
    """explore.json but for `run`."""
    from zoning.explore import rows_of

    return {
        "problem": problem.fingerprint,
        "terms": list(terms),
        "distance_unit": problem.policy.distance_unit,
        "tried": len(tried),
        "beyond_limits": sum(not plan.figures.feasible for plan in tried),
        "plans": rows_of(kept, terms),
    }


def _charts(problem: Problem, plans: Sequence[Plan], terms: Sequence[str]) -> dict[str, str]:
    from zoning.chart import pareto_chart

    charts = {}
    for name, language in CHARTS.items():
        gettext = speaker(language)
        first, *others = (_axis(problem, plans, term, gettext) for term in terms)
        notes = (
            gettext("Each number is a plan; towards the lower left is better."),
            gettext("Full dot: no other plan is better in both figures."),
        )
        charts[name] = pareto_chart(gettext("Plans to choose from"), notes, first, others)
    return charts


def _axis(problem: Problem, plans: Sequence[Plan], term: str, gettext: Callable[..., str]) -> Axis:
    """A term in figures that people read: metres and per cent."""
    from zoning.chart import Axis

    word, schools = problem.policy.distance_unit, len(problem.targets)
    labels = {
        "distance": (gettext("mean walk (%(unit)s)", unit=gettext("metres") if word == "metres" else word), 1000.0),
        "balance": (gettext("children ÷ seats: mean distance from full (%(unit)s)", unit="%"), 100.0 / schools),
        "composition": (gettext("mix of groups: distance from the city's (%(unit)s)", unit="%"), 100.0),
        "change": (gettext("children who change school (%(unit)s)", unit="%"), 100.0),
    }
    label, times = labels[term]
    return Axis(label, tuple(times * plan.figures.terms[term] for plan in plans))


def _tell(index: dict[str, Any]) -> None:
    """The table of explore.csv in short."""
    names = {
        "distance": _("distance"),
        "balance": _("balance"),
        "composition": _("composition"),
        "change": _("change"),
    }
    click.echo("  ".join(["  #", *(f"{names[term]:>12}" for term in index["terms"]), f"{_('certified gap'):>14}"]))
    for row in index["plans"]:
        gap = "-" if row["gap"] is None else f"{100 * row['gap']:.2f} %"
        figures = (f"{row['terms'][term]:>12.4f}" for term in index["terms"])
        click.echo("  ".join([f"{row['number']:>3}", *figures, f"{gap:>14}"]))
    kept, tried = len(index["plans"]), index["tried"]
    click.echo(_("%(kept)s of %(tried)s plans: none is better than another in everything.", kept=kept, tried=tried))
