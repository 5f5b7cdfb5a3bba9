"""Commands from a city to a plan: problem, solve, check, current."""

from __future__ import annotations

import math
import platform
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask_babel import gettext as _

from doors.i18n import translate
from doors.terminal import print_json, progress
from zoning.cli.group import group
from zoning.cli.words import number, percent, unit_of
from zoning.errors import ZoningInputError

if TYPE_CHECKING:
    from zoning.plan import Plan

FOLDER = click.Path(path_type=Path, file_okay=False)


@group.command("problem")
@click.argument("city_dir", type=FOLDER)
@click.option("--level", type=click.Choice(["primary", "junior"]), required=True, help="Which schools to plan.")
@click.option("--year", type=int, required=True, help="The school year to plan for.")
@click.option("--out", type=FOLDER, required=True, help="The problem folder to write.")
@click.option("--policy", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="policy.toml to copy in.")
@click.option(
    "--variant",
    type=click.Choice(["low", "middle", "high"]),
    default="middle",
    show_default=True,
    help="Variant of the forecast.",
)
@click.option("--also-year", type=int, multiple=True, help="A further year whose demand to write beside; repeatable.")
def problem_command(
    city_dir: Path, level: str, year: int, out: Path, policy: Path | None, variant: str, also_year: tuple[int, ...]
) -> None:
    """Write the problem tables of one level and year from a city folder."""
    from geodata.city import City
    from zoning.from_city import write_problem

    problem = write_problem(City.open(city_dir), level, year, policy, out, variant, also_year)
    click.echo(
        _(
            "%(units)s units, %(schools)s schools, %(children)s children, %(seats)s seats.",
            units=len(problem.units),
            schools=len(problem.targets),
            children=f"{problem.total:.1f}",
            seats=f"{problem.capacity.sum():.0f}",
        )
    )


def _start_up() -> float:
    """Seconds of work since the process began, where the command is all that it does: they count too."""
    return time.process_time() if "zoning" in sys.argv else 0.0


@group.command("solve")
@click.argument("problem_dir", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="The plan folder to write.")
@click.option("--effort", type=click.IntRange(min=0), help="Rounds of improvement; decides the result.")
@click.option("--seconds", type=click.FloatRange(0, 1e6), help="End after the last round that fits.")
@click.option("--exact", is_flag=True, help="Then prove that no plan is better (small cases); --seconds limits that.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def solve_command(
    problem_dir: Path, out: Path, effort: int | None, seconds: float | None, exact: bool, seed: int, as_json: bool
) -> None:
    """Find a plan with a certificate of how far from the best possible it can be. Ctrl-C keeps the best so far."""
    begun = time.perf_counter() - _start_up()
    from zoning.exact import DEFAULT_SECONDS, Limits, finished, refuse_unprovable
    from zoning.plan import refuse_existing
    from zoning.problem import Problem
    from zoning.solve import Budget, solve

    refuse_no_number(seconds)
    refuse_existing(out)
    problem = Problem.read(problem_dir)
    if exact:
        refuse_unprovable(problem)
    with progress(quiet=as_json) as report:
        budget = Budget(effort, None if exact else seconds)
        plan = solve(problem, seed, budget, lambda: time.perf_counter() - begun, report)
        if exact:
            plan = finished(plan, Limits(DEFAULT_SECONDS if seconds is None else seconds), time.perf_counter, report)
    plan = noted(plan, problem_dir, begun)
    plan.write(out)
    if as_json:
        print_json(plan.report())
        return
    _tell(plan.report())
    if exact:
        _tell_proof(plan.run["exact"])


@group.command("check")
@click.argument("problem_dir", type=FOLDER)
@click.argument("plan_dir", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def check_command(problem_dir: Path, plan_dir: Path, as_json: bool) -> None:
    """Recompute a plan from its folders alone; exit 1 if a figure is wrong or a limit does not hold."""
    from zoning.breaks import explain
    from zoning.check import check
    from zoning.problem import Problem

    verdict = check(Problem.read(problem_dir), plan_dir)
    told = [translate(finding) for finding in verdict.findings]
    told += [translate(sentence) for sentence in explain(verdict.violations, {}, {})]
    if as_json:
        names = [vars(item) for item in verdict.violations]
        print_json({"ok": verdict.ok, "findings": told, "violations": names, "report": verdict.report})
    else:
        for sentence in told:
            click.echo(sentence, err=True)
        if verdict.report:
            _tell(verdict.report)
    sys.exit(0 if verdict.ok else 1)


@group.command("current")
@click.argument("problem_dir", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="The plan folder to write.")
def current_command(problem_dir: Path, out: Path) -> None:
    """Write today's map as a plan, whether or not it keeps the limits."""
    from zoning.problem import Problem
    from zoning.today import todays_plan

    plan = todays_plan(Problem.read(problem_dir))
    plan = plan.with_run({**plan.run, "problem": str(problem_dir.resolve())})
    plan.write(out)
    _tell(plan.report())


def refuse_no_number(seconds: float | None) -> None:
    """Refuse --seconds nan."""
    if seconds is not None and math.isnan(seconds):
        raise ZoningInputError("--seconds must be a number of seconds.")


def noted(plan: Plan, problem_dir: Path, begun: float) -> Plan:
    """The plan with notes on its making: where its problem lies, seconds since `begun`, memory, host."""
    run = {
        **plan.run,
        "problem": str(problem_dir.resolve()),
        "seconds": round(time.perf_counter() - begun, 3),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "host": platform.platform(),
    }
    return plan.with_run(run)


def _tell(report: dict[str, Any]) -> None:
    """The summary of a plan: one figure a line."""
    used = [school["utilisation"] for school in report["schools"]]
    contiguous = not any(item["kind"] in ("parts", "loose") for item in report["violations"])
    lines = (
        (_("objective"), f"{report['objective']:.6f}"),
        (_("certified lower bound"), f"{report['lower_bound']:.6f}"),
        (_("certified gap"), percent(report["gap"])),
        (_("mean walk (%(unit)s)", unit=unit_of(report["distance_unit"])), number(report["mean_walk"])),
        (_("utilisation"), f"{percent(min(used))} … {percent(max(used))}"),
        (_("zones contiguous"), _("yes") if contiguous else _("no")),
        (_("every limit holds"), _("yes") if report["feasible"] else _("no")),
        (_("children beyond limits"), number(report["violation"])),
    )
    for label, value in lines:
        click.echo(f"{label}: {value}")


def _tell_proof(notes: dict[str, Any]) -> None:
    """What the exact finish adds: the solver's word, which a check does not repeat."""
    bound = "-" if notes["bound"] is None else f"{notes['bound']:.6f}"
    click.echo(_("proved optimal by the solver: %(answer)s", answer=_("yes") if notes["optimal"] else _("no")))
    click.echo(_("lower bound of the solver: %(bound)s", bound=bound))
