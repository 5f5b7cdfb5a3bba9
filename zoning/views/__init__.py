"""Pages of the room `zoning`: the list of plans, the planner's map, and what its script asks the server."""

from __future__ import annotations

from zoning.views.pages import blueprint

__all__ = ["blueprint"]
