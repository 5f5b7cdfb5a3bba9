"""Reading a publication folder: a zone map as it was made public, believed only where its hashes agree.

A folder holds `publication.json` (`city, level, from_year, plan, parent, synthetic, files` and perhaps `attribution`;
`files` = name -> SHA-256 in hex) and the files it lists, of which the look-up reads three:

- `zones.geojson`: WGS 84; a feature's `id` (or its property `school`) names the school or group of schools.
- `schools.csv`: `school,name,lon,lat`, perhaps `zone` for a school that shares a zone with others.
- `addresses.csv`: `text,lon,lat,unit,school,metres`; `school` empty where an address has no zone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookup.errors import PublicationError

LEVELS = ("primary", "junior")
NEEDED = ("addresses.csv", "schools.csv", "zones.geojson")


@dataclass(frozen=True)
class School:
    """A school; `zone` is the id that zones and addresses name: its own, or that of the group it belongs to."""

    school: str
    zone: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Address:
    """A house: where it stands (degrees, WGS 84), its unit, the zone that serves it (or "") and the walk in metres."""

    text: str
    lon: float
    lat: float
    unit: str
    zone: str
    metres: float | None


@dataclass(frozen=True)
class Zone:
    """A zone's outline as a GeoJSON geometry in WGS 84."""

    zone: str
    geometry: dict[str, Any]


@dataclass(frozen=True)
class Publication:
    """A zone map that was put in force: for which level, from which school year, from which plan."""

    city: str
    level: str
    from_year: int
    plan: str
    parent: str | None
    synthetic: bool
    attribution: str
    schools: tuple[School, ...]
    zones: tuple[Zone, ...]
    addresses: tuple[Address, ...]


def read_publication(folder: Path) -> Publication:
    """Read and verify a publication folder.

    Raises:
        PublicationError: a file is missing, was changed since publication, or cannot be read.
    """
    head = _head(folder)
    contents = {name: _verified(folder, name, str(digest)) for name, digest in sorted(head["files"].items())}
    for name in NEEDED:
        if name not in contents:
            raise PublicationError("%(path)s does not list %(name)s.", path=folder / "publication.json", name=name)
    schools = tuple(_school(row) for row in _rows(folder / "schools.csv", contents))
    addresses = tuple(_address(row) for row in _rows(folder / "addresses.csv", contents))
    found = Publication(
        city=str(head["city"]),
        level=str(head["level"]),
        from_year=head["from_year"],
        plan=str(head["plan"]),
        parent=head.get("parent"),
        synthetic=bool(head.get("synthetic", False)),
        attribution=str(head.get("attribution", "")),
        schools=schools,
        zones=_zones(folder / "zones.geojson", contents["zones.geojson"]),
        addresses=addresses,
    )
    _check_references(folder, found)
    return found


def _head(folder: Path) -> dict[str, Any]:
    path = folder / "publication.json"
    try:
        head = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise PublicationError("%(folder)s holds no publication.json.", folder=folder) from error
    except ValueError as error:
        raise PublicationError("%(path)s is not JSON.", path=path) from error
    if not isinstance(head, dict):
        raise PublicationError("%(path)s is not JSON.", path=path)
    for key, kind in (("city", str), ("level", str), ("from_year", int), ("plan", str), ("files", dict)):
        if not isinstance(head.get(key), kind):
            raise PublicationError("%(path)s: the field %(field)s is missing or wrong.", path=path, field=key)
    if head["level"] not in LEVELS:
        raise PublicationError("%(path)s: the field %(field)s is missing or wrong.", path=path, field="level")
    return head


def _verified(folder: Path, name: str, digest: str) -> bytes:
    """The bytes of one listed file, if they are those that were published."""
    if Path(name).name != name:
        raise PublicationError("%(path)s lists a file outside its folder.", path=folder / "publication.json")
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise PublicationError("%(path)s is missing or unreadable.", path=folder / name) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise PublicationError(
            "%(path)s is not the file that was published: its SHA-256 differs from publication.json.",
            path=folder / name,
        )
    return data


@dataclass(frozen=True)
class _Row:
    """One row of a table, and where it stands for the error message."""

    path: Path
    line: int
    fields: dict[str, str]

    def text(self, field: str) -> str:
        """A field as text; missing is an error."""
        value = self.fields.get(field)
        if value is None:
            raise self.wrong(field)
        return value.strip()

    def number(self, field: str) -> float:
        """A field as a finite number."""
        try:
            value = float(self.text(field))
        except ValueError as error:
            raise self.wrong(field) from error
        if not math.isfinite(value):
            raise self.wrong(field)
        return value

    def wrong(self, field: str) -> PublicationError:
        """The error that names this row and the field."""
        return PublicationError(
            "%(path)s, line %(line)s: the field %(field)s is missing or wrong.",
            path=self.path,
            line=self.line,
            field=field,
        )


def _rows(path: Path, contents: dict[str, bytes]) -> Iterator[_Row]:
    try:
        text = contents[path.name].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PublicationError("%(path)s is not UTF-8.", path=path) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for fields in reader:
        yield _Row(path, reader.line_num, fields)


def _school(row: _Row) -> School:
    school = row.text("school")
    zone = row.fields.get("zone") or school
    return School(school, zone, row.text("name") or school, *_place(row))


def _address(row: _Row) -> Address:
    zone = row.text("school")
    metres = row.number("metres") if row.text("metres") else None
    return Address(row.text("text"), *_place(row), row.text("unit"), zone, metres)


def _place(row: _Row) -> tuple[float, float]:
    lon, lat = row.number("lon"), row.number("lat")
    if abs(lon) > 180:
        raise row.wrong("lon")
    if abs(lat) > 90:
        raise row.wrong("lat")
    return lon, lat


def _zones(path: Path, data: bytes) -> tuple[Zone, ...]:
    try:
        features = json.loads(data)["features"]
        return tuple(
            Zone(str(feature.get("id") or feature["properties"]["school"]), feature["geometry"]) for feature in features
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublicationError("%(path)s is not a GeoJSON collection of zones.", path=path) from error


def _check_references(folder: Path, found: Publication) -> None:
    known = {school.zone for school in found.schools}
    for address in found.addresses:
        if address.zone and address.zone not in known:
            raise PublicationError(
                "%(path)s: %(address)s is served by %(school)s, which schools.csv does not know.",
                path=folder / "addresses.csv",
                address=address.text,
                school=address.zone,
            )
