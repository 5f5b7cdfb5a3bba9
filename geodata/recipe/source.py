"""What every source of a recipe says: a file in a role, its datum, its columns, the rows chosen."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geodata.recipe.table import Table

NEEDED_ROLES = ("boundary", "buildings", "streets", "population", "schools", "units")
"""A source of these must have rows, where the recipe names one."""
PLACE_FIELDS = {"x", "y", "address"}
"""Fields of a table that say where a row is."""
SOURCE_KEYS = {"path", "layer", "datum", "axes", "encoding", "fields", "only", "except"}
AXES = ("east-north", "north-east")


def no_options(_table: Table) -> dict[str, Any]:
    """For a role without keys of its own."""
    return {}


@dataclass(frozen=True)
class Role:
    """What a source may say in a role: our names of its fields, which of them it must name, and keys of its own.

    `read` checks the role's own keys and gives their values; under `columns` it may name further columns of the file.
    """

    name: str
    fields: frozenset[str]
    needed: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    read: Callable[[Table], dict[str, Any]] = field(default=no_options)
    placeless: bool = False
    """May be a table without places; then it has no datum."""


def role(
    name: str,
    fields: str,
    needed: str = "",
    options: str = "",
    read: Callable[[Table], dict[str, Any]] = no_options,
    placeless: bool = False,
) -> Role:
    """A role from lists of words."""
    return Role(name, frozenset(fields.split()), frozenset(needed.split()), frozenset(options.split()), read, placeless)


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
    axes: str = AXES[0]
    encoding: str | None = None

    @property
    def label(self) -> str:
        """The file's name with the layer, as sentences call it."""
        return f"{self.path.name} ({self.layer})" if self.layer else self.path.name

    def named(self) -> tuple[str, ...]:
        """Every column that the recipe names, sorted."""
        mapped = {column for columns in self.columns.values() for column in columns}
        return tuple(sorted(mapped | set(self.only) | set(self.without)))


def read_sources(given: Table, spec: Role, folder: Path) -> tuple[Source, ...]:
    """All sources of a role, in the recipe's order; none where the recipe names none."""
    listed = given.values.get(spec.name, [])
    if not isinstance(listed, list) or not all(isinstance(values, dict) for values in listed):
        given.refuse("must name its sources of %(role)s as [[%(role)s]]", role=spec.name)
    tables = (Table(given.path, f"{spec.name} {number}", values) for number, values in enumerate(listed, 1))
    return tuple(read_source(table, spec, folder) for table in tables)


def read_source(table: Table, spec: Role, folder: Path) -> Source:
    """One source; its path is relative to `folder`."""
    table.refuse_others(SOURCE_KEYS | spec.options)
    path = folder / table.take("path", str)
    fields = table.table("fields", default={})
    fields.refuse_others(set(spec.fields | PLACE_FIELDS))
    by_address = "address" in fields.values
    if by_address and {"x", "y"} & set(fields.values):
        fields.refuse("names both coordinates and an address: choose one")
    for name in sorted(spec.needed - set(fields.values)):
        fields.refuse("needs the key %(key)s", key=name)
    columns = {name: _columns(fields, name) for name in sorted(fields.values)}
    options = spec.read(table)
    return Source(
        role=spec.name,
        path=path,
        layer=table.values.get("layer"),
        datum=table.take("datum", str, "" if by_address or spec.placeless else None),
        columns={**columns, **options.pop("columns", {})},
        only=_filter(table, "only"),
        without=_filter(table, "except"),
        options=options,
        axes=_axes(table),
        encoding=_encoding(table),
    )


def _axes(table: Table) -> str:
    """Which axis the file gives first; tables name theirs as x and y, but may have them exchanged too."""
    axes: str = table.take("axes", str, AXES[0])
    if axes not in AXES:
        table.refuse('needs axes = "east-north" or "north-east"')
    return axes


def _encoding(table: Table) -> str | None:
    """An encoding by its usual name; GBK and GB2312 are read as GB18030, which holds both."""
    if "encoding" not in table.values:
        return None
    named = table.take("encoding", str)
    try:
        "a".encode(named)  # refuses codecs that are none of texts
        found = codecs.lookup(named).name
    except (LookupError, ValueError):
        table.refuse("has an encoding that is unknown: %(encoding)s", encoding=named)
    return "gb18030" if found in ("gbk", "gb2312") else found


def _columns(fields: Table, name: str) -> tuple[str, ...]:
    """One column, or several where a text is joined from them."""
    value = fields.take(name, (str, list))
    columns = (value,) if isinstance(value, str) else tuple(value)
    if not columns or not all(isinstance(column, str) for column in columns):
        fields.refuse("needs %(key)s = a column or a list of columns", key=name)
    if len(columns) > 1 and name not in ("text", "address"):
        fields.refuse("names several columns for %(key)s, where only one is possible", key=name)
    return columns


def _filter(table: Table, key: str) -> dict[str, Any]:
    chosen = table.table(key, default={})
    for column, values in chosen.values.items():
        if values is not True and not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
            chosen.refuse("needs %(key)s = true or a list of texts", key=column)
    return dict(sorted(chosen.values.items()))
