"""Database tables of the room `lottery`."""
