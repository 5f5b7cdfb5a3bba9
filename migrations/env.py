"""Run the migrations on the database that the settings name, or on the connection a caller hands over."""

from __future__ import annotations

from importlib import import_module

from alembic import context
from sqlmodel import SQLModel

from doors.database import make_engine
from doors.settings import from_environment

for room in ("accounts", "lookup", "lottery", "zoning"):
    import_module(f"{room}.tables")


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    with make_engine(from_environment().database_url).begin() as opened:
        migrate(opened)


def migrate(connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
