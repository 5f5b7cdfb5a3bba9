"""Rows of a table without geometry, as they stand in it: CSV in the encodings that people save, or Excel."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from geodata.errors import GeodataInputError
from geodata.reading.records import read_records
from geodata.reading.sheets import read_sheet
from ledger.errors import Phrase


def is_table(path: Path) -> bool:
    """Whether a file is rows without geometry of their own: CSV (by whatever name) or Excel."""
    return path.suffix.lower() in (".csv", ".tsv", ".txt", ".xlsx")


def read_table(path: Path, layer: str | None = None, encoding: str | None = None) -> pd.DataFrame:
    """A CSV file or Excel sheet (`layer`, by default the first) as texts; `row` is the row of the file, 1 its first.

    A CSV is UTF-8 (with or without BOM) or GB18030 unless `encoding` says another, and is separated by commas,
    semicolons or tabs, whichever its header has most. Empty rows are passed over. JSON: see `records`.

    Raises:
        GeodataInputError: it is missing, in another encoding, or its rows have more cells than its header.
    """
    must_exist(path)
    kind = path.suffix.lower()
    if kind == ".json":
        table = read_records(path)
    else:
        table = read_sheet(path, layer) if kind == ".xlsx" else _read_csv(path, encoding)
    table.columns = table.columns.str.strip()
    return table


def _read_csv(path: Path, encoding: str | None) -> pd.DataFrame:
    text = _decoded(path, encoding)
    header = text.lstrip("\r\n")
    above = text[: len(text) - len(header)].count("\n")
    separator = max(",;\t", key=header.partition("\n")[0].count)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # it would lose the cells beyond the header
            table = pd.read_csv(
                io.StringIO(header),
                dtype=str,
                keep_default_na=False,
                index_col=False,
                sep=separator,
                skip_blank_lines=False,
            ).fillna("")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        raise GeodataInputError("%(file)s is no readable CSV: %(reason)s.", file=path, reason=_said(error)) from error
    table["row"] = np.arange(2, len(table) + 2) + above
    maybe = table.index[table.iloc[:, 0] == ""]
    empty = maybe[(table.loc[maybe].drop(columns="row") == "").all(axis=1)]
    return table.drop(index=empty).reset_index(drop=True)


def _said(error: Exception) -> Phrase:
    """Why pandas cannot read a CSV; its commonest reasons in our words."""
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    if found:
        return Phrase(
            "row %(row)s has %(found)s cells, where %(expected)s are expected",
            row=found[2],
            found=found[3],
            expected=found[1],
        )
    if isinstance(error, pd.errors.EmptyDataError):
        return Phrase("it is empty: its first row must name the columns")
    if isinstance(error, pd.errors.ParserWarning):
        return Phrase("its rows have more cells than its header")
    return Phrase("%(said)s", said=str(error).strip().rstrip("."))


def must_exist(path: Path) -> None:
    """Refuse a path at which there is no file.

    Raises:
        GeodataInputError: there is none.
    """
    if not path.is_file():
        raise GeodataInputError(
            "There is no file %(file)s; put it there, correct the recipe's path, or name its folder with --data.",
            file=path,
        )


def refuse_existing(out: Path) -> None:
    """Refuse, before the long work, a folder to be made that is there already.

    Raises:
        GeodataInputError: `out` is there already.
    """
    if out.exists():
        raise GeodataInputError("%(out)s is there already; choose another folder, or remove it first.", out=out)


def _decoded(path: Path, encoding: str | None) -> str:
    data = path.read_bytes()
    usual = ("utf-16",) if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ("utf-8-sig", "gb18030")
    for name in (encoding,) if encoding else usual:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    if encoding:
        raise GeodataInputError(
            "%(file)s holds texts that are not %(encoding)s; correct `encoding` in the recipe.",
            file=path,
            encoding=encoding,
        )
    raise GeodataInputError("%(file)s is neither UTF-8 nor GB18030; save it as UTF-8.", file=path)
