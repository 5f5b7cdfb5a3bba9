"""Database tables of the room `lookup`."""
