"""One engine for the application, one short session for each piece of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine


def make_engine(url: str) -> Engine:
    """Engine for `url`; SQLite gets WAL, foreign keys, full synchronisation and a patient lock."""
    engine = create_engine(url, hide_parameters=True)  # an error in the log names no address and no person
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def init_app(app: Flask, url: str) -> None:
    """Give the application its engine."""
    app.extensions["evenhand-engine"] = make_engine(url)


def engine() -> Engine:
    """The running application's engine."""
    found: Engine = current_app.extensions["evenhand-engine"]
    return found


@contextmanager
def session() -> Iterator[Session]:
    """A session that commits when the block ends well and rolls back otherwise."""
    with Session(engine()) as opened:
        yield opened
        opened.commit()
