"""CSV tables read strictly: every complaint names the file, the row and the field."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ledger.errors import Phrase
from zoning.errors import ZoningInputError

MOST = 1e12  # no count, length, price or share of a city is above it; sums and products then stay finite
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """One CSV table: its file's name and the text of each column, row by row."""

    name: str
    columns: dict[str, list[str]]

    @classmethod
    def read(cls, path: Path, needed: Sequence[str]) -> Rows:
        """Read a UTF-8 CSV file (a byte-order mark is allowed) that must have the columns `needed`.

        Raises:
            ZoningInputError: no file, not UTF-8, a column missing or twice, a row of another length.
        """
        header, body = _lines(path)
        for column in needed:
            if column not in header:
                raise ZoningInputError("%(file)s has no column “%(column)s”: add it.", file=path.name, column=column)
        twice = sorted({column for column in header if header.count(column) > 1})
        if twice:
            raise ZoningInputError("%(file)s has the column “%(column)s” twice.", file=path.name, column=twice[0])
        for number, row in enumerate(body, start=2):
            if len(row) != len(header):
                raise ZoningInputError(
                    "%(file)s, row %(row)s has %(found)s fields instead of %(expected)s.",
                    file=path.name,
                    row=number,
                    found=len(row),
                    expected=len(header),
                )
        return cls(path.name, {column: [row[at].strip() for row in body] for at, column in enumerate(header)})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def ids(self, column: str, optional: bool = False) -> list[str]:
        """The column's texts, none of them empty unless `optional`."""
        for number, text in enumerate(self.columns[column], start=2):
            if not text and not optional:
                raise ZoningInputError(
                    "%(file)s, row %(row)s: “%(column)s” is empty.", file=self.name, row=number, column=column
                )
        return self.columns[column]

    def numbers(self, column: str, least: float = -math.inf) -> FloatArray:
        """The column as numbers ≥ `least`, none beyond ±`MOST`."""
        values = [self._number(text, column, row) for row, text in enumerate(self.columns[column], start=2)]
        for row, value in enumerate(values, start=2):
            if value < least:
                raise ZoningInputError(
                    "%(file)s, row %(row)s: “%(column)s” is %(value)s, but must be at least %(least)s.",
                    file=self.name,
                    row=row,
                    column=column,
                    value=value,
                    least=least,
                )
        return np.array(values, dtype=np.float64)

    def _number(self, text: str, column: str, row: int) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ZoningInputError(
                "%(file)s, row %(row)s: “%(column)s” is “%(text)s”, which is not a number.",
                file=self.name,
                row=row,
                column=column,
                text=text,
            )
        if abs(value) > MOST:
            raise ZoningInputError(
                "%(file)s, row %(row)s: “%(column)s” is “%(text)s”, a number too large for any city.",
                file=self.name,
                row=row,
                column=column,
                text=text,
            )
        return value

    def places(self, column: str, index: dict[str, int], what: Phrase) -> NDArray[np.int64]:
        """The column's ids as their places in `index`; an id that is not there is an error."""
        return np.array(
            [look_up(index, text, self.name, row, what) for row, text in enumerate(self.ids(column), start=2)],
            dtype=np.int64,
        )


UNIT, SCHOOL, OPEN_SCHOOL = Phrase("unit"), Phrase("school"), Phrase("open school")
"""What an id may be the id of."""


def look_up(index: dict[str, int], text: str, file: str, row: int, what: Phrase) -> int:
    """The place of the id `text` in `index`."""
    if text not in index:
        raise ZoningInputError(
            "%(file)s, row %(row)s: there is no %(what)s “%(id)s”.", file=file, row=row, what=what, id=text
        )
    return index[text]


def refuse_duplicates(keys: Iterable[object], file: str) -> None:
    """Refuse a key that stands in two rows."""
    seen = set()
    for row, key in enumerate(keys, start=2):
        if key in seen:
            shown = key if isinstance(key, str) else ", ".join(str(part) for part in key)  # type: ignore[attr-defined]
            raise ZoningInputError("%(file)s, row %(row)s: “%(key)s” is there twice.", file=file, row=row, key=shown)
        seen.add(key)


def _lines(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file, strict=True) if line]
    except FileNotFoundError:
        raise ZoningInputError("%(file)s is missing in %(folder)s.", file=path.name, folder=str(path.parent)) from None
    except UnicodeDecodeError:
        raise ZoningInputError("%(file)s is not UTF-8: save it in UTF-8.", file=path.name) from None
    except csv.Error as error:
        raise ZoningInputError(
            "%(file)s cannot be read as CSV: %(reason)s.", file=path.name, reason=str(error)
        ) from None
    if not lines:
        raise ZoningInputError("%(file)s is empty: it needs a header row.", file=path.name)
    return [column.strip() for column in lines[0]], lines[1:]
