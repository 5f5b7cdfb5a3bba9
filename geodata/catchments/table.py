"""Tables of catchments as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.catchments.grammar import read
from geodata.catchments.rules import Reading, Rule, Unread
from geodata.errors import GeodataInputError
from geodata.reading.files import read_table


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


def try_table(path: Path, schools: str, text: Sequence[str]) -> dict[str, Any]:
    """Figures of a table of texts: texts, items, understood, share; every rule; what was not understood, word for word.

    Raises:
        GeodataInputError: the file is no readable table, or lacks a column.
    """
    table = read_table(path)
    check_columns(path, table, (schools, *text))
    read = [(one, *understood(one)) for one in catchments_of(table, schools, text)]
    items = sum(reading.items for _, reading, _ in read)
    known = sum(reading.understood for _, reading, _ in read)
    return {
        "file": path.name,
        "texts": len(read),
        "items": items,
        "understood": known,
        "share": known / items if items else 1.0,
        "rules": [{"schools": one.schools, **asdict(rule)} for one, reading, _ in read for rule in reading.rules],
        "not_understood": [asdict(doubt) for _, _, doubts in read for doubt in doubts],
    }
