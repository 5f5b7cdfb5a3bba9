"""A made-up city small enough for a test: crooked blocks, a river with a bridge, a railway, four primary schools."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata.city import City
from zoning.certificate import Certificate
from zoning.plan import Plan
from zoning.problem import Problem

ROWS, COLUMNS, SIDE = 8, 10, 180.0
CRS = 4551
WEST, SOUTH = 432_000.0, 4_748_000.0
SCHOOLS = {
    "P01": ("实验小学", 2, 2, 900),
    "P02": ("第二小学", 2, 7, 900),
    "P03": ("河东小学", 6, 2, 850),
    "P04": ("站前小学", 6, 7, 1000),
}
CURRENT_SPLIT = 5
RIVER_ROW = 4
"""The river runs along the lower edge of this row; one street bridges it."""


def unit_name(row: int, column: int) -> str:
    return f"U{row:02d}{column:02d}"


def make_city(folder: Path, rows: int = ROWS, columns: int = COLUMNS, seed: int = 5) -> Path:
    """Write a whole city folder with every layer that `geodata.city.City` reads."""
    folder.mkdir(parents=True)
    (folder / "city.toml").write_text(
        'name = "辽源样例"\ncrs = "EPSG:4551"\nschool_year = 2026\nsynthetic = true\n'
        'attribution = "© 样例测绘"\nattendance = 1.0\n'
        "[levels.primary]\nages = [6]\n[levels.junior]\nages = [12]\n",
        encoding="utf-8",
    )
    for layer, rows_of_layer in _layers(rows, columns, seed).items():
        pyogrio.write_dataframe(
            rows_of_layer, folder / "city.gpkg", layer=layer, append=(folder / "city.gpkg").exists()
        )
    return folder


def _forecast(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Two later years in which the children of grade 1 are those of today, nine tenths or eleven tenths of them."""
    factors = {"low": 0.9, "middle": 1.0, "high": 1.1}
    columns = {f"primary_{y}_{v}": units["age_6"] * factor for y in (2027, 2028) for v, factor in factors.items()}
    return pd.DataFrame({"unit": units["unit"], **columns})


def _layers(rows: int, columns: int, seed: int) -> dict[str, pd.DataFrame]:
    units = _units(rows, columns, seed)
    shapes = units.set_index("unit").geometry
    schools = _schools(shapes)
    return {
        "units": units,
        "forecast": _forecast(units),
        "schools": schools,
        "streets": _streets(rows, columns),
        "buildings": _frame(
            {
                "building": ["b1"],
                "use": ["home"],
                "levels": [6],
                "name": [""],
                "compound": [""],
                "people": [10.0],
                "unit": [unit_name(0, 0)],
            },
            [shapes.iloc[0].centroid.buffer(10)],
        ),
        "addresses": _addresses(shapes),
        "population": _frame({"count": [1.0], "unspread": [0.0], "unit": [unit_name(0, 0)]}, [shapes.iloc[0].centroid]),
        "zones": _frame({"schools": ["P01,P02"], "level": ["primary"]}, [shapely.union_all(shapes.to_numpy())]),
        "adjacency": _adjacency(rows, columns, shapes),
        "walks": _walks(shapes, schools),
        "current": _current(rows, columns),
    }


