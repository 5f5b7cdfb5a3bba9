"""What a forecast assumes: [forecast] of a recipe, with its three variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from geodata.recipe.table import Table

VARIANTS = ("low", "middle", "high")
LONGEST = 12
"""School years after the first that a forecast reaches at most."""


@dataclass(frozen=True)
class Variant:
    """One variant, beside what the sources say.

    births: yearly change of the births after the school year; migration: net yearly rate of children of every age;
    housing: share of the projects' children who come.
    """

    births: float
    migration: float
    housing: float


DEFAULTS = {"low": Variant(-0.03, -0.01, 0.8), "middle": Variant(0.0, 0.0, 1.0), "high": Variant(0.03, 0.01, 1.2)}
RANGES = {"births": (-0.5, 0.5), "migration": (-0.5, 0.5), "housing": (0.0, 5.0)}


@dataclass(frozen=True)
class Forecast:
    """`births_change` (yearly, after the last year that a source gives) is None where the births' own trend goes on."""

    years: int
    births_change: float | None
    survival: float
    variants: Mapping[str, Variant]


def column_of(level: str, year: int, variant: str) -> str:
    """Name of a column of the layer `forecast`."""
    return f"{level}_{year}_{variant}"


def read_forecast(given: Table) -> Forecast:
    """The table [forecast]; every key has a default."""
    table = given.table("forecast", {"years", "births_change", "survival", *VARIANTS}, default={})
    years = table.take("years", int, LONGEST)
    if not 0 <= years <= LONGEST:
        table.refuse("needs years from 0 to %(most)s", most=LONGEST)
    variants = {name: _variant(table, name) for name in VARIANTS}
    for key in RANGES:
        values = [getattr(variants[name], key) for name in VARIANTS]
        if values != sorted(values):
            table.refuse("needs %(key)s that do not fall from low over middle to high", key=key)
    change = _number(table, "births_change", 0.0, (-0.5, 0.5)) if "births_change" in table.values else None
    return Forecast(years, change, _number(table, "survival", 1.0, (0.5, 1.0)), variants)


def _variant(table: Table, name: str) -> Variant:
    given = table.table(name, set(RANGES), default={})
    default = DEFAULTS[name]
    return Variant(**{key.name: _number(given, key.name, getattr(default, key.name)) for key in fields(Variant)})


def _number(table: Table, key: str, default: float, allowed: tuple[float, float] | None = None) -> float:
    value = float(table.take(key, (int, float), default))
    least, most = allowed or RANGES[key]
    if not least <= value <= most:
        table.refuse("needs %(key)s from %(least)s to %(most)s", key=key, least=least, most=most)
    return value
