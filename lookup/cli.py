"""Commands of the group `lookup`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlmodel import Session

from doors import database
from doors.signals import zone_map_published
from doors.terminal import Group, print_json
from lookup.errors import AddressError
from lookup.tables.find import Answer, Found, answers, choices, find
from lookup.words import grouped, school_year, walking_minutes


class AddressFirst(Group):
    """`flask lookup "ADDRESS"` means `flask lookup find "ADDRESS"`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take an unknown first word as an address."""
        known = self.get_command(ctx, args[0]) is not None or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["find", *args])


group = AddressFirst("lookup", help="Which school serves an address.")


@group.command("find")
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def find_address(address: str, as_json: bool) -> None:
    """Say which school serves ADDRESS, or which houses could be meant."""
    with database.session() as session:
        found = find(session, address)
        if not found.houses:
            raise AddressError("No published address is like “%(address)s”.", address=address)
        if found.exact is None:
            _offer(session, found)
            if found.close:
                raise AddressError(
                    "No published address is “%(address)s”; the ones above are similar.", address=address
                )
            raise AddressError("Which of these do you mean? Give one of them.")
        said = answers(session, found.exact, school_year(date.today()))
        if as_json:
            print_json({"address": found.exact.text, "answers": [answer.plain() for answer in said]})
            return
        click.echo(found.exact.text)
        for answer in said:
            click.echo(_sentence(answer))


def _offer(session: Session, found: Found) -> None:
    for choice in choices(session, found):
        near = gettext("near %(place)s", place=choice.near) if choice.near else ""
        click.echo(f"{choice.house.text} {near}".rstrip())


@group.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_appcontext
def load_publication(folder: Path) -> None:
    """Load the publication FOLDER, after checking its hashes and its seal."""
    click.echo(_loaded(folder), err=True)


@zone_map_published.connect
def _on_publication(_sender: object, folder: Path) -> None:
    _loaded(folder)


def _loaded(folder: Path) -> str:
    from doors.settings import current
    from ledger.store import Ledger
    from lookup.publication import read_publication
    from lookup.seal import check_seal
    from lookup.tables.load import load

    found = read_publication(folder)
    city_ledger = current().audit_logs / "city"
    log = Ledger.open(city_ledger).log if city_ledger.is_dir() else None
    signer = log.vkey if log and check_seal(folder, log) else ""
    with database.session() as session:
        load(session, found, signer)
    sentence = gettext(
        "Loaded: %(city)s, %(count)s addresses, from school year %(year)s.",
        city=found.city,
        count=len(found.addresses),
        year=found.from_year,
    )
    return str(sentence)


def _sentence(answer: Answer) -> str:
    year, plan = answer.publication.from_year, grouped(answer.publication.plan)
    if not answer.schools:
        return str(gettext("From %(year)s: no school is published for this address.", year=year))
    names = " / ".join(school.name for school in answer.schools)
    if answer.metres is None:
        return str(gettext("From %(year)s: %(school)s; plan %(plan)s", year=year, school=names, plan=plan))
    sentence = gettext(
        "From %(year)s: %(school)s, %(metres)s m, about %(minutes)s minutes on foot; plan %(plan)s",
        year=year,
        school=names,
        metres=round(answer.metres),
        minutes=walking_minutes(answer.metres),
        plan=plan,
    )
    return str(sentence)