def _frame(columns: dict[str, list[object]], shapes: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _units(rows: int, columns: int, seed: int) -> gpd.GeoDataFrame:
    draw = random.Random(seed)
    corners = {
        (r, c): (WEST + c * SIDE + draw.uniform(-35, 35), SOUTH + r * SIDE + draw.uniform(-35, 35))
        for r in range(rows + 1)
        for c in range(columns + 1)
    }
    cells = [(r, c) for r in range(rows) for c in range(columns)]
    shapes = [
        shapely.Polygon([corners[r, c], corners[r, c + 1], corners[r + 1, c + 1], corners[r + 1, c]]) for r, c in cells
    ]
    children = [round(draw.uniform(10, 60), 3) for _ in cells]
    names = [f"{'锦绣清和安泰'[(r * 7 + c) % 6]}{'苑园里家'[(r + c) % 4]}{r * columns + c + 1}号" for r, c in cells]
    values = {"unit": [unit_name(*cell) for cell in cells], "name": names, "people": [n * 40 for n in children]}
    ages = {f"age_{age}": children for age in (5, 6, 7, 11, 12, 13)}
    frame = _frame({**values, **ages}, shapes)
    return frame.assign(area=frame.area, perimeter=frame.length)


def _schools(shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    ids = sorted(SCHOOLS)
    units = [unit_name(SCHOOLS[s][1], SCHOOLS[s][2]) for s in ids]
    values = {
        "school": ids,
        "name": [SCHOOLS[s][0] for s in ids],
        "level": ["primary"] * len(ids),
        "capacity": [SCHOOLS[s][3] for s in ids],
        "unit": units,
    }
    return _frame(values, [shapes[unit].centroid for unit in units])


def _streets(rows: int, columns: int) -> gpd.GeoDataFrame:
    width, height = columns * SIDE, rows * SIDE
    across = [
        shapely.LineString([(WEST, SOUTH + r * SIDE), (WEST + width, SOUTH + r * SIDE)]) for r in range(1, rows, 2)
    ]
    river = shapely.LineString(
        [(WEST + x, SOUTH + RIVER_ROW * SIDE + 40 * math.sin(x / 300)) for x in range(0, int(width) + 1, 60)]
    )
    railway = shapely.LineString([(WEST + width * 0.52, SOUTH), (WEST + width * 0.5, SOUTH + height)])
    values = {
        "name": [f"{n}道街" for n in range(len(across))] + ["东辽河", "平齐线"],
        "kind": ["residential"] * len(across) + ["river", "railway"],
        "walkable": [1] * len(across) + [0, 0],
        "barrier": [0] * len(across) + [1, 1],
    }
    return _frame(values, [*across, river, railway])


def _addresses(shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    units = list(shapes.index)
    texts = [f"{'人民解放'[n % 2 * 2 : n % 2 * 2 + 2]}路{n + 1}号" for n in range(len(units))]
    return _frame({"text": texts, "unit": units}, [shapes[unit].centroid for unit in units])


def _adjacency(rows: int, columns: int, shapes: gpd.GeoSeries) -> pd.DataFrame:
    across = [((r, c), (r, c + 1)) for r in range(rows) for c in range(columns - 1)]
    up = [((r, c), (r + 1, c)) for r in range(rows - 1) for c in range(columns)]
    found = []
    for one, other in across + up:
        barrier = int(one[0] + 1 == RIVER_ROW == other[0] and one[1] != columns - 1)
        first, second = sorted((unit_name(*one), unit_name(*other)))
        border = shapely.intersection(shapes[first], shapes[second]).length
        found.append((first, second, border, barrier))
    return pd.DataFrame(found, columns=["unit", "neighbour", "border", "barrier"]).sort_values(["unit", "neighbour"])


def _walks(shapes: gpd.GeoSeries, schools: gpd.GeoDataFrame) -> pd.DataFrame:
    found = [
        (unit, school, round(1.3 * shape.centroid.distance(place) + 30, 1))
        for unit, shape in shapes.items()
        for school, place in zip(schools["school"], schools.geometry, strict=True)
    ]
    return pd.DataFrame(found, columns=["unit", "school", "metres"])


def _current(rows: int, columns: int) -> pd.DataFrame:
    found = []
    for r in range(rows):
        for c in range(columns):
            low, left = r < RIVER_ROW, c < CURRENT_SPLIT
            school = {(True, True): "P01", (True, False): "P02", (False, True): "P03", (False, False): "P04"}[low, left]
            found.append((unit_name(r, c), "primary", school))
    return pd.DataFrame(found, columns=["unit", "level", "school"])


POLICY = "[limits]\nutilisation = [0.0, 1.0]\n"


def make_problem(city_folder: Path, folder: Path, policy: str = POLICY) -> Path:
    """The problem of the tiny city's primary schools in 2026, as `flask zoning problem` lays it out."""
    city = City.open(city_folder)
    folder.mkdir()
    demand = city.demand("primary", 2026).rename_axis("unit").reset_index()
    demand.to_csv(folder / "units.csv", index=False)
    schools = pd.DataFrame(city.schools().drop(columns="geometry"))
    schools[["school", "unit", "capacity", "name"]].to_csv(folder / "schools.csv", index=False)
    city.adjacency().to_csv(folder / "adjacency.csv", index=False)
    city.walks().to_csv(folder / "walks.csv", index=False)
    city.current()[["unit", "school"]].to_csv(folder / "current.csv", index=False)
    (folder / "policy.toml").write_text(policy, encoding="utf-8")
    facts = {"city": str(city_folder), "city_fingerprint": city.fingerprint(), "level": "primary", "year": 2026}
    (folder / "problem.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def make_plan(problem_folder: Path, folder: Path, moves: dict[str, str] | None = None) -> Path:
    """Today's map as a plan with some units moved, with a certificate of zero prices."""
    problem = Problem.read(problem_folder)
    today = pd.read_csv(problem_folder / "current.csv", dtype=str)
    assignment = dict(zip(today["unit"], today["school"], strict=True)) | (moves or {})
    Plan(problem, assignment, Certificate.zero(problem), run={"problem": str(problem_folder)}).write(folder)
    return folder
