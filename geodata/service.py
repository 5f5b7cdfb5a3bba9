"""How many children live near enough to a school: the service radius of GB 50180."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geodata.recipe.levels import Level


def service_figures(layers: Mapping[str, pd.DataFrame], levels: Mapping[str, Level]) -> dict[str, dict[str, float]]:
    """By level: `radius` (m), and the shares of its children whose unit walks at most that far.

    `nearest`: to the nearest school of the level; `current`: to the nearest of its current ones, of the children that
    have one. A level without walks, children or (for `current`) zones has no such figure.
    """
    return {name: found for name, level in levels.items() if (found := _shares(name, level, layers))}


def _shares(name: str, level: Level, layers: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    schools, current = layers["schools"], layers["current"]
    walks = layers["walks"][layers["walks"]["school"].isin(schools["school"][schools["level"] == name])]
    ages = [f"age_{age}" for age in level.ages]
    children = layers["units"].set_index("unit").reindex(columns=ages, fill_value=0.0).sum(axis=1)
    if walks.empty or children.sum() <= 0:
        return {}
    shares = {"radius": level.radius, "nearest": _near(walks, children, level.radius)}
    today = walks.merge(current[current["level"] == name][["unit", "school"]], on=["unit", "school"])
    if children.reindex(today["unit"].unique()).sum() > 0:
        shares["current"] = _near(today, children, level.radius)
    return shares


def _near(walks: pd.DataFrame, children: pd.Series[float], radius: float) -> float:
    shortest = walks.groupby("unit")["metres"].min()
    counted = children.reindex(shortest.index)
    return float(counted[shortest <= radius].sum() / counted.sum())
