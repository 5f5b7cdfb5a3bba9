"""Addresses: their one normal form, and places for sources that carry an address instead of coordinates."""
