"""The data report of an import as plain values: what was read, dropped, repaired, and every doubt."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from geodata.importing import Made

Translate = Callable[..., str]
"""`gettext`: an English sentence and its values -> the sentence in the reader's language."""


def rules(_: Translate) -> list[str]:
    """How every city is made, in the reader's language."""
    return [
        _(
            "Streets, barriers and the boundary cut the city into blocks; empty scraps under 4,000 m² and strips under "
            "12 m wide join the neighbour with the longest common border."
        ),
        _("Units that a planner has drawn stand instead of these, with overlaps cut and gaps closed."),
        _("A block with several compounds is divided between them by enclosed tessellation of their buildings."),
        _("A record's people are shared out over its dwellings by floor area × storeys; fractions stay fractions."),
        _(
            "A border is a barrier where more than half of it runs along a railway, river or trunk road and no "
            "walkable street crosses that there."
        ),
        _(
            "Walks are shortest paths on walkable streets in metres, averaged over a unit's residents. Streets meet in "
            "common vertices and, on one layer, where they cross or one ends within 1 m of another. Homes and schools "
            "join a large connected piece of the network at the nearest point that no barrier hides."
        ),
        _("A unit belongs to the current zone in which most of its people live."),
    ]


def report_of(made: Made, run: Mapping[str, Any]) -> dict[str, Any]:
    """The content of report.json; only `run` may differ between runs on the same sources."""
    return {
        "city": {key: made.head[key] for key in ("name", "crs", "school_year", "synthetic")},
        "sources": [dataclasses.asdict(source) for source in made.notes.sources],
        "figures": dict(made.figures),
        "schools": _schools(made),
        "doubts": [message % values for message, values in made.notes.doubts],
        "rules": rules(str),
        "run": dict(run),
    }


def _schools(made: Made) -> list[dict[str, Any]]:
    """Per school its seats, and what it serves now (a shared unit counts with each of its schools)."""
    units, current = made.layers["units"].set_index("unit"), made.layers["current"]
    rows = []
    for school in made.layers["schools"].itertuples():
        served = current["unit"][(current["school"] == school.school) & (current["level"] == school.level)]
        ages = [f"age_{age}" for age in made.head["levels"][school.level]["ages"]]
        rows.append(
            {
                "school": school.school,
                "name": school.name,
                "level": school.level,
                "capacity": float(school.capacity),
                "unit": school.unit,
                "current_units": len(served),
                "current_children": float(units.loc[served].reindex(columns=ages, fill_value=0.0).to_numpy().sum()),
            }
        )
    return rows
