"""What a city lacks: one that is only part of a city is accepted, but says what cannot be done with it."""

from __future__ import annotations

from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.recipe.levels import LEVEL_NAMES
from geodata.recipe.recipe import Recipe


def say_lacking(given: Gathered, recipe: Recipe, notes: Notes) -> list[str]:
    """A doubt for everything that the sources do not give, and the sentences in English."""
    before = len(notes.doubts)
    if given.population.empty and given.register.empty:
        notes.doubt("There is no population: no unit has children, so the city cannot be planned yet.")
    elif given.register.empty and given.births is None and not any(map(is_age, given.population.columns)):
        notes.doubt("The population has no ages: no unit has children, so the city cannot be planned yet.")
    for level in recipe.levels:
        if not (given.schools["level"] == level).any():
            notes.doubt("There are no schools, %(level)s: that level cannot be planned yet.", level=LEVEL_NAMES[level])
    if given.streets.empty:
        notes.doubt("There are no streets, so no walks: a plan takes the way over neighbouring units instead.")
    if given.buildings.empty and len(given.population):
        notes.doubt("There are no buildings: people are spread evenly over the ground of their record.")
    return [message % values if values else message for message, values in notes.doubts[before:]]


def is_age(column: str) -> bool:
    """Is it a column of children of one age?"""
    return column.startswith("age_")
