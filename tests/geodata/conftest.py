"""A small town, written once and imported once for the tests that only look at it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geodata.city import City
from geodata.importing import Made, make_city
from geodata.recipe.recipe import read_recipe
from geodata.writing import write_city
from tests.geodata.town import write_town


def english(sentence: str, **values: object) -> str:
    """The translation that changes nothing."""
    return sentence % values if values else sentence


SPEAKERS = {"zh-Hans": english, "en": english}


def quiet(step: str, done: int, total: int) -> None:
    """No progress is shown in tests."""


def import_town(recipe: Path) -> Made:
    """The whole import up to the writing."""
    return make_city(read_recipe(recipe), quiet)


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_town(folder)
    return folder


@pytest.fixture
def town(sources: Path, tmp_path: Path) -> Path:
    """The recipe of a copy that a test may damage."""
    shutil.copytree(sources, tmp_path / "town")
    return tmp_path / "town" / "recipe.toml"


@pytest.fixture(scope="session")
def made(sources: Path) -> Made:
    return import_town(sources / "recipe.toml")


@pytest.fixture(scope="session")
def city(made: Made, tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("cities") / "town"
    write_city(made, folder, {}, SPEAKERS)
    return City.open(folder)
