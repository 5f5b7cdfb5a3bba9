"""The database side of the room `zoning`: its tables, and how plans are kept and found."""

from __future__ import annotations

from zoning.tables.models import AssignmentRow, PlanCity, PlanRow, PlanUnit, PublicationRow

__all__ = ["AssignmentRow", "PlanCity", "PlanRow", "PlanUnit", "PublicationRow"]
