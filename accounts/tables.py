"""Database tables of the room `accounts`."""
