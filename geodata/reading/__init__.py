"""Reading files: rows as they stand, then under our names in the city's CRS."""
