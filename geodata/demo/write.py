"""The synthetic city as files, in the mixture of formats and datums in which a city hands its data over."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

from geodata.datum import wgs_to_gcj
from geodata.demo.buildings import PUBLIC_USE
from geodata.demo.city import DemoCity, Schools
from geodata.demo.future import FILLING, KNOWN_RATES, PER_HOME, SCHOOL_YEAR, known_births, make_projects
from geodata.demo.graph import NOTHING
from geodata.demo.land import rectangle
from geodata.demo.names import CITY
from geodata.demo.people import AGES
from geodata.demo.shape import BANK, CRS, RAILSIDE, Floats, Ints
from geodata.errors import GeodataError
from ledger.files import whole_folder, write_whole

STAMP = "2026-09-01T00:00:00Z"
"""The date that GeoPackage writes into its files: fixed, so that equal cities are equal bytes."""

NOTE = "合成示例数据，并非真实城市 / Synthetic example data, no real city"


def write_sources(city: DemoCity, folder: Path) -> None:
    """Write all sources and `recipe.toml` into the new folder.

    Raises:
        FileExistsError: the folder is there already.
        GeodataError: the disk did not take everything.
    """
    with whole_folder(folder) as temporary:
        write_packages(city, temporary)
        write_compounds(city, temporary / "compounds.geojson")
        write_catchments(city, temporary / "catchments.geojson")
        write_addresses(city, temporary / "addresses.csv")
        write_schools(city, temporary / "schools.csv")
        write_outlook(city, temporary)
        write_whole(temporary / "recipe.toml", recipe().encode())
        write_whole(temporary / "README.txt", f"{NOTE}\nseed {city.seed}\n".encode())


def write_packages(city: DemoCity, folder: Path) -> None:
    """Write the GeoPackages of the surveyors: base map (roads, barriers, boundary) and buildings.

    Raises:
        GeodataError: the disk did not take everything.
    """
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        for name, layer in (("道路", roads(city)), ("河流铁路", barriers(city)), ("建成区", boundary(city))):
            layer.to_file(folder / "basemap.gpkg", layer=name, driver="GPKG")
        buildings(city).to_file(folder / "buildings.gpkg", layer="房屋", driver="GPKG")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise GeodataError("%(path)s cannot be written: %(reason)s.", path=folder, reason=error) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def bent_edges(city: DemoCity, edges: Ints) -> list[shapely.LineString]:
    """Return edges of the street graph as lines on the map, with points between so that they follow the bend."""
    ends = city.streets.ends[edges].astype(float)
    counts = np.maximum(1, np.ceil(np.abs(ends[:, 2:] - ends[:, :2]).max(axis=1) / 60)).astype(int)
    chains = [np.linspace(end[:2], end[2:], count + 1) for end, count in zip(ends, counts, strict=True)]
    points = city.shape.bend(np.concatenate(chains))
    return [shapely.LineString(chain) for chain in np.split(points, np.cumsum(counts + 1)[:-1])]


def roads(city: DemoCity) -> gpd.GeoDataFrame:
    """The street edges with name and class."""
    edges = np.arange(len(city.streets.ends))
    crossing = np.isin(edges, city.streets.crosses)
    columns = {
        "名称": [city.street_names[street] for street in city.streets.street],
        "等级": [city.streets.lines[street].kind for street in city.streets.street],
        "桥涵": np.where(crossing, "是", "否"),
    }
    return gpd.GeoDataFrame(columns, geometry=bent_edges(city, edges), crs=CRS)


def barriers(city: DemoCity) -> gpd.GeoDataFrame:
    """The river as an area and the railway as a line, both beyond the edge of the city."""
    return gpd.GeoDataFrame(
        {"类别": ["河流", "铁路"], "名称": ["衡溪河", "衡川铁路"]}, geometry=[river(city), railway(city)], crs=CRS
    )


def river(city: DemoCity) -> shapely.Polygon:
    """The water's edge: between 95 and 150 m wide, green banks between it and the riverside roads."""
    u = np.arange(-1.35, 1.351, 0.01) * city.shape.half_width
    half = 61 + 13 * city.shape.noise(u, 0 * u, 2300, 5)
    shores = np.concatenate([np.column_stack([u, half]), np.column_stack([u, -half])[::-1]])
    return shapely.Polygon(city.shape.bend(shores))


def railway(city: DemoCity) -> shapely.LineString:
    """The track."""
    v = np.arange(-1.35, 1.351, 0.01) * city.shape.half_height
    return shapely.LineString(city.shape.bend(np.column_stack([0 * v + city.shape.rail, v])))


