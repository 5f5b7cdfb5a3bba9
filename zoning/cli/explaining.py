"""Commands that explain and compare plans, and try other schools: explain, compare, scenario."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask_babel import gettext as _

from doors.i18n import translate
from doors.terminal import print_json
from ledger.errors import Phrase
from ledger.files import whole_folder, write_whole
from zoning.cli.group import group
from zoning.cli.words import number, percent, unit_of
from zoning.errors import ZoningInputError

if TYPE_CHECKING:
    from geodata.city import City
    from zoning.differences import Difference
    from zoning.explain import Explanation, Option
    from zoning.scenario import Opening

FOLDER = click.Path(path_type=Path, file_okay=False)
_MOST_FLOWS = 20


@group.command("explain")
@click.argument("problem_dir", type=FOLDER)
@click.argument("plan_dir", type=FOLDER)
@click.argument("unit")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def explain_command(problem_dir: Path, plan_dir: Path, unit: str, as_json: bool) -> None:
    """Why UNIT goes to its school and not to the next: walks, prices of seats, what would break."""
    from zoning.explain import explain
    from zoning.measure import Measure
    from zoning.plan import Plan
    from zoning.problem import Problem
    from zoning.reasons import objections, reasons

    problem = Problem.read(problem_dir)
    found = explain(Plan.read(problem, plan_dir), unit, Measure(problem))
    if as_json:
        print_json(found.document())
        return
    for sentence in reasons(found, {}, {}):
        click.echo(translate(sentence))
    _show([_option_head(found), *(_option_row(option) for option in found.options)])
    for option in found.next:
        click.echo("")
        for sentence in objections(found, option, {}, {}):
            click.echo(translate(sentence))


@group.command("compare")
@click.argument("problem_dir", type=FOLDER)
@click.argument("plan_a", type=FOLDER)
@click.argument("plan_b", type=FOLDER)
@click.option("--problem-b", type=FOLDER, help="The problem of PLAN_B, if it answers another one of the same units.")
@click.option("--city", "city_dir", type=FOLDER, help="The city whose addresses to count, else that of problem.json.")
@click.option("--out", type=FOLDER, help="A new folder for units.csv and addresses.csv: what changes school.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def compare_command(
    problem_dir: Path,
    plan_a: Path,
    plan_b: Path,
    problem_b: Path | None,
    city_dir: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Two plans side by side: figures, schools, children who change school from one to the other."""
    from zoning.differences import differences
    from zoning.plan import Plan
    from zoning.problem import Problem

    problem = Problem.read(problem_dir)
    other = problem if problem_b is None else Problem.read(problem_b)
    city = _city(problem_dir, city_dir)
    addresses = [] if city is None else _addresses(city)
    counts = None if city is None else _count(addresses)
    found = differences(Plan.read(problem, plan_a), Plan.read(other, plan_b), counts)
    if out is not None:
        _write_changes(out, found, None if city is None else addresses)
    if as_json:
        notes = [translate(note) for note in found.limits_of_comparison]
        print_json({**found.document(), "notes": notes})
        return
    _tell(found, plan_a.name, plan_b.name)


@group.command("scenario")
@click.argument("problem_dir", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="The problem folder to write.")
@click.option("--close", multiple=True, metavar="SCHOOL", help="A school or zone to close; repeatable.")
@click.option("--open", "opened", multiple=True, metavar="SCHOOL:UNIT:CAPACITY", help="A school to open; repeatable.")
@click.option("--capacity", multiple=True, metavar="SCHOOL=N", help="Other seats for a school; repeatable.")
@click.option("--city", "city_dir", type=FOLDER, help="The city whose walks to use, else that of problem.json.")
def scenario_command(
    problem_dir: Path,
    out: Path,
    close: tuple[str, ...],
    opened: tuple[str, ...],
    capacity: tuple[str, ...],
    city_dir: Path | None,
) -> None:
    """Write a new problem in which schools are closed, opened or given other seats; the old one stays as it is."""
    from zoning.scenario import Scenario, write_scenario

    seats = dict(_resized(text) for text in capacity)
    scenario = Scenario(close, tuple(_opening(text) for text in opened), seats)
    made = write_scenario(problem_dir, scenario, out, _city(problem_dir, city_dir))
    click.echo(
        _(
            "%(units)s units, %(schools)s schools, %(children)s children, %(seats)s seats.",
            units=len(made.problem.units),
            schools=len(made.problem.targets),
            children=f"{made.problem.total:.1f}",
            seats=f"{made.problem.capacity.sum():.0f}",
        )
    )
    for school, source in made.walks.items():
        click.echo(_walks_said(school, source))
    if made.unlocked:
        click.echo(_("Locks left out, as their school is closed: %(units)s", units=", ".join(made.unlocked)))


def _walks_said(school: str, source: str) -> str:
    said = {
        "kept": Phrase("Walks to %(school)s: those of the problem.", school=school),
        "city": Phrase("Walks to %(school)s: those of the city.", school=school),
        "adjacency": Phrase("Walks to %(school)s: estimated over neighbouring units.", school=school),
    }
    return translate(said[source])


