"""Walks from every unit to every school: read from walks.csv, or measured over the graph of units."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ledger.errors import Phrase
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray, IntArray, shortest
from zoning.rows import MOST, SCHOOL, UNIT, Rows

_COLUMNS = ["unit", "school", "metres"]


def read_walks(
    path: Path, unit_index: dict[str, int], known: Mapping[str, tuple[int, ...]], wanted: NDArray[np.bool_]
) -> FloatArray:
    """Walks as units × schools from walks.csv; infinite for schools that are not `wanted`.

    `known` gives the places of the schools behind each school id or zone name (a row for a zone holds for its members).

    Raises:
        ZoningInputError: an unknown unit or school, a pair twice or missing, a number that is none or negative.
    """
    table = _table(path)
    units = _codes(table["unit"], unit_index, path.name, UNIT)
    names = {name: at for at, name in enumerate(known)}
    school_names = _codes(table["school"], names, path.name, SCHOOL)
    metres = _metres(table["metres"], path.name)
    walks = np.full((len(unit_index), len(wanted)), np.inf)
    count = np.zeros(walks.shape, dtype=np.int64)
    for name, places in known.items():
        rows = np.flatnonzero(school_names == names[name])
        for place in places if len(rows) else ():
            walks[units[rows], place] = metres[rows]
            count[:, place] += np.bincount(units[rows], minlength=len(count))
    _refuse(count > 1, unit_index, known, Phrase("%(file)s gives the walk from “%(unit)s” to “%(school)s” twice."))
    _refuse(
        (count == 0) & wanted, unit_index, known, Phrase("%(file)s lacks the walk from “%(unit)s” to “%(school)s”.")
    )
    walks[:, ~wanted] = np.inf
    return walks


def walks_on_graph(xy: FloatArray, edges: IntArray, school_units: IntArray) -> FloatArray:
    """Walks as units × schools over the adjacency, each edge as long as the straight line between its ends.

    All rows of adjacency.csv count, barriers too. Where no path exists (another component), the straight line stands
    in, so that every pair has a finite walk.
    """
    lengths = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    walks = shortest(len(xy), edges, lengths, school_units).T
    line = np.hypot(*(xy[:, None, :] - xy[school_units][None, :, :]).transpose(2, 0, 1))
    return np.where(np.isfinite(walks), walks, line)


def _table(path: Path) -> pd.DataFrame:
    """The table, read fast where it is as it should be, and with all checks where it is not."""
    kinds: dict[Hashable, str] = {"unit": "category", "school": "category"}
    texts: dict[Hashable, str] = dict.fromkeys(kinds, "str")  # pandas would make numbers of categories: 001 a 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(path, encoding="utf-8-sig", dtype=texts, keep_default_na=False, index_col=False)
    except (ValueError, pd.errors.ParserWarning):
        table = None
    if table is None or any(column not in table for column in _COLUMNS) or table.isna().to_numpy().any():
        table = pd.DataFrame(Rows.read(path, _COLUMNS).columns)
    return table.astype(kinds)


def _codes(column: pd.Series, index: dict[str, int], file: str, what: Phrase) -> IntArray:
    names = [str(name) for name in column.cat.categories]
    unknown = sorted(name for name in names if name.strip() not in index)
    if unknown:
        raise ZoningInputError("%(file)s: there is no %(what)s “%(id)s”.", file=file, what=what, id=unknown[0])
    place = np.array([index[name.strip()] for name in names], dtype=np.int64)
    return np.asarray(place[column.cat.codes.to_numpy()], dtype=np.int64)


def _metres(column: pd.Series, file: str) -> FloatArray:
    numbers = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers <= MOST)))
    if len(wrong):
        raise ZoningInputError(
            "%(file)s, row %(row)s: “metres” is “%(text)s”, but must be a number from 0 to 1e12.",
            file=file,
            row=int(wrong[0]) + 2,
            text=str(column.iloc[wrong[0]]),
        )
    return numbers


def _refuse(
    mask: NDArray[np.bool_], unit_index: dict[str, int], known: Mapping[str, tuple[int, ...]], sentence: Phrase
) -> None:
    if not mask.any():
        return
    unit, school = (int(at) for at in np.argwhere(mask)[0])
    name = next(name for name, places in known.items() if places == (school,) or school in places)
    raise ZoningInputError(sentence.message, file="walks.csv", unit=list(unit_index)[unit], school=name)
