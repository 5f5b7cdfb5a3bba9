"""What one room tells the others without knowing them."""

from __future__ import annotations

from blinker import Namespace

_names = Namespace()

zone_map_published = _names.signal("zone-map-published")
"""Sent with `folder=Path` when a publication folder is complete and its entry stands in the ledger."""
