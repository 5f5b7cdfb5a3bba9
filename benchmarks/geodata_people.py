"""People of whole neighbourhoods spread over buildings, held against the estimates of their tax lots.

On `queens_village`: the lot estimates are summed by neighbourhood (NTA), the sums spread over the buildings, and what
each unit gets is compared with the lot estimates in it (modelled themselves: a reference, no truth; the lots' count of
dwellings is no input). The peer is plain areal weighting by tobler. R² = 1 − Σ(ours − reference)² / Σ(reference −
mean)², and the mean absolute error in people per unit. `python -m benchmarks.geodata_people`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from benchmarks.measure import Lines, timed
from geodata.arrays import Floats, Shapes
from geodata.gather import gather
from geodata.gathered import Gathered
from geodata.importing import make_city
from geodata.notes import Notes
from geodata.people.ground import dwellings_of
from geodata.people.spread import spread
from geodata.recipe.recipe import read_recipe
from geodata.units.faces import find
from tests.paths import CHECKOUT, REAL_DATA

QUEENS = REAL_DATA / "queens_village"
FEET = "EPSG:2263"
"""What the boundaries of the neighbourhoods are in."""


def neighbourhoods(given: Gathered, folder: Path) -> gpd.GeoDataFrame:
    """The part of each neighbourhood inside the city, and the sum of its lots' estimates there: count."""
    shapes = pyogrio.read_dataframe(folder / "nta_boundaries.geojson").set_crs(FEET, allow_override=True)
    shapes = shapes.to_crs(given.crs).set_index("nta").geometry.intersection(given.area)
    lots = pd.read_csv(folder / "bbl_population_2023.csv")
    counts = lots.groupby("nta")["bbl_population_estimate"].sum().reindex(shapes.index, fill_value=0.0)
    return gpd.GeoDataFrame({"count": counts.to_numpy()}, geometry=shapes.to_numpy(), crs=given.crs)


def ours(areas: gpd.GeoDataFrame, given: Gathered, units: Shapes) -> Floats:
    """People of each unit, spread over the dwellings."""
    dwellings = dwellings_of(given.buildings, areas, units, Notes())
    shares = spread(areas, dwellings, units)
    at = find(units, shapely.point_on_surface(dwellings.geometry.to_numpy()))
    own = find(units, shapely.point_on_surface(areas.geometry.to_numpy()))
    return shares.on_units(areas[["count"]].to_numpy(), at, own, len(units))[:, 0]


def areal(areas: gpd.GeoDataFrame, units: Shapes) -> Floats:
    """People of each unit by plain areal weighting (tobler)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tobler.area_weighted import area_interpolate

        target = gpd.GeoDataFrame(geometry=units, crs=areas.crs)
        found: Floats = area_interpolate(areas, target, extensive_variables=["count"])["count"].to_numpy()
    return found


def fit(found: Floats, reference: Floats) -> tuple[float, float]:
    """R² and mean absolute error."""
    wrong = found - reference
    return 1 - float((wrong**2).sum() / ((reference - reference.mean()) ** 2).sum()), float(np.abs(wrong).mean())


def measure(given: Gathered, units: Shapes, folder: Path) -> dict[str, Any]:
    """The figures of one line; `units` are what the import has made of `given`."""
    areas = neighbourhoods(given, folder)
    lots = given.population
    reference = np.bincount(find(units, lots.geometry.to_numpy()), lots["count"], len(units))
    found, seconds = timed(lambda: ours(areas, given, units))
    plain = areal(areas, units)
    (r2, error), (peer_r2, peer_error) = fit(found, reference), fit(plain, reference)
    return {
        "case": "queens_village",
        "areas": len(areas),
        "units": len(units),
        "people": round(float(reference.sum()), 1),
        "people_spread": round(float(found.sum()), 1),
        "seconds": round(seconds, 2),
        "r2": round(r2, 4),
        "mean_absolute_error": round(error, 2),
        "peer": "tobler area_interpolate",
        "peer_people": round(float(plain.sum()), 1),
        "peer_r2": round(peer_r2, 4),
        "peer_mean_absolute_error": round(peer_error, 2),
        "ratio": round(peer_error / error, 2),
    }


def main() -> None:
    """Print the line and keep it."""
    recipe = read_recipe(CHECKOUT / "docs/recipes/queens.toml", QUEENS)
    made = make_city(recipe, lambda _step, _done, _total: None)
    units = made.layers["units"].geometry.to_numpy()
    Lines("geodata_people").say(**measure(gather(recipe, Notes()), units, QUEENS))


if __name__ == "__main__":
    main()
