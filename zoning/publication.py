"""A plan as the public gets it: one folder of plain files whose manifest is hashed into the ledger.

The files are the same bytes whenever they are made again from the same city, plan and year.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio

from geodata.city import City
from ledger.canonical import canonical_json, to_nfc
from ledger.files import write_whole
from zoning.breaks import refuse_broken
from zoning.errors import ZoningInputError
from zoning.maps import dissolve, features
from zoning.plan import Plan
from zoning.rows import Rows
from zoning.text.document import zone_texts

MANIFEST_FORMAT = "evenhand/publication/v1"
EVENT_KIND = "zone-map-published"
FIRST_YEAR, LAST_YEAR = 2000, 2100
_GPKG_DATE = "2000-01-01T00:00:00Z"
"""GDAL writes the date of making into a GeoPackage; a fixed one keeps the bytes the same."""


@dataclass(frozen=True)
class School:
    """A school of the problem: `target` is what plans name, the school itself or the zone it shares; WGS 84."""

    school: str
    target: str
    name: str
    lon: float
    lat: float


def folder_name(plan: str, from_year: int) -> str:
    """Name of the publication folder: 12 hex digits of the plan's fingerprint and the year."""
    return f"{plan[:12]}-{from_year}"


def refuse_unfit(plan: Plan, from_year: int) -> None:
    """Refuse what must never be in force: a broken zone, a school without its own unit, a lock ignored, no year.

    Limits of seats, walk and change that cannot all hold do not forbid a publication; the manifest names them.

    Raises:
        ZoningInputError: the year is none.
        ZoningError: the plan breaks what is never relaxed.
    """
    if not FIRST_YEAR <= from_year <= LAST_YEAR:
        raise ZoningInputError(
            "%(year)s is no school year: give the first year in which the map holds, %(first)s to %(last)s.",
            year=from_year,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    refuse_broken(plan, {}, {})


def schools_of(problem_folder: Path, city: City) -> tuple[School, ...]:
    """Every school of the problem by id: named in schools.csv, else in the city; placed by the city.

    Raises:
        ZoningInputError: the city does not know a school of the problem.
    """
    rows = Rows.read(problem_folder / "schools.csv", ["school"])
    known = city.schools().drop_duplicates("school").set_index("school")
    places = known.geometry.to_crs(4326)
    blank = [""] * len(rows)
    given, zones = (rows.columns.get(column, blank) for column in ("name", "zone"))
    found = []
    for school, name, zone in sorted(zip(rows.ids("school"), given, zones, strict=True)):
        if school not in known.index:
            raise ZoningInputError(
                "The city %(city)s has no school “%(school)s”: this is not the city of the plan.",
                city=city.name,
                school=school,
            )
        place, called = places[school], name or str(known.loc[school, "name"]) or school
        found.append(School(school, zone or school, called, round(place.x, 6), round(place.y, 6)))
    return tuple(found)


def target_names(schools: Iterable[School]) -> dict[str, str]:
    """The name of each target: of its school, or of all schools that share the zone."""
    names: dict[str, list[str]] = {}
    for school in schools:
        names.setdefault(school.target, []).append(school.name)
    return {target: " / ".join(dict.fromkeys(found)) for target, found in sorted(names.items())}


def write_files(folder: Path, city: City, plan: Plan, schools: Sequence[School]) -> None:
    """Write zones (as map and as text), assignment, schools and addresses into the empty `folder`."""
    shapes = city.units().set_index("unit").geometry
    zones = dissolve(shapes, plan.assignment)
    names = target_names(schools)
    properties = {school: {"school": school, "name": names[school]} for school in zones.index}
    write_whole(folder / "zones.geojson", _compact(features(zones, properties)))
    _write_gpkg(folder / "zones.gpkg", zones, names)
    write_whole(folder / "assignment.csv", plan.to_csv())
    write_whole(folder / "schools.csv", _schools_csv(plan, schools))
    write_whole(folder / "addresses.csv", _addresses_csv(city, plan))
    for language, found in zone_texts(city, plan, names).items():
        write_whole(folder / f"zones.{language}.txt", found.text.encode())


def manifest(folder: Path, city: City, plan: Plan, level: str, from_year: int) -> dict[str, Any]:
    """What `publication.json` says: what is published, from when, and the hash of every file.

    `replaces`, the manifest hash of the map before, is left open: only the ledger knows it.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    said = {
        "format": MANIFEST_FORMAT,
        "city": city.name,
        "level": level,
        "from_year": from_year,
        "plan": plan.fingerprint,
        "parent": plan.parent,
        "problem": plan.problem.fingerprint,
        "replaces": None,
        "synthetic": city.synthetic,
        "attribution": city.attribution,
        "feasible": plan.figures.feasible,
        "violations": sorted({violation.kind for violation in plan.figures.violations}),
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }
    return dict(to_nfc(said))


def event(said: Mapping[str, Any]) -> dict[str, Any]:
    """The ledger's entry for a manifest: its hash and the few facts that a reader looks for."""
    facts = {key: said[key] for key in ("city", "level", "from_year", "plan", "parent", "replaces", "synthetic")}
    return {"kind": EVENT_KIND, "publication": manifest_hash(said), **facts}


def manifest_hash(said: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the bytes of publication.json."""
    return hashlib.sha256(canonical_json(said)).hexdigest()


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _write_gpkg(path: Path, zones: gpd.GeoSeries, names: Mapping[str, str]) -> None:
    frame = gpd.GeoDataFrame(
        {"school": list(zones.index), "name": [names[school] for school in zones.index]},
        geometry=zones.to_numpy(),
        crs=zones.crs,
    )
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _GPKG_DATE})
    try:
        pyogrio.write_dataframe(
            frame, path, layer="zones", driver="GPKG", geometry_type="MultiPolygon", promote_to_multi=True
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _schools_csv(plan: Plan, schools: Sequence[School]) -> bytes:
    rows = [
        [school.school, school.name, school.target, school.lon, school.lat]
        for school in schools
        if school.target in plan.problem.target_index
    ]
    return _csv(["school", "name", "zone", "lon", "lat"], rows)


def _addresses_csv(city: City, plan: Plan) -> bytes:
    """Every address with its unit's school and walk; an address outside all units is left out."""
    addresses = city.addresses()
    places = addresses.geometry.to_crs(4326)
    walks = plan.problem.walks if plan.problem.policy.distance_unit == "metres" else None
    rows = []
    for text, unit, place in zip(addresses["text"], addresses["unit"], places, strict=True):
        at = plan.problem.unit_index.get(unit)
        if at is None:
            continue
        metres = "" if walks is None else _metres(walks[at, plan.choice[at]])
        rows.append([text, round(place.x, 6), round(place.y, 6), unit, plan.assignment[unit], metres])
    return _csv(
        ["text", "lon", "lat", "unit", "school", "metres"],
        sorted(rows, key=lambda row: (row[0], row[3], row[1], row[2])),
    )


def _metres(value: float) -> int | str:
    return round(float(value)) if np.isfinite(value) else ""


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
