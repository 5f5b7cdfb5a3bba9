"""Seats of schools: given, counted from classes, or reckoned from past enrolment."""

from __future__ import annotations

import json
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import GeodataInputError
from geodata.notes import Notes
from geodata.reading.reader import numbers, text
from geodata.recipe.source import Source


def seats(rows: gpd.GeoDataFrame, source: Source, usual: float, notes: Notes) -> pd.DataFrame:
    """A row per school: `classes` (NaN where not told), `class_size` (`usual` where not told), and `capacity`.

    The capacity is as given, else classes × class size; 0 and a doubt where the source names neither.

    Raises:
        GeodataInputError: a figure is negative or no number, or a school has neither capacity nor classes.
    """
    told = pd.DataFrame(index=rows.index)
    told["classes"] = _optional(rows, "classes", source)
    told["class_size"] = _optional(rows, "class_size", source).fillna(usual)
    reckoned = told["classes"] * told["class_size"]
    if not {"capacity", "classes"} & set(source.columns):
        notes.doubt(
            "%(file)s gives no seats for its %(schools)s schools: their level cannot be planned yet.",
            file=source.label,
            schools=len(rows),
        )
        return told.assign(capacity=0.0)
    told["capacity"] = _optional(rows, "capacity", source).fillna(reckoned)
    unknown = np.flatnonzero(told["capacity"].isna())
    if len(unknown):
        needed = "capacity" if "capacity" in source.columns else "classes"
        numbers(rows.iloc[unknown], needed, source)  # says which row lacks its figure
    return told


def _optional(rows: gpd.GeoDataFrame, column: str, source: Source) -> pd.Series[float]:
    """A column of numbers that may be absent or have empty cells (NaN)."""
    found = pd.Series(np.nan, index=rows.index)
    if column in source.columns:
        filled = text(rows, column) != ""
        found[filled] = numbers(rows[filled], column, source)
    return found


def reduced_enrolment(rows: gpd.GeoDataFrame, source: Source, inside: Mapping[str, float]) -> pd.DataFrame:
    """A row per school: `highest` of all years and `latest`, each × the share of planned grades × `inside[school]`.

    Raises:
        GeodataInputError: a history cannot be read, lacks the latest year, or the school's grades have no share.
    """
    found = []
    for row in rows.itertuples():
        history = _history(source, row)
        share = _grade_share(source, row) * inside.get(str(row.school), 1.0)
        found.append((max(history.values()) * share, history[source.options["latest"]] * share, share))
    return pd.DataFrame(found, columns=["highest", "latest", "share"], index=rows.index)


def _history(source: Source, row: object) -> dict[str, float]:
    text_of = str(getattr(row, "history", ""))
    try:
        history = {str(year): float(pupils) for year, pupils in json.loads(text_of)}
    except (ValueError, TypeError):
        history = {}
    latest = source.options["latest"]
    if latest not in history or not all(np.isfinite(pupils) and pupils >= 0 for pupils in history.values()):
        raise GeodataInputError(
            "%(file)s, row %(row)s: %(field)s must list [year, pupils] with the year %(latest)s, not %(value)s.",
            file=source.label,
            row=getattr(row, "row", 0),
            field=source.columns["history"][0],
            latest=latest,
            value=text_of[:60],
        )
    return history


def _grade_share(source: Source, row: object) -> float:
    grades = str(getattr(row, "grades", ""))
    if grades not in source.options["shares"]:
        raise GeodataInputError(
            "%(file)s, row %(row)s: the recipe's enrolment.shares have no entry for the grades '%(grades)s'.",
            file=source.label,
            row=getattr(row, "row", 0),
            grades=grades,
        )
    return float(source.options["shares"][grades])


def share_inside(zones: gpd.GeoDataFrame, area: shapely.Geometry) -> dict[str, float]:
    """Part of each school's zone that lies in the city; a shared zone counts only for schools without their own."""
    served = [_ids(value) for value in zones["schools"]]
    whole = shapely.area(zones.geometry.to_numpy())
    within = shapely.area(shapely.intersection(zones.geometry.to_numpy(), area))
    shares = {}
    for school in sorted({school for schools in served for school in schools}):
        own = [at for at, schools in enumerate(served) if schools == [school]]
        chosen = own or [at for at, schools in enumerate(served) if school in schools]
        shares[school] = float(within[chosen].sum() / whole[chosen].sum())
    return shares


def check_ids(schools: pd.DataFrame, source: Source) -> None:
    """Refuse an empty id, one that stands twice in a file (if only in wide letters), and one with a comma.

    Raises:
        GeodataInputError: naming the row.
    """
    ids = text(schools, "school")
    empty, twice = np.flatnonzero(ids == ""), np.flatnonzero(ids.str.normalize("NFKC").duplicated())
    strange = np.flatnonzero([not one.isprintable() or "," in one for one in ids])
    if len(strange):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the school id has a comma, or a sign that cannot be seen; ids are listed with "
            "commas between them, so choose another.",
            file=source.label,
            row=schools["row"].iloc[strange[0]],
        )
    if len(empty):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the school id is empty; each school needs its own.",
            file=source.label,
            row=schools["row"].iloc[empty[0]],
        )
    if len(twice):
        raise GeodataInputError(
            "%(file)s, row %(row)s: the school id %(school)s stands there twice; each school needs its own.",
            file=source.label,
            row=schools["row"].iloc[twice[0]],
            school=ids.iloc[twice[0]],
        )


def _ids(value: object) -> list[str]:
    """Ids of a zone, as written: separated by commas."""
    return [part.strip() for part in str(value).split(",") if part.strip()]
