"""From the sources of a recipe to a city: blocks, people, units, walks and the current zones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import shapely

from geodata.checks.alignment import check, doubt
from geodata.checks.lacking import say_lacking
from geodata.figures import figures_of
from geodata.forecast.demand import forecast_layer
from geodata.gather import gather
from geodata.layers import head_of, map_layers, table_layers
from geodata.notes import Notes
from geodata.people.children import unit_frame, with_register
from geodata.people.ground import dwellings_of
from geodata.people.homes import homes_of, place
from geodata.people.spread import spread
from geodata.recipe.recipe import Recipe
from geodata.streets.passages import passages
from geodata.streets.to_schools import walks_to_schools
from geodata.units.land import land_of
from geodata.units.sizes import sized_units
from geodata.zones.current import match_zones
from geodata.zones.texts import match_texts

Progress = Callable[[str, int, int], None]
STEPS = 6


@dataclass(frozen=True)
class Made:
    """A city before it is written: head of city.toml, layers, figures of the report, and the notes."""

    head: Mapping[str, Any]
    layers: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Any]
    notes: Notes


def make_city(recipe: Recipe, progress: Progress) -> Made:
    """Make the whole city in memory.

    Raises:
        GeodataInputError: a source is not what the recipe says.
    """
    notes = Notes()
    tick = _ticker(progress)
    tick("reading the sources")
    given = gather(recipe, notes)
    alignment = check(given, recipe.sources)
    doubt(alignment, notes)
    tick("cutting blocks")
    lacking = say_lacking(given, recipe, notes)
    met = passages(given.streets, given.barriers)
    land = land_of(given, met.open(), notes)
    tick("making units")
    given, units, counted = with_register(given, sized_units(given, land, met.open(), recipe, notes), recipe, notes)
    tick("spreading people")
    dwellings = dwellings_of(given.buildings, given.population, land.pieces, notes)
    inner = shapely.point_on_surface(dwellings.geometry.to_numpy())
    shares = spread(given.population, dwellings, land.pieces)
    placed = place(given, shares, units, inner)
    homes = homes_of(given, placed, inner)
    frame = unit_frame(given, units, placed, counted, recipe, notes)
    tick("measuring walks")
    walks = walks_to_schools(given, met, units, homes, recipe.reach, notes)
    tick("matching current zones")
    by_text, text_figures = match_texts(given, units, homes, notes)
    current = pd.concat([match_zones(given, units, homes, recipe, notes), by_text], ignore_index=True)
    layers = map_layers(given, units, placed, frame) | table_layers(units, given, walks, current)
    layers["forecast"] = forecast_layer(given, units, placed, frame, recipe, notes)
    tick("city made")
    figures = figures_of(given, placed, layers, recipe, notes) | {
        "missing": lacking,
        "catchment_text": text_figures,
        "alignment": [asdict(found) for found in alignment],
    }
    return Made(head_of(recipe, frame), layers, figures, notes)


def _ticker(progress: Progress) -> Callable[[str], None]:
    done = iter(range(STEPS + 1))
    return lambda step: progress(step, next(done), STEPS)
