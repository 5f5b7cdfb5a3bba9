"""The forecast made from what a bureau has, against the synthetic city's future that only its maker knows."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.arrays import Floats, Indices
from geodata.city import City
from geodata.demo import DemoCity, make_city, write_sources
from geodata.demo.future import make_projects, true_future
from geodata.importing import Made
from geodata.recipe.forecast import VARIANTS
from geodata.units.faces import find
from geodata.writing import write_city
from tests.geodata.conftest import SPEAKERS, import_town

AGES = {"primary": 6, "junior": 12}
YEARS = np.arange(2027, 2039)


@pytest.fixture(scope="module")
def demo() -> DemoCity:
    return make_city(7, 0.4)


@pytest.fixture(scope="module")
def truth(demo: DemoCity) -> Floats:
    """Children by year, place (compounds, then projects) and age."""
    return true_future(demo).astype(float)


@pytest.fixture(scope="module")
def made(demo: DemoCity, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("demo") / "sources"
    write_sources(demo, folder)
    return import_town(folder / "recipe.toml")


@pytest.fixture(scope="module")
def city(made: Made, tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("demo") / "city"
    write_city(made, folder, {}, SPEAKERS)
    return City.open(folder)


def sums(city: City, level: str, variant: str) -> Floats:
    return np.array([city.demand(level, int(year), variant).sum() for year in YEARS])


def state_errors(found: Floats, true: Floats) -> Floats:
    """|forecast − truth| ÷ truth of the whole city, each year."""
    errors: Floats = np.abs(found - true) / true
    return errors


@pytest.mark.parametrize("level", list(AGES))
def test_the_whole_city_s_demand_comes_close_to_the_truth(city: City, truth: Floats, level: str) -> None:
    """The mean error of twelve years is under 0.4 of that of no change."""
    true = truth[1:, :, AGES[level]].sum(axis=1)
    errors = state_errors(sums(city, level, "middle"), true)
    no_change = state_errors(np.full(12, truth[0, :, AGES[level]].sum()), true)
    assert errors[:6].max() < 0.08, errors
    assert errors.max() < 0.15, errors
    assert errors.mean() < 0.4 * no_change.mean(), (errors, no_change)


@pytest.mark.parametrize("level", list(AGES))
def test_low_and_high_bracket_the_truth(city: City, truth: Floats, level: str) -> None:
    """But for the luck of counting: two standard deviations of a count."""
    true = truth[1:, :, AGES[level]].sum(axis=1)
    low, middle, high = (sums(city, level, variant) for variant in VARIANTS)
    assert ((low <= middle) & (middle <= high)).all()
    assert (low - 2 * np.sqrt(low) <= true).all()
    assert (true <= high + 2 * np.sqrt(high)).all()


def test_no_unit_has_more_children_in_a_lower_variant(city: City) -> None:
    forecast = city.forecast()
    for level in AGES:
        for year in YEARS:
            low, middle, high = (forecast[f"{level}_{year}_{variant}"] for variant in VARIANTS)
            assert (low <= middle + 1e-9).all()
            assert (middle <= high + 1e-9).all()


def test_falling_births_show(city: City, made: Made) -> None:
    primary = made.figures["forecast"]["primary"]["middle"]
    assert list(primary) == [str(year) for year in range(2026, 2039)]
    assert primary["2038"] < 0.6 * primary["2026"]
    assert sums(city, "primary", "middle").tolist() == pytest.approx([primary[str(year)] for year in YEARS])


def unit_of_places(demo: DemoCity, city: City) -> Indices:
    outlines = [demo.outline(number) for number in range(len(demo.compounds))]
    outlines += [project.outline(demo) for project in make_projects(demo)]
    return find(city.units().geometry.to_numpy(), shapely.point_on_surface(np.array(outlines, dtype=object)))


def test_todays_zones_are_forecast_better_than_by_no_change(demo: DemoCity, city: City, truth: Floats) -> None:
    """Children of each of today's primary zones: mean error beside no change, five years on."""
    units = city.units()["unit"].to_numpy()
    at = unit_of_places(demo, city)
    zone = city.current().query("level == 'primary'").drop_duplicates("unit").set_index("unit")["school"]
    now, later = (np.bincount(at, truth[ahead, :, 6], len(units)) for ahead in (0, 5))
    frame = city.demand("primary", 2031).rename("found").reset_index()
    frame["now"], frame["true"], frame["zone"] = now, later, frame["unit"].map(zone)
    zones = frame.groupby("zone")[["found", "now", "true"]].sum()
    found, still = ((zones[name] - zones["true"]).abs().sum() / zones["true"].sum() for name in ("found", "now"))
    assert found < 0.6 * still, (found, still)


def test_new_homes_bring_children_where_nobody_lived(demo: DemoCity, city: City) -> None:
    units = city.units().set_index("unit")
    first = make_projects(demo)[0]
    middle = first.outline(demo).representative_point()
    (unit,) = units.index[units.covers(middle)]
    assert units.loc[unit, "people"] == 0
    assert city.demand("primary", 2026)[unit] == 0
    moved_in_at_4_5_and_6 = first.homes / 3 * (0.03 * 0.99**2 + 0.03 * 0.99 + 0.02)
    assert city.demand("primary", 2029)[unit] == pytest.approx(moved_in_at_4_5_and_6)
