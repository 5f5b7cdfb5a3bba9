"""Where tests find data that the project does not ship, and why they are skipped where it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("EVENHAND_REAL_DATA", CHECKOUT.parent / "shared" / "data"))
VECTORS = Path(os.environ.get("EVENHAND_VECTORS", CHECKOUT.parent / "shared" / "vectors"))


def needs_real_data(name: str) -> pytest.MarkDecorator:
    """Skip unless the real data set `name` is there; use together with `@pytest.mark.realdata`."""
    folder = REAL_DATA / name
    return pytest.mark.skipif(not folder.is_dir(), reason=f"no real data at {folder}: set EVENHAND_REAL_DATA")


def needs_vectors(name: str) -> pytest.MarkDecorator:
    """Skip unless the published vectors `name` are there; use together with `@pytest.mark.vectors`."""
    path = VECTORS / name
    return pytest.mark.skipif(not path.exists(), reason=f"no test vectors at {path}: set EVENHAND_VECTORS")
