"""RECIPE.toml as plain values: which files make the city and how they are read (reference: docs/guide/en/recipe.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from geodata.datum import area_of, crs_of
from geodata.errors import GeodataInputError
from ledger.errors import Phrase

SOURCE_KEYS = {"path", "layer", "datum", "fields", "only", "except"}
CLASS_SIZES = {"primary": 45, "junior": 50}
LEVEL_NAMES = {"primary": Phrase("primary"), "junior": Phrase("junior")}


@dataclass(frozen=True)
class Role:
    """What a source may say: our names of its fields, which of them it must name, and keys of its own."""

    fields: frozenset[str]
    needed: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()


def _role(fields: str, needed: str = "", options: str = "") -> Role:
    return Role(frozenset(fields.split()), frozenset(needed.split()), frozenset(options.split()))


ROLES = {
    "boundary": _role(""),
    "buildings": _role("use levels height name compound", options="not_dwellings default_levels"),
    "addresses": _role("text", needed="text", options="join"),
    "streets": _role("kind name", options="no_walk no_block"),
    "barriers": _role("kind name"),
    "population": _role("count area", needed="count", options="single_ages"),
    "schools": _role("school name capacity classes", needed="school name", options="level enrolment"),
    "zones": _role("schools", needed="schools", options="level"),
}
NEEDED_ROLES = ("boundary", "buildings", "streets", "population", "schools")


@dataclass(frozen=True)
class Source:
    """One file in one role; `columns` maps our name to the file's columns (several only where they are joined)."""

    role: str
    path: Path
    layer: str | None
    datum: str
    columns: Mapping[str, tuple[str, ...]]
    only: Mapping[str, Any]
    without: Mapping[str, Any]
    options: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The file's name with the layer, as sentences call it."""
        return f"{self.path.name} ({self.layer})" if self.layer else self.path.name

    def named(self) -> tuple[str, ...]:
        """Every column that the recipe names, sorted."""
        mapped = {column for columns in self.columns.values() for column in columns}
        return tuple(sorted(mapped | set(self.only) | set(self.without)))


@dataclass(frozen=True)
class Level:
    """Ages a level plans for and the seats of one of its classes."""

    ages: tuple[int, ...]
    class_size: float


@dataclass(frozen=True)
class AgeGroups:
    """A table of areas with their residents by age group; groups as (first age, last age, column)."""

    path: Path
    key: str
    total: str
    groups: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Boundary:
    """The city's edge: a box (west, south, east, north) in `datum`, or a source of polygons."""

    datum: str
    bbox: tuple[float, float, float, float] | None = None
    source: Source | None = None


@dataclass(frozen=True)
class Recipe:
    """A whole recipe; `attendance` is None where it is to be taken from the schools' enrolment."""

    path: Path
    name: str
    crs: str
    school_year: int
    synthetic: bool
    attribution: str
    levels: Mapping[str, Level]
    boundary: Boundary
    sources: Mapping[str, tuple[Source, ...]]
    age_groups: AgeGroups | None
    attendance: float | None


def read_recipe(path: Path, data: Path | None = None) -> Recipe:
    """Read and check a recipe; source paths are relative to `data`, by default to the recipe's folder.

    Raises:
        GeodataInputError: the file is missing, is no TOML, or says something that cannot be done.
    """
    given = _Table(path, "", _load(path))
    folder = data or path.parent
    city = given.table("city", {"name", "crs", "school_year", "synthetic", "attribution"})
    if not city.take("name", str).strip():
        city.refuse("has an empty name")
    if not 1900 <= city.take("school_year", int) <= 2200:
        city.refuse("needs a school_year such as 2026")
    recipe = Recipe(
        path=path,
        name=city.take("name", str),
        crs=city.take("crs", str),
        school_year=city.take("school_year", int),
        synthetic=city.take("synthetic", bool, False),
        attribution=city.take("attribution", str, ""),
        levels=_levels(given),
        boundary=_boundary(given, folder),
        sources={role: _sources(given, role, folder) for role in ROLES if role != "boundary"},
        age_groups=_age_groups(given, folder),
        attendance=_attendance(given),
    )
    given.refuse_others({"city", "levels", "age_groups", "demand", *ROLES})
    _check_together(recipe)
    return recipe


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise GeodataInputError("There is no recipe %(path)s.", path=path) from error
    except UnicodeDecodeError as error:
        raise GeodataInputError("%(file)s is not UTF-8: save it in UTF-8.", file=path) from error
    except (ValueError, RecursionError) as error:
        raise GeodataInputError("The recipe %(path)s cannot be read: %(reason)s.", path=path, reason=error) from error


