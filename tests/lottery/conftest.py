"""Fixtures of the draw's tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lottery.hall import Hall


@pytest.fixture(autouse=True)
def impatient_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for the disk: what survives a crash is tested in the ledger's room."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    """A ceremony with both draws frozen and witnessed."""
    return Hall(tmp_path / "ceremony")
