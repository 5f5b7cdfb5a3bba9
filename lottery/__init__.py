"""Roster and seed become a placement: the draw protocol and its evidence."""