@dataclass(frozen=True)
class _Table:
    """A table of the recipe that knows where it stands, so that its errors can say so."""

    path: Path
    where: str
    values: Mapping[str, Any]

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of `key`, checked; without a default it must be there."""
        value = self.values.get(key, default)
        if value is None:
            self.refuse("needs the key %(key)s", key=key)
        number_as_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or number_as_bool:
            self.refuse("has a %(key)s that is not what it should be: %(value)s", key=key, value=repr(value))
        return value

    def table(self, key: str, known: set[str] | None = None, default: Any = None) -> _Table:
        """The table under `key`; keys outside `known` are refused."""
        inner = _Table(self.path, f"{self.where}.{key}".strip("."), self.take(key, dict, default))
        if known is not None:
            inner.refuse_others(known)
        return inner

    def refuse_others(self, known: set[str]) -> None:
        """Refuse a key that nobody would read: it is most likely misspelt."""
        others = sorted(set(self.values) - known)
        if others:
            listed = ", ".join(sorted(known))
            self.refuse("has an unknown key %(key)s; known are %(known)s", key=others[0], known=listed)

    def refuse(self, reason: str, **values: object) -> NoReturn:
        """Raise the recipe's error; `reason` is what the sentence says of this table."""
        raise GeodataInputError(
            "The recipe %(path)s, [%(where)s], %(reason)s; see docs/guide/en/recipe.md.",
            path=self.path,
            where=self.where or "top",
            reason=Phrase(reason, **values),
        )


def _levels(given: _Table) -> dict[str, Level]:
    levels = given.table("levels", set(CLASS_SIZES))
    if not levels.values:
        levels.refuse("names no level")
    return {name: _level(levels, name) for name in CLASS_SIZES if name in levels.values}


def _level(levels: _Table, name: str) -> Level:
    level = levels.table(name, {"ages", "class_size"})
    ages = level.take("ages", list)
    if not ages or not all(type(age) is int and 0 <= age < 30 for age in ages) or len(set(ages)) < len(ages):
        level.refuse("needs ages as a list of different whole numbers")
    size = level.take("class_size", (int, float), CLASS_SIZES[name])
    if not 0 < size <= 1000:
        level.refuse("needs class_size above 0 and at most 1000")
    return Level(tuple(sorted(ages)), float(size))


def _boundary(given: _Table, folder: Path) -> Boundary:
    table = given.table("boundary")
    if "bbox" not in table.values:
        source = _source(table, "boundary", folder)
        return Boundary(source.datum, source=source)
    table.refuse_others({"bbox", "datum"})
    numbers = table.take("bbox", list)
    if len(numbers) != 4 or not all(type(number) in (int, float) for number in numbers):
        table.refuse("needs bbox = [west, south, east, north]")
    west, south, east, north = (float(number) for number in numbers)
    if not (west < east and south < north):
        table.refuse("has an empty bbox; its order is west, south, east, north")
    datum = table.take("datum", str)
    crs_of(datum, f"{given.path.name} [boundary]")
    least_x, least_y, most_x, most_y = area_of(datum)
    if west < least_x or south < least_y or east > most_x or north > most_y:
        table.refuse("has a bbox outside the area of %(datum)s; its order is west, south, east, north", datum=datum)
    return Boundary(datum, bbox=(west, south, east, north))


def _sources(given: _Table, role: str, folder: Path) -> tuple[Source, ...]:
    listed = given.take(role, list, [])
    if role in NEEDED_ROLES and not listed:
        given.refuse("names no source [[%(role)s]]", role=role)
    if not all(isinstance(values, dict) for values in listed):
        given.refuse("must name its sources of %(role)s as [[%(role)s]]", role=role)
    tables = (_Table(given.path, f"{role} {number}", values) for number, values in enumerate(listed, 1))
    return tuple(_source(table, role, folder) for table in tables)


def _source(table: _Table, role: str, folder: Path) -> Source:
    spec = ROLES[role]
    table.refuse_others(SOURCE_KEYS | spec.options)
    path = folder / table.take("path", str)
    fields = table.table("fields", default={})
    fields.refuse_others(set(spec.fields | {"x", "y"}))
    for name in sorted(spec.needed - set(fields.values)):
        fields.refuse("needs the key %(key)s", key=name)
    columns = {name: _columns(fields, name) for name in sorted(fields.values)}
    options = _options(table, role)
    return Source(
        role=role,
        path=path,
        layer=table.values.get("layer"),
        datum=table.take("datum", str),
        columns={**columns, **options.pop("columns")},
        only=_filter(table, "only"),
        without=_filter(table, "except"),
        options=options,
    )


def _columns(fields: _Table, name: str) -> tuple[str, ...]:
    """One column, or several where a text is joined from them."""
    value = fields.take(name, (str, list))
    columns = (value,) if isinstance(value, str) else tuple(value)
    if not columns or not all(isinstance(column, str) for column in columns):
        fields.refuse("needs %(key)s = a column or a list of columns", key=name)
    if len(columns) > 1 and name != "text":
        fields.refuse("names several columns for %(key)s, where only one is possible", key=name)
    return columns


def _filter(table: _Table, key: str) -> dict[str, Any]:
    chosen = table.table(key, default={})
    for column, values in chosen.values.items():
        if values is not True and not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
            chosen.refuse("needs %(key)s = true or a list of texts", key=column)
    return dict(sorted(chosen.values.items()))


