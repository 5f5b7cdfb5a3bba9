"""People and children on buildings and units."""
