"""Children by level and year with the seats: the forecast of the whole city."""

from __future__ import annotations

from geodata.importing import Made
from geodata.report.charts import Demand
from geodata.report.html import Translate, over, table


def demand_of(made: Made, level: str) -> Demand | None:
    """What is known of a level's children from the school year on; None where nothing is."""
    variants = made.figures.get("forecast", {}).get(level, {})
    years = sorted(variants.get("middle", {}), key=int)
    if not years or not variants["middle"][years[0]]:
        return None
    low, middle, high = (tuple(variants[name][year] for year in years) for name in ("low", "middle", "high"))
    return Demand(tuple(int(year) for year in years), low, middle, high, seats_of(made, level))


def seats_of(made: Made, level: str) -> float:
    """Seats of all schools of the level."""
    schools = made.layers["schools"]
    return float(schools["capacity"][schools["level"] == level].sum())


def demand_table(demand: Demand, _: Translate) -> str:
    """The chart's figures."""
    middle = [over(f"{value:,.0f}", 0 < demand.seats < value) for value in demand.middle]
    heads, columns = [_("school year"), _("demand")], [middle]
    if demand.ranged:
        heads += [_("low"), _("high")]
        columns += [[f"{value:,.0f}" for value in demand.low], [f"{value:,.0f}" for value in demand.high]]
    if demand.seats:
        heads.append(_("seats"))
        columns.append([f"{demand.seats:,.0f}"] * len(middle))
    rows = zip((str(year) for year in demand.years), *columns, strict=True)
    return table(heads, [list(row) for row in rows], range(1, len(heads)))


def assumption_lines(made: Made, _: Translate) -> list[str]:
    """What the forecast assumes, a sentence each."""
    said = made.figures["forecast_assumptions"]
    lines = [
        _(
            "Children of later years are today's, grown older, with births, net migration and new housing; "
            "low, middle and high are assumptions and no probabilities."
        ),
        _(
            "Net migration of a year beside that of the sources: low %(low).1f %%, middle %(middle).1f %%, "
            "high %(high).1f %%.",
            **{name: 100 * said[name]["migration"] for name in ("low", "middle", "high")},
        ),
    ]
    if said["births_change"] is not None:
        lines.append(
            _(
                "Births after the last known year change by %(change).1f %% a year; from the first year after the "
                "school year, low adds %(low).1f points a year and high %(high).1f.",
                change=100 * said["births_change"],
                low=100 * said["low"]["births"],
                high=100 * said["high"]["births"],
            )
        )
    if any(source.role == "projects" for source in made.notes.sources):
        lines.append(
            _(
                "Of the children expected in new housing, %(low).0f %% come in low, %(middle).0f %% in middle, "
                "%(high).0f %% in high.",
                **{name: 100 * said[name]["housing"] for name in ("low", "middle", "high")},
            )
        )
    return lines
