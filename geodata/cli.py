"""Commands of the group `geodata`."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext

from doors.i18n import LANGUAGES, speaker, terminal_language, translate
from doors.terminal import Group, print_json, progress
from geodata.recipe.levels import LEVEL_NAMES

group = Group("geodata", help="The city as data.")


@group.command("import")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the sources; default: the recipe's own.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New folder of the city.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_city(recipe: Path, data: Path | None, out: Path, as_json: bool) -> None:
    """Make a city from the sources that RECIPE names."""
    began = time.monotonic()
    from geodata.importing import make_city
    from geodata.reading.files import refuse_existing
    from geodata.recipe.recipe import read_recipe
    from geodata.writing import write_city

    refuse_existing(out)
    plan = read_recipe(recipe, data)

    with progress(quiet=as_json) as tell:
        made = make_city(plan, tell)
    run = {"seconds": round(time.monotonic() - began, 2), "peak_memory_mb": _peak_memory()}
    speakers = {language.replace("_", "-"): speaker(language) for language in LANGUAGES}
    report = write_city(made, out, run, speakers)
    if as_json:
        print_json(report)
    else:
        _summary(report, out)


def _peak_memory() -> int:
    """Megabytes; Linux counts in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000


def _summary(report: dict[str, Any], out: Path) -> None:
    from geodata.report.page import PAGES

    figures = report["figures"]
    click.echo(
        gettext(
            "%(city)s: %(buildings)s buildings, %(people)s people, %(units)s units.",
            city=report["city"]["name"],
            buildings=f"{figures['buildings']:,}",
            people=f"{figures['people_placed']:,.0f}",
            units=f"{figures['units']:,}",
        )
    )
    for level, counts in figures["levels"].items():
        click.echo(
            gettext(
                "%(level)s: %(schools)s schools, %(children)s children, %(seats)s seats.",
                level=translate(LEVEL_NAMES[level]),
                schools=counts["schools"],
                children=f"{counts['children']:,.0f}",
                seats=f"{counts['seats']:,.0f}",
            )
        )
    click.echo(
        gettext(
            "%(doubts)s doubts; read %(path)s (%(seconds)s s, %(memory)s MB).",
            doubts=len(report["doubts"]),
            path=out / PAGES[terminal_language().replace("_", "-")],
            seconds=report["run"]["seconds"],
            memory=report["run"]["peak_memory_mb"],
        )
    )


@group.command("demo")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New folder of the sources.")
@click.option(
    "--seed", default=2026, show_default=True, type=click.IntRange(min=0), help="Another city for another seed."
)
def demo_city(out: Path, seed: int) -> None:
    """Make the sources and the recipe of a synthetic city; no real place is in it."""
    from geodata.demo import figures, make_city, write_sources
    from geodata.reading.files import refuse_existing

    refuse_existing(out)
    city = make_city(seed)
    write_sources(city, out)
    print_json(figures(city))


@group.command("text")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--school", default="school", show_default=True, help="Column of the schools.")
@click.option("--text", "columns", default=("text",), multiple=True, help="Column of the text; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print what was understood and what was not as JSON.")
def try_text(file: Path, school: str, columns: tuple[str, ...], as_json: bool) -> None:
    """Read a table of catchments as text, and list what is not understood (then the exit code is 1)."""
    from geodata.catchments.table import try_table

    tried = try_table(file, school, columns)
    if as_json:
        print_json(tried)
    else:
        _say_tried(tried)
    if tried["not_understood"]:
        raise SystemExit(1)


def _say_tried(tried: dict[str, Any]) -> None:
    for one in tried["not_understood"]:
        click.echo(f"{one['schools']}, {one['row']}/{one['line']}: {one['text']}")
    click.echo(
        gettext(
            "%(understood)s of %(items)s items in %(texts)s texts are understood (%(percent).1f %%).",
            understood=tried["understood"],
            items=tried["items"],
            texts=tried["texts"],
            percent=100 * tried["share"],
        )
    )
