"""What every test may ask for: an application on empty folders, a browser-less client, a command line."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import settings
from sqlmodel import SQLModel

from app import create_app
from doors import database

OUTER_SETTINGS = ("DATABASE_URL", "EVENHAND_ENV", "EVENHAND_SECRET_KEY", "EVENHAND_KEY_PASSPHRASE", "EVENHAND_LANG")

settings.register_profile("evenhand", deadline=None)  # a busy machine is no failure; --timeout holds all the same
settings.load_profile("evenhand")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be skipped (EVENHAND_NO_SKIP, as in CI), a skip is a failure that gives the skip's reason."""
    report = yield
    if report.skipped and os.environ.get("EVENHAND_NO_SKIP"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"skipped, which EVENHAND_NO_SKIP forbids: {reason}"
    return report


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary instance and audit-log folders, and no setting left over from the developer's shell."""
    for name in OUTER_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    monkeypatch.setenv("EVENHAND_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("EVENHAND_AUDIT_LOGS", str(tmp_path / "audit_logs"))
    return tmp_path


@pytest.fixture
def app(surroundings: Path) -> Iterator[Flask]:
    """The whole application on an empty database."""
    made = create_app()
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    with made.app_context():
        SQLModel.metadata.create_all(database.engine())
    yield made
    with made.app_context():
        database.engine().dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that sends real CSRF tokens or is refused, as a browser is, and reads English, as the tests do."""
    made = app.test_client()
    made.set_cookie("language", "en")
    return made


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    """Run commands: `cli.invoke(args=["lookup", "find", "…"])`."""
    return app.test_cli_runner()
