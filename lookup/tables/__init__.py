"""Database tables of the room `lookup`: publications, their schools, zones and houses, and the search index.

A publication is never changed: a new one replaces it. Houses are kept once for a city and shared by its publications.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, Table, UniqueConstraint, event
from sqlmodel import Field, SQLModel


class PublicationRow(SQLModel, table=True):
    """A zone map in force from the school year `from_year` (September) on; of two for one year the later row counts."""

    __tablename__ = "lookup_publication"
    __table_args__ = (UniqueConstraint("city", "level", "plan", "from_year"),)

    id: int | None = Field(default=None, primary_key=True)
    city: str
    level: str = Field(max_length=16)
    from_year: int
    plan: str = Field(max_length=64)
    parent: str | None = Field(default=None, max_length=64)
    synthetic: bool
    attribution: str
    signer: str = ""
    loaded: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=DateTime(timezone=True))


class SchoolRow(SQLModel, table=True):
    """A school of a publication; several share a `zone` where they serve one together."""

    __tablename__ = "lookup_school"

    publication: int = Field(primary_key=True, foreign_key="lookup_publication.id")
    school: str = Field(primary_key=True)
    zone: str
    name: str
    lon: float
    lat: float


class ZoneRow(SQLModel, table=True):
    """A zone's outline: WKB and its box, degrees in WGS 84."""

    __tablename__ = "lookup_zone"

    publication: int = Field(primary_key=True, foreign_key="lookup_publication.id")
    zone: str = Field(primary_key=True)
    shape: bytes
    west: float
    south: float
    east: float
    north: float


class AddressRow(SQLModel, table=True):
    """A house: `text` as published, `normal` as compared, `key` the stable name in links (of city, text and place)."""

    __tablename__ = "lookup_address"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=16)
    city: str
    text: str
    normal: str = Field(index=True)
    lon: float = Field(index=True)
    lat: float


class ServedRow(SQLModel, table=True):
    """Which zone serves a house in a publication (`zone` empty: none), and the walk in metres."""

    __tablename__ = "lookup_served"

    publication: int = Field(primary_key=True, foreign_key="lookup_publication.id")
    address: int = Field(primary_key=True, foreign_key="lookup_address.id")
    unit: str
    zone: str
    metres: float | None


SEARCH_INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE lookup_search USING fts5"
        "(body, content='', tokenize=\"unicode61 remove_diacritics 0 tokenchars '-'\")",
    ),
    "postgresql": (
        "CREATE TABLE lookup_search (rowid bigint PRIMARY KEY, body tsvector NOT NULL)",
        "CREATE INDEX lookup_search_body ON lookup_search USING gin (body)",
    ),
}
"""Statements that make the search index: row number = the house's id, body = its tokens. Migrations repeat them."""


def _make_index(_table: Table, connection: Connection, **_: object) -> None:
    for statement in SEARCH_INDEX[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def _drop_index(_table: Table, connection: Connection, **_: object) -> None:
    connection.exec_driver_sql("DROP TABLE IF EXISTS lookup_search")


_houses = SQLModel.metadata.tables["lookup_address"]
event.listen(_houses, "after_create", _make_index)
event.listen(_houses, "before_drop", _drop_index)
