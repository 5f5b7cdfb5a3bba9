"""The sources of a recipe, role by role, as the frames from which a city is made."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geodata.arrays import Floats, Shapes
from geodata.datum import city_crs, crs_of, to_city
from geodata.errors import GeodataInputError
from geodata.files import read_table
from geodata.notes import Notes
from geodata.people import group_shares
from geodata.recipe import AgeGroups, Boundary, Recipe, Source
from geodata.seats import check_ids, reduced_enrolment, seats, share_inside
from geodata.sources import MOST, Reader, numbers, text

STOREY = 3.0
"""Metres, where only a building's height is known."""


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
    area = _area(recipe.boundary, crs, notes)
    reader = Reader(crs, area, notes)
    zones = _zones(recipe, reader)
    return Gathered(
        crs=crs,
        area=area,
        buildings=_buildings(recipe, reader),
        addresses=_addresses(recipe, reader),
        streets=_streets(recipe, reader),
        barriers=_barriers(recipe, reader),
        population=_population(recipe, reader),
        schools=_schools(recipe, reader, zones),
        zones=zones,
    )


def _area(boundary: Boundary, crs: CRS, notes: Notes) -> shapely.Geometry:
    if boundary.source is not None:
        rows, _ = Reader(crs, None, notes).read(boundary.source, "polygon")
        return shapely.union_all(rows.geometry.to_numpy())
    assert boundary.bbox is not None  # noqa: S101  (the recipe gives one or the other)
    crs_of(boundary.datum, "[boundary]")
    west, south, east, north = boundary.bbox
    fine = max(east - west, north - south) / 100
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(*boundary.bbox), fine)])
    return to_city(box, boundary.datum, crs).iloc[0]


def _together(frames: list[gpd.GeoDataFrame], columns: list[str], crs: CRS) -> gpd.GeoDataFrame:
    """Frames of one role, one after the other, with exactly `columns` and the geometry."""
    if not frames:
        return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=crs)
    together = pd.concat([frame[[*columns, "geometry"]] for frame in frames], ignore_index=True)
    return gpd.GeoDataFrame(together, crs=crs)


def _buildings(recipe: Recipe, reader: Reader) -> gpd.GeoDataFrame:
    frames = []
    for source in recipe.sources["buildings"]:
        rows, _ = reader.read(source, "polygon")
        for column in ("use", "name", "compound"):
            rows[column] = text(rows, column)
        rows["levels"] = _levels(rows, source, reader.notes)
        rows["dwelling"] = ~rows["use"].isin(source.options["not_dwellings"])
        rows["floors"] = shapely.area(rows.geometry.to_numpy()) * rows["levels"]
        frames.append(rows)
    return _together(frames, ["use", "levels", "name", "compound", "dwelling", "floors"], reader.crs)


def _levels(rows: gpd.GeoDataFrame, source: Source, notes: Notes) -> Floats:
    """Storeys: given, else from the height, else the recipe's default; unreadable figures count as missing."""
    unreadable = 0
    levels = np.full(len(rows), np.nan)
    for column, size in (("levels", 1.0), ("height", STOREY)):
        if column not in rows:
            continue
        cells = text(rows, column)
        values = pd.to_numeric(cells.str.removesuffix(" m"), errors="coerce").to_numpy(dtype=float) / size
        usable = (values > 0) & (values <= 1000)
        unreadable += int(((cells != "").to_numpy() & ~usable).sum())
        levels = np.where(np.isnan(levels) & usable, np.maximum(values, 1.0), levels)
    missing = int(np.isnan(levels).sum())
    if unreadable:
        notes.doubt(
            "%(file)s: %(count)s figures of storeys or height cannot be read and count as missing.",
            file=source.label,
            count=unreadable,
        )
    if missing:
        notes.doubt(
            "%(file)s: %(count)s of %(all)s buildings state neither storeys nor height; %(levels)g is taken.",
            file=source.label,
            count=missing,
            all=len(rows),
            levels=source.options["default_levels"],
        )
    return np.where(np.isnan(levels), source.options["default_levels"], levels)


def _addresses(recipe: Recipe, reader: Reader) -> gpd.GeoDataFrame:
    frames = []
    for source in recipe.sources["addresses"]:
        rows, note = reader.read(source, "point or polygon")
        rows["text"] = text(rows, "text")
        note.drop("without a full address", int((rows["text"] == "").sum()))
        rows = rows[rows["text"] != ""]
        note.kept = len(rows)
        frames.append(rows.set_geometry(gpd.GeoSeries(shapely.point_on_surface(rows.geometry), rows.index, reader.crs)))
    return _together(frames, ["text"], reader.crs)


def _streets(recipe: Recipe, reader: Reader) -> gpd.GeoDataFrame:
    frames = []
    for source in recipe.sources["streets"]:
        rows, _ = reader.read(source, "line")
        rows["name"], rows["kind"] = text(rows, "name"), text(rows, "kind")
        rows["walkable"] = ~rows["kind"].isin(source.options["no_walk"])
        rows["edge"] = ~rows["kind"].isin(source.options["no_block"])
        frames.append(rows)
    return _together(frames, ["name", "kind", "walkable", "edge"], reader.crs)


