"""A small made-up town of 1,200 × 800 m: a street grid, a river with one bridge, compounds, three schools."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import shapely
from pyproj import Transformer
from shapely.geometry import mapping

EAST, NORTH = 430_000.0, 4_750_000.0
BRIDGE = 600
Feature = tuple[shapely.Geometry, Mapping[str, Any]]

to_degrees = Transformer.from_crs("EPSG:4551", "EPSG:4490", always_xy=True)

RECIPE = """
[city]
name = "柳河镇"
crs = "EPSG:4551"
school_year = 2026
synthetic = true

[levels.primary]
ages = [6]

[levels.junior]
ages = [12]

[boundary]
path = "boundary.geojson"
datum = "CGCS2000"

[[buildings]]
path = "buildings.geojson"
datum = "CGCS2000"
fields = { use = "use", levels = "floors", name = "name", compound = "compound" }
not_dwellings = ["学校"]

[[addresses]]
path = "addresses.csv"
datum = "CGCS2000"
fields = { x = "lon", y = "lat", text = ["street", "number"] }
join = ""

[[streets]]
path = "streets.geojson"
datum = "CGCS2000"
fields = { name = "name", kind = "kind" }

[[barriers]]
path = "river.geojson"
datum = "CGCS2000"
fields = { kind = "kind" }

[[population]]
path = "compounds.geojson"
datum = "CGCS2000"
fields = { count = "residents" }
single_ages = { column = "age_{age}", from = 0, to = 14 }

[[schools]]
path = "schools.csv"
datum = "CGCS2000"
level = "primary"
only = { stage = ["小学"] }
fields = { school = "id", name = "name", x = "lon", y = "lat", classes = "classes" }

[[schools]]
path = "schools.csv"
datum = "CGCS2000"
level = "junior"
only = { stage = ["初中"] }
fields = { school = "id", name = "name", x = "lon", y = "lat", classes = "classes" }

[[zones]]
path = "zones.geojson"
datum = "CGCS2000"
level = "primary"
fields = { schools = "schools" }

[demand]
attendance = 0.9
"""

SCHOOLS = [
    ("P1", "第一小学", "小学", 310, 110, 3),
    ("P2", "第二小学", "小学", 890, 690, 4),
    ("J1", "第一中学", "初中", 510, 310, 5),
]
RIVER_Y = 500


def write_town(folder: Path) -> Path:
    """Write the town's sources and recipe; the recipe's path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_shapes(folder / "boundary.geojson", [(shapely.box(0, 0, 1200, 800), {})])
    write_shapes(folder / "streets.geojson", streets())
    write_shapes(folder / "river.geojson", [(shapely.LineString([(-50, RIVER_Y), (1250, RIVER_Y)]), {"kind": "河"})])
    homes, compounds = buildings()
    write_shapes(folder / "buildings.geojson", homes)
    write_shapes(folder / "compounds.geojson", compounds)
    zones = [
        (shapely.box(0, 0, 1200, RIVER_Y), {"schools": "P1"}),
        (shapely.box(0, RIVER_Y, 960, 800), {"schools": "P2"}),
        (shapely.box(960, RIVER_Y, 1200, 800), {"schools": "P1, P2"}),
    ]
    write_shapes(folder / "zones.geojson", zones)
    write_schools(folder / "schools.csv")
    write_addresses(folder / "addresses.csv", "utf-8")
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    return recipe


def streets() -> list[Feature]:
    """A 200 m grid whose streets share vertices; only the one at x = 600 crosses the river."""
    found: list[Feature] = []
    for y in range(0, 801, 200):
        line = [(x, y) for x in range(0, 1201, 200)]
        found.append((shapely.LineString(line), {"name": f"东西{y // 200}路", "kind": "次干路"}))
    for x in range(0, 1201, 200):
        name = {"name": f"南北{x // 200}路", "kind": "支路"}
        south, north = [(x, 0), (x, 200), (x, 400)], [(x, 600), (x, 800)]
        lines = [[*south, *north]] if x == BRIDGE else [south, north]
        found += [(shapely.LineString(line), name) for line in lines]
    return found


def buildings() -> tuple[list[Feature], list[Feature]]:
    """Two compounds in the blocks of the southern row, one in each other block, six storeys; a school building."""
    homes: list[Feature] = []
    compounds: list[Feature] = []
    for row, (low, high) in enumerate(((0, 200), (200, 400), (600, 800))):
        for column in range(6):
            halves = (0, 1) if row == 0 else (0,)
            for half in halves:
                name = f"{'东西'[half]}苑{row}{column}" if row == 0 else f"家园{row}{column}"
                west = column * 200 + 100 * half
                east = west + (100 if row == 0 else 200)
                for number, x in enumerate(range(west + 20, east - 20, 40)):
                    shape = shapely.box(x, low + 80, x + 20, low + 110)
                    homes.append((shape, {"use": "住宅", "floors": 6, "name": f"{number + 1}号楼", "compound": name}))
                ages = {f"age_{age}": 4 + age % 3 for age in range(15)}
                ground = shapely.box(west + 2, low + 2, east - 2, high - 2)
                compounds.append((ground, {"residents": 500.5 + column, **ages}))
    homes.append((shapely.box(300, 150, 320, 170), {"use": "学校", "floors": 4, "name": "", "compound": ""}))
    return homes, compounds


def degrees(x: float, y: float) -> tuple[float, float]:
    """Town metres to CGCS2000 degrees."""
    lon, lat = to_degrees.transform(EAST + x, NORTH + y)
    return float(lon), float(lat)


def write_shapes(path: Path, features: list[Feature]) -> None:
    """Write shapes given in town metres as GeoJSON."""
    listed = [
        {"type": "Feature", "properties": dict(values), "geometry": mapping(_in_degrees(shape)) if shape else None}
        for shape, values in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}, ensure_ascii=False), encoding="utf-8")


def _in_degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: [degrees(x, y) for x, y in points])


def write_schools(path: Path, rows: list[tuple[Any, ...]] = SCHOOLS, encoding: str = "utf-8") -> None:
    """Write the schools' CSV: id, name, stage, place in town metres, classes."""
    lines = ["id,name,stage,lon,lat,classes"]
    for school, name, stage, x, y, classes in rows:
        lon, lat = degrees(x, y)
        lines.append(f"{school},{name},{stage},{lon:.8f},{lat:.8f},{classes}")
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def write_addresses(path: Path, encoding: str) -> None:
    """Write six addresses, one without a number."""
    lines = ["street,number,lon,lat"]
    for number in range(6):
        lon, lat = degrees(100 + 200 * number, 90)
        lines.append(f"东西0路,{f'{2 * number + 1}号' if number else ''},{lon:.8f},{lat:.8f}")
    path.write_text("\n".join(lines) + "\n", encoding=encoding)


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change a text file of the town."""
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "the change must change something"
    path.write_text(after, encoding="utf-8")
