"""Children by level and year: the forecast where there is one, else today's children grown older in place."""

from __future__ import annotations

import pandas as pd

from geodata.importing import Made
from geodata.report.charts import Demand
from geodata.report.html import over, table
from geodata.report.values import Translate

YEARS = 12


def demand_of(made: Made, level: str) -> Demand | None:
    """What is known of a level's children from the school year on; None where nothing is."""
    return _grown_older(made, level)


def _grown_older(made: Made, level: str) -> Demand | None:
    units, ages = made.layers["units"], made.head["levels"][level]["ages"]
    sums: pd.Series[float] = units[[column for column in units.columns if column.startswith("age_")]].sum()
    by_year = {}
    for later in range(YEARS + 1):
        needed = [f"age_{age - later}" for age in ages]
        if not all(column in sums.index for column in needed):
            break
        by_year[made.head["school_year"] + later] = float(sums[needed].sum())
    if not any(by_year.values()):
        return None
    children = tuple(by_year.values())
    return Demand(tuple(by_year), children, children, children, seats_of(made, level))


def seats_of(made: Made, level: str) -> float:
    """Seats of all schools of the level."""
    schools = made.layers["schools"]
    return float(schools["capacity"][schools["level"] == level].sum())


def demand_table(demand: Demand, _: Translate) -> str:
    """The chart's figures."""
    middle = [over(f"{value:,.0f}", 0 < demand.seats < value) for value in demand.middle]
    heads, columns = [_("school year"), _("children")], [middle]
    if demand.ranged:
        heads += [_("low"), _("high")]
        columns += [[f"{value:,.0f}" for value in demand.low], [f"{value:,.0f}" for value in demand.high]]
    if demand.seats:
        heads.append(_("seats"))
        columns.append([f"{demand.seats:,.0f}"] * len(middle))
    rows = zip((str(year) for year in demand.years), *columns, strict=True)
    return table(heads, [list(row) for row in rows], range(1, len(heads)))
