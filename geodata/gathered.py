"""What the sources of a recipe gave, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import shapely
from pyproj import CRS

from geodata.roles.by_area import AreaTable
from geodata.roles.catchments import Texts


@dataclass(frozen=True)
class Gathered:
    """Everything read, in the city's CRS.

    buildings: use, levels, name, compound, dwelling, floors (m²); addresses: text; streets: name, kind, walkable, edge;
    barriers: name, kind (lines); units (as drawn): unit, name; population: count, age_<n>; register: see
    `gather_register` (never written anywhere); schools: school, name, level, capacity, latest; zones, earlier_zones:
    schools, level, year; catchments: texts; births and migration by area; projects: see `gather_projects`.
    """

    crs: CRS
    area: shapely.Geometry
    buildings: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    population: gpd.GeoDataFrame
    register: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    earlier_zones: gpd.GeoDataFrame
    catchments: tuple[Texts, ...]
    births: AreaTable | None
    migration: AreaTable | None
    projects: gpd.GeoDataFrame