def _barriers(recipe: Recipe, reader: Reader) -> gpd.GeoDataFrame:
    frames = []
    for source in recipe.sources["barriers"]:
        rows, _ = reader.read(source, "line or polygon")
        rows["name"], rows["kind"] = text(rows, "name"), text(rows, "kind")
        frames.append(rows.set_geometry(gpd.GeoSeries(_outlines(rows.geometry.to_numpy()), rows.index, reader.crs)))
    return _together(frames, ["name", "kind"], reader.crs)


def _outlines(shapes: Shapes) -> Shapes:
    outlines: Shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    return outlines


def _population(recipe: Recipe, reader: Reader) -> gpd.GeoDataFrame:
    frames, ages = [], set()
    for source in recipe.sources["population"]:
        rows, _ = reader.read(source, "point or polygon")
        rows["count"] = numbers(rows, "count", source)
        children = _children(rows, source, recipe, reader.notes)
        ages |= set(children.columns)
        frames.append(pd.concat([rows[["count", "geometry"]], children], axis=1))
    columns = sorted(ages, key=lambda column: int(column.removeprefix("age_")))
    frames = [frame.reindex(columns=["count", *columns, "geometry"], fill_value=0.0) for frame in frames]
    return _together(frames, ["count", *columns], reader.crs)


def _children(rows: gpd.GeoDataFrame, source: Source, recipe: Recipe, notes: Notes) -> pd.DataFrame:
    """Children of each record by single age: given, or its people × its area's age groups."""
    single = [column for column in source.columns if column.startswith("age_")]
    if single:
        return pd.DataFrame({column: numbers(rows, column, source) for column in single}, index=rows.index)
    if recipe.age_groups is None or "area" not in source.columns:
        raise GeodataInputError(
            "%(file)s: the recipe says nothing about ages; give it single_ages, or fields.area and [age_groups].",
            file=source.label,
        )
    shares = group_shares(_age_table(recipe.age_groups), recipe.age_groups)
    area = text(rows, "area")
    known = area.isin(shares.index)
    unknown = float(rows["count"][~known].sum())
    if unknown > 0:
        notes.doubt(
            "%(people).2f people live in areas that %(file)s lacks (%(areas)s); they are given the ages of its whole.",
            people=unknown,
            file=recipe.age_groups.path.name,
            areas=", ".join(sorted(set(area[~known]))),
        )
    by_record = shares.loc[area.where(known, "")].to_numpy() * rows["count"].to_numpy()[:, None]
    return pd.DataFrame(by_record, columns=shares.columns, index=rows.index)


def _age_table(groups: AgeGroups) -> pd.DataFrame:
    table = read_table(groups.path)
    columns = [groups.total, *(column for _, _, column in groups.groups)]
    for column in [groups.key, *columns]:
        if column not in table.columns:
            raise GeodataInputError(
                "%(file)s has no field %(field)s, which the recipe names in [age_groups].",
                file=groups.path,
                field=column,
            )
    values = table[columns].apply(pd.to_numeric, errors="coerce")
    wrong = ~((values >= 0) & (values <= MOST)).all(axis=1) | (values[groups.total] <= 0)
    if wrong.any():
        raise GeodataInputError(
            "%(file)s, row %(row)s: the residents by age must be numbers of at least 0, and their total above 0.",
            file=groups.path.name,
            row=table["row"][wrong].iloc[0],
        )
    return values.set_axis(text(table, groups.key), axis=0)


def _zones(recipe: Recipe, reader: Reader) -> gpd.GeoDataFrame:
    frames = []
    for source in recipe.sources["zones"]:
        rows, _ = reader.read(source, "polygon")
        ids = text(rows, "schools").str.split(",")
        rows["schools"] = [",".join(part.strip() for part in parts if part.strip()) for parts in ids]
        rows["level"] = source.options["level"]
        frames.append(rows)
    return _together(frames, ["schools", "level"], reader.crs)


def _schools(recipe: Recipe, reader: Reader, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frames = []
    for source in recipe.sources["schools"]:
        rows, _ = reader.read(source, "point")
        check_ids(rows, source)
        level = source.options["level"]
        rows["school"], rows["name"], rows["level"] = text(rows, "school"), text(rows, "name"), level
        if "latest" in source.options:
            wanted = source.options["zone_share"]
            inside = share_inside(zones[zones["level"] == level], reader.area) if wanted else {}
            enrolment = reduced_enrolment(rows, source, inside)
            rows["capacity"], rows["latest"] = enrolment["highest"], enrolment["latest"]
            _say_reduced(rows, enrolment["share"], source, reader.notes)
        else:
            rows["capacity"], rows["latest"] = seats(rows, source, recipe.levels[level].class_size), 0.0
        frames.append(rows)
    schools = _together(frames, ["school", "name", "level", "capacity", "latest"], reader.crs)
    check_ids(schools.assign(row="?"), recipe.sources["schools"][0])
    return schools.sort_values("school", ignore_index=True)


def _say_reduced(rows: gpd.GeoDataFrame, share: pd.Series[float], source: Source, notes: Notes) -> None:
    factors = ", ".join(f"{school} {factor:.3f}" for school, factor in zip(rows["school"], share, strict=True))
    notes.doubt(
        "%(file)s gives no seats: the highest yearly enrolment of each school is taken, reduced to the planned grades "
        "by an even split, and to its zone's part inside the city where the recipe says so (factors: %(factors)s).",
        file=source.label,
        factors=factors,
    )
