"""The share of children near enough to a school."""

from __future__ import annotations

import pandas as pd
import pytest

from geodata.importing import Made
from geodata.recipe.levels import Level
from geodata.service import service_figures

LEVELS = {"primary": Level((6,), 45, 500)}


def layers(metres: list[float], current: list[tuple[str, str]]) -> dict[str, pd.DataFrame]:
    units = ["U1", "U1", "U2", "U2"]
    return {
        "units": pd.DataFrame({"unit": ["U1", "U2"], "age_6": [30.0, 10.0]}),
        "schools": pd.DataFrame({"school": ["P1", "P2"], "level": "primary"}),
        "walks": pd.DataFrame({"unit": units, "school": ["P1", "P2"] * 2, "metres": metres}),
        "current": pd.DataFrame([(*pair, "primary") for pair in current], columns=["unit", "school", "level"]),
    }


def test_shares_of_children_within_the_radius() -> None:
    found = service_figures(layers([400, 900, 501, 800], [("U1", "P2"), ("U2", "P1")]), LEVELS)
    assert found == {"primary": {"radius": 500, "nearest": 0.75, "current": 0.0}}


def test_of_two_current_schools_the_nearer_counts() -> None:
    found = service_figures(layers([400, 900, 501, 800], [("U1", "P1"), ("U1", "P2")]), LEVELS)
    assert found["primary"]["current"] == 1.0


def test_without_zones_or_walks_there_is_no_figure() -> None:
    assert "current" not in service_figures(layers([400, 900, 501, 800], []), LEVELS)["primary"]
    nothing = layers([400, 900, 501, 800], [])
    nothing["walks"] = nothing["walks"][:0]
    assert service_figures(nothing, LEVELS) == {}


def test_the_town_tells_them(made: Made) -> None:
    found = made.figures["service"]
    assert set(found) == {"primary", "junior"}
    assert found["primary"]["nearest"] >= found["primary"]["current"] > 0
    assert found["junior"]["radius"] == pytest.approx(1000)
