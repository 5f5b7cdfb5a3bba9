"""What makes a whole city doubtful: layers that lie apart, a CRS for elsewhere, sources that are missing."""
