"""A synthetic city of any size for the geodata benchmarks, written as the files that a bureau has.

The plan, all of it drawn from one seed: blocks of about 200 m between streets whose crossings are moved by up to 25 m
and whose middles are bent; one river, crossed at every eighth street, and one railway, crossed at every fifth; one in
twelve of the minor streets is missing, and one block in five has a blind alley. Blocks hold one to three compounds, a
market (one in eleven) or a school; a compound holds houses of one kind and has people by single age. There is an
address for each building, a primary school for about 30,000 people and a junior school for about 60,000; today's zones
are the blocks nearest to each school, as the crow flies.

Buildings are about 25 a block, so all counts grow in proportion to the number of buildings asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyproj import Transformer

from geodata.datum import wgs_to_gcj

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CRS = "EPSG:4551"
CENTRE = np.array([500_000.0, 4_740_000.0])
STEP = 200.0
ACROSS = 5
"""Buildings stand in ACROSS rows of ACROSS in each block."""
KINDS = ("平房", "多层", "小高层", "高层", "商业", "学校")
STOREYS = np.array([1, 6, 11, 24, 3, 4])
DENSITY = np.array([1.0, 1.6, 1.9, 2.1, 0.0, 0.0])
"""People per square metre of floor, relative."""


@dataclass(frozen=True)
class Mesh:
    """Crossings (n+1, n+1, 2), and the row and the column of cells in which river and railway run instead of blocks."""

    crossings: Floats
    river: int
    rail: int

    @property
    def wide(self) -> int:
        """Cells on a side."""
        return len(self.crossings) - 1

    def blocks(self) -> Ints:
        """Row and column of each cell that is a block, n × 2."""
        cells = np.stack(np.meshgrid(np.arange(self.wide), np.arange(self.wide), indexing="ij"), -1).reshape(-1, 2)
        free = (cells[:, 0] != self.river) & (cells[:, 1] != self.rail)
        return np.asarray(cells[free], dtype=np.int64)

    def inside(self, cells: Ints, u: Floats, v: Floats) -> Floats:
        """Points at the shares u (east) and v (north) of cells; all arrays of one length."""
        row, column = cells.T
        south = _between(self.crossings[row, column], self.crossings[row, column + 1], u)
        north = _between(self.crossings[row + 1, column], self.crossings[row + 1, column + 1], u)
        return _between(south, north, v)

    def rectangles(self, cells: Ints, box: Floats) -> npt.NDArray[np.object_]:
        """Polygons of boxes (u0, v0, u1, v1) in cells."""
        u0, v0, u1, v1 = box.T
        corners = [self.inside(cells, u, v) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))]
        polygons: npt.NDArray[np.object_] = shapely.polygons(np.stack(corners, axis=1))
        return polygons


def _between(first: Floats, last: Floats, share: Floats) -> Floats:
    return first + (last - first) * share[:, None]


def make_mesh(buildings: int, noise: np.random.Generator) -> Mesh:
    """A mesh of a square of blocks that hold `buildings` or a few more."""
    wide = math.ceil(buildings**0.5 / ACROSS) + 1
    steps = np.full(wide, STEP)
    river, rail = wide // 2, wide // 3
    north, east = steps.copy(), steps.copy()
    north[river], east[rail] = 160.0, 80.0
    y, x = (np.r_[0.0, np.cumsum(step)] - step.sum() / 2 for step in (north, east))
    at = np.stack(np.meshgrid(x, y), axis=-1) + noise.uniform(-25.0, 25.0, (wide + 1, wide + 1, 2))
    return Mesh(CENTRE + at, river, rail)


def write_city(folder: Path, buildings: int, seed: int = 1) -> None:
    """Write the sources and `recipe.toml` of a city of about `buildings` buildings and ten times as many people."""
    noise = np.random.default_rng([seed, buildings])
    folder.mkdir(parents=True)
    mesh = make_mesh(buildings, noise)
    compounds, schools = make_compounds(mesh, buildings, noise)
    houses = make_buildings(mesh, compounds, noise)
    streets = make_streets(mesh, noise)
    settle(compounds, houses, noise)
    base = folder / "basemap.gpkg"
    _write(streets, base, "道路")
    _write(barriers(mesh), base, "河流铁路")
    _write(boundary(streets), base, "建成区")
    _write(houses[["楼号", "用途", "层数", "小区", "geometry"]], folder / "buildings.gpkg", "房屋")
    lived = compounds[compounds["常住人口"] > 0]
    ages = [f"{age}岁" for age in range(15)]
    _write(lived[["小区", "常住人口", *ages, "geometry"]].to_crs("EPSG:4490"), folder / "compounds.geojson", None)
    write_addresses(compounds, houses, folder / "addresses.csv")
    write_schools(mesh, compounds, schools, folder)
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")


def make_compounds(mesh: Mesh, buildings: int, noise: np.random.Generator) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Compounds (block, row, column, box, kind) and the schools' compounds with their level."""
    cells = mesh.blocks()
    count = noise.choice([1, 2, 3], len(cells), p=[0.6, 0.3, 0.1])
    middle = np.linalg.norm(cells / mesh.wide - 0.5, axis=1)
    kind = np.where(noise.random(len(cells)) < 0.5 - 0.6 * middle, 3, noise.choice([0, 1, 1, 2], len(cells)))
    kind[noise.random(len(cells)) < 1 / 11] = 4
    schools = _school_blocks(cells, max(2, round(buildings / 3000)), max(1, round(buildings / 6000)), noise)
    kind[schools["block"]], count[schools["block"]] = 5, 1
    block = np.repeat(np.arange(len(cells)), count)
    part = np.arange(len(block)) - np.repeat(np.cumsum(count) - count, count)
    west, east = part / count[block], (part + 1) / count[block]
    box = np.column_stack(
        (0.08 + 0.84 * west, np.full(len(block), 0.08), 0.08 + 0.84 * east, np.full(len(block), 0.92))
    )
    facts = {
        "block": block,
        "row": cells[block, 0],
        "column": cells[block, 1],
        "kind": kind[block],
        "parts": count[block],
    }
    facts |= {"part": part, "小区": _numbered("小区", len(block))}
    table = gpd.GeoDataFrame(facts, geometry=mesh.rectangles(cells[block], box), crs=CRS)
    return table, schools.assign(row=cells[schools["block"], 0], column=cells[schools["block"], 1])


