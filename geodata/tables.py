"""Database tables of the room `geodata`."""
