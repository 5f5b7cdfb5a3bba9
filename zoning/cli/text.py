"""The command that writes a plan's zones as text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask_babel import gettext as _

from doors.terminal import print_json
from zoning.cli.group import group
from zoning.cli.plans import FOLDER, facts_of

if TYPE_CHECKING:
    from zoning.text.document import ZoneText


@group.command("text")
@click.argument("problem_dir", type=FOLDER)
@click.argument("plan_dir", type=FOLDER)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write, instead of printing.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON, with the text unless --out is given.")
def text_command(problem_dir: Path, plan_dir: Path, out: Path | None, language: str, as_json: bool) -> None:
    """Write each zone in words: roads around it, compounds, streets and house numbers.

    Exit 1 if reading the text back does not give every known address its own school.
    """
    from geodata.city import City
    from ledger.files import write_whole
    from zoning.plan import Plan
    from zoning.problem import Problem
    from zoning.publication import schools_of, target_names
    from zoning.text.document import zone_texts

    plan = Plan.read(Problem.read(problem_dir), plan_dir)
    city = City.open(Path(facts_of(problem_dir)["city"]))
    found = zone_texts(city, plan, target_names(schools_of(problem_dir, city)), (language,))[language]
    if out:
        write_whole(out, found.text.encode())
    if as_json:
        text = {} if out else {"text": found.text}
        wrong = [vars(one) for one in found.wrong]
        print_json({"ok": not found.wrong, "addresses": found.addresses, "wrong": wrong, **text})
    elif not out:
        click.echo(found.text, nl=False)
    _tell(found)
    sys.exit(1 if found.wrong else 0)


def _tell(found: ZoneText) -> None:
    for one in found.wrong:
        told = ", ".join(one.told) or "–"
        click.echo(
            _(
                "%(address)s belongs to %(school)s, the text says %(told)s.",
                address=one.address,
                school=one.school,
                told=told,
            ),
            err=True,
        )
    click.echo(
        _(
            "Read back: %(right)s of %(all)s addresses have their own school.",
            right=found.addresses - len(found.wrong),
            all=found.addresses,
        ),
        err=True,
    )
