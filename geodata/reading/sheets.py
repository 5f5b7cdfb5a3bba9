"""Rows of an Excel workbook (.xlsx) as texts, as if its sheet had been saved as CSV."""

from __future__ import annotations

import datetime
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from geodata.errors import GeodataInputError

_DAMAGED = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, OSError),
    *(ValueError, TypeError, AttributeError, LookupError, NotImplementedError),
)
"""What openpyxl says of a file that is no workbook, or a damaged one: its parts are read only when they are needed."""


def read_sheet(path: Path, sheet: str | None) -> pd.DataFrame:
    """The sheet (by default the first) as texts; its first filled row is the header; `row` as Excel shows it.

    Raises:
        GeodataInputError: it is no workbook, lacks the sheet, or is empty.
    """
    try:
        cells = _cells(path, sheet)
    except _DAMAGED as error:
        raise GeodataInputError(
            "%(file)s is no readable Excel workbook (.xlsx); save it anew, or as CSV.", file=path
        ) from error
    return _table(cells, path)


def _cells(path: Path, sheet: str | None) -> list[list[str]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise GeodataInputError(
                "%(file)s has no sheet %(layer)s; it has %(layers)s.",
                file=path.name,
                layer=sheet,
                layers=", ".join(book.sheetnames),
            )
        return [[_text(cell) for cell in row] for row in book[sheet or book.sheetnames[0]].iter_rows(values_only=True)]
    finally:
        book.close()


def _table(cells: list[list[str]], path: Path) -> pd.DataFrame:
    filled = [number for number, row in enumerate(cells) if any(row)]
    if not filled:
        raise GeodataInputError("%(file)s is empty: its first row must name the columns.", file=path)
    head, *rows = filled
    width = max(at + 1 for at, name in enumerate(cells[head]) if name)
    names = cells[head][:width]
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise GeodataInputError("%(file)s has several columns called %(field)s.", file=path, field=twice[0])
    table = pd.DataFrame([_wide(cells[row], width) for row in rows], columns=names, dtype=object)
    table["row"] = [row + 1 for row in rows]
    return table


def _wide(row: list[str], width: int) -> list[str]:
    return [*row, *[""] * width][:width]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell).strip()
