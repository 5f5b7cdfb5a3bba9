"""report.html: placeholder until the page is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geodata.importing import Made

Translate = Callable[..., str]


def page(made: Made, report: Mapping[str, Any], translate: Translate) -> str:
    """The report as one self-contained page."""
    return "<!doctype html>"
