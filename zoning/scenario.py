"""Schools opened, closed or given other seats: a new problem folder beside an old one, which stays as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geodata.city import City
from ledger.files import whole_folder, write_whole
from zoning.errors import ZoningInputError
from zoning.graph import FloatArray, IntArray
from zoning.problem import NOWHERE, Problem
from zoning.rows import Rows
from zoning.walks import walks_on_graph

_COPIED = ("units.csv", "adjacency.csv", "walks.csv", "current.csv", "locks.csv", "policy.toml")


@dataclass(frozen=True)
class Opening:
    """A school to open: its id (a new one, or that of a closed school), the unit it stands in, its seats."""

    school: str
    unit: str
    capacity: float


@dataclass(frozen=True)
class Scenario:
    """What differs from the old problem: schools (or zones, with all their members) closed, opened, other seats."""

    close: tuple[str, ...] = ()
    open: tuple[Opening, ...] = ()
    capacity: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The new problem; units whose lock went with its school; where the walks to each opened school come from."""

    problem: Problem
    unlocked: tuple[str, ...]
    walks: dict[str, str]


def write_scenario(folder: Path, scenario: Scenario, out: Path, city: City | None = None) -> Outcome:
    """Write the problem in `folder`, changed by `scenario`, as the new problem folder `out`.

    Closing sets the seats to 0 in every year, `capacity` sets them to its number in every year. Locks to a school that
    is closed are left out. The walks of an opened school are `kept` where walks.csv has them for that place, those of
    a school of `city` (of any level) with its id or in its unit, else measured over the adjacency and stretched by the
    median ratio of the given walks to such walks. problem.json names the old problem as `parent`.

    Raises:
        ZoningInputError: nothing to change, an unknown school or unit, a school opened that is open, a folder that is
            there already, or what was written is no valid problem (such as one without an open school).
    """
    if not (scenario.close or scenario.open or scenario.capacity):
        raise ZoningInputError("Nothing to change: name a school to close or open, or other seats.")
    old = Problem.read(folder)
    schools = _table(folder / "schools.csv", ["school", "unit", "capacity"])
    before = schools.copy()
    closed = _apply(schools, scenario, old)
    schools = _opened(schools, scenario.open, old)
    try:
        with whole_folder(out) as place:
            for name in _COPIED:
                if (folder / name).is_file():
                    write_whole(place / name, (folder / name).read_bytes())
            _save(schools, place / "schools.csv")
            unlocked = _drop_locks(place / "locks.csv", closed)
            sources = _add_walks(place, old, before, scenario.open, city)
            write_whole(place / "problem.json", _facts(folder, old, scenario, unlocked, sources))
            return Outcome(Problem.read(place), unlocked, sources)
    except FileExistsError:
        raise ZoningInputError(
            "%(folder)s is there already: a problem is never overwritten, name another folder.", folder=str(out)
        ) from None


