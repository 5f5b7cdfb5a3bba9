"""A household register: children by address or coordinates and month of birth, counted while it is read.

No child's row leaves this module: what it gives are counts by place and age, and its errors name file, row and field
but never what stands there.
"""

from __future__ import annotations

import calendar
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geodata.addresses.match import locate
from geodata.arrays import Bools, Floats, Indices, Shapes
from geodata.datum import area_of, crs_of, to_city
from geodata.errors import GeodataInputError
from geodata.notes import SourceNote
from geodata.reading.files import read_table
from geodata.reading.reader import EDGE, Reader, text
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table, texts

CUTOFF = "08-31"
"""Month and day: whoever reaches an age by then has it in the school year (the entry rule in China)."""

BIRTH = (
    r"^([0-9]{4})(?:\s*[-/.年]\s*([0-9]{1,2})(?:\s*[-/.月]\s*([0-9]{1,2})?)?[日号]?|([0-9]{2})([0-9]{2})?)"
    r"(?:[ T]00:00(?::00)?)?$"
)
"""2019-07, 2019/7, 201907, 2019年7月, and all of these with a day (after NFKC: wide digits are digits too)."""

MIDDLE = 15
"""The day taken for a birth of which only the month is known: that of most children of the month."""


def _options(table: Table) -> dict[str, Any]:
    fields = table.table("fields", default={})
    if "address" not in fields.values and not {"x", "y"} <= set(fields.values):
        fields.refuse("needs x and y, or address")
    cutoff = table.take("cutoff", str, CUTOFF)
    month, _, day = cutoff.partition("-")
    if not (month.isdecimal() and day.isdecimal()) or not 1 <= int(month) <= 12:
        table.refuse('needs cutoff = "MM-DD", such as "08-31"')
    if not 1 <= int(day) <= calendar.monthrange(2024, int(month))[1]:
        table.refuse('needs cutoff = "MM-DD", such as "08-31"')
    groups = table.table("groups", default={})
    chosen = {name: _group(groups, name) for name in sorted(groups.values)}
    told = [(column, value) for column, values in chosen.values() for value in dict.fromkeys(values)]
    if len(set(told)) < len(told):
        groups.refuse("has a value in two groups of one column, which would tell of the children between them")
    return {
        "cutoff": (int(month), int(day)),
        "groups": {name: values for name, (_, values) in chosen.items()},
        "columns": {f"group_{name}": (column,) for name, (column, _) in chosen.items()},
    }


def _group(groups: Table, name: str) -> tuple[str, tuple[str, ...]]:
    """Column and values of a group of children."""
    group = groups.table(name, {"column", "values"})
    if not name.isidentifier():
        groups.refuse("has a group %(key)s: its name may only have letters, digits and _", key=name)
    values = texts(group, "values")
    if not values:
        group.refuse("needs the key %(key)s", key="values")
    return group.take("column", str), values


REGISTER = role("register", "birth", needed="birth", options="cutoff groups", read=_options)


def gather_register(sources: tuple[Source, ...], reader: Reader, school_year: int) -> gpd.GeoDataFrame:
    """Counts by place (points) and age at the school year: age, children, group_<name> (of these children).

    Left out and counted: rows without a place or whose address is not found, outside the city, born after the cut-off.

    Raises:
        GeodataInputError: a source is not what the recipe says; no sentence repeats the content of a row.
    """
    names = sorted({name for source in sources for name in source.options["groups"]})
    columns = ["children", *(f"group_{name}" for name in names)]
    frames = [_counted(source, reader, school_year, columns) for source in sources]
    if not frames:
        return gpd.GeoDataFrame({name: [] for name in ["age", *columns]}, geometry=[], crs=reader.crs)
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=reader.crs)


def _counted(source: Source, reader: Reader, school_year: int, columns: list[str]) -> gpd.GeoDataFrame:
    note = reader.notes.source(source)
    rows = _read(source, note)
    ages = _ages(rows, source, school_year)
    places = _places(rows, source, reader, note)
    gone = np.array([place is None for place in places], dtype=bool)
    _say_lost(gone, source, reader)
    outside = ~gone
    outside[~gone] = ~shapely.dwithin(reader.area, places[~gone].astype(object), EDGE)
    note.drop("outside the city", int(outside.sum()))
    unborn = ~gone & ~outside & (ages < 0)
    note.drop("born after the cut-off", int(unborn.sum()))
    kept = ~gone & ~outside & ~unborn
    note.kept = int(kept.sum())
    if not kept.any():
        raise GeodataInputError(
            "%(file)s: none of its %(count)s rows has a place inside the city's boundary; check its datum, its "
            "addresses and the recipe's [[addresses]].",
            file=source.label,
            count=len(rows),
        )
    children = pd.DataFrame({"age": ages[kept], "children": 1.0})
    for name, values in source.options["groups"].items():
        children[f"group_{name}"] = text(rows, source.columns[f"group_{name}"][0])[kept].isin(values).to_numpy(float)
    return _by_place(children.reindex(columns=["age", *columns], fill_value=0.0), places[kept], reader.crs)


def _say_lost(gone: Bools, source: Source, reader: Reader) -> None:
    if gone.any():
        reader.notes.doubt(
            "%(file)s: %(count)s of %(all)s children (%(percent).1f %%) have no place, or an address that is not "
            "found or stands at several places; they count nowhere.",
            file=source.label,
            count=int(gone.sum()),
            all=len(gone),
            percent=100 * float(gone.mean()),
        )


