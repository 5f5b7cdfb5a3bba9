"""Tables of the room `zoning`: cities seen, plans added, maps published. Rows are added, never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, UniqueConstraint
from sqlmodel import Field, SQLModel


def _now() -> datetime:
    return datetime.now(UTC)


class PlanCity(SQLModel, table=True):
    """A city as plans know it; `folder` is where it was read, `document` what its map shows (gzipped JSON, WGS 84)."""

    __tablename__ = "zoning_city"

    fingerprint: str = Field(primary_key=True, max_length=64)
    name: str
    crs: str = Field(max_length=32)
    folder: str
    synthetic: bool
    document: bytes


class PlanUnit(SQLModel, table=True):
    """A unit of a city: `shape` is WKB in the city's metric CRS, the box is in the same metres."""

    __tablename__ = "zoning_unit"

    city: str = Field(primary_key=True, foreign_key="zoning_city.fingerprint", max_length=64)
    unit: str = Field(primary_key=True)
    name: str
    shape: bytes
    west: float
    south: float
    east: float
    north: float


class PlanRow(SQLModel, table=True):
    """A plan: `id` is readable, `fingerprint` is the plan's; `parent` is the fingerprint of the plan it came from.

    `report` is what the check found when the plan was added, `problem` the fingerprint of the tables it was checked on,
    `document` what its map shows (gzipped JSON, WGS 84).
    """

    __tablename__ = "zoning_plan"

    id: str = Field(primary_key=True, max_length=64)
    fingerprint: str = Field(unique=True, max_length=64)
    parent: str | None = Field(default=None, index=True, max_length=64)
    city: str = Field(foreign_key="zoning_city.fingerprint", max_length=64)
    problem: str = Field(max_length=64)
    level: str = Field(max_length=16)
    year: int
    author: str
    created: datetime = Field(default_factory=_now, sa_type=DateTime(timezone=True))
    note: str = ""
    report: dict[str, Any] = Field(sa_type=JSON)
    document: bytes


class AssignmentRow(SQLModel, table=True):
    """Which school a unit has in a plan."""

    __tablename__ = "zoning_assignment"

    plan: str = Field(primary_key=True, foreign_key="zoning_plan.id", max_length=64)
    unit: str = Field(primary_key=True)
    school: str


class PublicationRow(SQLModel, table=True):
    """A plan put in force from a school year on: its folder's name and its place in the city's ledger."""

    __tablename__ = "zoning_publication"
    __table_args__ = (UniqueConstraint("plan", "from_year"),)

    folder: str = Field(primary_key=True, max_length=64)
    plan: str = Field(foreign_key="zoning_plan.id", max_length=64)
    from_year: int
    ledger_index: int
    published: datetime = Field(default_factory=_now, sa_type=DateTime(timezone=True))
