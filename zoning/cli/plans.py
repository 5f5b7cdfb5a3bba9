"""Commands for plans that were made: take them in, put them in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from doors import database, settings, signals
from doors.i18n import translate
from ledger.files import whole_folder
from ledger.proof import TlogProof
from zoning.cli.group import group
from zoning.errors import ZoningError, ZoningInputError
from zoning.tables import PublicationRow

if TYPE_CHECKING:
    from geodata.city import City
    from ledger.errors import Phrase
    from zoning.plan import Plan

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@group.command("add")
@click.argument("plan_dir", type=FOLDER)
@click.option("--problem", "problem_dir", type=FOLDER, help="The plan's problem folder, unless its report names it.")
@click.option("--city", "city_dir", type=FOLDER, help="The city folder, unless problem.json names it.")
@with_appcontext
def add(plan_dir: Path, problem_dir: Path | None, city_dir: Path | None) -> None:
    """Check the plan in PLAN_DIR and take it in; prints its id, under which it stands on the web page."""
    from geodata.city import City
    from zoning.breaks import explain, refuse_broken
    from zoning.check import check
    from zoning.documents import light_units
    from zoning.plan import Plan, read_report
    from zoning.publication import schools_of, target_names
    from zoning.tables import store

    source = problem_dir or _problem_named(read_report(plan_dir))
    facts = facts_of(source)
    problem = store.keep_problem(source)
    _refuse_false(check(problem, plan_dir).findings)
    plan = Plan.read(problem, plan_dir)
    city = City.open(city_dir or Path(facts["city"]))
    _refuse_other_city(city, str(facts["city_fingerprint"]))
    schools = schools_of(source, city)
    names = target_names(schools)
    refuse_broken(plan, names, {})
    for sentence in explain(plan.figures.violations, names, {}):
        click.echo(translate(sentence), err=True)
    provenance = store.Provenance(facts["city_fingerprint"], facts["level"], facts["year"])
    with database.session() as session:
        store.keep_city(session, city, facts["city_fingerprint"])
        click.echo(store.keep_plan(session, plan, provenance, light_units(city), schools).id)


@group.command("publish")
@click.argument("plan_id", metavar="PLAN")
@click.option("--from", "from_year", type=int, required=True, help="The first school year in which the map holds.")
@with_appcontext
def publish(plan_id: str, from_year: int) -> None:
    """Put PLAN in force: write the publication folder, sign it into the city's ledger; prints the folder."""
    from zoning.publication import folder_name, refuse_unfit
    from zoning.tables import store

    with database.session() as session:
        row = store.find_plan(session, plan_id)
        if any(earlier.from_year == from_year for earlier in store.publications_of(session, plan_id)):
            raise ZoningError("%(plan)s is published from %(year)s already.", plan=plan_id, year=from_year)
        plan = store.plan_of(row)
        refuse_unfit(plan, from_year)
        folder = settings.current().publications / folder_name(plan.fingerprint, from_year)
        if not folder.exists():
            city = store.city_of(session, row)
            _publish(folder, city, plan, row.level, from_year)
        index = TlogProof.parse((folder / "entry.tlog-proof").read_bytes()).index
        session.add(PublicationRow(folder=folder.name, plan=plan_id, from_year=from_year, ledger_index=index))
    signals.zone_map_published.send(folder=folder)
    click.echo(str(folder))


def _publish(folder: Path, city: City, plan: Plan, level: str, from_year: int) -> None:
    """Write the folder, whole or not at all, with its entry in the ledger."""
    from zoning.breaks import explain
    from zoning.cli import record
    from zoning.publication import manifest, schools_of, target_names, write_files
    from zoning.tables import store

    schools = schools_of(store.problem_folder(plan.problem.fingerprint), city)
    for sentence in explain(plan.figures.violations, target_names(schools), {}):
        click.echo(translate(sentence), err=True)
    ledger = record.open_ledger()
    with whole_folder(folder) as new:
        write_files(new, city, plan, schools)
        record.record(ledger, new, manifest(new, city, plan, level, from_year))


def _problem_named(report: dict[str, Any]) -> Path:
    named = report.get("run", {}).get("problem")
    if not isinstance(named, str) or not named or not Path(named).is_dir():
        raise ZoningInputError("The plan's report names no problem folder that is there; name it with --problem.")
    return Path(named)


def facts_of(folder: Path) -> dict[str, Any]:
    """City, level and year from problem.json."""
    path = folder / "problem.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        wanted = {"city": str, "city_fingerprint": str, "level": str, "year": int}
        if all(isinstance(facts[key], kind) for key, kind in wanted.items()):
            return dict(facts)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise ZoningInputError(
        "%(path)s does not name city, level and year; make the problem with `flask zoning problem`.", path=path
    )


def _refuse_false(findings: tuple[Phrase, ...]) -> None:
    if findings:
        raise ZoningError(findings[0].message, **findings[0].values)


def _refuse_other_city(city: City, fingerprint: str) -> None:
    if city.fingerprint() != fingerprint:
        raise ZoningError(
            "The city in %(folder)s is not the one that the problem was made from: make the problem again.",
            folder=city.folder,
        )
