"""Whole imports, recipe to finished city folder, each as the command that a planner types and in its own process.

Cases: Queens Village where its data are, and the synthetic city of `geodata_city` in three sizes; then how seconds grow
with buildings (the exponent of a power, by least squares over the three sizes), and the problem folder of the largest
city. `python -m benchmarks.geodata_import [BUILDINGS …]` measures other sizes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.geodata_city import write_city
from benchmarks.measure import Lines, run
from tests.paths import REAL_DATA

CHECKOUT = Path(__file__).parents[1]
FLASK = (sys.executable, "-m", "flask")
SIZES = (30_000, 100_000, 300_000)
QUEENS = {"seconds": 60, "peak_mb": 2000}
LARGE = {"seconds": 480, "peak_mb": 6000}
EXPONENT = 1.2
"""Near-linear: ten times the buildings take at most sixteen times as long."""


def import_city(recipe: Path, data: Path, out: Path, bar: dict[str, int] | None) -> dict[str, Any]:
    """One line of figures."""
    seconds, peak = run([*FLASK, "geodata", "import", recipe, "--data", data, "--out", out, "--json"])
    figures = json.loads((out / "report.json").read_text(encoding="utf-8"))["figures"]
    line = {name: figures[name] for name in ("buildings", "addresses", "units", "walks")}
    line |= {"people": round(figures["people_placed"]), "seconds": round(seconds, 2), "peak_mb": peak}
    if bar is not None:
        line |= {"bar": bar, "met": seconds <= bar["seconds"] and peak <= bar["peak_mb"]}
    return line


def main(sizes: tuple[int, ...]) -> None:
    """Print every case; the real one only where its data is."""
    lines = Lines("geodata_import")
    with tempfile.TemporaryDirectory() as name:
        folder, queens = Path(name), REAL_DATA / "queens_village"
        if queens.is_dir():
            recipe = CHECKOUT / "docs/recipes/queens.toml"
            lines.say(case="queens_village", **import_city(recipe, queens, folder / "queens", QUEENS))
        found = []
        for size in sizes:
            sources, out = folder / f"sources{size}", folder / f"city{size}"
            write_city(sources, size)
            bar = LARGE if size == max(SIZES) else None
            found.append(import_city(sources / "recipe.toml", sources, out, bar))
            lines.say(case=f"synthetic {size}", **found[-1])
        if len(found) > 1:
            x, y = (np.log([line[figure] for line in found]) for figure in ("buildings", "seconds"))
            exponent = float(np.polyfit(x, y, 1)[0])
            lines.say(case="growth", exponent=round(exponent, 3), bar=EXPONENT, met=exponent <= EXPONENT)
        problem = ["zoning", "problem", out, "--level", "primary", "--year", "2026", "--out", folder / "problem"]
        seconds, peak = run([*FLASK, *problem])
        lines.say(case=f"zoning problem of synthetic {sizes[-1]}", seconds=round(seconds, 2), peak_mb=peak)


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
