"""The sources of a recipe, role by role, as the frames from which a city is made."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import shapely
from pyproj import CRS

from geodata.datum import city_crs
from geodata.notes import Notes
from geodata.reading.reader import Reader
from geodata.recipe.recipe import Recipe
from geodata.roles.addresses import gather_addresses
from geodata.roles.boundary import gather_area
from geodata.roles.buildings import gather_buildings
from geodata.roles.population import gather_population
from geodata.roles.schools import gather_schools
from geodata.roles.streets import gather_barriers, gather_streets
from geodata.roles.zones import gather_zones


@dataclass(frozen=True)
class Gathered:
    """Everything read, in the city's CRS.

    buildings: use, levels, name, compound, dwelling, floors (m²); addresses: text; streets: name, kind, walkable, edge;
    barriers: name, kind (lines); population: count, age_<n>; schools: school, name, level, capacity, latest;
    zones: schools, level.
    """

    crs: CRS
    area: shapely.Geometry
    buildings: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    population: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame


def gather(recipe: Recipe, notes: Notes) -> Gathered:
    """Read every source of the recipe; what is left out or doubtful goes to `notes`.

    Raises:
        GeodataInputError: a source is not what the recipe says.
    """
    crs = city_crs(recipe.crs, recipe.path.name)
    area = gather_area(recipe.boundary, crs, notes)
    reader = Reader(crs, area, notes)
    sources = recipe.sources
    zones = gather_zones(sources["zones"], reader)
    return Gathered(
        crs=crs,
        area=area,
        buildings=gather_buildings(sources["buildings"], reader),
        addresses=gather_addresses(sources["addresses"], reader),
        streets=gather_streets(sources["streets"], reader),
        barriers=gather_barriers(sources["barriers"], reader),
        population=gather_population(sources["population"], recipe.age_groups, reader),
        schools=gather_schools(sources["schools"], recipe.levels, reader, zones),
        zones=zones,
    )
