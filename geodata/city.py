"""The reading side of a city folder: the only way in which other rooms see a city."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata.errors import GeodataInputError
from geodata.recipe.forecast import VARIANTS, column_of
from geodata.recipe.levels import LEVEL_NAMES

MAPS = ("schools", "buildings", "addresses", "streets", "population", "units", "zones")
"""Layers with a geometry, in the city's metric CRS."""
TABLES = ("adjacency", "walks", "current", "forecast")
"""Layers without one."""


@dataclass(frozen=True)
class City:
    """A city folder: `city.toml`, and the layers of `city.gpkg`.

    `levels` gives the ages that each level plans for; `attendance` is already in the units' children.
    """

    folder: Path
    name: str
    crs: str
    school_year: int
    synthetic: bool
    attribution: str
    levels: Mapping[str, tuple[int, ...]]
    attendance: float

    @classmethod
    def open(cls, folder: Path) -> City:
        """Read `city.toml`; layers are read when they are asked for.

        Raises:
            GeodataInputError: the folder is no city folder.
        """
        head = _head(folder)
        try:
            return cls(
                folder=folder.resolve(),
                name=str(head["name"]),
                crs=str(head["crs"]),
                school_year=int(head["school_year"]),
                synthetic=bool(head["synthetic"]),
                attribution=str(head.get("attribution", "")),
                levels={level: tuple(given["ages"]) for level, given in head["levels"].items()},
                attendance=float(head["attendance"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GeodataInputError(
                "%(path)s is damaged (%(field)s); import the city again.", path=folder / "city.toml", field=error
            ) from error

    def schools(self) -> gpd.GeoDataFrame:
        """Points: school, name, level ('primary' or 'junior'), capacity (seats for the level's ages), unit it is in.

        Also classes (NaN where not known) and class_size.
        """
        return self._map("schools")

    def buildings(self) -> gpd.GeoDataFrame:
        """Polygons: building, use, levels, name, compound, people, unit."""
        return self._map("buildings")

    def addresses(self) -> gpd.GeoDataFrame:
        """Points: text, unit."""
        return self._map("addresses")

    def streets(self) -> gpd.GeoDataFrame:
        """Lines: name, kind, walkable, barrier (railways and rivers among them are barriers on which nobody walks)."""
        return self._map("streets")

    def population(self) -> gpd.GeoDataFrame:
        """Points or polygons as read: count; unspread = people for whom no dwelling was found; unit of these."""
        return self._map("population")

    def units(self) -> gpd.GeoDataFrame:
        """Polygons that tile the city: unit, name, people, age_<n> (children, fractions), area (m²), perimeter (m).

        A city whose children come from a register may have group_<level>_<name>: see `groups`.
        """
        return self._map("units")

    def groups(self, level: str) -> pd.DataFrame:
        """Children of the level's ages in `school_year` who are of a group, attendance included: group_<name> by unit.

        Empty unless the children come from a register in which every such number can be shown.
        """
        units = self.units().set_index("unit")
        prefix = f"group_{level}_"
        names = [column for column in units.columns if column.startswith(prefix)]
        return pd.DataFrame(units[names]).rename(columns=lambda name: f"group_{name.removeprefix(prefix)}")

    def zones(self) -> gpd.GeoDataFrame:
        """Polygons, the current catchments: schools (ids, comma-separated, may be empty), level."""
        return self._map("zones")

    def adjacency(self) -> pd.DataFrame:
        """Each pair of units with a common border once: unit < neighbour, border (m), barrier (0 or 1).

        Barrier: a railway, river or trunk road runs along most of the border and no walkable street crosses it there.
        """
        return self._table("adjacency")

    def walks(self) -> pd.DataFrame:
        """Every unit with every school of every level: unit, school, metres."""
        return self._table("walks")

    def current(self) -> pd.DataFrame:
        """Current schools of units: unit, level, school; several rows for a unit of a shared zone, none for others."""
        return self._table("current")

    def forecast(self) -> pd.DataFrame:
        """Unit, and per level, later year and variant the children, attendance included: `<level>_<year>_<variant>`."""
        return self._table("forecast")

    def demand(self, level: str, year: int, variant: str = "middle") -> pd.Series[float]:
        """Children of the level's ages in `year` by unit, attendance included; later years are the forecast's.

        Years before `school_year` are today's older children, who were younger then.

        Raises:
            GeodataInputError: the city has no such level or variant, or its data do not tell of these children.
        """
        if variant not in VARIANTS:
            raise GeodataInputError(
                "There is no variant %(variant)s; the forecast has %(variants)s.",
                variant=variant,
                variants=", ".join(VARIANTS),
            )
        ages = [age - (year - self.school_year) for age in self._ages(level)]
        if year > self.school_year:
            layer: pd.DataFrame = self.forecast()
            columns = {min(ages): column_of(level, year, variant)}
        else:
            layer = self.units()
            columns = {age: f"age_{age}" for age in ages}
        for age, column in columns.items():
            if column not in layer.columns:
                self._refuse_year(level, year, age)
        children: pd.Series[float] = layer.set_index("unit")[list(columns.values())].sum(axis=1).rename("demand")
        return children

    def _refuse_year(self, level: str, year: int, age: int) -> NoReturn:
        """Say which children the city's data does not hold: of an age in the school year, or born after it."""
        known = {"city": self.name, "level": LEVEL_NAMES[level], "year": year, "school_year": self.school_year}
        if age < 0:
            raise GeodataInputError(
                "%(city)s has no %(level)s children of %(year)s: they are born after %(school_year)s and its forecast "
                "does not reach them; choose a year nearer to %(school_year)s, or give the recipe [[births]].",
                **known,
            )
        raise GeodataInputError(
            "%(city)s has no %(level)s children of %(year)s: that needs those aged %(age)s in %(school_year)s, "
            "which its data does not hold; choose a year nearer to %(school_year)s.",
            age=age,
            **known,
        )

    def fingerprint(self) -> str:
        """SHA-256 (hex) over the head and every layer's columns and rows; the file's own bytes do not matter."""
        digest = hashlib.sha256()
        _add(digest, repr((self.name, self.crs, self.school_year, self.synthetic, dict(self.levels), self.attendance)))
        for layer in MAPS:
            _add_layer(digest, layer, self._map(layer))
        for layer in TABLES:
            _add_layer(digest, layer, self._table(layer))
        return digest.hexdigest()

    def _ages(self, level: str) -> tuple[int, ...]:
        if level not in self.levels:
            raise GeodataInputError(
                "%(city)s has no level %(level)s; it has %(levels)s.",
                city=self.name,
                level=level,
                levels=", ".join(self.levels),
            )
        return self.levels[level]

    def _map(self, layer: str) -> gpd.GeoDataFrame:
        return self._read(layer, read_geometry=True)

    def _table(self, layer: str) -> pd.DataFrame:
        return self._read(layer, read_geometry=False)

    def _read(self, layer: str, read_geometry: bool) -> Any:
        path = self.folder / "city.gpkg"
        try:
            return pyogrio.read_dataframe(path, layer=layer, read_geometry=read_geometry)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise GeodataInputError(
                "%(path)s has no readable layer %(layer)s; import the city again.", path=path, layer=layer
            ) from error


def _head(folder: Path) -> dict[str, Any]:
    path = folder / "city.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise GeodataInputError(
            "%(folder)s is no city folder: it has no city.toml. Make one with `flask geodata import`.", folder=folder
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GeodataInputError("%(path)s cannot be read: %(reason)s.", path=path, reason=error) from error


def _add_layer(digest: Any, layer: str, rows: pd.DataFrame) -> None:
    _add(digest, f"{layer} {len(rows)}")
    for name in sorted(rows.columns):
        _add(digest, name)
        column = rows[name]
        if name == "geometry":
            _add(digest, *(shape.hex() for shape in shapely.to_wkb(column.to_numpy())))
        elif column.dtype.kind in "biuf":
            digest.update(column.to_numpy(dtype="<f8").tobytes())
        else:
            values = column.to_numpy(dtype=object, na_value="")
            framed = {value: _framed(str(value)) for value in pd.unique(values)}
            digest.update(b"".join(map(framed.__getitem__, values)))


def _add(digest: Any, *texts: str) -> None:
    digest.update(b"".join(map(_framed, texts)))


def _framed(text: str) -> bytes:
    """The text with its length before it, so that no two sequences look alike."""
    data = text.encode()
    return len(data).to_bytes(8, "big") + data
