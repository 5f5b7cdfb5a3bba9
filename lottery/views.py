"""Pages of the room `lottery`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("lottery", __name__)