def boundary(city: DemoCity) -> gpd.GeoDataFrame:
    """The built-up area: all blocks, and the strips of river and railway between them."""
    edges = np.flatnonzero((city.streets.sides == NOTHING).any(axis=1))
    blocks = shapely.build_area(shapely.multilinestrings([bent_edges(city, edges)])[0])
    parts = [blocks, *strips(city)]
    whole = shapely.union_all(parts, grid_size=0.01)
    largest = max(shapely.get_parts(whole), key=lambda part: float(part.area))
    return gpd.GeoDataFrame({"名称": [CITY]}, geometry=[shapely.Polygon(largest.exterior)], crs=CRS)


def strips(city: DemoCity) -> Iterable[shapely.Polygon]:
    """Yield the strip of river and of railway beside every outer street edge that runs along one."""
    for edge in np.flatnonzero((city.streets.sides == NOTHING).sum(axis=1) == 1):
        u0, v0, u1, v1 = (int(value) for value in city.streets.ends[edge])
        if v0 == v1 and abs(v0) == BANK:
            yield shapely.Polygon(city.shape.bend(rectangle((u0, min(v0, 0), u1, max(v0, 0)))))
        elif u0 == u1 and abs(u0 - city.shape.rail) == RAILSIDE:
            rail = city.shape.rail
            yield shapely.Polygon(city.shape.bend(rectangle((min(u0, rail), v0, max(u0, rail), v1))))


def buildings(city: DemoCity) -> gpd.GeoDataFrame:
    """Footprints with use, storeys, compound and number."""
    compound = [city.compound_names[number] for number in city.buildings.compound]
    columns = {
        "楼号": [f"{name}{number}" for name, number in zip(compound, city.numbers, strict=True)],
        "用途": list(city.uses),
        "层数": city.buildings.storeys.astype(np.int32),
        "小区": compound,
    }
    return gpd.GeoDataFrame(columns, geometry=list(shapely.polygons(city.outlines)), crs=CRS)


def degrees(points: Floats) -> Floats:
    """EPSG:4551 to longitude, latitude of CGCS2000, seven decimals (1 cm)."""
    moved = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True).transform(points[:, 0], points[:, 1])
    return np.round(np.column_stack(moved), 7)


def write_compounds(city: DemoCity, path: Path) -> None:
    """Write the residential compounds with their people by single age (the police's register of residents)."""
    ages = [f"{age}岁" for age in range(AGES)]
    features = []
    for number in city.homes:
        people = city.people[number]
        facts: dict[str, Any] = {
            "小区": city.compound_names[number],
            "区": city.districts[number],
            "常住人口": int(people.sum()),
        }
        facts.update(zip(ages, people.tolist(), strict=True))
        features.append(feature(city.outline(int(number)), facts))
    write_geojson(features, path)


def write_catchments(city: DemoCity, path: Path) -> None:
    """Write today's catchments of both levels."""
    features = []
    for schools in city.schools:
        for row, zone in enumerate(zone_areas(city, schools)):
            facts = {"学段": schools.level.name, "学校": schools.ids[row], "校名": schools.names[row]}
            features.append(feature(zone, facts))
    write_geojson(features, path)


def zone_areas(city: DemoCity, schools: Schools) -> list[shapely.Geometry]:
    """Return the area of each school's catchment, bounded by the middles of streets."""
    sides = city.streets.sides
    owner = np.where(sides == NOTHING, NOTHING, schools.zone[sides])
    differs = owner[:, 0] != owner[:, 1]
    areas = []
    for row in range(len(schools.ids)):
        edges = np.flatnonzero(differs & (owner == row).any(axis=1))
        areas.append(shapely.build_area(shapely.MultiLineString(bent_edges(city, edges))))
    return areas


