"""Pages of the room `zoning`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("zoning", __name__)
