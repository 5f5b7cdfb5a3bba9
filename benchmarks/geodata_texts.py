"""Rates of the small readers: addresses to their normal form, catchment texts to rules, a large raster to people.

Addresses are made up, Chinese and Latin in turn; catchment texts are the shared ones of Shanghai, where they are; the
raster holds 64 million cells, of which the city takes a window of one in a hundred, in its own process.
`python -m benchmarks.geodata_texts`.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from pyproj import CRS

from benchmarks.measure import Lines, run, timed
from geodata.addresses.normal import normal_address
from geodata.catchments.grammar import read
from geodata.notes import Notes
from geodata.reading.reader import Reader
from geodata.recipe.source import read_sources
from geodata.recipe.table import Table
from geodata.roles.population import POPULATION, gather_population, read_age_groups
from tests.paths import REAL_DATA

METRES = CRS("EPSG:4551")
SIDE, CELL = 8000, 100.0
WEST, NORTH = 100_000.0, 5_000_000.0
TEXTS = REAL_DATA / "zh_catchment_text" / "shanghai_schools_catchment_text.csv"


def addresses(count: int) -> list[str]:
    """Made up: a street, a lane, a house and a room; half of them Latin."""
    noise = np.random.default_rng(1)
    numbers = noise.integers(1, 999, (count, 3))
    chinese = [f"某省某市城关区解放{a}路{b}弄{c}号楼一单元402室" for a, b, c in numbers[::2]]
    return chinese + [f"{a}-{b:02d} {c}th Ave. N" for a, b, c in numbers[1::2]]


def write_raster(path: Path) -> None:
    """People per cell, in tiles of 512 cells, row of tiles by row."""
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "float32", "crs": METRES}
    profile |= {"transform": Affine(CELL, 0, WEST, 0, -CELL, NORTH), "nodata": -99999, "tiled": True}
    profile |= {"blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    noise = np.random.default_rng(1)
    with rasterio.open(path, "w", **profile) as raster:
        for top in range(0, SIDE, 512):
            rows = noise.gamma(0.5, 20.0, (min(512, SIDE - top), SIDE)).astype(np.float32)
            raster.write(rows, 1, window=rasterio.windows.Window(0, top, SIDE, len(rows)))


def read_raster(path: Path) -> int:
    """Number of cells with people in the window."""
    west, north = WEST + 0.45 * SIDE * CELL, NORTH - 0.45 * SIDE * CELL
    area = shapely.box(west, north - 0.1 * SIDE * CELL, west + 0.1 * SIDE * CELL, north)
    source = {"path": path.name, "datum": "EPSG:4551", "unit": "count"}
    table = Table(path, "", {"population": [source], "age_groups": {"shares": {"0-4": 0.05}}})
    groups = read_age_groups(table, path.parent)
    return len(gather_population(read_sources(table, POPULATION, path.parent), groups, Reader(METRES, area, Notes())))


def main() -> None:
    """Print a line each."""
    lines = Lines("geodata_texts")
    texts = addresses(100_000)
    _, seconds = timed(lambda: [normal_address(text) for text in texts])
    lines.say(case="normal_address", addresses=len(texts), seconds=round(seconds, 2), a_second=round(1e5 / seconds))
    if TEXTS.is_file():
        with TEXTS.open(encoding="utf-8-sig", newline="") as file:
            said = [row["catchment_text"] for row in csv.DictReader(file) if row["catchment_text"]] * 20
        readings, seconds = timed(lambda: [read(text) for text in said])
        items = sum(reading.items for reading in readings)
        lines.say(case="catchment text", items=items, seconds=round(seconds, 2), a_second=round(items / seconds))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.tif"
        write_raster(path)
        seconds, peak = run([sys.executable, "-m", "benchmarks.geodata_texts", path])
    cells = SIDE**2 // 100
    lines.say(case="raster window, with its process", cells=cells, seconds=round(seconds, 2), peak_mb=peak)


if __name__ == "__main__":
    print(read_raster(Path(sys.argv[1]))) if len(sys.argv) > 1 else main()
