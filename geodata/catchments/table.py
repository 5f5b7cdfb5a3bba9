"""Tables of catchments as text: CSV, or JSON with a list of records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.catchments.grammar import read
from geodata.catchments.rules import Reading, Rule, Unread
from geodata.errors import GeodataInputError
from geodata.reading.files import must_exist, read_table


@dataclass(frozen=True)
class Catchment:
    """The text of one school, or of several that share a catchment: as named, and its rows in the table."""

    schools: str
    pieces: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Doubt:
    """An item that was not understood: row of the table, line in its text, the words, and why."""

    schools: str
    row: int
    line: int
    text: str
    why: str


def records_of(path: Path) -> pd.DataFrame:
    """A table as texts, with `row`: a CSV (row 2 is the first), or JSON: a list of objects, or an object with one.

    Raises:
        GeodataInputError: it is missing or no such table.
    """
    if path.suffix.lower() != ".json":
        return read_table(path)
    must_exist(path)
    try:
        given = json.loads(path.read_bytes())
    except ValueError as error:
        raise GeodataInputError("%(file)s is no readable JSON: %(reason)s.", file=path, reason=error) from error
    records = _records(given)
    if records is None:
        raise GeodataInputError("%(file)s holds no list of records; it needs one object a school.", file=path)
    table = pd.DataFrame(records).fillna("").astype(str)
    return table.assign(row=range(1, len(table) + 1))


def _records(given: Any) -> list[dict[str, Any]] | None:
    lists = [given] if isinstance(given, list) else list(given.values()) if isinstance(given, dict) else []
    found = [one for one in lists if isinstance(one, list) and one and all(isinstance(row, dict) for row in one)]
    return found[0] if len(found) == 1 else None


def catchments_of(table: pd.DataFrame, schools: str, text: Sequence[str], join: str = ": ") -> list[Catchment]:
    """The texts of a table by school, in the order of the table; rows without a text are left out.

    `schools` names its column of schools, `text` that of the text or several that are joined by `join`.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for row in table.to_dict("records"):
        parts = [str(row[column]).strip() for column in text]
        if any(parts):
            found.setdefault(str(row[schools]).strip(), []).append((int(row["row"]), join.join(filter(None, parts))))
    return [Catchment(name, tuple(pieces)) for name, pieces in found.items()]


def understood(catchment: Catchment) -> tuple[Reading, tuple[Doubt, ...]]:
    """The rules of a catchment, and what was not understood with its place in the table."""
    rules: list[Rule] = []
    unread: list[Unread] = []
    doubts: list[Doubt] = []
    items = 0
    for row, text in catchment.pieces:
        reading = read(text)
        rules += reading.rules
        unread += reading.unread
        doubts += [Doubt(catchment.schools, row, one.line, one.text, one.why) for one in reading.unread]
        items += reading.items
    return Reading(tuple(rules), tuple(unread), items), tuple(doubts)


def check_columns(path: Path, table: pd.DataFrame, columns: Iterable[str]) -> None:
    """Refuse a table that lacks a column.

    Raises:
        GeodataInputError: it does.
    """
    for column in columns:
        if column not in table.columns:
            raise GeodataInputError(
                "%(file)s has no field %(field)s; it has %(present)s.",
                file=path.name,
                field=column,
                present=", ".join(str(name) for name in table.columns if name != "row"),
            )
