"""Today's zones: which schools serve each unit now, and what changed between two yearly versions."""
