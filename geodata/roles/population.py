"""Population: people and children of each record of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.errors import GeodataInputError
from geodata.notes import Notes
from geodata.reading.files import read_table
from geodata.reading.raster import SUFFIXES, is_raster, read_cells
from geodata.reading.reader import MOST, Reader, numbers, text, together
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table

OLDEST = 129
"""Years; no group of residents is older."""


@dataclass(frozen=True)
class AgeGroups:
    """A table of areas with their residents by age group; groups as (first age, last age, column)."""

    path: Path
    key: str
    total: str
    groups: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class AgeShares:
    """One profile for the whole city: the share of its residents in each age group (first age, last age, share)."""

    groups: tuple[tuple[int, int, float], ...]


Ages = AgeGroups | AgeShares | None


def _options(table: Table) -> dict[str, Any]:
    """Ages of the source's own, and how a raster counts."""
    if table.take("path", str).lower().endswith(SUFFIXES):
        return _of_raster(table)
    for key in ("unit", "band"):
        if key in table.values:
            table.refuse("has the key %(key)s, which only a raster (GeoTIFF) has", key=key)
    fields = table.table("fields", default={})
    if "count" not in fields.values:
        fields.refuse("needs the key %(key)s", key="count")
    if "single_ages" in table.values and "groups" in table.values:
        table.refuse("has both single_ages and groups; ages can be given only one way")
    return {"columns": _single_ages(table) | _own_groups(table)}


def _of_raster(table: Table) -> dict[str, Any]:
    for key in ("fields", "only", "except", "layer", "single_ages", "groups"):
        if key in table.values:
            table.refuse("has the key %(key)s, which a raster (GeoTIFF) cannot have", key=key)
    unit = table.take("unit", str)
    if unit not in ("count", "per_km2"):
        table.refuse('needs unit = "count" (people in each cell) or "per_km2" (people per km²)')
    band = table.take("band", int, 0)
    if not 0 <= band <= 65535 or (band == 0 and "band" in table.values):
        table.refuse("needs band as a whole number from 1")
    return {"unit": unit, "band": band}


def _single_ages(table: Table) -> dict[str, tuple[str]]:
    if "single_ages" not in table.values:
        return {}
    ages = table.table("single_ages", {"column", "from", "to"})
    pattern = ages.take("column", str)
    if "{age}" not in pattern:
        ages.refuse("needs {age} in its column")
    first, last = ages.take("from", int), ages.take("to", int)
    if not 0 <= first <= last < 130:
        ages.refuse("needs 0 ≤ from ≤ to")
    return {f"age_{age}": (pattern.replace("{age}", str(age)),) for age in range(first, last + 1)}


def _own_groups(table: Table) -> dict[str, tuple[str]]:
    """Columns of the source that count its residents by age group: named ages_<first>_<last>."""
    if "groups" not in table.values:
        return {}
    groups = table.table("groups")
    spans = _spans(groups)
    return {f"ages_{first}_{last}": (groups.take(ages, str),) for first, last, ages in spans}


POPULATION = role("population", "count area", options="single_ages groups unit band", read=_options)


def read_age_groups(given: Table, folder: Path) -> Ages:
    """The table [age_groups]."""
    if "age_groups" not in given.values:
        return None
    table = given.table("age_groups", {"path", "key", "total", "groups", "shares"})
    if "shares" in table.values:
        return _age_shares(table)
    groups = table.table("groups")
    return AgeGroups(
        path=folder / table.take("path", str),
        key=table.take("key", str),
        total=table.take("total", str),
        groups=tuple((first, last, groups.take(ages, str)) for first, last, ages in _spans(groups)),
    )


def _age_shares(table: Table) -> AgeShares:
    table.refuse_others({"shares"})
    shares = table.table("shares")
    groups = tuple((first, last, float(shares.take(ages, (int, float)))) for first, last, ages in _spans(shares))
    if not all(0 <= share <= 1 for _, _, share in groups) or sum(share for _, _, share in groups) > 1 + 1e-9:
        shares.refuse("needs shares of the residents, each from 0 to 1 and together at most 1")
    return AgeShares(groups)


def _spans(groups: Table) -> list[tuple[int, int, str]]:
    """First and last age of each group with its key, youngest first; no age may be in two groups."""
    spans = sorted(_span(groups, ages) for ages in groups.values)
    for (_, last, ages), (first, _, other) in pairwise(spans):
        if first <= last:
            groups.refuse('has an age both in "%(ages)s" and in "%(other)s"', ages=ages, other=other)
    return spans


def _span(groups: Table, ages: str) -> tuple[int, int, str]:
    first, dash, last = ages.partition("-")
    fine = first.isdecimal() and (last.isdecimal() if dash else True)
    if not fine or int(last or first) < int(first) or int(last or first) > OLDEST:
        groups.refuse('has a group "%(ages)s"; write "5-9" or "6"', ages=ages)
    return int(first), int(last or first), ages


def gather_population(
    sources: tuple[Source, ...], groups: Ages, reader: Reader, with_ages: bool = True
) -> gpd.GeoDataFrame:
    """Points or polygons: count, age_<n> (unless a register counts the children)."""
    frames, ages = [], set()
    for source in sources:
        rows = _rows(source, reader)
        children = _children(rows, source, groups, reader.notes) if with_ages else pd.DataFrame(index=rows.index)
        _doubt_too_many(rows, children, source, reader.notes)
        ages |= set(children.columns)
        frames.append(pd.concat([rows[["count", "geometry"]].assign(area=text(rows, "area")), children], axis=1))
    columns = sorted(ages, key=lambda column: int(column.removeprefix("age_")))
    frames = [frame.reindex(columns=["count", "area", *columns, "geometry"], fill_value=0.0) for frame in frames]
    return together(frames, ["count", "area", *columns], reader.crs)


