"""Commands for hand edits: move units and see what that does, finish from there."""

from __future__ import annotations

import csv
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask_babel import gettext as _

from doors.i18n import translate
from doors.terminal import print_json, progress
from zoning.cli.group import group
from zoning.errors import ZoningInputError

if TYPE_CHECKING:
    from zoning.editing import Outcome

FOLDER = click.Path(path_type=Path, file_okay=False)


@group.command("move")
@click.argument("problem_dir", type=FOLDER)
@click.argument("plan_dir", type=FOLDER)
@click.option("--units", required=True, help="The units to move, separated by commas.")
@click.option("--to", "school", required=True, help="The school that shall serve them.")
@click.option("--out", type=FOLDER, help="The plan folder to write, if nothing is broken that is never allowed.")
@click.option("--json", "as_json", is_flag=True, help="Print figures, broken rules and suggestions as JSON.")
def move_command(problem_dir: Path, plan_dir: Path, units: str, school: str, out: Path | None, as_json: bool) -> None:
    """Move units of a plan to a school: what that breaks and what heals it. Exit 1 if it is never allowed."""
    from zoning.editing import try_out
    from zoning.plan import Plan, refuse_existing
    from zoning.problem import Problem

    if out:
        refuse_existing(out)
    plan = Plan.read(Problem.read(problem_dir), plan_dir)
    outcome = try_out(plan, dict.fromkeys(_listed(units), school))
    if outcome.plan is plan:
        raise ZoningInputError("Nothing was changed: move at least one unit before you save.")
    if as_json:
        print_json(_facts(outcome))
    else:
        _tell(outcome)
    if any(found.hard for found in outcome.figures.violations):
        sys.exit(1)
    if out:
        outcome.plan.with_run({**outcome.plan.run, "problem": str(problem_dir.resolve())}).write(out)


@group.command("finish")
@click.argument("problem_dir", type=FOLDER)
@click.argument("plan_dir", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="The plan folder to write.")
@click.option("--lock-units", help="Units to hold, separated by commas; else those that hand edits of the plan moved.")
@click.option("--effort", type=click.IntRange(min=0), help="Rounds of improvement; decides the result.")
@click.option("--seconds", type=click.FloatRange(0, 1e6), help="End after the last round that fits.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
def finish_command(
    problem_dir: Path,
    plan_dir: Path,
    out: Path,
    lock_units: str | None,
    effort: int | None,
    seconds: float | None,
    seed: int,
) -> None:
    """Solve on from a plan: the edited units keep their schools, all others are free."""
    begun = time.perf_counter()
    from zoning.finish import finish, units_to_hold
    from zoning.plan import Plan, refuse_existing
    from zoning.problem import Problem
    from zoning.solve import Budget

    refuse_existing(out)
    plan = Plan.read(Problem.read(problem_dir), plan_dir)
    held = units_to_hold(plan, _listed(lock_units) if lock_units is not None else None)
    with progress() as report:
        done = finish(plan, held, seed, Budget(effort, seconds), lambda: time.perf_counter() - begun, report)
    done.with_run({**done.run, "problem": str(problem_dir.resolve())}).write(out)
    click.echo(_("%(count)s units held.", count=len(held)))
    _figures(done.report())


def _listed(text: str) -> list[str]:
    """Ids from one line of CSV."""
    return [unit.strip() for unit in next(csv.reader([text]), []) if unit.strip()]


def _facts(outcome: Outcome) -> dict[str, Any]:
    from zoning.breaks import explain, suggest

    figures = outcome.figures
    return {
        "objective": figures.objective,
        "gap": outcome.gap,
        "terms": figures.terms,
        "feasible": figures.feasible,
        "violations": [asdict(found) for found in figures.violations],
        "breaks": [translate(found) for found in explain(figures.violations, {}, {})],
        "heals": [{**asdict(heal), "sentence": translate(suggest(heal, {}, {}))} for heal in outcome.heals],
        "schools": [asdict(school) for school in figures.schools if school.school in outcome.touched],
    }


def _tell(outcome: Outcome) -> None:
    facts = _facts(outcome)
    _figures(facts)
    for school in facts["schools"]:
        click.echo(f"{school['school']}: {school['demand']:.1f} / {school['capacity']:.1f}")
    for sentence in facts["breaks"]:
        click.echo(sentence, err=True)
    for heal in facts["heals"]:
        click.echo(_("Suggestion: %(sentence)s", sentence=heal["sentence"]))


def _figures(facts: dict[str, Any]) -> None:
    gap = "-" if facts["gap"] is None else f"{100 * facts['gap']:.2f} %"
    click.echo(f"{_('objective')}: {facts['objective']:.6f}")
    click.echo(f"{_('certified gap')}: {gap}")
    click.echo(f"{_('every limit holds')}: {_('yes') if facts['feasible'] else _('no')}")
