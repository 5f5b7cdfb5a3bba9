"""Database tables of the room `accounts`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

ROLES = ("planner", "registrar", "operator", "auditor", "administrator")


class User(SQLModel, table=True):
    """Somebody who may log in; `name` in the form of `people.normal_name`, `password` as an argon2id hash."""

    __tablename__ = "account_user"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=64)
    role: str = Field(max_length=16)
    password: str
    created: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=DateTime(timezone=True))
    disabled: bool = False


class FailedLogin(SQLModel, table=True):
    """A log-in that failed: who tried from where (hashed, so that no address is kept) and when (Unix seconds)."""

    __tablename__ = "account_failed_login"

    id: int | None = Field(default=None, primary_key=True)
    attempt: str = Field(index=True, max_length=64)
    moment: int = Field(index=True)
