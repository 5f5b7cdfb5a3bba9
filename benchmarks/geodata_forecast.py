"""How near the forecast comes: to the synthetic city's hidden future, and to what became of real schools.

One JSON line per case, each beside «no change». `python -m benchmarks.geodata_forecast`.

synthetic: the demo city at full size, imported from its own sources; |forecast − truth| ÷ truth of the whole city's
demand, mean of the next 6 and of all 12 school years, and of each of today's zones five years on.

queens_village: total enrolment of each zoned PK-5 or PK-8 school in 2024–25, predicted from 2019–20 to 2021–22; the
error is |prediction − 2024–25| ÷ 2021–22, so that one school weighs as much as another. «cohorts» is our forecast: the
city imported as of 2021 (the ages of the census estimate 2019–23 are centred there), its middle variant three years on
÷ the same in 2021 in each school's zone; a school without homes in the extract gets the whole city's ratio.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from benchmarks.measure import Lines
from geodata.arrays import Floats
from geodata.city import City
from geodata.demo import make_city as make_demo
from geodata.demo import write_sources
from geodata.demo.city import DemoCity
from geodata.demo.future import make_projects, true_future
from geodata.importing import make_city
from geodata.recipe.recipe import read_recipe
from geodata.units.faces import find
from geodata.writing import write_city
from tests.paths import CHECKOUT, REAL_DATA

AGES = {"primary": 6, "junior": 12}
HISTORY, TARGET, AHEAD = ("2019-20", "2020-21", "2021-22"), "2024-25", 3


def imported(recipe: Path, data: Path, out: Path) -> City:
    """The city of a recipe."""
    write_city(make_city(read_recipe(recipe, data), lambda _step, _done, _total: None), out, {}, {})
    return City.open(out)


def mean_percent(errors: Floats | pd.Series[float]) -> float:
    """A mean share in percent."""
    return round(100 * float(np.mean(errors)), 2)


def synthetic(lines: Lines, folder: Path) -> None:
    """Both levels of the demo city."""
    demo = make_demo()
    write_sources(demo, folder / "sources")
    city = imported(folder / "sources" / "recipe.toml", folder / "sources", folder / "city")
    truth = true_future(demo).astype(float)
    for level, age in AGES.items():
        true = truth[:, :, age].sum(axis=1)
        found = {
            variant: np.array([city.demand(level, year, variant).sum() for year in range(2026, 2039)])
            for variant in ("low", "middle", "high")
        }
        errors = {
            name: np.abs(given / true - 1)[1:]
            for name, given in (("forecast", found["middle"]), ("no_change", true[0]))
        }
        zones = zone_errors(demo, city, truth, level)
        lines.say(
            case=f"synthetic, {level}",
            **{f"{name}_percent_6_years": mean_percent(error[:6]) for name, error in errors.items()},
            **{f"{name}_percent_12_years": mean_percent(error) for name, error in errors.items()},
            **{f"{name}_percent_of_zones_5_years_on": mean_percent(error) for name, error in zones.items()},
            years_between_low_and_high=int(((found["low"] <= true) & (true <= found["high"]))[1:].sum()),
        )


def zone_errors(demo: DemoCity, city: City, truth: Floats, level: str) -> dict[str, pd.Series[float]]:
    """|forecast − truth| ÷ truth of each zone that has children, five years on."""
    outlines = [demo.outline(number) for number in range(len(demo.compounds))]
    outlines += [project.outline(demo) for project in make_projects(demo)]
    places = shapely.point_on_surface(np.array(outlines, dtype=object))
    at = find(city.units().geometry.to_numpy(), places)
    units = city.units()["unit"]
    current = city.current().query("level == @level").drop_duplicates("unit").set_index("unit")["school"]
    frame = pd.DataFrame(
        {
            "zone": units.map(current),
            "forecast": units.map(city.demand(level, 2031)),
            "no_change": np.bincount(at, truth[0, :, AGES[level]], len(units)),
            "true": np.bincount(at, truth[5, :, AGES[level]], len(units)),
        }
    )
    sums = frame.groupby("zone").sum()
    return {name: (sums[name] / sums["true"] - 1).abs() for name in ("forecast", "no_change")}


def enrolment(data: Path) -> pd.DataFrame:
    """Total enrolment of the zoned schools: a row per school, a column per year."""
    schools = pd.read_csv(data / "schools.csv")
    schools = schools[schools["grades"].isin(["PK-5", "PK-8"]) & (schools["has_zone"] == True)]  # noqa: E712
    rows = {school.dbn: dict(json.loads(school.trend)) for school in schools.itertuples()}
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


def own_trend(given: pd.DataFrame) -> pd.Series[float]:
    """The mean yearly change of each school goes on."""
    return given[HISTORY[-1]] * (given[HISTORY[-1]] / given[HISTORY[0]]) ** (AHEAD / (len(HISTORY) - 1))


def common_trend(given: pd.DataFrame) -> pd.Series[float]:
    """The mean yearly change of all schools together goes on in each."""
    total = given.sum()
    return given[HISTORY[-1]] * (total[HISTORY[-1]] / total[HISTORY[0]]) ** (AHEAD / (len(HISTORY) - 1))


def cohort_ratios(city: City) -> pd.Series[float]:
    """Per school with homes in the city, the forecast of its zone ÷ the children of now; '' for the whole city."""
    now, later = city.demand("primary", city.school_year), city.demand("primary", city.school_year + AHEAD)
    served = city.current().groupby("unit")["school"].agg(list).explode().rename("school").reset_index()
    sums = (
        served.assign(now=served["unit"].map(now), later=served["unit"].map(later))
        .groupby("school")
        .sum(numeric_only=True)
    )
    ratios = sums["later"] / sums["now"]
    ratios[""] = later.sum() / now.sum()
    return ratios


def predictions(given: pd.DataFrame, ratios: Mapping[str, float] | None) -> dict[str, pd.Series[float]]:
    """What each method says of the target year; `cohorts` only with ratios."""
    methods: dict[str, Callable[[pd.DataFrame], pd.Series[float]]] = {
        "no_change": lambda history: history[HISTORY[-1]],
        "own_trend": own_trend,
        "common_trend": common_trend,
    }
    if ratios is not None:
        factor = pd.Series([ratios.get(school, ratios[""]) for school in given.index], index=given.index)
        methods["cohorts"] = lambda history: history[HISTORY[-1]] * factor
    return {name: method(given[list(HISTORY)]) for name, method in methods.items()}


def back_test(given: pd.DataFrame, ratios: Mapping[str, float] | None) -> list[dict[str, object]]:
    """A row per method: the mean error over schools, the share of what came, and the error of the sum."""
    came, base = given[TARGET], given[HISTORY[-1]]
    return [
        {
            "method": name,
            "schools": len(given),
            "mean_error_percent": mean_percent((said - came).abs() / base),
            "mean_error_percent_of_what_came": mean_percent((said - came).abs() / came),
            "error_of_the_sum_percent": round(100 * float(said.sum() / came.sum() - 1), 2),
        }
        for name, said in predictions(given, ratios).items()
    ]


def queens(lines: Lines, folder: Path) -> None:
    """The back-test on real schools."""
    data = REAL_DATA / "queens_village"
    text = (CHECKOUT / "docs/recipes/queens.toml").read_text(encoding="utf-8")
    recipe = folder / "queens.toml"
    recipe.write_text(text.replace("school_year = 2024", "school_year = 2021"), encoding="utf-8")
    city = imported(recipe, data, folder / "queens")
    for row in back_test(enrolment(data), cohort_ratios(city).to_dict()):
        lines.say(case="queens_village, enrolment 2024-25", **row)


def main() -> None:
    """Print every case; the real one only where its data is."""
    lines = Lines("geodata_forecast")
    with tempfile.TemporaryDirectory() as folder:
        synthetic(lines, Path(folder))
        if (REAL_DATA / "queens_village").is_dir():
            queens(lines, Path(folder))


if __name__ == "__main__":
    main()
