"""Units: the pieces that tile the city, their neighbours, and the zones they are in today."""
