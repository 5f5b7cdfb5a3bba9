"""Figures as a parent reads them."""

from __future__ import annotations

import math
from datetime import date

METRES_PER_MINUTE = 4_000 / 60
"""A child on foot: 4 km/h."""


def walking_minutes(metres: float) -> int:
    """Whole minutes for a walk at a child's pace, at least one."""
    return max(1, math.ceil(metres / METRES_PER_MINUTE))


def school_year(day: date) -> int:
    """The calendar year in which the running school year began: it begins in September."""
    return day.year if day.month >= 9 else day.year - 1


def grouped(fingerprint: str, groups: int = 4) -> str:
    """The beginning of a fingerprint in groups of four, for the eye."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, 4 * groups, 4))
