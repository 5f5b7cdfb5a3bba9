"""The command line: translated errors with an exit code, JSON on request, progress that fits the terminal."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup, ScriptInfo
from flask_babel import gettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DatabaseError

from doors.i18n import translate
from ledger.errors import EvenhandError, Phrase

Report = Callable[[str, int, int], None]
"""What a library calls to tell how far it is: (name of the step in English, steps done, steps in all)."""


class Group(AppGroup):
    """A group of commands in which an error of ours becomes one sentence on stderr and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see the class."""
        try:
            return super().invoke(ctx)
        except EvenhandError as error:
            with ctx.ensure_object(ScriptInfo).load_app().app_context():
                fail(error)
        except (DatabaseError, OSError) as error:
            with ctx.ensure_object(ScriptInfo).load_app().app_context():
                fail(_of_the_system(error))


class PathError(EvenhandError):
    """A path that was given is not what it should be."""

    exit_code = 2


_PATHS: dict[type[OSError], Phrase] = {
    FileNotFoundError: Phrase("There is no %(path)s."),
    IsADirectoryError: Phrase("%(path)s is a folder where a file is needed."),
    NotADirectoryError: Phrase("%(path)s: a file stands where a folder is needed."),
    FileExistsError: Phrase("%(path)s is there already."),
    PermissionError: Phrase("This user may not read or write %(path)s."),
}


def _of_the_system(error: DatabaseError | OSError) -> EvenhandError:
    """What database and operating system refuse, in a sentence."""
    if isinstance(error, DatabaseError):
        return EvenhandError(
            "The database does not answer as it should; has `make db` been run? (%(reason)s)", reason=error.orig
        )
    if error.errno == errno.ENOSPC:
        return EvenhandError("The disk is full: nothing of this is kept.")
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else error.filename
    for kind, sentence in _PATHS.items():
        if isinstance(error, kind):
            return PathError(sentence.message, path=path)
    return EvenhandError("%(path)s cannot be read or written: %(reason)s.", path=path, reason=error.strerror or error)


def fail(error: EvenhandError) -> None:
    """Print the error's sentence and leave with its exit code."""
    click.echo(translate(error), err=True)
    sys.exit(error.exit_code)


def print_json(value: object) -> None:
    """Print `value` as one JSON document, keys sorted."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))


@contextmanager
def progress(quiet: bool = False) -> Iterator[Report]:
    """Yield a `Report` that draws a bar on a terminal and prints a plain line a step elsewhere; all on stderr."""
    if quiet:
        yield lambda _step, _done, _total: None
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(gettext(step), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield report


def _plain_lines() -> Report:
    last: list[str] = []

    def report(step: str, done: int, total: int) -> None:
        if step in last and done < total:
            return
        last[:] = [step]
        click.echo(f"{gettext(step)} {done}/{total}", err=True)

    return report
