"""The data report of an import as plain values: what was read, dropped, repaired, and every doubt."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from geodata.importing import Made
from geodata.report.rules import rules


def report_of(made: Made, run: Mapping[str, Any]) -> dict[str, Any]:
    """The content of report.json; only `run` may differ between runs on the same sources."""
    return {
        "city": {key: made.head[key] for key in ("name", "crs", "school_year", "synthetic")},
        "sources": [dataclasses.asdict(source) for source in made.notes.sources],
        "figures": dict(made.figures),
        "schools": _schools(made),
        "doubts": [message % values for message, values in made.notes.doubts],
        "rules": rules(made.notes, str),
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