def _by_place(children: pd.DataFrame, places: Shapes, crs: CRS) -> gpd.GeoDataFrame:
    children["x"], children["y"] = shapely.get_x(places), shapely.get_y(places)
    sums = children.groupby(["x", "y", "age"], as_index=False).sum()
    points = shapely.points(sums.pop("x"), sums.pop("y"))
    return gpd.GeoDataFrame(sums.astype({"age": np.int64}), geometry=points, crs=crs)


def _read(source: Source, note: SourceNote) -> pd.DataFrame:
    """Rows that the recipe chooses, with the columns that it names. A missing header would show a child's row."""
    try:
        rows = read_table(source.path, source.layer, source.encoding)
    except GeodataInputError as error:
        if "field" not in error.values:
            raise
        raise GeodataInputError(
            "%(file)s has columns of the same name; its first row must name the fields, each differently.",
            file=source.label,
        ) from None
    missing = [name for name in source.named() if name == "row" or name not in rows.columns]
    if missing:
        raise GeodataInputError(
            "%(file)s has no field %(field)s, which the recipe names for %(role)s; its first row must name the fields.",
            file=source.label,
            field=missing[0],
            role=source.role,
        )
    note.read = len(rows)
    keep = np.ones(len(rows), dtype=bool)
    for column, values in source.only.items():
        keep &= _matches(rows, column, values)
    for column, values in source.without.items():
        keep &= ~_matches(rows, column, values)
    note.drop("not chosen by the recipe", int((~keep).sum()))
    return rows.loc[keep, [*source.named(), "row"]].reset_index(drop=True)


def _matches(rows: pd.DataFrame, column: str, values: Any) -> Bools:
    cells = text(rows, column)
    found: Bools = ((cells != "") if values is True else cells.isin(values)).to_numpy(dtype=bool)
    return found


def _ages(rows: pd.DataFrame, source: Source, school_year: int) -> Indices:
    """Age of each child at the cut-off of the school year."""
    field = source.columns["birth"][0]
    parts = text(rows, field).str.normalize("NFKC").str.extract(BIRTH)
    month = pd.to_numeric(parts[1].fillna(parts[3]))
    day = pd.to_numeric(parts[2].fillna(parts[4])).fillna(MIDDLE)
    year = pd.to_numeric(parts[0])
    wrong = ~(month.between(1, 12) & day.between(1, 31) & year.between(1900, 2200))
    _refuse(wrong.to_numpy(dtype=bool), rows, source, field)
    last_month, last_day = source.options["cutoff"]
    later = (month > last_month) | ((month == last_month) & (day > last_day))
    ages: Indices = (school_year - year - later).to_numpy(dtype=np.int64)
    return ages


def _refuse(wrong: Bools, rows: pd.DataFrame, source: Source, field: str) -> None:
    at = np.flatnonzero(wrong)
    if len(at):
        raise GeodataInputError(
            "%(file)s, row %(row)s: %(field)s cannot be read (%(count)s such rows). A month of birth is written "
            "2019-07, 201907 or 2019年7月, a coordinate as a number of the datum. What stands there is not repeated: "
            "the file is a register.",
            file=source.label,
            row=rows["row"].iloc[at[0]],
            field=field,
            count=len(at),
        )


def _places(rows: pd.DataFrame, source: Source, reader: Reader, note: SourceNote) -> Shapes:
    """A point of each row in the city's CRS, None where it has none."""
    if "address" in source.columns:
        return _of_addresses(rows, source, reader, note)
    crs_of(source.datum, source.label)
    x, y = (_coordinates(rows, source, axis) for axis in ("x", "y"))
    if source.axes == "north-east":
        x, y = y, x
    blank = np.isnan(x) | np.isnan(y)
    note.drop("without a place", int(blank.sum()))
    west, south, east, north = area_of(source.datum)
    _refuse(~blank & ~((x >= west) & (x <= east) & (y >= south) & (y <= north)), rows, source, source.columns["x"][0])
    places = np.full(len(rows), None, dtype=object)
    points = gpd.GeoSeries(shapely.points(x[~blank], y[~blank]))
    if len(points):
        places[~blank] = to_city(points, source.datum, reader.crs).to_numpy()
    return places


def _coordinates(rows: pd.DataFrame, source: Source, axis: str) -> Floats:
    field = source.columns[axis][0]
    cells = text(rows, field)
    values: Floats = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    _refuse(~np.isfinite(values) & (cells != "").to_numpy(dtype=bool), rows, source, field)
    return values


def _of_addresses(rows: pd.DataFrame, source: Source, reader: Reader, note: SourceNote) -> Shapes:
    if reader.known is None or reader.known.empty:
        raise GeodataInputError(
            "%(file)s gives addresses instead of coordinates, but the recipe names no [[addresses]] in which they "
            "could be found.",
            file=source.label,
        )
    parts = [text(rows, column) for column in source.columns["address"]]
    joined = parts[0].str.cat(parts[1:], sep=" ") if len(parts) > 1 else parts[0]
    found = locate(joined.tolist(), reader.known)
    note.drop("address not found", found.count("unmatched"))
    note.drop("address at several places", found.count("ambiguous"))
    return found.points