def _opening(text: str) -> Opening:
    from zoning.scenario import Opening

    parts = text.split(":")
    if len(parts) != 3 or not parts[0] or not parts[1]:
        raise ZoningInputError("“%(text)s” is not SCHOOL:UNIT:CAPACITY.", text=text)
    return Opening(parts[0], parts[1], _seats(parts[2], text))


def _resized(text: str) -> tuple[str, float]:
    school, _sign, seats = text.rpartition("=")
    if not school:
        raise ZoningInputError("“%(text)s” is not SCHOOL=N.", text=text)
    return school, _seats(seats, text)


def _seats(text: str, whole: str) -> float:
    try:
        seats = float(text)
    except ValueError:
        seats = math.nan
    if not 0 <= seats < 1e12:
        raise ZoningInputError("“%(text)s” must end with a number of seats, 0 or more.", text=whole)
    return seats


def _city(problem_dir: Path, named: Path | None) -> City | None:
    """The city that was named, else that of problem.json if it still is the one the problem was made from."""
    from geodata.city import City

    if named is not None:
        return City.open(named)
    try:
        facts = json.loads((problem_dir / "problem.json").read_text(encoding="utf-8"))
        folder, wanted = Path(facts["city"]), facts["city_fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (folder / "city.toml").is_file():
        return None
    city = City.open(folder)
    return city if city.fingerprint() == wanted else None


def _addresses(city: City) -> list[tuple[str, str]]:
    """Text and unit of each address."""
    table = city.addresses()
    return list(zip(table["text"].astype(str), table["unit"].astype(str), strict=True))


def _count(addresses: list[tuple[str, str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for _text, unit in addresses:
        counts[unit] = counts.get(unit, 0) + 1
    return counts


def _write_changes(out: Path, found: Difference, addresses: list[tuple[str, str]] | None) -> None:
    from zoning.differences import changed_addresses_csv, changed_units_csv

    if out.exists():
        raise ZoningInputError("%(folder)s is there already: name another folder.", folder=str(out))
    with whole_folder(out) as place:
        write_whole(place / "units.csv", changed_units_csv(found.changes))
        if addresses is not None:
            write_whole(place / "addresses.csv", changed_addresses_csv(found.changes, addresses))


def _tell(found: Difference, first: str, second: str) -> None:
    document = found.document()
    _show([("", first, second), *_figures(document)])
    for note in found.limits_of_comparison:
        click.echo(translate(note))
    click.echo("")
    schools = [(row["school"], *_children(row)) for row in document["schools"] if row["children"]]
    if schools:
        _show([(_("children of the school"), first, second, ""), *schools])
        click.echo("")
    click.echo(_("Children who change school from one to the other: %(share)s", share=percent(document["moved_share"])))
    head = (_("from"), _("to"), _("units"), _("Children"), _("addresses"))
    flows = sorted(document["flows"], key=lambda flow: (-flow["children"], flow["from"], flow["to"]))
    if flows:
        _show([head, *(_flow(flow) for flow in flows[:_MOST_FLOWS])])
    if len(flows) > _MOST_FLOWS:
        click.echo(_("… and %(count)s further pairs: see --json.", count=len(flows) - _MOST_FLOWS))


def _children(row: Mapping[str, Any]) -> tuple[str, str, str]:
    a, b = (None if row[key] is None else row[key]["demand"] for key in ("a", "b"))
    return number(a), number(b), f"{row['children']:+.1f}"


def _flow(flow: Mapping[str, Any]) -> tuple[str, ...]:
    addresses = "-" if flow["addresses"] is None else str(flow["addresses"])
    return flow["from"], flow["to"], str(flow["units"]), number(flow["children"]), addresses


def _figures(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    unit = unit_of(found["distance_unit"])
    shown = (
        (_("schools"), "schools", str),
        (_("mean walk (%(unit)s)", unit=unit), "mean_walk", number),
        (_("longest walk (%(unit)s)", unit=unit), "longest_walk", number),
        (_("lowest utilisation"), "lowest_utilisation", percent),
        (_("worst utilisation"), "worst_utilisation", percent),
        (_("children beyond limits"), "children_beyond_limits", number),
        (_("parts of zones"), "parts", str),
        (_("leave today's school"), "current_moved_share", percent),
        (_("gap to the bound"), "gap", percent),
    )
    first, second = found["plans"]["a"], found["plans"]["b"]
    return [(label, show(first[key]), show(second[key])) for label, key, show in shown]


def _option_head(found: Explanation) -> tuple[str, ...]:
    unit = unit_of(found.distance_unit)
    return (
        _("school"),
        _("walk (%(unit)s)", unit=unit),
        _("farther"),
        _("price of a seat"),
        _("price of the change"),
        _("together"),
        _("bound with it there"),
    )


def _option_row(option: Option) -> tuple[str, ...]:
    bound = "-" if option.bound is None else f"{option.bound:.6f}"
    signed = ["-" if value is None else f"{value:+.1f}" for value in (option.farther, option.seat)]
    ending = "-" if option.together is None else f"{option.together:+.1f}"
    return option.school, number(option.walk), *signed, number(option.moving), ending, bound


def _show(rows: list[tuple[str, ...]]) -> None:
    """A table: the first column to the left, the others to the right."""
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        first, *rest = (" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        cells = [row[0] + first, *(space + cell for space, cell in zip(rest, row[1:], strict=True))]
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if "⺀" <= sign <= "￠" else 1 for sign in text)
