"""The communities of a real prefecture, 94 of whose 580 names are not unique: a name is no key."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geodata.errors import GeodataInputError
from tests.geodata.conftest import import_town
from tests.geodata.town import edit
from tests.paths import REAL_DATA, needs_real_data

pytestmark = [pytest.mark.realdata, needs_real_data("liaoyuan_divisions")]
VILLAGES = REAL_DATA / "liaoyuan_divisions" / "villages_220400.csv"


def by_community(town: Path, key: str) -> None:
    """Let the town's people be of communities, and their ages be told by a table of these."""
    table = pd.read_csv(VILLAGES, dtype=str).assign(people="100", young="20")
    table.to_csv(town.parent / "communities.csv", index=False)
    edit(
        town,
        lambda text: (
            text.replace(
                'fields = { count = "residents" }\nsingle_ages = { column = "age_{age}", from = 0, to = 14 }',
                'fields = { count = "residents", area = "residents" }',
            )
            + f'\n[age_groups]\npath = "communities.csv"\nkey = "{key}"\ntotal = "people"\n'
            + 'groups = { "0-14" = "young" }\n'
        ),
    )


def test_the_names_are_as_ambiguous_as_said() -> None:
    names = pd.read_csv(VILLAGES, dtype=str)["name"]
    assert (len(names), int(names.duplicated(keep=False).sum())) == (580, 94)


def test_a_table_keyed_by_names_that_stand_twice_is_refused_with_the_name(town: Path) -> None:
    by_community(town, "name")
    with pytest.raises(GeodataInputError, match=r"communities\.csv, row \d+: name \S+ stands there twice"):
        import_town(town)


def test_the_same_table_keyed_by_codes_is_taken(town: Path) -> None:
    by_community(town, "code")
    made = import_town(town)
    assert any("live in areas that" in message for message, _ in made.notes.doubts)
    assert made.figures["levels"]["primary"]["children"] > 0
