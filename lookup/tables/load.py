"""Putting a publication into the tables: all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import shapely
from sqlalchemy import Table, delete, insert, text
from sqlmodel import Session, SQLModel, select

from geodata.addresses.normal import normal_address
from lookup.addresses import index_tokens
from lookup.publication import Address, Publication, Zone
from lookup.tables import AddressRow, PublicationRow, SchoolRow, ServedRow, ZoneRow

BATCH = 5_000
_INTO_INDEX = {
    "sqlite": "INSERT INTO lookup_search(rowid, body) VALUES (:id, :body)",
    "postgresql": "INSERT INTO lookup_search(rowid, body) VALUES (:id, array_to_tsvector(string_to_array(:body, ' ')))",
}


def load(session: Session, found: Publication, signer: str = "") -> PublicationRow:
    """Load a publication, replacing what an earlier loading of the very same one left; the caller commits."""
    _forget(session, found)
    row = PublicationRow(
        city=found.city,
        level=found.level,
        from_year=found.from_year,
        plan=found.plan,
        parent=found.parent,
        synthetic=found.synthetic,
        attribution=found.attribution,
        signer=signer,
    )
    session.add(row)
    session.flush()
    schools = {school.school: school for school in found.schools}
    _insert(session, SchoolRow, ({"publication": row.id, **vars(school)} for school in schools.values()))
    _insert(session, ZoneRow, ({"publication": row.id, **_outline(zone)} for zone in found.zones))
    houses = {address_key(found.city, address): address for address in found.addresses}
    ids = _add_houses(session, found.city, houses)
    served = (
        {
            "publication": row.id,
            "address": ids[key],
            "unit": address.unit,
            "zone": address.zone,
            "metres": address.metres,
        }
        for key, address in houses.items()
    )
    _insert(session, ServedRow, served)
    return row


def address_key(city: str, address: Address) -> str:
    """The stable name of a house: 64 bits of a hash over city, text and place to a metre."""
    said = f"{city}\n{address.text}\n{address.lon:.5f} {address.lat:.5f}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _forget(session: Session, found: Publication) -> None:
    same = select(PublicationRow).where(
        PublicationRow.city == found.city,
        PublicationRow.level == found.level,
        PublicationRow.plan == found.plan,
        PublicationRow.from_year == found.from_year,
    )
    for old in session.exec(same).all():
        for table in (ServedRow, ZoneRow, SchoolRow):
            session.execute(delete(table).where(table.publication == old.id))  # type: ignore[arg-type]
        session.delete(old)
    session.flush()


def _add_houses(session: Session, city: str, houses: dict[str, Address]) -> dict[str, int]:
    """Add the houses that the city does not have yet, index them, and return the ids of all."""
    known = {key for (key,) in session.execute(select(AddressRow.key).where(AddressRow.city == city))}
    normals = {key: normal_address(house.text) for key, house in houses.items() if key not in known}
    rows = (
        {
            "key": key,
            "city": city,
            "text": houses[key].text,
            "normal": normal,
            "lon": houses[key].lon,
            "lat": houses[key].lat,
        }
        for key, normal in normals.items()
    )
    _insert(session, AddressRow, rows)
    ids: dict[str, int] = {
        key: number
        for key, number in session.execute(select(AddressRow.key, AddressRow.id).where(AddressRow.city == city))
    }
    statement = text(_INTO_INDEX[session.get_bind().dialect.name])
    bodies = ({"id": ids[key], "body": " ".join(index_tokens(normal))} for key, normal in normals.items())
    for batch in _batches(bodies):
        session.execute(statement, batch)
    return ids


def _outline(zone: Zone) -> dict[str, Any]:
    shape = shapely.geometry.shape(zone.geometry)
    west, south, east, north = shape.bounds
    return {"zone": zone.zone, "shape": shape.wkb, "west": west, "south": south, "east": east, "north": north}


def _insert(session: Session, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    target: Table = table.__table__  # type: ignore[attr-defined]
    for batch in _batches(rows):
        session.execute(insert(target), batch)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        yield batch
