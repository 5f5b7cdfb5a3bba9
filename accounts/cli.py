"""Commands of the group `accounts`."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext
from flask_babel import gettext
from sqlmodel import select

from accounts import people
from accounts.tables import ROLES, User
from doors import database
from doors.terminal import Group

group = Group("accounts", help="People who may log in, and their roles.")


@group.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the person does.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
@with_appcontext
def add(name: str, role: str, password_stdin: bool) -> None:
    """Add an account; a fresh password is printed once."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else people.fresh_password()
    with database.session() as session:
        user = people.add_user(session, name, role, password)
        click.echo(gettext("Account %(name)s (%(role)s) added.", name=user.name, role=user.role), err=True)
    if not password_stdin:
        click.echo(gettext("Its password, shown only now:"), err=True)
        click.echo(password)


@group.command("list")
@with_appcontext
def list_users() -> None:
    """List accounts: name, role, day of creation, state."""
    with database.session() as session:
        for user in session.exec(select(User).order_by(User.name)):
            state = gettext("disabled") if user.disabled else gettext("active")
            click.echo(f"{user.name}\t{user.role}\t{user.created:%Y-%m-%d}\t{state}")


@group.command("disable")
@click.argument("name")
@with_appcontext
def disable(name: str) -> None:
    """Shut an account; its open sessions end with the next request."""
    with database.session() as session:
        user = people.disable_user(session, name)
        click.echo(gettext("Account %(name)s is disabled.", name=user.name), err=True)
