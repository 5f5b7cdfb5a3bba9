"""The sources of a recipe, role by role, as the frames from which a city is made."""

from __future__ import annotations

from geodata.checks.fit import check_fit
from geodata.datum import city_crs
from geodata.gathered import Gathered
from geodata.notes import Notes
from geodata.reading.reader import Reader
from geodata.recipe.recipe import Recipe
from geodata.roles.addresses import gather_addresses
from geodata.roles.births import gather_births
from geodata.roles.boundary import gather_area
from geodata.roles.buildings import gather_buildings
from geodata.roles.catchments import gather_catchments
from geodata.roles.migration import gather_migration
from geodata.roles.population import gather_population
from geodata.roles.projects import gather_projects
from geodata.roles.register import gather_register
from geodata.roles.schools import gather_schools
from geodata.roles.streets import gather_barriers, gather_streets
from geodata.roles.units import gather_units
from geodata.roles.zone_schools import with_ids
from geodata.roles.zones import gather_zones
from geodata.units.drawn import area_of_units
from geodata.zones.versions import newest


def gather(recipe: Recipe, notes: Notes) -> Gathered:
    """Read every source of the recipe; what is left out or doubtful goes to `notes`.

    Raises:
        GeodataInputError: a source is not what the recipe says.
    """
    crs = city_crs(recipe.crs, recipe.path.name)
    area = None if recipe.boundary is None else gather_area(recipe.boundary, crs, notes)
    units = gather_units(recipe.sources["units"], Reader(crs, area, notes))
    if area is None:
        area = area_of_units(units.geometry.to_numpy())
    check_fit(area, recipe.crs, recipe.path.name, notes)
    sources = recipe.sources
    addresses = gather_addresses(sources["addresses"], Reader(crs, area, notes))
    reader = Reader(crs, area, notes, known=addresses)
    zones, earlier = newest(gather_zones(sources["zones"], reader, recipe.school_year))
    schools = gather_schools(sources["schools"], recipe.levels, reader, zones)
    return Gathered(
        crs=crs,
        area=area,
        buildings=gather_buildings(sources["buildings"], reader),
        addresses=addresses,
        streets=gather_streets(sources["streets"], reader),
        barriers=gather_barriers(sources["barriers"], reader),
        units=units,
        population=gather_population(sources["population"], recipe.age_groups, reader, with_ages=_with_ages(recipe)),
        register=gather_register(sources["register"], reader, recipe.school_year),
        schools=schools,
        zones=with_ids(zones, schools, notes),
        earlier_zones=earlier,
        catchments=gather_catchments(sources["catchments"], reader),
        births=gather_births(sources["births"], reader),
        migration=gather_migration(sources["migration"], reader),
        projects=gather_projects(sources["projects"], reader),
    )


def _with_ages(recipe: Recipe) -> bool:
    """Must the population have ages? Not where a register counts the children, nor where births alone tell of them."""
    own = (name for source in recipe.sources["population"] for name in source.columns)
    has_ages = recipe.age_groups is not None or any(name.startswith("age") for name in own)
    return not recipe.sources["register"] and (has_ages or not recipe.sources["births"])