def _table(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(Rows.read(path, needed).columns, dtype=str)


def _save(table: pd.DataFrame, path: Path) -> None:
    write_whole(path, table.to_csv(index=False, lineterminator="\n").encode())


def _seat_columns(schools: pd.DataFrame) -> list[str]:
    return [column for column in schools.columns if column == "capacity" or column.startswith("capacity_")]


def _apply(schools: pd.DataFrame, scenario: Scenario, old: Problem) -> set[str]:
    """Close and resize schools, in place; the names that locks may no longer use."""
    zone = schools["zone"] if "zone" in schools else schools["school"]
    columns = _seat_columns(schools)
    for name in scenario.close:
        rows = (schools["school"] == name) | (zone == name)
        if not rows.any():
            raise ZoningInputError("There is no school “%(school)s” in this problem.", school=name)
        schools.loc[rows, columns] = "0"
    for name, seats in scenario.capacity.items():
        rows = schools["school"] == name
        if not rows.any():
            raise ZoningInputError("There is no school “%(school)s” in this problem.", school=name)
        if name in scenario.close:
            raise ZoningInputError("“%(school)s” cannot be closed and given seats at once.", school=name)
        schools.loc[rows, columns] = _seats(seats)
    shut = pd.to_numeric(schools["capacity"]) == 0
    label = zone.where(zone != "", schools["school"])
    empty = {str(name) for name, gone in shut.groupby(label) if gone.all()}
    return empty | set(schools.loc[shut, "school"]) | set(old.closed)


def _opened(schools: pd.DataFrame, openings: Sequence[Opening], old: Problem) -> pd.DataFrame:
    """The schools with those of `openings`: a closed school's row is used again, else a row is added."""
    for opening in openings:
        if opening.unit not in old.unit_index:
            raise ZoningInputError("There is no unit “%(unit)s” in this problem.", unit=opening.unit)
        rows = schools["school"] == opening.school
        if (pd.to_numeric(schools.loc[rows, "capacity"]) > 0).any():
            raise ZoningInputError("“%(school)s” is open already: give it other seats instead.", school=opening.school)
        values = {"school": opening.school, "unit": opening.unit}
        values |= dict.fromkeys(_seat_columns(schools), _seats(opening.capacity))
        if rows.any():
            schools.loc[rows, list(values)] = list(values.values())
        else:
            row = pd.DataFrame([{column: values.get(column, "") for column in schools.columns}])
            schools = pd.concat([schools, row], ignore_index=True)
    return schools


def _seats(seats: float) -> str:
    return repr(seats).removesuffix(".0")


def _drop_locks(path: Path, closed: set[str]) -> tuple[str, ...]:
    """Leave out the locks to closed schools; the units that they held."""
    if not path.exists():
        return ()
    locks = _table(path, ["unit", "school"])
    gone = locks["school"].isin(closed)
    if gone.any():
        _save(locks[~gone], path)
    return tuple(sorted(locks.loc[gone, "unit"]))


def _add_walks(
    place: Path, old: Problem, before: pd.DataFrame, openings: Sequence[Opening], city: City | None
) -> dict[str, str]:
    """Give walks.csv, where there is one, rows for each opened school; where they come from."""
    path = place / "walks.csv"
    if not path.exists() or not openings:
        return {}
    walks = _table(path, ["unit", "school", "metres"])
    sources = {}
    for opening in openings:
        there = walks["school"] == opening.school
        same_place = ((before["school"] == opening.school) & (before["unit"] == opening.unit)).any()
        if same_place and set(walks.loc[there, "unit"]) == set(old.units):
            sources[opening.school] = "kept"
            continue
        metres = None if city is None else _city_walks(city, opening, old)
        sources[opening.school] = "adjacency" if metres is None else "city"
        if metres is None:
            metres = _adjacency_walks(place, old, opening)
        rows = pd.DataFrame({"unit": old.units, "school": opening.school, "metres": [repr(m) for m in metres.tolist()]})
        walks = pd.concat([walks[~there], rows], ignore_index=True).fillna("")
    _save(walks, path)
    return sources


def _city_walks(city: City, opening: Opening, old: Problem) -> FloatArray | None:
    """The city's walks to the school of that id, else to a school in that unit; None if it has neither."""
    if old.policy.distance_unit != "metres":
        return None
    schools = city.schools().sort_values("school")
    in_unit = schools[schools["unit"] == opening.unit]
    named = in_unit[in_unit["school"].astype(str) == opening.school]
    found = named if len(named) else in_unit
    if not len(found):
        return None
    walks = city.walks()
    rows = walks[walks["school"].astype(str) == str(found["school"].iloc[0])].drop_duplicates("unit")
    metres = rows.set_index(rows["unit"].astype(str))["metres"].reindex(list(old.units)).to_numpy(dtype=np.float64)
    return metres if np.isfinite(metres).all() else None


def _adjacency_walks(place: Path, old: Problem, opening: Opening) -> FloatArray:
    """Shortest paths over the adjacency, as much longer as the given walks are than such paths."""
    rows = Rows.read(place / "units.csv", ["unit"])
    if "x" not in rows or "y" not in rows:
        raise ZoningInputError(
            "The walks to “%(school)s” are not known: add the columns x and y (metres) to units.csv.",
            school=opening.school,
        )
    order = np.argsort([old.unit_index[unit] for unit in rows.columns["unit"]])
    xy = np.stack([rows.numbers("x")[order], rows.numbers("y")[order]], axis=1)
    own = np.flatnonzero(old.owner != NOWHERE)
    paths = walks_on_graph(xy, old.edges, np.append(own, old.unit_index[opening.unit]))
    return paths[:, -1] * _stretch(old, own, paths[:, :-1])


def _stretch(old: Problem, own: IntArray, paths: FloatArray) -> float:
    """Median ratio of the given walks to `paths` from the own units; 1 where there is nothing to compare."""
    if old.walks is None or not len(own):
        return 1.0
    given = old.walks[:, old.owner[own]]
    usable = (paths > 0) & (given > 0)
    return float(np.median(given[usable] / paths[usable])) if usable.any() else 1.0


def _facts(folder: Path, old: Problem, scenario: Scenario, unlocked: Sequence[str], walks: dict[str, str]) -> bytes:
    """problem.json: what the old one says, its fingerprint as parent, and what was changed."""
    facts: dict[str, Any] = {}
    if (folder / "problem.json").is_file():
        try:
            facts = dict(json.loads((folder / "problem.json").read_text(encoding="utf-8-sig")))
        except (ValueError, TypeError):
            raise ZoningInputError("problem.json is not a JSON object in UTF-8.") from None
    facts["parent"] = old.fingerprint
    facts["scenario"] = {
        "close": list(scenario.close),
        "open": [vars(opening) for opening in scenario.open],
        "capacity": scenario.capacity,
        "unlocked": list(unlocked),
        "walks": walks,
    }
    return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()
