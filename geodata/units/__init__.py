"""Units: the pieces that tile the city, and their neighbours."""
