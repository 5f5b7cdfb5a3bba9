"""Population: people and children of each record of the sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.errors import GeodataInputError
from geodata.notes import Notes
from geodata.reading.files import read_table
from geodata.reading.reader import MOST, Reader, numbers, text, together
from geodata.recipe.source import Source, role
from geodata.recipe.table import Table


@dataclass(frozen=True)
class AgeGroups:
    """A table of areas with their residents by age group; groups as (first age, last age, column)."""

    path: Path
    key: str
    total: str
    groups: tuple[tuple[int, int, str], ...]


def _single_ages(table: Table) -> dict[str, Any]:
    if "single_ages" not in table.values:
        return {}
    ages = table.table("single_ages", {"column", "from", "to"})
    pattern = ages.take("column", str)
    if "{age}" not in pattern:
        ages.refuse("needs {age} in its column")
    first, last = ages.take("from", int), ages.take("to", int)
    if not 0 <= first <= last < 130:
        ages.refuse("needs 0 ≤ from ≤ to")
    return {"columns": {f"age_{age}": (pattern.replace("{age}", str(age)),) for age in range(first, last + 1)}}


POPULATION = role("population", "count area", needed="count", options="single_ages", read=_single_ages)


def read_age_groups(given: Table, folder: Path) -> AgeGroups | None:
    """The table [age_groups]."""
    if "age_groups" not in given.values:
        return None
    table = given.table("age_groups", {"path", "key", "total", "groups"})
    groups = table.table("groups")
    return AgeGroups(
        path=folder / table.take("path", str),
        key=table.take("key", str),
        total=table.take("total", str),
        groups=tuple(sorted(_group(groups, ages) for ages in groups.values)),
    )


def _group(groups: Table, ages: str) -> tuple[int, int, str]:
    first, dash, last = ages.partition("-")
    if not first.isdecimal() or not (last.isdecimal() if dash else True) or (dash and int(first) > int(last)):
        groups.refuse('has a group "%(ages)s"; write "5-9" or "6"', ages=ages)
    return int(first), int(last or first), groups.take(ages, str)


def gather_population(sources: tuple[Source, ...], groups: AgeGroups | None, reader: Reader) -> gpd.GeoDataFrame:
    """Points or polygons: count, age_<n>."""
    frames, ages = [], set()
    for source in sources:
        rows, _ = reader.read(source, "point or polygon")
        rows["count"] = numbers(rows, "count", source)
        children = _children(rows, source, groups, reader.notes)
        ages |= set(children.columns)
        frames.append(pd.concat([rows[["count", "geometry"]], children], axis=1))
    columns = sorted(ages, key=lambda column: int(column.removeprefix("age_")))
    frames = [frame.reindex(columns=["count", *columns, "geometry"], fill_value=0.0) for frame in frames]
    return together(frames, ["count", *columns], reader.crs)


def _children(rows: gpd.GeoDataFrame, source: Source, groups: AgeGroups | None, notes: Notes) -> pd.DataFrame:
    """Children of each record by single age: given, or its people × its area's age groups."""
    single = [column for column in source.columns if column.startswith("age_")]
    if single:
        return pd.DataFrame({column: numbers(rows, column, source) for column in single}, index=rows.index)
    if groups is None or "area" not in source.columns:
        raise GeodataInputError(
            "%(file)s: the recipe says nothing about ages; give it single_ages, or fields.area and [age_groups].",
            file=source.label,
        )
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
    return values.set_axis(text(table, groups.key), axis=0)


def group_shares(table: pd.DataFrame, groups: AgeGroups) -> pd.DataFrame:
    """Residents' shares by single age: a row per area and '' for the whole table, a column per age_<n>."""
    sums = pd.concat([table, table.sum(numeric_only=True).to_frame("").T])
    shares = {}
    for first, last, column in groups.groups:
        for age in range(first, last + 1):
            shares[f"age_{age}"] = sums[column] / (last - first + 1) / sums[groups.total]
    return pd.DataFrame(shares)
