"""Pages of the room `lookup`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("lookup", __name__)
