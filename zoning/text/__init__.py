"""Zones as text: the words in which a catchment is made public, and the proof that they say what the map says."""