def _school_blocks(cells: Ints, primary: int, junior: int, noise: np.random.Generator) -> pd.DataFrame:
    """One school in each of as many parts of the city: the blocks in a boustrophedon of strips, cut evenly."""
    strip = cells[:, 0] // 6
    along = np.where(strip % 2 == 0, cells[:, 1], -cells[:, 1])
    walk = np.lexsort((cells[:, 0], along, strip))
    found = []
    for level, count in (("小学", primary), ("初中", junior)):
        chosen = [walk[int(at)] for at in (np.arange(count) + noise.uniform(0.2, 0.8, count)) * len(walk) / count]
        found.append(pd.DataFrame({"学段": level, "block": chosen}))
    return pd.concat(found, ignore_index=True).drop_duplicates("block", ignore_index=True)


def make_buildings(mesh: Mesh, compounds: gpd.GeoDataFrame, noise: np.random.Generator) -> gpd.GeoDataFrame:
    """Footprints: use, storeys, compound, floor area × density; ACROSS columns shared out over a block's compounds."""
    first = np.flatnonzero(compounds["part"].to_numpy() == 0)
    place = np.stack(np.meshgrid(np.arange(ACROSS), np.arange(ACROSS)), axis=-1).reshape(-1, 2)
    of = np.repeat(first, len(place))
    place = np.tile(place, (len(first), 1)).astype(float)
    part = np.minimum(place[:, 0] * compounds["parts"].to_numpy()[of] // ACROSS, compounds["parts"].to_numpy()[of] - 1)
    owner = of + part.astype(np.int64)
    middle = 0.1 + 0.8 * (place + 0.5 + noise.uniform(-0.08, 0.08, place.shape)) / ACROSS
    half = noise.uniform([0.035, 0.025], [0.065, 0.05], place.shape)
    cells = compounds[["row", "column"]].to_numpy()[owner]
    kind = compounds["kind"].to_numpy()[owner]
    shop = (noise.random(len(owner)) < 0.03) & (kind < 4)
    outlines = mesh.rectangles(cells, np.hstack((middle - half, middle + half)))
    floors = np.where(shop, 0.0, shapely.area(outlines) * STOREYS[kind] * DENSITY[kind])
    facts = {
        "楼号": _numbered("楼", len(owner)),
        "用途": np.array(KINDS, dtype=object)[np.where(shop, 4, kind)],
        "层数": np.where(shop, 2, STOREYS[kind]).astype(np.int32),
        "小区": compounds["小区"].to_numpy()[owner],
        "compound": owner,
        "floors": floors,
    }
    return gpd.GeoDataFrame(facts, geometry=outlines, crs=CRS)


def settle(compounds: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, noise: np.random.Generator) -> None:
    """Give the compounds ten people a building by their floors, and children by single age, in place."""
    floors = np.bincount(houses["compound"], houses["floors"], len(compounds)) * noise.uniform(0.7, 1.3, len(compounds))
    compounds["常住人口"] = noise.multinomial(10 * len(houses), floors / floors.sum())
    for age in range(15):
        compounds[f"{age}岁"] = noise.binomial(compounds["常住人口"], 0.004 + 0.0003 * age)


def make_streets(mesh: Mesh, noise: np.random.Generator) -> gpd.GeoDataFrame:
    """The edges of the mesh with name and class, bent at their middles, and the blind alleys."""
    along, up = _edges(mesh)
    edges = np.concatenate([along, up])
    level = np.r_[along[:, 0], up[:, 1]]
    upward = np.arange(len(edges)) >= len(along)
    rim = (level == 0) | (level == mesh.wide)
    bank = np.where(upward, np.isin(level, [mesh.rail, mesh.rail + 1]), np.isin(level, [mesh.river, mesh.river + 1]))
    major = (level % 5 == 0) | rim | bank
    kept = major | (noise.random(len(edges)) >= 1 / 12)
    piece = np.where(upward, edges[:, 0], edges[:, 1]) // 20
    names = np.array(
        [f"{'经' if u else '纬'}{a}{'街' if u else '路'}{p}段" for u, a, p in zip(upward, level, piece, strict=True)]
    )
    ends = mesh.crossings[edges[:, :4:2], edges[:, 1:4:2]]
    lines = _bent(ends, noise)
    streets = pd.DataFrame({"名称": names, "等级": np.where(major, "主干路", "支路"), "geometry": lines})[kept]
    alleys = pd.DataFrame({"名称": "", "等级": "小路", "geometry": _alleys(mesh, lines, edges, kept & ~upward, noise)})
    return gpd.GeoDataFrame(pd.concat([streets, alleys], ignore_index=True), crs=CRS)


def _edges(mesh: Mesh) -> tuple[Ints, Ints]:
    """Edges east and north as (row, column, row, column); river and railway are crossed at some only."""
    at = np.stack(np.meshgrid(np.arange(mesh.wide + 1), np.arange(mesh.wide), indexing="ij"), -1).reshape(-1, 2)
    along = np.hstack((at, at + np.array([0, 1])))
    up = np.hstack((at[:, ::-1], at[:, ::-1] + np.array([1, 0])))
    rim = [0, mesh.wide]
    along = along[(along[:, 1] != mesh.rail) | (along[:, 0] % 5 == 0) | np.isin(along[:, 0], rim)]
    up = up[(up[:, 0] != mesh.river) | (up[:, 1] % 8 == 0) | np.isin(up[:, 1], rim)]
    return along.astype(np.int64), up.astype(np.int64)


def _bent(ends: Floats, noise: np.random.Generator) -> npt.NDArray[np.object_]:
    way = ends[:, 1] - ends[:, 0]
    middle = ends.mean(axis=1) + np.column_stack((-way[:, 1], way[:, 0])) * noise.uniform(-0.03, 0.03, (len(way), 1))
    lines: npt.NDArray[np.object_] = shapely.linestrings(np.stack((ends[:, 0], middle, ends[:, 1]), axis=1))
    return lines


def _alleys(
    mesh: Mesh,
    lines: npt.NDArray[np.object_],
    edges: Ints,
    which: npt.NDArray[np.bool_],
    noise: np.random.Generator,
) -> npt.NDArray[np.object_]:
    """From the middle vertex of a street into the block north of it."""
    inside = (edges[:, 0] < mesh.wide) & (edges[:, 0] != mesh.river) & (edges[:, 1] != mesh.rail)
    chosen = np.flatnonzero(which & inside & (noise.random(len(edges)) < 0.2))
    start = shapely.get_coordinates(lines[chosen]).reshape(-1, 3, 2)[:, 1]
    half = np.full(len(chosen), 0.5)
    end = mesh.inside(edges[chosen, :2], half, half)
    alleys: npt.NDArray[np.object_] = shapely.linestrings(np.stack((start, end), axis=1))
    return alleys


def barriers(mesh: Mesh) -> gpd.GeoDataFrame:
    """The river as an area, the railway as a line, both beyond the edge of the city."""
    at = np.arange(mesh.wide + 1)
    low, high = mesh.crossings[mesh.river], mesh.crossings[mesh.river + 1]
    shores = np.concatenate((_between(low, high, 0.25 + 0 * at), _between(low, high, 0.75 + 0 * at)[::-1]))
    shores[[0, -1], 0] -= 500.0
    shores[[mesh.wide, mesh.wide + 1], 0] += 500.0
    rail = _between(mesh.crossings[:, mesh.rail], mesh.crossings[:, mesh.rail + 1], 0.5 + 0 * at)
    rail[0, 1], rail[-1, 1] = rail[0, 1] - 500.0, rail[-1, 1] + 500.0
    shapes = [shapely.Polygon(shores), shapely.LineString(rail)]
    return gpd.GeoDataFrame({"类别": ["河流", "铁路"], "名称": ["大河", "铁路"]}, geometry=shapes, crs=CRS)


def boundary(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What the outermost streets enclose."""
    faces = shapely.build_area(shapely.geometrycollections(streets.geometry.to_numpy()))
    whole = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(faces))), grid_size=0.01)
    return gpd.GeoDataFrame({"名称": ["建成区"]}, geometry=[whole], crs=CRS)


def write_addresses(compounds: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, path: Path) -> None:
    """Write one address a building: the street south of its block, a number, GCJ-02 degrees."""
    row, column = compounds[["row", "column"]].to_numpy()[houses["compound"]].T
    number = 2 * (25 * (column % 20) + np.arange(len(houses)) % 25) + 1
    middles = shapely.get_coordinates(shapely.centroid(houses.geometry.to_numpy()))
    degrees = np.round(wgs_to_gcj(_degrees(middles)), 7)
    texts = [f"纬{r}路{c // 20}段{n}号" for r, c, n in zip(row, column, number, strict=True)]
    pd.DataFrame({"地址": texts, "经度": degrees[:, 0], "纬度": degrees[:, 1]}).to_csv(path, index=False)


def write_schools(mesh: Mesh, compounds: gpd.GeoDataFrame, schools: pd.DataFrame, folder: Path) -> None:
    """Write the schools with classes enough for the city's children, and the zones of both levels."""
    half = np.full(len(schools), 0.5)
    places = mesh.inside(schools[["row", "column"]].to_numpy(), half, half)
    degrees = np.round(_degrees(places), 7)
    table = schools[["学段"]].assign(编号=_numbered("S", len(schools)), 校名=_numbered("学校", len(schools)))
    table["经度"], table["纬度"] = degrees.T
    cells = mesh.blocks()
    ground = mesh.rectangles(cells, np.tile([0.0, 0.0, 1.0, 1.0], (len(cells), 1)))
    for level, name, age, size in (("小学", "primary", 6, 45), ("初中", "junior", 12, 50)):
        own = np.flatnonzero(table["学段"] == level)
        table.loc[table.index[own], "招生班数"] = np.ceil(1.05 * compounds[f"{age}岁"].sum() / size / len(own))
        nearest = shapely.STRtree(shapely.points(places[own])).nearest(shapely.centroid(ground))
        zones = [shapely.union_all(ground[nearest == at], grid_size=0.01) for at in range(len(own))]
        frame = gpd.GeoDataFrame({"学校": table["编号"].to_numpy()[own]}, geometry=zones, crs=CRS)
        _write(frame.to_crs("EPSG:4490"), folder / f"zones_{name}.geojson", None)
    table.to_csv(folder / "schools.csv", index=False)


def _degrees(points: Floats) -> Floats:
    return np.column_stack(Transformer.from_crs(CRS, "EPSG:4490", always_xy=True).transform(*points.T))


def _numbered(word: str, count: int) -> npt.NDArray[np.object_]:
    return np.array([f"{word}{at + 1}" for at in range(count)], dtype=object)


def _write(frame: gpd.GeoDataFrame, path: Path, layer: str | None) -> None:
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG" if path.suffix == ".gpkg" else "GeoJSON")


RECIPE = """\
[city]
name = "大城（合成，仅供测速）"
crs = "EPSG:4551"
school_year = 2026
synthetic = true

[levels.primary]
ages = [6]

[levels.junior]
ages = [12]

[boundary]
path = "basemap.gpkg"
layer = "建成区"
datum = "EPSG:4551"

[[buildings]]
path = "buildings.gpkg"
datum = "EPSG:4551"
fields = { use = "用途", levels = "层数", name = "楼号", compound = "小区" }
not_dwellings = ["商业", "学校"]

[[addresses]]
path = "addresses.csv"
datum = "GCJ-02"
fields = { x = "经度", y = "纬度", text = ["地址"] }
join = ""

[[streets]]
path = "basemap.gpkg"
layer = "道路"
datum = "EPSG:4551"
fields = { name = "名称", kind = "等级" }
no_block = ["小路"]

[[barriers]]
path = "basemap.gpkg"
layer = "河流铁路"
datum = "EPSG:4551"
fields = { name = "名称", kind = "类别" }

[[population]]
path = "compounds.geojson"
datum = "CGCS2000"
fields = { count = "常住人口" }
single_ages = { column = "{age}岁", from = 0, to = 14 }

[[schools]]
path = "schools.csv"
datum = "CGCS2000"
level = "primary"
only = { "学段" = ["小学"] }
fields = { school = "编号", name = "校名", x = "经度", y = "纬度", classes = "招生班数" }

[[schools]]
path = "schools.csv"
datum = "CGCS2000"
level = "junior"
only = { "学段" = ["初中"] }
fields = { school = "编号", name = "校名", x = "经度", y = "纬度", classes = "招生班数" }

[[zones]]
path = "zones_primary.geojson"
datum = "CGCS2000"
level = "primary"
fields = { schools = "学校" }

[[zones]]
path = "zones_junior.geojson"
datum = "CGCS2000"
level = "junior"
fields = { schools = "学校" }

[forecast]
births_change = -0.03
"""