def feature(area: shapely.Geometry, facts: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature, in degrees of CGCS2000."""
    shape = shapely.transform(area, degrees)
    return {"type": "Feature", "properties": facts, "geometry": json.loads(shapely.to_geojson(shape))}


def write_geojson(features: Sequence[dict[str, Any]], path: Path) -> None:
    """Write a feature collection, a feature per line."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in features)
    note = json.dumps(NOTE, ensure_ascii=False)
    write_whole(path, f'{{"type":"FeatureCollection","note":{note},"features":[\n{lines}\n]}}\n'.encode())


def write_addresses(city: DemoCity, path: Path) -> None:
    """Write one address a building (schools and homes, shops, works), UTF-8 with BOM as spreadsheets save it."""
    places = degrees(city.shape.bend(city.buildings.place))
    rows = [
        (f"{lon:.7f}", f"{lat:.7f}", city.districts[compound], text)
        for (lon, lat), compound, text in zip(places, city.buildings.compound, city.addresses, strict=True)
    ]
    write_csv(path, ("经度", "纬度", "区", "地址"), rows, "utf-8-sig")


def write_schools(city: DemoCity, path: Path) -> None:
    """Write the schools as picked from a map service: GCJ-02 degrees, GB18030 text."""
    rows = []
    for schools in city.schools:
        places = wgs_to_gcj(degrees(city.places[schools.blocks]))
        for row, (lon, lat) in enumerate(places):
            kind = {"primary": "小学", "junior": "初中"}[schools.level.name]
            classes = str(schools.classes[row])
            rows.append((schools.ids[row], schools.names[row], kind, f"{lon:.7f}", f"{lat:.7f}", classes))
    write_csv(path, ("编号", "校名", "学段", "经度", "纬度", "招生班数"), rows, "gb18030")


def write_outlook(city: DemoCity, folder: Path) -> None:
    """Write what a bureau knows of the years to come: births so far, a rate of migration, planned housing."""
    births = [(area, str(year), str(n)) for area, years in known_births(city).items() for year, n in years.items()]
    write_csv(folder / "births.csv", ("区", "学年", "出生数"), births, "utf-8-sig")
    rates = [(str(age), str(rate)) for age, rate in enumerate(KNOWN_RATES)]
    write_csv(folder / "migration.csv", ("年龄", "净迁移率"), rates, "utf-8-sig")
    projects = [
        feature(p.outline(city), {"项目": p.name, "区": p.district, "套数": p.homes, "学年": p.year, "阶段": p.status})
        for p in make_projects(city)
    ]
    write_geojson(projects, folder / "projects.geojson")


def write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]], encoding: str) -> None:
    """Write a table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode(encoding))


def recipe() -> str:
    """Return the recipe that imports these sources."""
    not_dwellings = json.dumps(sorted(set(PUBLIC_USE.values())), ensure_ascii=False)
    children = ", ".join(f'"{ages}" = {number}' for ages, number in PER_HOME.items())
    return RECIPE.format(
        note=NOTE,
        city=CITY,
        crs=CRS,
        year=SCHOOL_YEAR,
        not_dwellings=not_dwellings,
        children=children,
        filling=FILLING,
    )


RECIPE = """\
# {note}

[city]
name = "{city}"
crs = "{crs}"
school_year = {year}
synthetic = true

[levels.primary]
ages = [6]
class_size = 45

[levels.junior]
ages = [12]
class_size = 50

[boundary]
path = "basemap.gpkg"
layer = "建成区"
datum = "{crs}"

[[buildings]]
path = "buildings.gpkg"
datum = "{crs}"
fields = {{ use = "用途", levels = "层数", name = "楼号", compound = "小区" }}
not_dwellings = {not_dwellings}

[[addresses]]
path = "addresses.csv"
datum = "CGCS2000"
fields = {{ x = "经度", y = "纬度", text = ["地址"] }}
join = ""

[[streets]]
path = "basemap.gpkg"
layer = "道路"
datum = "{crs}"
fields = {{ name = "名称", kind = "等级" }}

[[barriers]]
path = "basemap.gpkg"
layer = "河流铁路"
datum = "{crs}"
fields = {{ kind = "类别" }}

[[population]]
path = "compounds.geojson"
datum = "CGCS2000"
fields = {{ count = "常住人口", area = "区" }}
single_ages = {{ column = "{{age}}岁", from = 0, to = 14 }}

# The schools' places come from a map service, so they are in GCJ-02.
[[schools]]
path = "schools.csv"
datum = "GCJ-02"
level = "primary"
only = {{ "学段" = ["小学"] }}
fields = {{ school = "编号", name = "校名", x = "经度", y = "纬度", classes = "招生班数" }}

[[schools]]
path = "schools.csv"
datum = "GCJ-02"
level = "junior"
only = {{ "学段" = ["初中"] }}
fields = {{ school = "编号", name = "校名", x = "经度", y = "纬度", classes = "招生班数" }}

[[zones]]
path = "catchments.geojson"
datum = "CGCS2000"
level = "primary"
only = {{ "学段" = ["primary"] }}
fields = {{ schools = "学校" }}

[[zones]]
path = "catchments.geojson"
datum = "CGCS2000"
level = "junior"
only = {{ "学段" = ["junior"] }}
fields = {{ schools = "学校" }}

[[births]]
path = "births.csv"
fields = {{ key = "区", year = "学年", count = "出生数" }}

[[migration]]
path = "migration.csv"
fields = {{ age = "年龄", rate = "净迁移率" }}

[[projects]]
path = "projects.geojson"
datum = "CGCS2000"
fields = {{ name = "项目", dwellings = "套数", year = "学年", status = "阶段" }}
children = {{ {children} }}
filling = {filling}
statuses = {{ low = ["在建"], middle = ["在建", "已批", "规划"], high = ["在建", "已批", "规划"] }}
"""
