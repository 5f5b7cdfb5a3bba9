"""Database tables of the room `zoning`."""
