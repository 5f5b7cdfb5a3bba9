"""The migrations make exactly the tables that the code declares, and take them away again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from runpy import run_path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect
from sqlmodel import SQLModel

from doors.database import make_engine
from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
# Made by hand in the migration, because no table class can say them: the full-text index.
UNDECLARED = ("lookup_search",)


@pytest.fixture
def sqlite(tmp_path: Path) -> Engine:
    return make_engine(f"sqlite:///{tmp_path / 'test.sqlite'}")


@pytest.fixture
def postgresql() -> Iterator[Engine]:
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with postgres.running_server() as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


def migrate(engine: Engine, target: str) -> None:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if target == "base" else command.upgrade)(config, target)


def differences(engine: Engine) -> list[object]:
    for room in ("accounts", "lookup", "lottery", "zoning"):
        import_module(f"{room}.tables")
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    return [entry for entry in found if not any(name in str(entry) for name in UNDECLARED)]


def check_up_and_down(engine: Engine) -> None:
    migrate(engine, "head")
    assert differences(engine) == []
    migrate(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(engine, "head")


def test_migrations_up_and_down_on_sqlite(sqlite: Engine) -> None:
    check_up_and_down(sqlite)
    sqlite.dispose()


@pytest.mark.postgres
def test_migrations_up_and_down_on_postgresql(postgresql: Engine) -> None:
    check_up_and_down(postgresql)


def test_search_index_of_the_migration_is_the_one_the_code_declares() -> None:
    migration = run_path(str(ROOT / "migrations" / "versions" / "0002_search_index.py"))
    assert migration["STATEMENTS"] == import_module("lookup.tables").SEARCH_INDEX
