"""Publications for the tests of the look-up."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from ledger.notes import Signer
from ledger.store import Ledger
from tests.lookup.publications import write_publication


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound publication folder."""
    return write_publication(tmp_path / "4f2a91c077de-2025")


@pytest.fixture
def loaded(app: Flask, cli: FlaskCliRunner, folder: Path, client: FlaskClient) -> FlaskClient:
    """A client of a site that has the publication."""
    result = cli.invoke(args=["lookup", "load", str(folder)])
    assert result.exit_code == 0, result.output
    return client


@pytest.fixture
def city_ledger(app: Flask) -> Ledger:
    """The ledger of the city, where the site looks for it."""
    folder = app.config["SETTINGS"].audit_logs / "city"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Ledger.create(folder, "edu.example.org/evenhand", Signer.generate("edu.example.org/evenhand"))