def _options(table: _Table, role: str) -> dict[str, Any]:
    """A role's own keys, checked; `columns` holds columns that they name."""
    readers: dict[str, Callable[[_Table], dict[str, Any]]] = {
        "buildings": _building_options,
        "addresses": lambda table: {"join": table.take("join", str, " ")},
        "streets": lambda table: {key: _texts(table, key) for key in ("no_walk", "no_block")},
        "population": _single_ages,
        "schools": lambda table: {"level": _known_level(table), **_enrolment(table)},
        "zones": lambda table: {"level": _known_level(table)},
    }
    return {"columns": {}, **(readers[role](table) if role in readers else {})}


def _building_options(table: _Table) -> dict[str, Any]:
    levels = table.take("default_levels", (int, float), 1)
    if not 0 < levels <= 1000:
        table.refuse("needs default_levels above 0 and at most 1000")
    return {"not_dwellings": _texts(table, "not_dwellings"), "default_levels": float(levels)}


def _texts(table: _Table, key: str) -> tuple[str, ...]:
    values = table.take(key, list, [])
    if not all(isinstance(value, str) for value in values):
        table.refuse("needs %(key)s = a list of texts", key=key)
    return tuple(values)


def _known_level(table: _Table) -> str:
    level: str = table.take("level", str)
    if level not in CLASS_SIZES:
        table.refuse("has a level %(level)s; known are primary and junior", level=level)
    return level


def _single_ages(table: _Table) -> dict[str, Any]:
    if "single_ages" not in table.values:
        return {}
    ages = table.table("single_ages", {"column", "from", "to"})
    pattern = ages.take("column", str)
    if "{age}" not in pattern:
        ages.refuse("needs {age} in its column")
    first, last = ages.take("from", int), ages.take("to", int)
    if not 0 <= first <= last < 130:
        ages.refuse("needs 0 ≤ from ≤ to")
    return {"columns": {f"age_{age}": (pattern.replace("{age}", str(age)),) for age in range(first, last + 1)}}


def _enrolment(table: _Table) -> dict[str, Any]:
    """Exactly one of capacity, classes and enrolment says what a school's seats are."""
    ways = [name for name in ("capacity", "classes") if name in table.values.get("fields", {})]
    ways += ["enrolment"] if "enrolment" in table.values else []
    if len(ways) != 1:
        table.refuse("needs one of fields.capacity, fields.classes and enrolment")
    if ways != ["enrolment"]:
        return {}
    history = table.table("enrolment", {"history", "latest", "grades", "shares", "zone_share"})
    shares = history.table("shares").values
    return {
        "columns": {"history": (history.take("history", str),), "grades": (history.take("grades", str),)},
        "latest": history.take("latest", str),
        "shares": {name: _fraction(history, value) for name, value in sorted(shares.items())},
        "zone_share": history.take("zone_share", bool, False),
    }


def _fraction(table: _Table, value: Any) -> float:
    pair = isinstance(value, list) and len(value) == 2 and all(type(part) is int and part > 0 for part in value)
    if not pair or value[0] > value[1]:
        table.refuse("needs a share as [planned grades, all grades], not %(value)s", value=repr(value))
    return float(value[0] / value[1])


def _age_groups(given: _Table, folder: Path) -> AgeGroups | None:
    if "age_groups" not in given.values:
        return None
    table = given.table("age_groups", {"path", "key", "total", "groups"})
    groups = table.table("groups")
    return AgeGroups(
        path=folder / table.take("path", str),
        key=table.take("key", str),
        total=table.take("total", str),
        groups=tuple(sorted(_group(groups, ages) for ages in groups.values)),
    )


def _group(groups: _Table, ages: str) -> tuple[int, int, str]:
    first, dash, last = ages.partition("-")
    if not first.isdecimal() or not (last.isdecimal() if dash else True) or (dash and int(first) > int(last)):
        groups.refuse('has a group "%(ages)s"; write "5-9" or "6"', ages=ages)
    return int(first), int(last or first), groups.take(ages, str)


def _attendance(given: _Table) -> float | None:
    demand = given.table("demand", {"attendance"}, default={})
    value = demand.take("attendance", (int, float, str), 1)
    if value == "enrolment":
        return None
    if isinstance(value, str) or not 0 < value <= 2:
        demand.refuse('needs attendance = a number above 0 or "enrolment"')
    return float(value)


def _check_together(recipe: Recipe) -> None:
    top = _Table(recipe.path, "", {})
    levels = {source.options["level"] for role in ("schools", "zones") for source in recipe.sources[role]}
    for level in sorted(levels - set(recipe.levels)):
        top.refuse("names a source of level %(level)s, but has no [levels.%(level)s]", level=level)
    if recipe.attendance is not None:
        return
    if len(recipe.levels) != 1 or not all("latest" in source.options for source in recipe.sources["schools"]):
        top.refuse('can take attendance = "enrolment" only with one level whose schools all have [schools.enrolment]')