def _doubt_too_many(rows: gpd.GeoDataFrame, children: pd.DataFrame, source: Source, notes: Notes) -> None:
    too_many = children.to_numpy(dtype=float).sum(axis=1) > rows["count"].to_numpy() * (1 + 1e-6) + 1e-6
    if too_many.any():
        notes.doubt(
            "%(file)s: in %(count)s rows the children by age are more than the residents; check which columns the "
            "recipe names.",
            file=source.label,
            count=int(too_many.sum()),
        )


def _rows(source: Source, reader: Reader) -> gpd.GeoDataFrame:
    if is_raster(source):
        assert reader.area is not None  # noqa: S101  (only the boundary itself is read without one)
        return read_cells(source, reader.crs, reader.area, reader.notes)
    rows, _ = reader.read(source, "point or polygon")
    rows["count"] = numbers(rows, "count", source)
    return rows


def _children(rows: gpd.GeoDataFrame, source: Source, groups: Ages, notes: Notes) -> pd.DataFrame:
    """Children of each record by single age: its own, or its people × the age groups of its area or of the city."""
    single = [column for column in source.columns if column.startswith("age_")]
    if single:
        return pd.DataFrame({column: numbers(rows, column, source) for column in single}, index=rows.index)
    own = [column for column in source.columns if column.startswith("ages_")]
    if own:
        return _split_groups(rows, own, source)
    if isinstance(groups, AgeShares):
        people = rows["count"].to_numpy()
        return pd.DataFrame({name: people * share for name, share in _by_age(groups.groups)}, index=rows.index)
    if groups is None or "area" not in source.columns:
        raise GeodataInputError(
            "%(file)s: the recipe says nothing about ages; give it single_ages or groups, or fields.area and "
            "[age_groups], or [age_groups] with shares.",
            file=source.label,
        )
    return _of_areas(rows, groups, notes)


def _split_groups(rows: gpd.GeoDataFrame, own: list[str], source: Source) -> pd.DataFrame:
    """The source's own age groups, each split evenly over its ages."""
    counted = []
    for column in own:
        first, last = (int(age) for age in column.removeprefix("ages_").split("_"))
        counted.append((first, last, numbers(rows, column, source)))
    return pd.DataFrame(dict(_by_age(counted)), index=rows.index)


def _by_age(groups: Iterable[tuple[int, int, Any]]) -> Iterator[tuple[str, Any]]:
    """Each age of each group with its even part of the group's figure."""
    for first, last, figure in groups:
        for age in range(first, last + 1):
            yield f"age_{age}", figure / (last - first + 1)


def _of_areas(rows: gpd.GeoDataFrame, groups: AgeGroups, notes: Notes) -> pd.DataFrame:
    shares = group_shares(_age_table(groups), groups)
    area = text(rows, "area")
    known = area.isin(shares.index)
    unknown = float(rows["count"][~known].sum())
    if unknown > 0:
        notes.doubt(
            "%(people).2f people live in areas that %(file)s lacks (%(areas)s); they are given the ages of its whole.",
            people=unknown,
            file=groups.path.name,
            areas=", ".join(sorted(set(area[~known]))),
        )
    by_record = shares.loc[area.where(known, "")].to_numpy() * rows["count"].to_numpy()[:, None]
    return pd.DataFrame(by_record, columns=shares.columns, index=rows.index)


def _age_table(groups: AgeGroups) -> pd.DataFrame:
    table = read_table(groups.path)
    columns = [groups.total, *(column for _, _, column in groups.groups)]
    for column in [groups.key, *columns]:
        if column not in table.columns:
            raise GeodataInputError(
                "%(file)s has no field %(field)s, which the recipe names in [age_groups].",
                file=groups.path,
                field=column,
            )
    values = table[columns].apply(pd.to_numeric, errors="coerce")
    wrong = ~((values >= 0) & (values <= MOST)).all(axis=1) | (values[groups.total] <= 0)
    if wrong.any():
        raise GeodataInputError(
            "%(file)s, row %(row)s: the residents by age must be numbers of at least 0, and their total above 0.",
            file=groups.path.name,
            row=table["row"][wrong].iloc[0],
        )
    keys = text(table, groups.key)
    twice = keys[keys.duplicated()]
    if len(twice):
        raise GeodataInputError(
            "%(file)s, row %(row)s: %(field)s %(value)s stands there twice (%(count)s such rows), so that it does not "
            "tell which area is meant; name a column of codes as the key.",
            file=groups.path.name,
            row=table["row"][twice.index[0]],
            field=groups.key,
            value=twice.iloc[0],
            count=len(twice),
        )
    return values.set_axis(keys, axis=0)


def group_shares(table: pd.DataFrame, groups: AgeGroups) -> pd.DataFrame:
    """Residents' shares by single age: a row per area and '' for the whole table, a column per age_<n>."""
    sums = pd.concat([table, table.sum(numeric_only=True).to_frame("").T])
    counted = [(first, last, sums[column] / sums[groups.total]) for first, last, column in groups.groups]
    return pd.DataFrame(dict(_by_age(counted)))
