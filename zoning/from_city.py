"""The problem folder of a city: the tables of one level and school year, written from the city folder."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from geodata.city import City
from ledger.errors import Phrase
from ledger.files import whole_folder, write_whole
from zoning.errors import ZoningInputError
from zoning.problem import Problem

DEFAULT_POLICY = "[limits]\nutilisation = [0.0, 1.0]\n\n[weights]\ndistance = 1.0\n"
"""Without a policy of the planner's own: nobody over capacity, short ways to school."""


def write_problem(
    city: City,
    level: str,
    year: int,
    policy: Path | None,
    out: Path,
    variant: str = "middle",
    also: Collection[int] = (),
) -> Problem:
    """Write the problem folder `out` and read it back.

    Schools of the level that stand in one unit with another of the same level share a zone, named by their ids. The
    demand of the years `also` stands beside as columns `demand_<year>`, all in one variant of the city's forecast.

    Raises:
        ZoningInputError: `out` is there already, the city lacks schools or children, or what was written is no valid
            problem (such as a wrong policy).
        GeodataInputError: the city has no such level, year or variant.
    """
    _refuse_part_of_a_city(city, level)
    further = sorted(set(also) - {year})
    try:
        with whole_folder(out) as folder:
            _write_tables(city, level, _demand(city, level, [year, *further], variant), folder)
            text = DEFAULT_POLICY.encode() if policy is None else policy.read_bytes()
            write_whole(folder / "policy.toml", text)
            source = {
                "city": str(city.folder.resolve()),
                "city_fingerprint": city.fingerprint(),
                "level": level,
                "year": year,
                "variant": variant,
                "also_years": further,
            }
            write_whole(folder / "problem.json", (json.dumps(source, ensure_ascii=False, indent=1) + "\n").encode())
            return Problem.read(folder)
    except FileExistsError:
        raise ZoningInputError(
            "%(folder)s is there already: a problem is never overwritten, name another folder.", folder=str(out)
        ) from None


def _refuse_part_of_a_city(city: City, level: str) -> None:
    if level not in city.levels:
        return  # the city says so itself, with the levels that it has
    schools = city.schools()
    has_schools = bool(schools["capacity"][schools["level"] == level].sum() > 0)
    has_children = any(column.startswith("age_") for column in city.units().columns)
    if has_schools and has_children:
        return
    missing = Phrase("schools of the level with seats, and no children by age")
    if has_schools:
        missing = Phrase("children by age")
    if has_children:
        missing = Phrase("schools of the level with seats")
    raise ZoningInputError(
        "%(city)s cannot be planned yet: it has no %(missing)s. Add them to its recipe ([[schools]], [[population]]) "
        "and import it again.",
        city=city.name,
        missing=missing,
    )


def _demand(city: City, level: str, years: list[int], variant: str) -> pd.DataFrame:
    """Children by unit: demand of the first year, demand_<year> of the others, group_<name> in the school year."""
    names = ["demand", *(f"demand_{year}" for year in years[1:])]
    demand = pd.DataFrame({name: city.demand(level, year, variant) for name, year in zip(names, years, strict=True)})
    return demand.join(city.groups(level)) if years[0] == city.school_year else demand


def _write_tables(city: City, level: str, demand: pd.DataFrame, folder: Path) -> None:
    schools = city.schools()
    schools = schools[schools["level"] == level].sort_values("school")
    open_ids = set(schools["school"].astype(str))
    _save(_units(city, demand), folder / "units.csv")
    _save(_schools(schools), folder / "schools.csv")
    _save(
        city.adjacency()[["unit", "neighbour", "border", "barrier"]].astype({"barrier": int}), folder / "adjacency.csv"
    )
    walks = city.walks()
    walks = walks[walks["school"].astype(str).isin(open_ids)][["unit", "school", "metres"]]
    if len(walks):
        _save(walks, folder / "walks.csv")
    current = city.current()
    current = current[(current["level"] == level) & current["school"].astype(str).isin(open_ids)][["unit", "school"]]
    if len(current):
        _save(current, folder / "current.csv")


def _units(city: City, demand: pd.DataFrame) -> pd.DataFrame:
    units = city.units()
    points = units.geometry.representative_point()
    return pd.DataFrame(
        {
            "unit": units["unit"],
            **{name: units["unit"].map(children) for name, children in demand.items()},
            "x": points.x.round(2),
            "y": points.y.round(2),
            "area": units["area"],
            "perimeter": units["perimeter"],
        }
    )


def _schools(schools: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "school": schools["school"].astype(str),
            "unit": schools["unit"].fillna("").astype(str),
            "capacity": schools["capacity"],
            "name": schools["name"].fillna("").astype(str),
        }
    )
    homes = table[(table["unit"] != "") & (table["capacity"] > 0)]
    shared = homes.groupby("unit")["school"].agg(lambda ids: "+".join(sorted(ids)) if len(ids) > 1 else "")
    table["zone"] = table["unit"].map(shared).fillna("").where(table["capacity"] > 0, "")
    return table


def _save(table: pd.DataFrame, path: Path) -> None:
    columns = [column for column in ("unit", "school", "neighbour") if column in table.columns]
    text = table.sort_values(columns, kind="stable").to_csv(index=False, lineterminator="\n")
    write_whole(path, text.encode())
