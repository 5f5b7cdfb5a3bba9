"""The look-up gives the same answers on PostgreSQL as on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import postgres
from tests.lookup.publications import ADDRESSES, write_publication

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server (Debian: apt-get install postgresql)"),
]
QUERIES = [
    *{row[0] for row in ADDRESSES},
    *("滨河", "人民大街1", "阳光小区77号楼", "109-19", "滨河路628弄5号", "'", "a & b", "\x00", "*", "号", "qqq"),
]


def test_same_answers_as_on_sqlite(loaded: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlmodel import SQLModel

    from app import create_app
    from doors import database

    expected = {typed: loaded.get("/api/lookup", query_string={"q": typed}).get_json() for typed in QUERIES}
    with postgres.running_server() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        app = create_app()
        with app.app_context():
            SQLModel.metadata.create_all(database.engine())
        folder = write_publication(tmp_path / "again")
        for _ in range(2):
            result = app.test_cli_runner().invoke(args=["lookup", "load", str(folder)])
            assert result.exit_code == 0, result.output
        client = app.test_client()
        found = {typed: client.get("/api/lookup", query_string={"q": typed}).get_json() for typed in QUERIES}
        unknown = client.get("/?a=%00", headers={"Accept": "text/html"}).status_code
        with app.app_context():
            SQLModel.metadata.drop_all(database.engine())
            database.engine().dispose()
    assert found == expected
    assert unknown == 404
